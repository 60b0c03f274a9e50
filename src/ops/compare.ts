/** Comparisons, logic, and choice between elements. */
import { apply } from '../autograd/apply.ts';
import { fail, invalid } from '../errors.ts';
import { options } from '../options.ts';
import { type DType, isFloat, resultType } from '../tensor/dtype.ts';
import { broadcastShapes } from '../tensor/shape.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import { maximum, minimum, mul } from './binary.ts';
import { to } from './copy.ts';
import { scalarTensor } from './create.ts';
import { defineOp, emptyTensor, kernelsFor, type MaybeTensor, type Op, type Recorded } from './define.ts';
import { compare, floatType, type Operand, operand, operands } from './pointwise.ts';
import { stridedDesc } from './strided.ts';
import { abs } from './unary.ts';

/** a = b, as bool; `torch.eq`. */
export const eq = compare('eq');
/** a ≠ b, as bool; `torch.ne`. */
export const ne = compare('ne');
/** a < b, as bool; `torch.lt`. */
export const lt = compare('lt');
/** a ≤ b, as bool; `torch.le`. */
export const le = compare('le');
/** a > b, as bool; `torch.gt`. */
export const gt = compare('gt');
/** a ≥ b, as bool; `torch.ge`. */
export const ge = compare('ge');

/** Whether each operand is nonzero, checked in the name of `op`. */
function truths(op: string, left: Operand, right: Operand): [Tensor, Tensor] {
  const [a, b] = operands(op, left, right);
  broadcastShapes(op, a.shape, b.shape);
  return [ne(a, 0), ne(b, 0)];
}

/** Both nonzero; `torch.logical_and`. */
export function logicalAnd(a: Operand, b: Operand): Tensor {
  return mul(...truths('logicalAnd', a, b));
}

/** Either nonzero; `torch.logical_or`. */
export function logicalOr(a: Operand, b: Operand): Tensor {
  return maximum(...truths('logicalOr', a, b));
}

/** Exactly one nonzero; `torch.logical_xor`. */
export function logicalXor(a: Operand, b: Operand): Tensor {
  return ne(...truths('logicalXor', a, b));
}

/** Zero; `torch.logical_not`. */
export function logicalNot(a: Operand): Tensor {
  return eq(operand('logicalNot', 'input', a), 0);
}

/** Whether each element is NaN; `torch.isnan`. */
export function isnan(a: Tensor): Tensor {
  return ne(checkTensor('isnan', 'input', a), a);
}

/** Whether each element is +∞ or -∞; `torch.isinf`. */
export function isinf(a: Tensor): Tensor {
  return eq(abs(to(checkTensor('isinf', 'input', a), floatType(a.dtype))), Infinity);
}

/** Whether each element is neither NaN nor infinite; `torch.isfinite`. */
export function isfinite(a: Tensor): Tensor {
  return lt(abs(to(checkTensor('isfinite', 'input', a), floatType(a.dtype))), Infinity);
}

const whereOp: Op<null> = defineOp<null>({
  name: 'where',
  saves: 'inputs',
  run([condition, a, b]) {
    const shape = broadcastShapes('where', condition.shape, broadcastShapes('where', a.shape, b.shape));
    const out = emptyTensor(a.dtype, shape);
    const desc = stridedDesc(shape, condition, a, b);
    kernelsFor(a.dtype).where(desc, condition.data as Uint8Array, a.data, b.data, out.data);
    return out;
  },
  grad: (call, g) => [
    null,
    call.needs(1) ? where(call.input(0), g, 0) : null,
    call.needs(2) ? where(call.input(0), 0, g) : null,
  ],
});

/** a where the condition (bool) holds, else b; `torch.where`. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  checkTensor('where', 'condition', condition);
  if (condition.dtype !== 'bool') invalid('where', 'condition', 'dtype bool', condition.dtype);
  const x = operand('where', 'input', a);
  const y = operand('where', 'other', b);
  const dtype = resultType(x, y);
  return apply(whereOp, [condition, x.dtype === dtype ? x : to(x, dtype), y.dtype === dtype ? y : to(y, dtype)], null);
}

/** Options of `clamp`. */
export interface ClampOptions {
  /** Lower limit. Default: none. */
  min?: Operand | null;
  /** Upper limit. Default: none. */
  max?: Operand | null;
}

const clampBackward = (call: Recorded<null>, g: Tensor): MaybeTensor[] => {
  const [x, low, high] = [call.input(0), call.input(1), call.input(2)];
  const inside = logicalAnd(logicalNot(lt(x, low)), logicalNot(gt(x, high)));
  return [
    where(inside, g, 0),
    call.needs(1) ? where(logicalAnd(lt(x, low), le(low, high)), g, 0) : null,
    call.needs(2) ? where(logicalOr(gt(x, high), gt(low, high)), g, 0) : null,
  ];
};

const clampOp = defineOp<null>({
  name: 'clamp',
  saves: 'inputs',
  run: ([x, low, high]) => minimum(maximum(x, low), high),
  grad: clampBackward,
});

/** x limited to [min, max], either of which may be absent, a number or a tensor; NaN stays NaN; `torch.clamp`. */
export function clamp(x: Tensor, opts: ClampOptions): Tensor {
  const { min = null, max = null } = options('clamp', opts, ['min', 'max']);
  if (min === null && max === null) fail('clamp', 'min and max are both absent');
  const low = min === null ? scalarTensor(-Infinity, x.dtype) : operand('clamp', 'min', min);
  const high = max === null ? scalarTensor(Infinity, x.dtype) : operand('clamp', 'max', max);
  const dtype = resultType(min === null ? x : maximumType(x, low), max === null ? x : high);
  if (!isFloat(dtype)) {
    const bottom = min === null ? x : maximum(x, low);
    return max === null ? bottom : minimum(bottom, high);
  }
  return apply(clampOp, [to(x, dtype), to(low, dtype), to(high, dtype)], null);
}

function maximumType(a: Tensor, b: Tensor): { dtype: DType; ndim: number; isWrapped: boolean } {
  return { dtype: resultType(a, b), ndim: a.ndim, isWrapped: false };
}
