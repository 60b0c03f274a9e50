/** Reductions made of others: variance, norms, logsumexp, counts. */
import { apply } from '../autograd/apply.ts';
import { invalid } from '../errors.ts';
import { boolean, number, options } from '../options.ts';
import { checkDType, type DType } from '../tensor/dtype.ts';
import { sizeOf } from '../tensor/shape.ts';
import { checkFloat, checkTensor, type Tensor } from '../tensor/tensor.ts';
import { add, div, mul, pow, sub } from './binary.ts';
import { eq, isinf, isnan, ne, where } from './compare.ts';
import { to } from './copy.ts';
import { defineOp } from './define.ts';
import { amax, amin, type Dim, mean, type ReduceOptions, reduceAxes, type SumOptions, sum } from './reduce.ts';
import { abs, exp, log, sign, sqrt, square } from './unary.ts';
import { reshape } from './view.ts';

/** Options of `var`, `std`, `varMean` and `stdMean`. */
export interface VarOptions extends ReduceOptions {
  /** Divide by n - 1 (true, the default) or n. */
  unbiased?: boolean;
  /** Divide by n - correction instead. Default 1. */
  correction?: number;
}

/** Variance with reduced axes kept, the mean too. */
function moments(
  op: string,
  x: Tensor,
  dim: Dim,
  opts?: VarOptions,
): { variance: Tensor; mean: Tensor; shape: number[] } {
  checkFloat(op, 'input', checkTensor(op, 'input', x));
  const { unbiased, correction, keepdim = false } = options(op, opts, ['unbiased', 'correction', 'keepdim']);
  boolean(op, 'keepdim', keepdim);
  if (unbiased !== undefined && correction !== undefined)
    invalid(op, 'correction', 'nothing beside unbiased', correction);
  const less = correction ?? (boolean(op, 'unbiased', unbiased ?? true) ? 1 : 0);
  number(op, 'correction', less);
  const { dims, result } = reduceAxes(op, x, dim, keepdim);
  const count = sizeOf(dims.map((d) => x.shape[d]));
  const centre = mean(x, dims, { keepdim: true });
  const squares = sum(square(sub(x, centre)), dims, { keepdim: true });
  return { variance: div(squares, Math.max(count - less, 0)), mean: centre, shape: result };
}

/** √x with gradient 0 at 0. */
function rootOf(x: Tensor): Tensor {
  const zero = eq(x, 0);
  return where(zero, 0, sqrt(where(zero, 1, x)));
}

/** Variance over all axes or those in `dim`, divided by n - 1 unless told otherwise; `torch.var`. */
export function variance(x: Tensor, dim?: Dim, opts?: VarOptions): Tensor {
  const { variance: v, shape } = moments('var', x, dim, opts);
  return reshape(v, shape);
}

/** Standard deviation, the root of the variance; gradient 0 where it is 0; `torch.std`. */
export function std(x: Tensor, dim?: Dim, opts?: VarOptions): Tensor {
  const { variance: v, shape } = moments('std', x, dim, opts);
  return reshape(rootOf(v), shape);
}

/** Variance and mean; `torch.var_mean`. */
export function varMean(x: Tensor, dim?: Dim, opts?: VarOptions): [Tensor, Tensor] {
  const { variance: v, mean: m, shape } = moments('varMean', x, dim, opts);
  return [reshape(v, shape), reshape(m, shape)];
}

/** Standard deviation and mean; `torch.std_mean`. */
export function stdMean(x: Tensor, dim?: Dim, opts?: VarOptions): [Tensor, Tensor] {
  const { variance: v, mean: m, shape } = moments('stdMean', x, dim, opts);
  return [reshape(rootOf(v), shape), reshape(m, shape)];
}

