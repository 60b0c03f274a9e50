/** Activations, element by element unless said otherwise. */
import { fail, invalid } from '../../errors.ts';
import { add, div, mul, sub } from '../../ops/binary.ts';
import { ge, gt, le, logicalAnd, lt, where } from '../../ops/compare.ts';
import { type SoftmaxOptions, softmax } from '../../ops/softmax.ts';
import { abs, erf, exp, expm1, log1p, neg, sigmoid, tanh } from '../../ops/unary.ts';
import { narrow, reshape } from '../../ops/view.ts';
import { axis, number, oneOf, options } from '../../options.ts';
import { checkFloat, checkTensor, type Tensor } from '../../tensor/tensor.ts';

export { logSoftmax, type SoftmaxOptions, softmax } from '../../ops/softmax.ts';
export { relu, sigmoid, tanh } from '../../ops/unary.ts';

function float(op: string, x: Tensor): Tensor {
  return checkFloat(op, 'input', checkTensor(op, 'input', x));
}

/** Softmax of -x along `dim`; `torch.nn.functional.softmin`. */
export function softmin(x: Tensor, dim: number, opts?: SoftmaxOptions): Tensor {
  const d = axis('softmin', 'dim', dim, checkTensor('softmin', 'input', x).ndim);
  return softmax(neg(x), d, opts);
}

/** Options of `leakyRelu`. */
export interface LeakyReluOptions {
  /** Slope below 0. Default 0.01. */
  negativeSlope?: number;
}

/** x above 0, negativeSlope·x below; `torch.nn.functional.leaky_relu`. */
export function leakyRelu(x: Tensor, opts?: LeakyReluOptions): Tensor {
  const { negativeSlope = 0.01 } = options('leakyRelu', opts, ['negativeSlope']);
  number('leakyRelu', 'negativeSlope', negativeSlope);
  return where(gt(float('leakyRelu', x), 0), x, mul(x, negativeSlope));
}

/** x above 0, weight·x below, with one weight or one per channel (axis 1); `torch.nn.functional.prelu`. */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  float('prelu', x);
  checkFloat('prelu', 'weight', checkTensor('prelu', 'weight', weight));
  const channels = x.ndim > 1 ? x.shape[1] : 1;
  if (weight.ndim > 1 || (weight.size !== 1 && weight.size !== channels)) {
    invalid('prelu', 'weight', `shape [1] or [${channels}]`, weight.shape);
  }
  const slope = weight.size === 1 ? reshape(weight, []) : reshape(weight, [-1, ...Array<number>(x.ndim - 2).fill(1)]);
  return where(gt(x, 0), x, mul(x, slope));
}

/** scale·x above 0, scale·alpha·(eˣ⸍ᵈ - 1) below with d = `width`. */
function exponentialUnit(x: Tensor, alpha: number, width: number, scale: number): Tensor {
  const positive = gt(x, 0);
  // 0 where it does not count: an overflow there would spoil the gradient
  const below = where(positive, 0, x);
  const bent = mul(expm1(width === 1 ? below : div(below, width)), alpha * scale);
  return where(positive, scale === 1 ? x : mul(x, scale), bent);
}

/** Options of `elu` and `celu`. */
export interface AlphaOptions {
  /** α: the limit for x → -∞ is -α. Default 1. */
  alpha?: number;
}

/** x above 0, alpha·(eˣ - 1) below; `torch.nn.functional.elu` (Clevert, Unterthiner, Hochreiter 2015). */
export function elu(x: Tensor, opts?: AlphaOptions): Tensor {
  const { alpha = 1 } = options('elu', opts, ['alpha']);
  return exponentialUnit(float('elu', x), number('elu', 'alpha', alpha), 1, 1);
}

/** x above 0, alpha·(e^(x/alpha) - 1) below; `torch.nn.functional.celu` (Barron 2017). */
export function celu(x: Tensor, opts?: AlphaOptions): Tensor {
  const { alpha = 1 } = options('celu', opts, ['alpha']);
  if (alpha === 0) invalid('celu', 'alpha', 'a number other than 0', alpha);
  return exponentialUnit(float('celu', x), number('celu', 'alpha', alpha), alpha, 1);
}

const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

/** scale·elu(x, alpha) with the constants that keep mean 0 and variance 1; `torch.nn.functional.selu` (Klambauer et al. 2017). */
export function selu(x: Tensor): Tensor {
  return exponentialUnit(float('selu', x), SELU_ALPHA, 1, SELU_SCALE);
}

/** Options of `gelu`. */
export interface GeluOptions {
  /** 'none' for x·Φ(x), 'tanh' for Hendrycks and Gimpel's approximation of it. Default 'none'. */
  approximate?: 'none' | 'tanh';
}

