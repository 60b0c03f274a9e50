/** Initial values of parameters, set in place; `torch.nn.init`. Each returns the tensor that it was given. */
import { noGrad } from '../autograd/mode.ts';
import { erf } from '../backend/reference/erf.ts';
import { fail, invalid } from '../errors.ts';
import { fromFlat } from '../ops/create.ts';
import { emptyTensor } from '../ops/define.ts';
import { defaultGenerator, fillNormal } from '../ops/random.ts';
import { integer, number, oneOf, options } from '../options.ts';
import { checkFloat, checkTensor, type Tensor } from '../tensor/tensor.ts';

function check<T extends Tensor>(op: string, t: T): T {
  checkFloat(op, 'tensor', checkTensor(op, 'tensor', t));
  return t;
}

/** Replaces the elements of t; not recorded. */
function put<T extends Tensor>(t: T, value: Tensor): T {
  noGrad(() => t.copy_(value));
  return t;
}

function uniform<T extends Tensor>(t: T, a: number, b: number): T {
  const u = emptyTensor(t.dtype, t.shape);
  defaultGenerator().fill(u);
  return put(t, u.mul(b - a).add(a));
}

function normal<T extends Tensor>(t: T, mean: number, std: number): T {
  const z = emptyTensor(t.dtype, t.shape);
  fillNormal(z, mean, std, defaultGenerator());
  return put(t, z);
}

/** Uniform in [a, b), default [0, 1). */
export function uniform_<T extends Tensor>(t: T, opts?: { a?: number; b?: number }): T {
  const { a = 0, b = 1 } = options('uniform_', opts, ['a', 'b']);
  number('uniform_', 'a', a);
  return uniform(check('uniform_', t), a, number('uniform_', 'b', b, a));
}

/** Normal, default mean 0 and standard deviation 1. */
export function normal_<T extends Tensor>(t: T, opts?: { mean?: number; std?: number }): T {
  const { mean = 0, std = 1 } = options('normal_', opts, ['mean', 'std']);
  return normal(check('normal_', t), number('normal_', 'mean', mean), number('normal_', 'std', std, 0));
}

/** Φ⁻¹, the quantile of the standard normal distribution, by Newton's method on erf. */
function quantile(p: number): number {
  const w = -Math.log(4 * p * (1 - p));
  // Winitzki's approximation, within 0.4 %
  const c = 2 / (Math.PI * 0.147) - w / 2;
  let x = Math.sign(p - 0.5) * Math.sqrt(2 * Math.max(0, Math.sqrt(c * c + w / 0.147) - c));
  for (let i = 0; i < 4; i++) {
    const slope = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
    if (slope > 1e-300) x -= (cumulative(x) - p) / slope;
  }
  return x;
}

/** Φ, the standard normal distribution function. */
function cumulative(x: number): number {
  return (1 + erf(x / Math.SQRT2)) / 2;
}

/** Normal within [a, b], default [-2, 2]; the tails are cut off, not moved to the ends. */
export function truncNormal_<T extends Tensor>(
  t: T,
  opts?: { mean?: number; std?: number; a?: number; b?: number },
): T {
  const op = 'truncNormal_';
  const { mean = 0, std = 1, a = -2, b = 2 } = options(op, opts, ['mean', 'std', 'a', 'b']);
  check(op, t);
  number(op, 'mean', mean);
  number(op, 'std', std, Number.MIN_VALUE);
  number(op, 'a', a);
  number(op, 'b', b, a);
  const low = cumulative((a - mean) / std);
  const high = cumulative((b - mean) / std);
  const values = defaultGenerator().doubles(t.size);
  for (let i = 0; i < values.length; i++) {
    const x = mean + std * quantile(low + values[i] * (high - low));
    values[i] = Math.min(b, Math.max(a, x));
  }
  return put(t, fromFlat(values, t.shape, t.dtype));
}

/** One value everywhere. */
export function constant_<T extends Tensor>(t: T, value: number): T {
  checkTensor('constant_', 'tensor', t);
  noGrad(() => t.fill_(number('constant_', 'value', value)));
  return t;
}

