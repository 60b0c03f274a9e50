/** Softmax and its logarithm. */
import { apply } from '../autograd/apply.ts';
import { axis, options } from '../options.ts';
import { checkDType, type DType } from '../tensor/dtype.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import { dense, elements, to } from './copy.ts';
import { defineOp, emptyTensor, kernelsFor, type Op } from './define.ts';
import { exp, floatType, mul, neg, sub } from './elementwise.ts';
import { alongAxis, sum } from './reduce.ts';

type Dim = number;

function runAlong(kernel: 'softmax' | 'logSoftmax', x: Tensor, dim: Dim): Tensor {
  const out = emptyTensor(x.dtype, x.shape);
  const source = dense(x);
  kernelsFor(x.dtype)[kernel](alongAxis(x, dim), elements(source), out.data);
  return out;
}

function runBackward(kernel: 'softmaxBackward' | 'logSoftmaxBackward', g: Tensor, y: Tensor, dim: Dim): Tensor {
  const out = emptyTensor(y.dtype, y.shape);
  const [gd, yd] = [dense(g), dense(y)];
  kernelsFor(y.dtype)[kernel](alongAxis(y, dim), elements(gd), elements(yd), out.data);
  return out;
}

const total = (x: Tensor, dim: Dim): Tensor => sum(x, dim, { keepdim: true });

const softmaxOp = defineOp<Dim>({
  name: 'softmax',
  saves: 'outputs',
  run: ([x], dim) => runAlong('softmax', x, dim),
  grad: (call, g) => [apply(softmaxBackward, [g, call.output(0)], call.attrs)],
});

/** s·(g - Σ g·s) */
const softmaxBackward: Op<Dim> = defineOp<Dim>({
  name: 'softmaxBackward',
  saves: 'inputs',
  run: ([g, s], dim) => runBackward('softmaxBackward', g, s, dim),
  grad(call, gg) {
    const [g, s, dim] = [call.input(0), call.input(1), call.attrs];
    return [
      call.needs(0) ? apply(softmaxBackward, [gg, s], dim) : null,
      call.needs(1) ? sub(mul(gg, sub(g, total(mul(g, s), dim))), mul(g, total(mul(gg, s), dim))) : null,
    ];
  },
});

const logSoftmaxOp = defineOp<Dim>({
  name: 'logSoftmax',
  saves: 'outputs',
  run: ([x], dim) => runAlong('logSoftmax', x, dim),
  grad: (call, g) => [apply(logSoftmaxBackward, [g, call.output(0)], call.attrs)],
});

/** @internal g - eˡ·Σ g */
export const logSoftmaxBackward: Op<Dim> = defineOp<Dim>({
  name: 'logSoftmaxBackward',
  saves: 'inputs',
  run: ([g, l], dim) => runBackward('logSoftmaxBackward', g, l, dim),
  grad(call, gg) {
    const [g, l, dim] = [call.input(0), call.input(1), call.attrs];
    return [
      call.needs(0) ? sub(gg, total(mul(gg, exp(l)), dim)) : null,
      call.needs(1) ? neg(mul(mul(gg, exp(l)), total(g, dim))) : null,
    ];
  },
});

/** Options of `softmax` and `logSoftmax`. */
export interface SoftmaxOptions {
  /** Convert to this float dtype first. Default: as it is. */
  dtype?: DType;
}

function prepare(op: string, x: Tensor, opts?: SoftmaxOptions): Tensor {
  checkTensor(op, 'input', x);
  const { dtype } = options(op, opts, ['dtype']);
  return to(x, dtype === undefined ? floatType(x.dtype) : checkDType(op, 'dtype', dtype));
}

/** eˣ / Σ eˣ along `dim`; `torch.softmax`. */
export function softmax(x: Tensor, dim: number, opts?: SoftmaxOptions): Tensor {
  const source = prepare('softmax', x, opts);
  return apply(softmaxOp, [source], axis('softmax', 'dim', dim, source.ndim));
}

/** x - ln Σ eˣ along `dim`; `torch.log_softmax`. */
export function logSoftmax(x: Tensor, dim: number, opts?: SoftmaxOptions): Tensor {
  const source = prepare('logSoftmax', x, opts);
  return apply(logSoftmaxOp, [source], axis('logSoftmax', 'dim', dim, source.ndim));
}
