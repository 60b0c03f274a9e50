/** Ops that change their first operand in place; names end with an underscore. */
import { assign, checkInPlace, rebase } from '../autograd/inplace.ts';
import { mode } from '../autograd/mode.ts';
import { fail, invalid, show } from '../errors.ts';
import { isFloat, resultType } from '../tensor/dtype.ts';
import { broadcastShapes, sameShape } from '../tensor/shape.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import { type AlphaOptions, addOp, divOp, mulOp, pow, scaled, subOp } from './binary.ts';
import { type ClampOptions, clamp } from './compare.ts';
import { addcdiv, addcmul, lerp, maskedFill, type ValueOptions } from './composed.ts';
import { copyInto, elements } from './copy.ts';
import { kernelsFor } from './define.ts';
import { type Binary, type BinaryKernel, type Operand, operand } from './pointwise.ts';
import { stridedDesc } from './strided.ts';
import { abs, ceil, exp, floor, log, neg, reciprocal, relu, round, sigmoid, sqrt, square, tanh } from './unary.ts';

/** `x op= y` for a binary op whose result keeps the dtype and shape of x. */
export function inPlace(name: string, f: Binary | ((a: Operand, b: Operand) => Tensor), x: Tensor, y: Operand): Tensor {
  const label = `${name}_`;
  checkTensor(label, 'input', x);
  checkInPlace(label, x);
  const other = operand(label, 'other', y);
  if (!sameShape(broadcastShapes(label, x.shape, other.shape), x.shape)) {
    fail(
      label,
      `result of shape ${show(broadcastShapes(label, x.shape, other.shape))} does not fit shape ${show(x.shape)}`,
    );
  }
  const dtype = resultType(x, other);
  if (isFloat(dtype) && !isFloat(x.dtype)) fail(label, `a result of dtype ${dtype} does not fit ${x.dtype}`);
  const recorded = mode.gradEnabled && (x.requiresGrad || other.requiresGrad);
  if (
    !recorded &&
    'op' in f &&
    dtype === x.dtype &&
    dtype !== 'bool' &&
    x.isContiguous &&
    other.storage !== x.storage
  ) {
    const [a, b] = f.convert(x, other);
    if (a === x) {
      const desc = stridedDesc(x.shape, a, b, null);
      kernelsFor(dtype)[f.op.name as BinaryKernel](desc, a.data, b.data, elements(x));
      x.storage.version++;
      return x;
    }
  }
  return assign(x, f(x, other));
}

/** x += alpha·y; `torch.Tensor.add_`. */
export function add_(x: Tensor, y: Operand, opts?: AlphaOptions): Tensor {
  return inPlace('add', addOp, x, opts === undefined ? y : scaled('add_', y, opts));
}
/** x -= alpha·y; `torch.Tensor.sub_`. */
export function sub_(x: Tensor, y: Operand, opts?: AlphaOptions): Tensor {
  return inPlace('sub', subOp, x, opts === undefined ? y : scaled('sub_', y, opts));
}
/** x *= y; `torch.Tensor.mul_`. */
export function mul_(x: Tensor, y: Operand): Tensor {
  return inPlace('mul', mulOp, x, y);
}
/** x /= y; `torch.Tensor.div_`. */
export function div_(x: Tensor, y: Operand): Tensor {
  return inPlace('div', divOp, x, y);
}
/** x **= y; `torch.Tensor.pow_`. */
export function pow_(x: Tensor, y: Operand): Tensor {
  return inPlace('pow', pow, x, y);
}

/** Replaces x by f(x) in place. */
export function replace(name: string, x: Tensor, f: (x: Tensor) => Tensor): Tensor {
  const label = `${name}_`;
  checkTensor(label, 'input', x);
  checkInPlace(label, x);
  const result = f(x);
  if (isFloat(result.dtype) && !isFloat(x.dtype))
    fail(label, `a result of dtype ${result.dtype} does not fit ${x.dtype}`);
  return assign(x, result);
}

/** Copies the elements of `source`, broadcast and converted, into x; `torch.Tensor.copy_`. */
export function copy_(x: Tensor, source: Operand): Tensor {
  checkInPlace('copy_', checkTensor('copy_', 'input', x));
  const from = operand('copy_', 'source', source);
  if (!sameShape(broadcastShapes('copy_', x.shape, from.shape), x.shape)) {
    fail('copy_', `source of shape ${show(from.shape)} does not broadcast to ${show(x.shape)}`);
  }
  copyInto(x, from);
  x.storage.version++;
  if (mode.gradEnabled && (from.requiresGrad || x.requiresGrad)) rebase(x, from);
  return x;
}

