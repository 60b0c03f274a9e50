/** Arithmetic, comparison and functions of one number, element by element with broadcasting. */
import { apply } from '../autograd/apply.ts';
import { assign, checkInPlace, rebase } from '../autograd/inplace.ts';
import { mode } from '../autograd/mode.ts';
import type { KernelName, Kernels } from '../backend/kernels.ts';
import { fail, invalid, show } from '../errors.ts';
import { number, oneOf, options } from '../options.ts';
import { type DType, isFloat, resultType, resultTypeWithScalar } from '../tensor/dtype.ts';
import { broadcastShapes, sameShape } from '../tensor/shape.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import { copyInto, dense, elements, to } from './copy.ts';
import { scalarTensor } from './create.ts';
import { defineOp, emptyTensor, kernelsFor, type MaybeTensor, type Op, type Recorded } from './define.ts';
import { stridedDesc } from './strided.ts';

/** What a binary op takes beside a tensor. */
export type Operand = Tensor | number | boolean;

export function operand(op: string, name: string, value: unknown): Tensor {
  if (value instanceof Tensor) return value;
  if (typeof value === 'number' || typeof value === 'boolean') return scalarTensor(value);
  return checkTensor(op, name, value);
}

/** Both operands; a number beside a tensor is made in the dtype that the two result in. */
function operands(op: string, left: Operand, right: Operand): [Tensor, Tensor] {
  if (left instanceof Tensor && typeof right === 'number') {
    return [left, scalarTensor(right, resultTypeWithScalar(left.dtype, right))];
  }
  return [operand(op, 'input', left), operand(op, 'other', right)];
}

// ---- one operand

type UnaryKernel = {
  [K in KernelName]: Kernels[K] extends (n: number, x: never, y: never) => void ? K : never;
}[KernelName];
/** Gradient of y = f(x) from the call and the gradient of y. */
type UnaryRule = (g: Tensor, x: () => Tensor, y: () => Tensor) => MaybeTensor;

interface UnaryOptions {
  /** What the rule reads. */
  saves?: 'inputs' | 'outputs';
  /** Integers keep their dtype instead of becoming float32. */
  integers?: boolean;
}

/** The dtype a function of real numbers computes in: integers become float32. */
export function floatType(dtype: DType): DType {
  return isFloat(dtype) ? dtype : 'float32';
}

function runUnary(name: KernelName, x: Tensor): Tensor {
  const source = dense(x);
  const out = emptyTensor(x.dtype, x.shape);
  (kernelsFor(x.dtype)[name] as Kernels['exp'])(x.size, elements(source), out.data);
  return out;
}

/** A function of one number that has its own kernel of the same name. */
function unary(name: UnaryKernel, rule: UnaryRule | null, { saves, integers = false }: UnaryOptions = {}) {
  const op: Op<null> = defineOp<null>({
    name,
    saves,
    run: ([x]) => runUnary(name, x),
    grad:
      rule === null
        ? (_call, g) => [mul(g, 0)]
        : (call, g) => [
            rule(
              g,
              () => call.input(0),
              () => call.output(0),
            ),
          ],
  });
  return (x: Tensor): Tensor => {
    checkTensor(name, 'input', x);
    if (x.dtype === 'bool' && integers) fail(name, 'input expected a dtype of numbers, got bool');
    return apply(op, [integers || isFloat(x.dtype) ? x : to(x, 'float32')], null);
  };
}

const numbers = { integers: true } as const;
const fromX = { saves: 'inputs' } as const;
const fromY = { saves: 'outputs' } as const;

