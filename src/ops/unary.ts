/** Functions of one number, element by element. */
import { apply } from '../autograd/apply.ts';
import { mode } from '../autograd/mode.ts';
import { erfc as erfcOf } from '../backend/reference/erf.ts';
import { invalid } from '../errors.ts';
import { options } from '../options.ts';
import { isFloat } from '../tensor/dtype.ts';
import { isOverwritable } from '../tensor/storage.ts';
import { checkFloat, checkTensor, type Tensor } from '../tensor/tensor.ts';
import { add, div, mul, pow, rsub, sub } from './binary.ts';
import { dense, elements } from './copy.ts';
import { defineOp, emptyTensor, kernelsFor, type MaybeTensor, type Op, type Recorded } from './define.ts';
import { computed, unary } from './pointwise.ts';

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
/** 1 - erf(x), exact for large x; `torch.erfc`. */
export const erfc = computed('erfc', erfcOf, (g, x) => mul(g, mul(exp(neg(square(x()))), -2 / Math.sqrt(Math.PI))));
/** 2ˣ; `torch.exp2`. */
export const exp2 = computed(
  'exp2',
  (x) => 2 ** x,
  (g, _x, y) => mul(g, mul(y(), Math.LN2)),
);
/** Inverse hyperbolic sine; `torch.asinh`. */
export const asinh = computed('asinh', Math.asinh, (g, x) => mul(g, rsqrt(add(square(x()), 1))));
/** Inverse hyperbolic cosine; `torch.acosh`. */
export const acosh = computed('acosh', Math.acosh, (g, x) => mul(g, rsqrt(sub(square(x()), 1))));
/** Inverse hyperbolic tangent; `torch.atanh`. */
export const atanh = computed('atanh', Math.atanh, (g, x) => div(g, rsub(square(x()), 1)));
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

/** x - trunc(x), what comes after the point; `torch.frac`. */
export function frac(x: Tensor): Tensor {
  return sub(x, trunc(checkFloat('frac', 'input', checkTensor('frac', 'input', x))));
}

/** x itself; bool is an error; `torch.positive`. */
export function positive(x: Tensor): Tensor {
  if (checkTensor('positive', 'input', x).dtype === 'bool') invalid('positive', 'input', 'a dtype of numbers', x.dtype);
  return x;
}

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

/** Activations that products apply to their result while it is in registers, with the code that descriptors have for them. */
export const fusedActivations = { relu: 1, sigmoid: 2, tanh: 3 } as const;
export type FusedActivation = keyof typeof fusedActivations;

const backwards = { relu: reluBackward, sigmoid: sigmoidBackward, tanh: tanhBackward };

/** @internal The gradient of an activation's argument from that of its result y, in the place of g where that may be. */
export function activationGradient(activation: FusedActivation, g: Tensor, y: Tensor): Tensor {
  const op = backwards[activation];
  if (mode.gradEnabled || !isOverwritable(g.storage) || !g.isContiguous || g.dtype !== y.dtype) {
    return apply(op, [g, y], null);
  }
  kernelsFor(y.dtype)[op.name as ActivationKernel](y.size, elements(g), elements(dense(y)), elements(g));
  g.storage.version++;
  return g;
}