/** x·Φ(x), Φ the normal distribution; `torch.nn.functional.gelu` (Hendrycks, Gimpel 2016). */
export function gelu(x: Tensor, opts?: GeluOptions): Tensor {
  const { approximate = 'none' } = options('gelu', opts, ['approximate']);
  oneOf('gelu', 'approximate', approximate, ['none', 'tanh']);
  float('gelu', x);
  const half = mul(x, 0.5);
  if (approximate === 'none') return mul(half, add(erf(mul(x, Math.SQRT1_2)), 1));
  const inner = mul(add(x, mul(mul(mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI));
  return mul(half, add(tanh(inner), 1));
}

/** x·sigmoid(x); `torch.nn.functional.silu`. */
export function silu(x: Tensor): Tensor {
  return mul(float('silu', x), sigmoid(x));
}

/** x·tanh(softplus(x)); `torch.nn.functional.mish` (Misra 2019). */
export function mish(x: Tensor): Tensor {
  return mul(float('mish', x), tanh(softplus(x)));
}

/** Options of `hardtanh`. */
export interface HardtanhOptions {
  /** Lower limit. Default -1. */
  minVal?: number;
  /** Upper limit. Default 1. */
  maxVal?: number;
}

/** f(x) strictly between low and high, the given constants outside, where the gradient is 0. */
function between(x: Tensor, low: number, high: number, inside: Tensor, below: number, above: number): Tensor {
  const outside = where(ge(x, high), above, where(le(x, low), below, x.detach()));
  return where(logicalAnd(gt(x, low), lt(x, high)), inside, outside);
}

/** x limited to [minVal, maxVal]; gradient 0 at the limits; `torch.nn.functional.hardtanh`. */
export function hardtanh(x: Tensor, opts?: HardtanhOptions): Tensor {
  const { minVal = -1, maxVal = 1 } = options('hardtanh', opts, ['minVal', 'maxVal']);
  number('hardtanh', 'minVal', minVal);
  number('hardtanh', 'maxVal', maxVal);
  return between(float('hardtanh', x), minVal, maxVal, x, Math.min(minVal, maxVal), maxVal);
}

/** x limited to [0, 6]; `torch.nn.functional.relu6`. */
export function relu6(x: Tensor): Tensor {
  return between(float('relu6', x), 0, 6, x, 0, 6);
}

/** x/6 + 1/2 limited to [0, 1]; `torch.nn.functional.hardsigmoid`. */
export function hardsigmoid(x: Tensor): Tensor {
  return between(float('hardsigmoid', x), -3, 3, div(add(x, 3), 6), 0, 1);
}

/** x·hardsigmoid(x); `torch.nn.functional.hardswish` (Howard et al. 2019). */
export function hardswish(x: Tensor): Tensor {
  const bent = div(mul(float('hardswish', x), add(x, 3)), 6);
  return where(lt(x, -3), 0, where(gt(x, 3), x, bent));
}

/** Options of `softplus`. */
export interface SoftplusOptions {
  /** β, the steepness. Default 1. */
  beta?: number;
  /** Above this value of beta·x the result is x. Default 20. */
  threshold?: number;
}

/** ln(1 + e^(beta·x)) / beta; `torch.nn.functional.softplus`. */
export function softplus(x: Tensor, opts?: SoftplusOptions): Tensor {
  const { beta = 1, threshold: limit = 20 } = options('softplus', opts, ['beta', 'threshold']);
  number('softplus', 'beta', beta);
  number('softplus', 'threshold', limit);
  if (beta === 0) invalid('softplus', 'beta', 'a number other than 0', beta);
  const scaled = beta === 1 ? float('softplus', x) : mul(float('softplus', x), beta);
  const linear = gt(scaled, limit);
  const bent = log1p(exp(where(linear, 0, scaled)));
  return where(linear, x, beta === 1 ? bent : div(bent, beta));
}

/** x / (1 + |x|); `torch.nn.functional.softsign`. */
export function softsign(x: Tensor): Tensor {
  return div(float('softsign', x), add(abs(x), 1));
}

/** ln sigmoid(x), exact for large |x|; `torch.nn.functional.logsigmoid`. */
export function logsigmoid(x: Tensor): Tensor {
  const negative = lt(float('logsigmoid', x), 0);
  return sub(where(negative, x, 0), log1p(exp(where(negative, x, neg(x)))));
}

/** x where x > threshold, else `value`; `torch.nn.functional.threshold`. */
export function threshold(x: Tensor, threshold: number, value: number): Tensor {
  checkTensor('threshold', 'input', x);
  number('threshold', 'threshold', threshold);
  number('threshold', 'value', value);
  return where(le(x, threshold), value, x);
}

/** x - tanh(x); `torch.nn.functional.tanhshrink`. */
export function tanhshrink(x: Tensor): Tensor {
  return sub(float('tanhshrink', x), tanh(x));
}

/** Options of `hardshrink` and `softshrink`. */
export interface ShrinkOptions {
  /** Half the width of the interval that becomes 0. Default 0.5. */
  lambd?: number;
}

/** 0 where |x| ≤ lambd, x ∓ lambd outside; `torch.nn.functional.softshrink`. */
export function softshrink(x: Tensor, opts?: ShrinkOptions): Tensor {
  const { lambd = 0.5 } = options('softshrink', opts, ['lambd']);
  number('softshrink', 'lambd', lambd, 0);
  return where(gt(float('softshrink', x), lambd), sub(x, lambd), where(lt(x, -lambd), add(x, lambd), mul(x, 0)));
}

/** 0 where |x| ≤ lambd, x outside; `torch.nn.functional.hardshrink`. */
export function hardshrink(x: Tensor, opts?: ShrinkOptions): Tensor {
  const { lambd = 0.5 } = options('hardshrink', opts, ['lambd']);
  number('hardshrink', 'lambd', lambd);
  return where(le(abs(float('hardshrink', x)), lambd), 0, x);
}

/** Options of `glu`. */
export interface GluOptions {
  /** The axis that is halved. Default -1. */
  dim?: number;
}

/** The first half along `dim` times the sigmoid of the second; `torch.nn.functional.glu` (Dauphin et al. 2016). */
export function glu(x: Tensor, opts?: GluOptions): Tensor {
  const { dim = -1 } = options('glu', opts, ['dim']);
  if (float('glu', x).ndim === 0) invalid('glu', 'input', 'at least 1 axis', x.shape);
  const d = axis('glu', 'dim', dim, x.ndim);
  const size = x.shape[d];
  if (size % 2 !== 0) fail('glu', `input expected an even size along axis ${dim}, got ${size}`);
  return mul(narrow(x, d, 0, size / 2), sigmoid(narrow(x, d, size / 2, size / 2)));
}