/** -x; `torch.neg`. */
export const neg = unary('neg', (g) => neg(g), numbers);
/** |x|, gradient 0 at 0; `torch.abs`. */
export const abs = unary('abs', (g, x) => mul(g, sign(x())), { integers: true, saves: 'inputs' });
/** -1, 0 or 1; gradient 0; `torch.sign`. */
export const sign = unary('sign', null, numbers);
/** x²; `torch.square`. */
export const square = unary('square', (g, x) => mul(g, mul(x(), 2)), { integers: true, saves: 'inputs' });
/** √x; `torch.sqrt`. */
export const sqrt = unary('sqrt', (g, _x, y) => div(g, mul(y(), 2)), fromY);
/** 1/√x; `torch.rsqrt`. */
export const rsqrt = unary('rsqrt', (g, _x, y) => mul(g, mul(pow(y(), 3), -0.5)), fromY);
/** 1/x; `torch.reciprocal`. */
export const reciprocal = unary('reciprocal', (g, _x, y) => neg(mul(g, square(y()))), fromY);
/** eˣ; `torch.exp`. */
export const exp = unary('exp', (g, _x, y) => mul(g, y()), fromY);
/** eˣ - 1, exact near 0; `torch.expm1`. */
export const expm1 = unary('expm1', (g, _x, y) => mul(g, add(y(), 1)), fromY);
/** Natural logarithm; `torch.log`. */
export const log = unary('log', (g, x) => div(g, x()), fromX);
/** ln(1 + x), exact near 0; `torch.log1p`. */
export const log1p = unary('log1p', (g, x) => div(g, add(x(), 1)), fromX);
/** Logarithm to base 2; `torch.log2`. */
export const log2 = unary('log2', (g, x) => div(g, mul(x(), Math.LN2)), fromX);
/** Logarithm to base 10; `torch.log10`. */
export const log10 = unary('log10', (g, x) => div(g, mul(x(), Math.LN10)), fromX);
/** Sine of an angle in radians; `torch.sin`. */
export const sin = unary('sin', (g, x) => mul(g, cos(x())), fromX);
/** Cosine of an angle in radians; `torch.cos`. */
export const cos = unary('cos', (g, x) => neg(mul(g, sin(x()))), fromX);
/** Tangent of an angle in radians; `torch.tan`. */
export const tan = unary('tan', (g, _x, y) => mul(g, add(square(y()), 1)), fromY);
/** Inverse sine; `torch.asin`. */
export const asin = unary('asin', (g, x) => mul(g, rsqrt(rsub(square(x()), 1))), fromX);
/** Inverse cosine; `torch.acos`. */
export const acos = unary('acos', (g, x) => neg(mul(g, rsqrt(rsub(square(x()), 1)))), fromX);
/** Inverse tangent; `torch.atan`. */
export const atan = unary('atan', (g, x) => div(g, add(square(x()), 1)), fromX);
/** Hyperbolic sine; `torch.sinh`. */
export const sinh = unary('sinh', (g, x) => mul(g, cosh(x())), fromX);
/** Hyperbolic cosine; `torch.cosh`. */
export const cosh = unary('cosh', (g, x) => mul(g, sinh(x())), fromX);
/** Gauss error function; `torch.erf`. */
export const erf = unary('erf', (g, x) => mul(g, mul(exp(neg(square(x()))), 2 / Math.sqrt(Math.PI))), fromX);
/** Largest integer ≤ x; gradient 0; `torch.floor`. */
export const floor = unary('floor', null, numbers);
/** Smallest integer ≥ x; gradient 0; `torch.ceil`. */
export const ceil = unary('ceil', null, numbers);
/** Nearest integer towards 0; gradient 0; `torch.trunc`. */
export const trunc = unary('trunc', null, numbers);
const roundWhole = unary('round', null, numbers);
/** 1 / (1 + e⁻ˣ); `torch.sigmoid`. */
export const sigmoid = unary('sigmoid', (g, _x, y) => apply(sigmoidBackward, [g, y()], null), fromY);
/** Hyperbolic tangent; `torch.tanh`. */
export const tanh = unary('tanh', (g, _x, y) => apply(tanhBackward, [g, y()], null), fromY);
/** max(x, 0); gradient 0 at 0; `torch.relu`. */
export const relu = unary('relu', (g, _x, y) => apply(reluBackward, [g, y()], null), {
  integers: true,
  saves: 'outputs',
});

/** Nearest integer, halves to the even one, or to `decimals` decimal places (negative: tens, hundreds); `torch.round`. */
export function round(x: Tensor, opts?: { decimals?: number }): Tensor {
  const { decimals = 0 } = options('round', opts, ['decimals']);
  if (!Number.isInteger(decimals)) invalid('round', 'decimals', 'an integer', decimals);
  if (decimals === 0 || !isFloat(x.dtype)) return roundWhole(x);
  const scale = 10 ** Math.abs(decimals);
  return decimals > 0 ? div(roundWhole(mul(x, scale)), scale) : mul(roundWhole(div(x, scale)), scale);
}

type ActivationKernel = 'sigmoidBackward' | 'tanhBackward' | 'reluBackward';
/** Gradient of an activation from g and its output; `rule` gives that gradient's own two gradients. */
function activationBackward(
  name: ActivationKernel,
  rule: (call: Recorded<null>, gg: Tensor, g: () => Tensor, y: () => Tensor) => MaybeTensor[],
): Op<null> {
  return defineOp<null>({
    name,
    saves: 'inputs',
    run([g, y]) {
      const out = emptyTensor(y.dtype, y.shape);
      kernelsFor(y.dtype)[name](y.size, elements(dense(g)), elements(dense(y)), out.data);
      return out;
    },
    grad: (call, gg) =>
      rule(
        call,
        gg,
        () => call.input(0),
        () => call.input(1),
      ),
  });
}

