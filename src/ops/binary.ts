/** Arithmetic of two operands, element by element with broadcasting. */
import { apply } from '../autograd/apply.ts';
import { fail } from '../errors.ts';
import { number, oneOf, options } from '../options.ts';
import { isFloat } from '../tensor/dtype.ts';
import { broadcastShapes } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import { eq, ge, le, logicalAnd, where } from './compare.ts';
import { dense, elements } from './copy.ts';
import { type Binary, type BinaryRule, binary, type Operand, operand, operands } from './pointwise.ts';
import { floor, log, neg, square, trunc } from './unary.ts';

/** @internal The op beneath `add`; for add_. */
export const addOp = binary('add', (_call, g) => [g, g]);
/** @internal */
export const subOp = binary('sub', (call, g) => [g, call.needs(1) ? neg(g) : null], { noBool: true });

/** Options of `add`, `sub` and `rsub`. */
export interface AlphaOptions {
  /** Factor of `other`. Default 1. */
  alpha?: number;
}

export function scaled(op: string, other: Operand, opts?: AlphaOptions): Operand {
  const { alpha = 1 } = options(op, opts, ['alpha']);
  number(op, 'alpha', alpha);
  return alpha === 1 ? other : mul(operand(op, 'other', other), alpha);
}

/** a + alpha·b; `torch.add`. */
export function add(a: Operand, b: Operand, opts?: AlphaOptions): Tensor {
  return addOp(a, opts === undefined ? b : scaled('add', b, opts));
}

/** a - alpha·b; `torch.sub`. */
export function sub(a: Operand, b: Operand, opts?: AlphaOptions): Tensor {
  return subOp(a, opts === undefined ? b : scaled('sub', b, opts));
}

/** b - a; `torch.rsub`. */
export function rsub(a: Operand, b: Operand): Tensor {
  const [left, right] = operands('rsub', a, b);
  broadcastShapes('rsub', left.shape, right.shape);
  return subOp(b, a);
}

/** @internal */
export const mulOp = binary(
  'mul',
  (call, g, a, b) => [call.needs(0) ? mul(g, b()) : null, call.needs(1) ? mul(g, a()) : null],
  { saves: 'inputs' },
);

/** a · b, element by element; `torch.mul`. */
export function mul(a: Operand, b: Operand): Tensor {
  return mulOp(a, b);
}

/** @internal */
export const divOp = binary(
  'div',
  (call, g, a, b) => [call.needs(0) ? div(g, b()) : null, call.needs(1) ? neg(div(mul(g, a()), square(b()))) : null],
  { saves: 'inputs', float: true },
);
const zeroRule: BinaryRule = (call, g) => [call.needs(0) ? mul(g, 0) : null, call.needs(1) ? mul(g, 0) : null];
const floorDivOp = binary('floorDivide', zeroRule, { noBool: true });
const truncDivOp = binary('truncDivide', zeroRule, { noBool: true });

/** Options of `div`. */
export interface DivOptions {
  /** `'trunc'` or `'floor'` rounds the quotient; null (default) is true division. */
  roundingMode?: 'trunc' | 'floor' | null;
}

/** a / b; integers divide to float32 unless rounded; `torch.div`. */
export function div(a: Operand, b: Operand, opts?: DivOptions): Tensor {
  const { roundingMode = null } = options('div', opts, ['roundingMode']);
  if (roundingMode === null) return divOp(a, b);
  oneOf('div', 'roundingMode', roundingMode, ['trunc', 'floor']);
  return integerSafe('div', roundingMode === 'floor' ? floorDivOp : truncDivOp, a, b);
}

/** Integer division by zero has no result: an error, as in PyTorch. */
function integerSafe(name: string, f: Binary, a: Operand, b: Operand): Tensor {
  const [x, y] = f.convert(a, b);
  if (!isFloat(y.dtype) && elements(dense(y)).subarray(0, y.size).includes(0)) fail(name, 'integer division by zero');
  return apply(f.op, [x, y], null);
}

/** floor(a / b); `torch.floor_divide`. */
export function floorDivide(a: Operand, b: Operand): Tensor {
  return integerSafe('floorDivide', floorDivOp, a, b);
}

const remainderOp = binary(
  'remainder',
  (call, g, a, b) => [g, call.needs(1) ? neg(mul(g, floor(div(a(), b())))) : null],
  { saves: 'inputs', noBool: true },
);
const fmodOp = binary('fmod', (call, g, a, b) => [g, call.needs(1) ? neg(mul(g, trunc(div(a(), b())))) : null], {
  saves: 'inputs',
  noBool: true,
});

/** a - floor(a/b)·b, with the sign of b; `torch.remainder`. */
export function remainder(a: Operand, b: Operand): Tensor {
  return integerSafe('remainder', remainderOp, a, b);
}

/** a - trunc(a/b)·b, with the sign of a; `torch.fmod`. */
export function fmod(a: Operand, b: Operand): Tensor {
  return integerSafe('fmod', fmodOp, a, b);
}

/** Angle of the point (b, a), in radians; `torch.atan2`. */
export const atan2: (a: Operand, b: Operand) => Tensor = binary(
  'atan2',
  (call, g, a, b) => {
    const scale = div(g, add(square(a()), square(b())));
    return [call.needs(0) ? mul(scale, b()) : null, call.needs(1) ? neg(mul(scale, a())) : null];
  },
  { saves: 'inputs', float: true },
);

const powOp = binary(
  'pow',
  (call, g, a, b, y) => [
    // x⁰ is constant, also where x is 0
    call.needs(0) ? where(eq(b(), 0), 0, mul(g, mul(b(), pow(a(), sub(b(), 1))))) : null,
    // aᵇ·ln a is 0 where a is 0 and b ≥ 0
    call.needs(1) ? where(logicalAnd(eq(a(), 0), ge(b(), 0)), 0, mul(g, mul(y(), log(a())))) : null,
  ],
  { saves: 'both', noBool: true },
);

/** aᵇ; `torch.pow`. Integers to a negative power are an error. */
export function pow(a: Operand, b: Operand): Tensor {
  if (a instanceof Tensor && typeof b === 'number') {
    if (b === 2 && a.dtype !== 'bool') return square(a);
    if (b === 1 && a.dtype !== 'bool') return mul(a, 1);
    if (b < 0 && Number.isInteger(b) && !isFloat(a.dtype))
      fail('pow', `integers to the negative power ${b}; use to('float32')`);
  }
  return powOp(a, b);
}

/** Half of the gradient to each where both are equal, as in PyTorch. */
const chosen =
  (picks: (a: Operand, b: Operand) => Tensor): BinaryRule =>
  (call, g, a, b) => {
    const half = () => where(eq(a(), b()), mul(g, 0.5), g);
    const share = (own: Tensor, other: Tensor) => where(picks(own, other), half(), 0);
    return [call.needs(0) ? share(a(), b()) : null, call.needs(1) ? share(b(), a()) : null];
  };

/** The larger of two, NaN if either is; `torch.maximum`. */
export const maximum: (a: Operand, b: Operand) => Tensor = binary(
  'maximum',
  chosen((a, b) => ge(a, b)),
  { saves: 'inputs' },
);
/** The smaller of two, NaN if either is; `torch.minimum`. */
export const minimum: (a: Operand, b: Operand) => Tensor = binary(
  'minimum',
  chosen((a, b) => le(a, b)),
  { saves: 'inputs' },
);
