/** Ops that change their first operand in place; names end with an underscore. */
import { assign, checkInPlace, rebase } from '../autograd/inplace.ts';
import { mode } from '../autograd/mode.ts';
import { fail, invalid, show } from '../errors.ts';
import { isFloat, resultType } from '../tensor/dtype.ts';
import { broadcastShapes, sameShape } from '../tensor/shape.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import { type AlphaOptions, addOp, divOp, mulOp, pow, scaled, subOp } from './binary.ts';
import { copyInto, elements } from './copy.ts';
import { kernelsFor } from './define.ts';
import { type Binary, type BinaryKernel, type Operand, operand } from './pointwise.ts';
import { stridedDesc } from './strided.ts';

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
  if (!recorded && 'op' in f && dtype === x.dtype && x.isContiguous && other.storage !== x.storage) {
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