/** Zeros. */
export function zeros_<T extends Tensor>(t: T): T {
  return constant_(t, 0);
}

/** Ones. */
export function ones_<T extends Tensor>(t: T): T {
  return constant_(t, 1);
}

/** The identity matrix, in a tensor with two axes. */
export function eye_<T extends Tensor>(t: T): T {
  check('eye_', t);
  if (t.ndim !== 2) invalid('eye_', 'tensor', 'a tensor with 2 axes', t.shape);
  const columns = t.shape[1];
  const flat = new Float32Array(t.size);
  for (let i = 0; i < Math.min(...t.shape); i++) flat[i * columns + i] = 1;
  return put(t, fromFlat(flat, t.shape, t.dtype));
}

/** Convolution weights that pass their input on, as far as there are channels; 3 to 5 axes. */
export function dirac_<T extends Tensor>(t: T, opts?: { groups?: number }): T {
  const { groups = 1 } = options('dirac_', opts, ['groups']);
  check('dirac_', t);
  if (t.ndim < 3 || t.ndim > 5) invalid('dirac_', 'tensor', 'a tensor with 3, 4 or 5 axes', t.shape);
  const [out, channels, ...kernel] = t.shape;
  if (out % integer('dirac_', 'groups', groups, 1) !== 0) {
    fail('dirac_', `groups expected to divide the ${out} output channels, got ${groups}`);
  }
  const taps = kernel.reduce((a, b) => a * b, 1);
  const middle = kernel.reduce((at, k) => at * k + Math.floor(k / 2), 0);
  const flat = new Float32Array(t.size);
  const perGroup = out / groups;
  for (let g = 0; g < groups; g++) {
    for (let c = 0; c < Math.min(perGroup, channels); c++)
      flat[((g * perGroup + c) * channels + c) * taps + middle] = 1;
  }
  return put(t, fromFlat(flat, t.shape, t.dtype));
}

const linearNames = [
  'linear',
  'conv1d',
  'conv2d',
  'conv3d',
  'conv_transpose1d',
  'conv_transpose2d',
  'conv_transpose3d',
] as const;
const nonlinearities = [...linearNames, 'sigmoid', 'tanh', 'relu', 'leaky_relu', 'selu'] as const;
/** What follows the weights, by PyTorch's names. */
export type Nonlinearity = (typeof nonlinearities)[number];

/** Factor by which a nonlinearity shrinks its input's spread, inverted. `param` is the negative slope of 'leaky_relu' (0.01). */
export function calculateGain(nonlinearity: Nonlinearity, param?: number | null): number {
  switch (oneOf('calculateGain', 'nonlinearity', nonlinearity, nonlinearities)) {
    case 'tanh':
      return 5 / 3;
    case 'relu':
      return Math.SQRT2;
    case 'leaky_relu':
      return Math.sqrt(2 / (1 + number('calculateGain', 'param', param ?? 0.01) ** 2));
    case 'selu':
      return 3 / 4;
    default:
      return 1;
  }
}

/** @internal Numbers of inputs and outputs that one element of the weights connects. */
export function fans(op: string, t: Tensor): { fanIn: number; fanOut: number } {
  if (t.ndim < 2) invalid(op, 'tensor', 'a tensor with at least 2 axes', t.shape);
  const taps = t.shape.slice(2).reduce((a, b) => a * b, 1);
  return { fanIn: t.shape[1] * taps, fanOut: t.shape[0] * taps };
}

function xavier(op: string, t: Tensor, opts?: { gain?: number }): number {
  const { gain = 1 } = options(op, opts, ['gain']);
  check(op, t);
  const { fanIn, fanOut } = fans(op, t);
  return number(op, 'gain', gain, 0) * Math.sqrt(2 / (fanIn + fanOut));
}