/** Sets every element to a number; `torch.Tensor.fill_`. */
export function fill_(x: Tensor, value: number | boolean): Tensor {
  checkInPlace('fill_', checkTensor('fill_', 'input', x));
  if (typeof value !== 'number' && typeof value !== 'boolean') invalid('fill_', 'value', 'a number', value);
  return copy_(x, value);
}

/** Sets every element to 0; `torch.Tensor.zero_`. */
export function zero_(x: Tensor): Tensor {
  return fill_(x, 0);
}

/** The in-place form of a function that keeps shape and dtype. */
function inPlaceOf<A extends unknown[]>(
  name: string,
  f: (x: Tensor, ...args: A) => Tensor,
): (x: Tensor, ...args: A) => Tensor {
  return (x, ...args) => replace(name, x, (source) => f(source, ...args));
}

/** x limited to [min, max] in place; `torch.Tensor.clamp_`. */
export const clamp_ = inPlaceOf('clamp', (x: Tensor, opts: ClampOptions) => clamp(x, opts));
/** A value written where a mask holds; `torch.Tensor.masked_fill_`. */
export const maskedFill_ = inPlaceOf('maskedFill', (x: Tensor, mask: Tensor, value: number | boolean | Tensor) =>
  maskedFill(x, mask, value),
);
/** x += weight·(end - x); `torch.Tensor.lerp_`. */
export const lerp_ = inPlaceOf('lerp', (x: Tensor, end: Tensor, weight: number | Tensor) => lerp(x, end, weight));
/** x += value·a·b; `torch.Tensor.addcmul_`. */
export const addcmul_ = inPlaceOf('addcmul', (x: Tensor, a: Tensor, b: Tensor, opts?: ValueOptions) =>
  addcmul(x, a, b, opts),
);
/** x += value·a/b; `torch.Tensor.addcdiv_`. */
export const addcdiv_ = inPlaceOf('addcdiv', (x: Tensor, a: Tensor, b: Tensor, opts?: ValueOptions) =>
  addcdiv(x, a, b, opts),
);
/** -x in place; `torch.Tensor.neg_`. */
export const neg_ = inPlaceOf('neg', (x) => neg(x));
/** |x| in place; `torch.Tensor.abs_`. */
export const abs_ = inPlaceOf('abs', (x) => abs(x));
/** eˣ in place; `torch.Tensor.exp_`. */
export const exp_ = inPlaceOf('exp', (x) => exp(x));
/** ln x in place; `torch.Tensor.log_`. */
export const log_ = inPlaceOf('log', (x) => log(x));
/** √x in place; `torch.Tensor.sqrt_`. */
export const sqrt_ = inPlaceOf('sqrt', (x) => sqrt(x));
/** x² in place; `torch.Tensor.square_`. */
export const square_ = inPlaceOf('square', (x) => square(x));
/** 1/x in place; `torch.Tensor.reciprocal_`. */
export const reciprocal_ = inPlaceOf('reciprocal', (x) => reciprocal(x));
/** max(x, 0) in place; `torch.Tensor.relu_`. */
export const relu_ = inPlaceOf('relu', (x) => relu(x));
/** 1 / (1 + e⁻ˣ) in place; `torch.Tensor.sigmoid_`. */
export const sigmoid_ = inPlaceOf('sigmoid', (x) => sigmoid(x));
/** tanh x in place; `torch.Tensor.tanh_`. */
export const tanh_ = inPlaceOf('tanh', (x) => tanh(x));
/** Largest integers ≤ x in place; `torch.Tensor.floor_`. */
export const floor_ = inPlaceOf('floor', (x) => floor(x));
/** Smallest integers ≥ x in place; `torch.Tensor.ceil_`. */
export const ceil_ = inPlaceOf('ceil', (x) => ceil(x));
/** Nearest integers in place; `torch.Tensor.round_`. */
export const round_ = inPlaceOf('round', (x: Tensor, opts?: { decimals?: number }) => round(x, opts));