const sigmoidBackward: Op<null> = activationBackward('sigmoidBackward', (call, gg, g, y) => [
  apply(sigmoidBackward, [gg, y()], null),
  call.needs(1) ? mul(mul(gg, g()), rsub(mul(y(), 2), 1)) : null,
]);
const tanhBackward: Op<null> = activationBackward('tanhBackward', (call, gg, g, y) => [
  apply(tanhBackward, [gg, y()], null),
  call.needs(1) ? mul(mul(gg, g()), mul(y(), -2)) : null,
]);
const reluBackward: Op<null> = activationBackward('reluBackward', (_call, gg, _g, y) => [
  apply(reluBackward, [gg, y()], null),
  null,
]);

// ---- two operands

type BinaryKernel =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'pow'
  | 'maximum'
  | 'minimum'
  | 'floorDivide'
  | 'truncDivide'
  | 'remainder'
  | 'fmod'
  | 'atan2';
type BinaryRule = (call: Recorded<null>, g: Tensor, a: () => Tensor, b: () => Tensor, y: () => Tensor) => MaybeTensor[];

function runBinary(name: BinaryKernel, a: Tensor, b: Tensor): Tensor {
  const shape = broadcastShapes(name, a.shape, b.shape);
  const out = emptyTensor(a.dtype, shape);
  const desc = stridedDesc(shape, a, b, null);
  kernelsFor(a.dtype)[name](desc, a.data, b.data, out.data);
  return out;
}

interface BinaryOptions {
  saves?: 'inputs' | 'outputs' | 'both';
  /** Integers become float32. */
  float?: boolean;
  /** bool operands are an error. */
  noBool?: boolean;
}

interface Binary {
  (a: Operand, b: Operand): Tensor;
  op: Op<null>;
  convert(a: Operand, b: Operand): [Tensor, Tensor];
}

/** A function of two numbers with its kernel of the same name. */
function binary(name: BinaryKernel, rule: BinaryRule | null, opts: BinaryOptions = {}): Binary {
  const op: Op<null> = defineOp<null>({
    name,
    saves: opts.saves,
    run: ([a, b]) => runBinary(name, a, b),
    grad:
      rule === null
        ? undefined
        : (call, g) =>
            rule(
              call,
              g,
              () => call.input(0),
              () => call.input(1),
              () => call.output(0),
            ),
  });
  const convert = (left: Operand, right: Operand): [Tensor, Tensor] => {
    const [a, b] = operands(name, left, right);
    let dtype = resultType(a, b);
    if (dtype === 'bool' && opts.noBool) fail(name, 'bool tensors have no such operation; use to()');
    if (opts.float) dtype = floatType(dtype);
    return [a.dtype === dtype ? a : to(a, dtype), b.dtype === dtype ? b : to(b, dtype)];
  };
  const call = (a: Operand, b: Operand): Tensor => apply(op, convert(a, b), null);
  return Object.assign(call, { op, convert });
}

const addOp = binary('add', (_call, g) => [g, g]);
const subOp = binary('sub', (call, g) => [g, call.needs(1) ? neg(g) : null], { noBool: true });

interface AlphaOptions {
  /** Factor of `other`. Default 1. */
  alpha?: number;
}

function scaled(op: string, other: Operand, opts?: AlphaOptions): Operand {
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

const mulOp = binary(
  'mul',
  (call, g, a, b) => [call.needs(0) ? mul(g, b()) : null, call.needs(1) ? mul(g, a()) : null],
  { saves: 'inputs' },
);

/** a · b, element by element; `torch.mul`. */
export function mul(a: Operand, b: Operand): Tensor {
  return mulOp(a, b);
}

const divOp = binary(
  'div',
  (call, g, a, b) => [call.needs(0) ? div(g, b()) : null, call.needs(1) ? neg(div(mul(g, a()), square(b()))) : null],
  { saves: 'inputs', float: true },
);
const zeroRule: BinaryRule = (call, g) => [call.needs(0) ? mul(g, 0) : null, call.needs(1) ? mul(g, 0) : null];
const floorDivOp = binary('floorDivide', zeroRule, { noBool: true });
const truncDivOp = binary('truncDivide', zeroRule, { noBool: true });

interface DivOptions {
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

// ---- comparisons and choice

type CompareKernel = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';

function compare(name: CompareKernel): (a: Operand, b: Operand) => Tensor {
  const op = defineOp<null>({
    name,
    run([a, b]) {
      const shape = broadcastShapes(name, a.shape, b.shape);
      const out = emptyTensor('bool', shape);
      kernelsFor(a.dtype)[name](stridedDesc(shape, a, b, null), a.data, b.data, out.data as Uint8Array);
      return out;
    },
  });
  return (left, right) => {
    const [a, b] = operands(name, left, right);
    const dtype = resultType(a, b);
    return apply(op, [a.dtype === dtype ? a : to(a, dtype), b.dtype === dtype ? b : to(b, dtype)], null);
  };
}

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

interface ClampOptions {
  min?: Operand | null;
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

// ---- in place

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
