/** Elementwise functions that are made of others. */
import { fail, invalid, show } from '../errors.ts';
import { boolean, number, options } from '../options.ts';
import { isFloat } from '../tensor/dtype.ts';
import { broadcastShapes, sameShape } from '../tensor/shape.ts';
import { checkFloat, checkTensor, type Tensor } from '../tensor/tensor.ts';
import { add, div, maximum, minimum, mul, sub } from './binary.ts';
import { clamp, eq, isfinite, isnan, le, logicalAnd, logicalOr, lt, where } from './compare.ts';
import { scalarTensor } from './create.ts';
import { at } from './indexing.ts';
import { type Operand, operand } from './pointwise.ts';
import { all } from './reduce.ts';
import { abs, log, sqrt, square } from './unary.ts';
import { expand } from './view.ts';

/** x + weight·(end - x), weight a number or tensor; exact at both ends; `torch.lerp`. */
export function lerp(x: Tensor, end: Tensor, weight: number | Tensor): Tensor {
  checkFloat('lerp', 'input', checkTensor('lerp', 'input', x));
  checkFloat('lerp', 'end', checkTensor('lerp', 'end', end));
  const w = operand('lerp', 'weight', weight);
  const way = sub(end, x);
  if (typeof weight === 'number') {
    return weight < 0.5 ? add(x, mul(way, weight)) : sub(end, mul(way, 1 - weight));
  }
  return where(lt(abs(w), 0.5), add(x, mul(w, way)), sub(end, mul(way, sub(1, w))));
}

/** Options of `addcmul` and `addcdiv`. */
export interface ValueOptions {
  /** Factor of what is added. Default 1. */
  value?: number;
}

function scaledBy(op: string, t: Tensor, opts: ValueOptions | undefined): Tensor {
  const { value = 1 } = options(op, opts, ['value']);
  number(op, 'value', value);
  return value === 1 ? t : mul(t, value);
}

/** x + value·a·b; `torch.addcmul`. */
export function addcmul(x: Tensor, a: Tensor, b: Tensor, opts?: ValueOptions): Tensor {
  checkTensor('addcmul', 'input', x);
  return add(
    x,
    scaledBy('addcmul', mul(checkTensor('addcmul', 'tensor1', a), checkTensor('addcmul', 'tensor2', b)), opts),
  );
}

/** x + value·a/b; `torch.addcdiv`. */
export function addcdiv(x: Tensor, a: Tensor, b: Tensor, opts?: ValueOptions): Tensor {
  checkTensor('addcdiv', 'input', x);
  return add(
    x,
    scaledBy('addcdiv', div(checkTensor('addcdiv', 'tensor1', a), checkTensor('addcdiv', 'tensor2', b)), opts),
  );
}

/** √(a² + b²); `torch.hypot`. */
export function hypot(a: Tensor, b: Tensor): Tensor {
  checkFloat('hypot', 'input', checkTensor('hypot', 'input', a));
  checkFloat('hypot', 'other', checkTensor('hypot', 'other', b));
  const most = maximum(abs(a), abs(b)).detach();
  const scale = where(logicalAnd(isfinite(most), lt(0, most)), most, 1);
  return mul(scale, sqrt(add(square(div(a, scale)), square(div(b, scale)))));
}

/** The larger of two; NaN only where both are; `torch.fmax`. */
export function fmax(a: Operand, b: Operand): Tensor {
  const [x, y] = [operand('fmax', 'input', a), operand('fmax', 'other', b)];
  return where(isnan(x), y, where(isnan(y), x, maximum(x, y)));
}

/** The smaller of two; NaN only where both are; `torch.fmin`. */
export function fmin(a: Operand, b: Operand): Tensor {
  const [x, y] = [operand('fmin', 'input', a), operand('fmin', 'other', b)];
  return where(isnan(x), y, where(isnan(y), x, minimum(x, y)));
}

/** Options of `nanToNum`. */
export interface NanToNumOptions {
  /** For NaN. Default 0. */
  nan?: number;
  /** For ∞. Default: the largest number of the dtype. */
  posinf?: number;
  /** For -∞. Default: the smallest number of the dtype. */
  neginf?: number;
}

/** NaN and ±∞ replaced by numbers; `torch.nan_to_num`. */
export function nanToNum(x: Tensor, opts?: NanToNumOptions): Tensor {
  checkTensor('nanToNum', 'input', x);
  const largest = x.dtype === 'float64' ? Number.MAX_VALUE : 3.4028234663852886e38;
  const { nan = 0, posinf = largest, neginf = -largest } = options('nanToNum', opts, ['nan', 'posinf', 'neginf']);
  if (!isFloat(x.dtype)) return x;
  const low = where(eq(x, -Infinity), neginf, x);
  return where(isnan(x), nan, where(eq(x, Infinity), posinf, low));
}

