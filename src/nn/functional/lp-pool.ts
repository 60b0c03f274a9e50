/** Power-average pooling. */
import { invalid } from '../../errors.ts';
import { mul, pow } from '../../ops/binary.ts';
import { eq, where } from '../../ops/compare.ts';
import { avgPool1d, avgPool2d } from '../../ops/pool.ts';
import { kernelSizes } from '../../ops/window.ts';
import { number, options } from '../../options.ts';
import { checkTensor, type Tensor } from '../../tensor/tensor.ts';

/** Options of `lpPool1d` and `lpPool2d`. */
export interface LpPoolOptions {
  /** Step of the window. Default: its size. */
  stride?: number | readonly number[] | null;
  /** Let the last window hang over the edge. Default false. */
  ceilMode?: boolean;
}

function lpPool(op: string, axes: number, average: (x: Tensor, k: number[], o: LpPoolOptions) => Tensor) {
  return (x: Tensor, normType: number, kernelSize: number | readonly number[], opts?: LpPoolOptions): Tensor => {
    checkTensor(op, 'input', x);
    const { stride = null, ceilMode = false } = options(op, opts, ['stride', 'ceilMode']);
    number(op, 'normType', normType);
    if (normType === 0) invalid(op, 'normType', 'a number other than 0', normType);
    const kernel = kernelSizes(op, kernelSize, axes);
    const means = average(pow(x, normType), kernel, { stride, ceilMode });
    const sums = mul(
      means,
      kernel.reduce((a, b) => a * b),
    );
    // the root has no gradient at 0; PyTorch's is 0 there
    const zero = eq(sums, 0);
    return where(zero, 0, pow(where(zero, 1, sums), 1 / normType));
  };
}

/** (Σ xᵖ)^(1/p) over each window of x [n, c, l] or [c, l]; `torch.nn.functional.lp_pool1d`. */
export const lpPool1d = lpPool('lpPool1d', 1, avgPool1d);
/** (Σ xᵖ)^(1/p) over each window of x [n, c, h, w] or [c, h, w]; `torch.nn.functional.lp_pool2d`. */
export const lpPool2d = lpPool('lpPool2d', 2, avgPool2d);
