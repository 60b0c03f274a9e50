/** Running sums and products along an axis. */
import { apply } from '../autograd/apply.ts';
import { axis, options } from '../options.ts';
import { checkDType, type DType, isFloat } from '../tensor/dtype.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import { dense, elements } from './copy.ts';
import { ones } from './create.ts';
import { defineOp, emptyTensor, kernelsFor, type Op } from './define.ts';
import { add, mul } from './elementwise.ts';
import { flip } from './gather.ts';
import { cat } from './join.ts';
import { alongAxis } from './reduce.ts';
import { narrow } from './view.ts';

function runScan(kernel: 'cumsum' | 'cumprod', x: Tensor, dim: number): Tensor {
  const out = emptyTensor(x.dtype, x.shape);
  const source = dense(x);
  kernelsFor(x.dtype)[kernel](alongAxis(x, dim), elements(source), out.data);
  return out;
}

const cumsumOp: Op<number> = defineOp<number>({
  name: 'cumsum',
  run: ([x], dim) => runScan('cumsum', x, dim),
  grad: (call, g) => [g.ndim === 0 ? g : flip(apply(cumsumOp, [flip(g, call.attrs)], call.attrs), call.attrs)],
});

const cumprodOp: Op<number> = defineOp<number>({
  name: 'cumprod',
  saves: 'inputs',
  run: ([x], dim) => runScan('cumprod', x, dim),
  grad(call, g) {
    const dim = call.attrs;
    const x = call.input(0);
    if (x.ndim === 0 || x.size === 0) return [g];
    // grad[i] = (product of all x before i) · s[i] with s[i] = g[i] + x[i+1]·s[i+1]: no division, so zeros are no trouble
    const n = x.shape[dim];
    const sums = new Array<Tensor>(n);
    sums[n - 1] = narrow(g, dim, n - 1, 1);
    for (let i = n - 2; i >= 0; i--) sums[i] = add(narrow(g, dim, i, 1), mul(narrow(x, dim, i + 1, 1), sums[i + 1]));
    return [mul(exclusive(x, dim), cat(sums, dim))];
  },
});

/** 1, x₀, x₀x₁, … along an axis of at least one element. */
function exclusive(x: Tensor, dim: number): Tensor {
  const one = ones(
    x.shape.map((size, i) => (i === dim ? 1 : size)),
    { dtype: x.dtype },
  );
  return x.shape[dim] === 1 ? one : cat([one, cumprod(narrow(x, dim, 0, x.shape[dim] - 1), dim)], dim);
}

/** Options of `cumsum` and `cumprod`. */
export interface ScanOptions {
  /** Convert to this dtype first. Default: as it is. */
  dtype?: DType;
}

function scan(name: 'cumsum' | 'cumprod', op: Op<number>, x: Tensor, dim: number, opts?: ScanOptions): Tensor {
  checkTensor(name, 'input', x);
  const { dtype = isFloat(x.dtype) ? x.dtype : 'int32' } = options(name, opts, ['dtype']);
  return apply(op, [x.to(checkDType(name, 'dtype', dtype))], axis(name, 'dim', dim, x.ndim));
}

/** Running sum along `dim`; `torch.cumsum`. */
export function cumsum(x: Tensor, dim: number, opts?: ScanOptions): Tensor {
  return scan('cumsum', cumsumOp, x, dim, opts);
}

/** Running product along `dim`; `torch.cumprod`. */
export function cumprod(x: Tensor, dim: number, opts?: ScanOptions): Tensor {
  return scan('cumprod', cumprodOp, x, dim, opts);
}