/** Uniform within ±gain·√(6 / (fanIn + fanOut)) (Glorot and Bengio, 2010). */
export function xavierUniform_<T extends Tensor>(t: T, opts?: { gain?: number }): T {
  const bound = Math.sqrt(3) * xavier('xavierUniform_', t, opts);
  return uniform(t, -bound, bound);
}

/** Normal with standard deviation gain·√(2 / (fanIn + fanOut)) (Glorot and Bengio, 2010). */
export function xavierNormal_<T extends Tensor>(t: T, opts?: { gain?: number }): T {
  return normal(t, 0, xavier('xavierNormal_', t, opts));
}

/** Options of `kaimingUniform_` and `kaimingNormal_`. */
export interface KaimingOptions {
  /** Negative slope of the leaky ReLU that follows. Default 0. */
  a?: number;
  /** Keep the variance of the forward pass ('fan_in', default) or of the backward pass. */
  mode?: 'fan_in' | 'fan_out';
  /** What follows the weights; it sets the gain. Default 'leaky_relu'. */
  nonlinearity?: Nonlinearity;
}

function kaiming(op: string, t: Tensor, opts?: KaimingOptions): number {
  const { a = 0, mode = 'fan_in', nonlinearity = 'leaky_relu' } = options(op, opts, ['a', 'mode', 'nonlinearity']);
  check(op, t);
  oneOf(op, 'nonlinearity', nonlinearity, nonlinearities);
  const { fanIn, fanOut } = fans(op, t);
  const fan = oneOf(op, 'mode', mode, ['fan_in', 'fan_out']) === 'fan_in' ? fanIn : fanOut;
  return calculateGain(nonlinearity, number(op, 'a', a)) / Math.sqrt(Math.max(fan, 1));
}

/** Uniform within ±gain·√(3 / fan) (He et al., 2015). */
export function kaimingUniform_<T extends Tensor>(t: T, opts?: KaimingOptions): T {
  const bound = Math.sqrt(3) * kaiming('kaimingUniform_', t, opts);
  return uniform(t, -bound, bound);
}

/** Normal with standard deviation gain / √fan (He et al., 2015). */
export function kaimingNormal_<T extends Tensor>(t: T, opts?: KaimingOptions): T {
  return normal(t, 0, kaiming('kaimingNormal_', t, opts));
}

/** Makes the rows of a row-major [rows, columns] matrix (rows ≤ columns) orthonormal, in order; Gram and Schmidt, twice over. */
function orthonormalise(m: Float64Array, rows: number, columns: number): void {
  for (let i = 0; i < rows; i++) {
    const row = m.subarray(i * columns, (i + 1) * columns);
    for (let j = 0; j < 2 * i; j++) {
      const other = m.subarray((j % i) * columns, ((j % i) + 1) * columns);
      let dot = 0;
      for (let k = 0; k < columns; k++) dot += row[k] * other[k];
      for (let k = 0; k < columns; k++) row[k] -= dot * other[k];
    }
    const length = Math.sqrt(row.reduce((sum, v) => sum + v * v, 0));
    for (let k = 0; k < columns; k++) row[k] /= length;
  }
}

/** A random (semi-)orthogonal matrix [t.shape[0], rest], times gain (Saxe et al., 2014). */
export function orthogonal_<T extends Tensor>(t: T, opts?: { gain?: number }): T {
  const { gain = 1 } = options('orthogonal_', opts, ['gain']);
  check('orthogonal_', t);
  number('orthogonal_', 'gain', gain);
  if (t.ndim < 2) invalid('orthogonal_', 'tensor', 'a tensor with at least 2 axes', t.shape);
  if (t.size === 0) return t;
  const rows = t.shape[0];
  const columns = t.size / rows;
  const [short, long] = [Math.min(rows, columns), Math.max(rows, columns)];
  const m = emptyTensor('float64', [short, long]);
  fillNormal(m, 0, 1, defaultGenerator());
  orthonormalise(m.data.subarray(0, m.size) as Float64Array, short, long);
  const matrix = rows <= columns ? m : m.t();
  return put(t, matrix.mul(gain).reshape(t.shape));
}