/** Options of `logit`. */
export interface LogitOptions {
  /** x is limited to [eps, 1 - eps] first. Default: it is not. */
  eps?: number | null;
}

/** ln(x / (1 - x)); `torch.logit`. */
export function logit(x: Tensor, opts?: LogitOptions): Tensor {
  const { eps = null } = options('logit', opts, ['eps']);
  checkFloat('logit', 'input', checkTensor('logit', 'input', x));
  const p = eps === null ? x : clamp(x, { min: number('logit', 'eps', eps), max: 1 - eps });
  return log(div(p, sub(1, p)));
}

/** Options of `isclose` and `allclose`. */
export interface CloseOptions {
  /** Relative tolerance. Default 1e-5. */
  rtol?: number;
  /** Absolute tolerance. Default 1e-8. */
  atol?: number;
  /** NaN equals NaN. Default false. */
  equalNan?: boolean;
}

/** |a - b| ≤ atol + rtol·|b|, element by element; `torch.isclose`. */
export function isclose(a: Tensor, b: Tensor, opts?: CloseOptions): Tensor {
  const { rtol = 1e-5, atol = 1e-8, equalNan = false } = options('isclose', opts, ['rtol', 'atol', 'equalNan']);
  checkTensor('isclose', 'input', a);
  checkTensor('isclose', 'other', b);
  number('isclose', 'rtol', rtol, 0);
  number('isclose', 'atol', atol, 0);
  if (a.dtype !== b.dtype) fail('isclose', `other expected the input's dtype ${a.dtype}, got ${b.dtype}`);
  const [x, y] = [a.detach().to('float64'), b.detach().to('float64')];
  const near = logicalAnd(le(abs(sub(x, y)), add(mul(abs(y), rtol), atol)), isfinite(y));
  const close = logicalOr(eq(x, y), near);
  return boolean('isclose', 'equalNan', equalNan) ? logicalOr(close, logicalAnd(isnan(x), isnan(y))) : close;
}

/** Whether all elements are close; `torch.allclose`. */
export function allclose(a: Tensor, b: Tensor, opts?: CloseOptions): boolean {
  return all(isclose(a, b, opts)).item() === 1;
}

/** Whether two tensors have the same shape and elements; `torch.equal`. */
export function equal(a: Tensor, b: Tensor): boolean {
  checkTensor('equal', 'input', a);
  checkTensor('equal', 'other', b);
  return sameShape(a.shape, b.shape) && all(eq(a.detach(), b.detach())).item() === 1;
}

function checkMask(op: string, mask: Tensor): Tensor {
  if (checkTensor(op, 'mask', mask).dtype !== 'bool') invalid(op, 'mask', 'dtype bool', mask.dtype);
  return mask;
}

/** `value` (a number or 0-d tensor) where the mask holds, x elsewhere; `torch.masked_fill`. */
export function maskedFill(x: Tensor, mask: Tensor, value: number | boolean | Tensor): Tensor {
  checkTensor('maskedFill', 'input', x);
  checkMask('maskedFill', mask);
  const fill = operand('maskedFill', 'value', value);
  if (fill.ndim !== 0) invalid('maskedFill', 'value', 'a number or a 0-d tensor', value);
  if (isFloat(fill.dtype) && !isFloat(x.dtype)) {
    fail(
      'maskedFill',
      `value expected one that ${x.dtype} can hold, got ${typeof value === 'number' ? value : show(fill.dtype)}`,
    );
  }
  const own = typeof value === 'number' ? scalarTensor(value, x.dtype) : fill.to(x.dtype);
  return where(mask, own, x);
}

/** The elements where the mask (broadcast) holds, 1-d; `torch.masked_select`. */
export function maskedSelect(x: Tensor, mask: Tensor): Tensor {
  checkTensor('maskedSelect', 'input', x);
  const shape = broadcastShapes('maskedSelect', x.shape, checkMask('maskedSelect', mask).shape);
  return at(expand(x, shape), expand(mask, shape));
}

/** `input` where the condition holds, else `other`: `x.where(c, y)` is `where(c, x, y)`; `torch.Tensor.where`. */
export function whereElse(input: Tensor, condition: Tensor, other: Operand): Tensor {
  return where(condition, input, other);
}