/** Options of `norm`. */
export interface NormOptions extends ReduceOptions {
  /** Order: a number, ±Infinity, or 'fro' for 2. Default 'fro'. */
  p?: number | 'fro';
  /** Axes taken together as one vector. Default: all. */
  dim?: Dim;
  /** Convert to this dtype first. Default: as it is. */
  dtype?: DType;
}

/** (Σ |x|ᵖ)^(1/p); the largest for ∞, the smallest for -∞, the count of what is not 0 for 0; `torch.norm`. */
export function norm(x: Tensor, opts?: NormOptions): Tensor {
  const op = 'norm';
  const { p = 'fro', dim, keepdim = false, dtype } = options(op, opts, ['p', 'dim', 'keepdim', 'dtype']);
  if (p !== 'fro' && (typeof p !== 'number' || Number.isNaN(p))) invalid(op, 'p', "a number or 'fro'", p);
  checkTensor(op, 'input', x);
  const source = checkFloat(op, 'input', dtype === undefined ? x : to(x, checkDType(op, 'dtype', dtype)));
  const { dims } = reduceAxes(op, source, dim, keepdim);
  return lengthOf(source, p === 'fro' ? 2 : p, dims, keepdim);
}

/** @internal The p-norm over axes; gradient 0 where the norm is 0. */
export function lengthOf(x: Tensor, p: number, dims: readonly number[], keepdim: boolean): Tensor {
  const opts = { keepdim };
  if (p === 2) return rootOf(sum(square(x), dims, opts));
  const size = abs(x);
  if (p === 1) return sum(size, dims, opts);
  if (p === Infinity) return amax(size, dims, opts);
  if (p === -Infinity) return amin(size, dims, opts);
  if (p === 0) return sum(abs(sign(x)), dims, opts);
  const total = sum(powerOf(size, p), dims, opts);
  const zero = eq(total, 0);
  return where(zero, p > 0 ? 0 : Infinity, pow(where(zero, 1, total), 1 / p));
}

/** xᵖ for x ≥ 0, with gradient 0 at 0 where the true one is infinite. */
function powerOf(x: Tensor, p: number): Tensor {
  if (p >= 1) return pow(x, p);
  const zero = eq(x, 0);
  return where(zero, p > 0 ? 0 : Infinity, pow(where(zero, 1, x), p));
}

/** Reduced axes stay. */
const logsumexpOp = defineOp<readonly number[]>({
  name: 'logsumexp',
  saves: 'both',
  run([x], dims) {
    if (x.size === 0) return log(sum(exp(x), dims, { keepdim: true }));
    const most = amax(x, dims, { keepdim: true });
    const shift = where(isinf(most), 0, most);
    return add(log(sum(exp(sub(x, shift)), dims, { keepdim: true })), shift);
  },
  grad: (call, g) => [mul(g, exp(sub(call.input(0), call.output(0))))],
});

/** ln Σ eˣ over `dim`, without overflow; `torch.logsumexp`. */
export function logsumexp(x: Tensor, dim: number | readonly number[], opts?: ReduceOptions): Tensor {
  const op = 'logsumexp';
  checkFloat(op, 'input', checkTensor(op, 'input', x));
  const { keepdim = false } = options(op, opts, ['keepdim']);
  if (dim === undefined || dim === null) invalid(op, 'dim', 'an axis or a list of axes', dim);
  const { dims, result } = reduceAxes(op, x, dim, boolean(op, 'keepdim', keepdim));
  return reshape(apply(logsumexpOp, [x], dims), result);
}

/** Sum with NaN counted as 0; `torch.nansum`. */
export function nansum(x: Tensor, dim?: Dim, opts?: SumOptions): Tensor {
  return sum(where(isnan(checkTensor('nansum', 'input', x)), 0, x), dim, opts);
}

/** Number of elements that are not 0, int32; `torch.count_nonzero`. */
export function countNonzero(x: Tensor, dim?: Dim): Tensor {
  return sum(ne(checkTensor('countNonzero', 'input', x), 0), dim);
}
