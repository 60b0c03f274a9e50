/** Values put back where max pooling took them from. */
import { fail, invalid, show } from '../errors.ts';
import { options, sizes } from '../options.ts';
import { sameShape, sizeOf } from '../tensor/shape.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import { zeros } from './create.ts';
import { checkIndex } from './gather.ts';
import { putRows } from './indexing.ts';
import { checkImage, strideOr } from './pool-window.ts';
import { kernelSizes } from './window.ts';

/** Options of `maxUnpool1d`, `maxUnpool2d` and `maxUnpool3d`. */
export interface MaxUnpoolOptions {
  /** Step of the window. Default: its size. */
  stride?: number | readonly number[] | null;
  /** Padding that the pooling had. Default 0. */
  padding?: number | readonly number[];
  /** Spatial size (or whole shape) of the result. Default: the smallest that pooling could have come from. */
  outputSize?: readonly number[] | null;
}

function resultSize(
  op: string,
  axes: number,
  x: Tensor,
  kernelSize: number | readonly number[],
  opts?: MaxUnpoolOptions,
): number[] {
  const given = options(op, opts, ['stride', 'padding', 'outputSize']);
  const kernel = kernelSizes(op, kernelSize, axes);
  const stride = strideOr(op, given.stride, kernel);
  const padding = sizes(op, 'padding', given.padding ?? 0, axes);
  const usual = x.shape.slice(-axes).map((size, i) => (size - 1) * stride[i] + kernel[i] - 2 * padding[i]);
  const wanted = given.outputSize;
  if (wanted === undefined || wanted === null) return usual;
  if (!Array.isArray(wanted) || (wanted.length !== axes && wanted.length !== x.ndim)) {
    return invalid(op, 'outputSize', `${axes} sizes, or a whole shape of ${x.ndim}`, wanted);
  }
  const size = wanted.slice(-axes);
  size.forEach((n, i) => {
    if (n <= usual[i] - stride[i] || n >= usual[i] + stride[i]) {
      fail(
        op,
        `outputSize expected between ${usual[i] - stride[i]} and ${usual[i] + stride[i]} along axis ${i - axes}, got ${show(wanted)}`,
      );
    }
  });
  return size;
}

function maxUnpool(op: string, axes: number) {
  return (x: Tensor, indices: Tensor, kernelSize: number | readonly number[], opts?: MaxUnpoolOptions): Tensor => {
    checkImage(op, x, axes);
    checkTensor(op, 'indices', indices);
    if (!sameShape(indices.shape, x.shape)) invalid(op, 'indices', `the input's shape ${show(x.shape)}`, indices.shape);
    const size = resultSize(op, axes, x, kernelSize, opts);
    const plane = sizeOf(size);
    const index = checkIndex(op, indices, plane);
    const perPlane = sizeOf(x.shape.slice(-axes));
    for (let i = 0; i < index.length; i++) index[i] += Math.floor(i / perPlane) * plane;
    const shape = [...x.shape.slice(0, -axes), ...size];
    return putRows(zeros(shape, { dtype: x.dtype }), x, {
      index,
      sourceRows: sizeOf(shape),
      inner: 1,
      shape: x.shape,
      source: shape,
    });
  };
}

/** Zeros with the values x [n, c, l] at the positions that maxPool1d gave; `torch.nn.functional.max_unpool1d`. */
export const maxUnpool1d = maxUnpool('maxUnpool1d', 1);
/** Zeros with the values x [n, c, h, w] at the positions that maxPool2d gave; `torch.nn.functional.max_unpool2d`. */
export const maxUnpool2d = maxUnpool('maxUnpool2d', 2);
/** Zeros with the values x [n, c, d, h, w] at the positions that maxPool3d gave; `torch.nn.functional.max_unpool3d`. */
export const maxUnpool3d = maxUnpool('maxUnpool3d', 3);
