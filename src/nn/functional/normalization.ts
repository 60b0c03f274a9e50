/** Normalisation over batches, channels, groups and neighbours. */

import { fail, invalid, show } from '../../errors.ts';
import { add, div, mul, pow, sub } from '../../ops/binary.ts';
import { normalizePer, trackStatistics } from '../../ops/norm.ts';
import { pad } from '../../ops/pad.ts';
import { avgPool2d } from '../../ops/pool.ts';
import { rsqrt, square } from '../../ops/unary.ts';
import { reshape } from '../../ops/view.ts';
import { boolean, integer, number, options } from '../../options.ts';
import { sameShape, sizeOf } from '../../tensor/shape.ts';
import { checkFloat, checkTensor, type Tensor } from '../../tensor/tensor.ts';

type Maybe = Tensor | null | undefined;

/** An optional parameter or statistic of the given shape, in the dtype of x. */
function part(op: string, name: string, value: Maybe, shape: readonly number[], x: Tensor): Tensor | null {
  if (value === null || value === undefined) return null;
  checkFloat(op, name, checkTensor(op, name, value));
  if (!sameShape(value.shape, shape)) invalid(op, name, `shape ${show(shape)}`, value.shape);
  return value.to(x.dtype);
}

/** x·weight + bias, both optional, [c] along axis 1. */
function scaleChannels(x: Tensor, weight: Tensor | null, bias: Tensor | null): Tensor {
  const shape = [x.shape[1] ?? 0, ...Array<number>(Math.max(x.ndim - 2, 0)).fill(1)];
  const scaled = weight === null ? x : mul(x, reshape(weight, shape));
  return bias === null ? scaled : add(scaled, reshape(bias, shape));
}

/** Options of `batchNorm`. */
export interface BatchNormOptions {
  /** Factor per channel, [c]. Default: none. */
  weight?: Tensor | null;
  /** Summand per channel, [c]. Default: none. */
  bias?: Tensor | null;
  /** Normalise by the batch's own statistics and update the running ones. Default false. */
  training?: boolean;
  /** Share of the batch in the running statistics. Default 0.1. */
  momentum?: number;
  /** Added to the variance. Default 1e-5. */
  eps?: number;
}

/**
 * x [n, c, …] normalised per channel: by its own mean and variance in training (running statistics, where given, are
 * updated in place), else by the running ones; `torch.nn.functional.batch_norm`.
 */
export function batchNorm(
  x: Tensor,
  runningMean?: Tensor | null,
  runningVar?: Tensor | null,
  opts?: BatchNormOptions,
): Tensor {
  const op = 'batchNorm';
  checkFloat(op, 'input', checkTensor(op, 'input', x));
  const given = options(op, opts, ['weight', 'bias', 'training', 'momentum', 'eps']);
  const { training = false, momentum = 0.1, eps = 1e-5 } = given;
  if (x.ndim < 2 && x.size > 0) invalid(op, 'input', 'shape [n, c, …]', x.shape);
  boolean(op, 'training', training);
  number(op, 'momentum', momentum);
  number(op, 'eps', eps);
  const c = x.shape[1] ?? 0;
  const weight = part(op, 'weight', given.weight, [c], x);
  const bias = part(op, 'bias', given.bias, [c], x);
  const mean = part(op, 'runningMean', runningMean, [c], x);
  const variance = part(op, 'runningVar', runningVar, [c], x);
  if (!training) {
    if (mean === null || variance === null) fail(op, 'runningMean and runningVar expected where training is false');
    const scale = weight === null ? rsqrt(add(variance, eps)) : mul(rsqrt(add(variance, eps)), weight);
    const shift = bias === null ? mul(mean, scale).neg() : sub(bias, mul(mean, scale));
    return scaleChannels(x, scale, shift);
  }
  const inner = sizeOf(x.shape.slice(2));
  const count = x.shape[0] * inner;
  if (x.size === 0) return scaleChannels(mul(x, 1), weight, bias);
  if (count <= 1) fail(op, `expected more than 1 value per channel in training, got input of shape ${show(x.shape)}`);
  const result = normalizePer(x, c, inner, weight, bias, eps);
  trackStatistics(runningMean ?? null, runningVar ?? null, result, count, eps, momentum);
  return result.output;
}

/** Options of `instanceNorm`. */
export interface InstanceNormOptions {
  /** Running mean [c], updated where `useInputStats`. Default: none. */
  runningMean?: Tensor | null;
  /** Running variance [c], updated where `useInputStats`. Default: none. */
  runningVar?: Tensor | null;
  /** Factor per channel, [c]. Default: none. */
  weight?: Tensor | null;
  /** Summand per channel, [c]. Default: none. */
  bias?: Tensor | null;
  /** Normalise by each instance's own statistics. Default true. */
  useInputStats?: boolean;
  /** Share of the batch in the running statistics. Default 0.1. */
  momentum?: number;
  /** Added to the variance. Default 1e-5. */
  eps?: number;
}

/** x [n, c, …] normalised per sample and channel; `torch.nn.functional.instance_norm`. */
export function instanceNorm(x: Tensor, opts?: InstanceNormOptions): Tensor {
  const op = 'instanceNorm';
  checkFloat(op, 'input', checkTensor(op, 'input', x));
  const given = options(op, opts, ['runningMean', 'runningVar', 'weight', 'bias', 'useInputStats', 'momentum', 'eps']);
  const { runningMean = null, runningVar = null, useInputStats = true, momentum = 0.1, eps = 1e-5 } = given;
  if (x.ndim < 3) invalid(op, 'input', 'shape [n, c, …] with at least 3 axes', x.shape);
  if (!boolean(op, 'useInputStats', useInputStats)) {
    const { weight, bias } = given;
    return batchNorm(x, runningMean, runningVar, { weight, bias, momentum, eps });
  }
  number(op, 'momentum', momentum);
  number(op, 'eps', eps);
  const [n, c] = x.shape;
  const weight = part(op, 'weight', given.weight, [c], x);
  const bias = part(op, 'bias', given.bias, [c], x);
  const mean = part(op, 'runningMean', runningMean, [c], x);
  const variance = part(op, 'runningVar', runningVar, [c], x);
  const inner = sizeOf(x.shape.slice(2));
  if (inner <= 1) fail(op, `expected more than 1 element per channel, got input of shape ${show(x.shape)}`);
  const result = normalizePer(x, n * c, inner, null, null, eps);
  if (mean !== null || variance !== null) {
    const perChannel = (t: Tensor) => t.reshape(n, c).mean(0);
    const biased = perChannel(pow(result.rstd, -2));
    const batch = { mean: perChannel(result.mean), rstd: rsqrt(biased) };
    trackStatistics(runningMean, runningVar, batch, inner, eps, momentum);
  }
  return scaleChannels(result.output, weight, bias);
}

/** Options of `layerNorm` and `groupNorm`. */
export interface AffineOptions {
  /** Factors: of the normalised shape, or one per channel. Default: none. */
  weight?: Tensor | null;
  /** Summands, of the same shape. Default: none. */
  bias?: Tensor | null;
  /** Added to the variance. Default 1e-5. */
  eps?: number;
}

/** x [n, c, …] normalised per sample over each of `numGroups` blocks of channels; weight and bias [c]; `torch.nn.functional.group_norm`. */
export function groupNorm(x: Tensor, numGroups: number, opts?: AffineOptions): Tensor {
  const op = 'groupNorm';
  checkFloat(op, 'input', checkTensor(op, 'input', x));
  const given = options(op, opts, ['weight', 'bias', 'eps']);
  const eps = number(op, 'eps', given.eps ?? 1e-5);
  if (x.ndim < 2) invalid(op, 'input', 'shape [n, c, …]', x.shape);
  const [n, c] = x.shape;
  integer(op, 'numGroups', numGroups, 1);
  if (c % numGroups !== 0) fail(op, `numGroups expected a divisor of the ${c} channels, got ${numGroups}`);
  const weight = part(op, 'weight', given.weight, [c], x);
  const bias = part(op, 'bias', given.bias, [c], x);
  const inner = (c / numGroups) * sizeOf(x.shape.slice(2));
  return scaleChannels(normalizePer(x, n * numGroups, inner, null, null, eps).output, weight, bias);
}

/** x normalised over its last axes, whose sizes are `normalizedShape`; weight and bias of that shape; `torch.nn.functional.layer_norm`. */
export function layerNorm(x: Tensor, normalizedShape: number | readonly number[], opts?: AffineOptions): Tensor {
  const op = 'layerNorm';
  checkFloat(op, 'input', checkTensor(op, 'input', x));
  const given = options(op, opts, ['weight', 'bias', 'eps']);
  const eps = number(op, 'eps', given.eps ?? 1e-5);
  const shape = typeof normalizedShape === 'number' ? [normalizedShape] : normalizedShape;
  if (!Array.isArray(shape) || shape.length === 0 || !sameShape(shape, x.shape.slice(-shape.length))) {
    invalid(op, 'normalizedShape', `the last sizes of ${show(x.shape)}`, normalizedShape);
  }
  const weight = part(op, 'weight', given.weight, shape, x);
  const bias = part(op, 'bias', given.bias, shape, x);
  const inner = sizeOf(shape);
  const normal = normalizePer(x, inner === 0 ? 0 : x.size / inner, inner, null, null, eps).output;
  const scaled = weight === null ? normal : mul(normal, weight);
  return bias === null ? scaled : add(scaled, bias);
}

/** Options of `localResponseNorm`. */
export interface LocalResponseNormOptions {
  /** Factor of the sum of squares. Default 1e-4. */
  alpha?: number;
  /** Exponent. Default 0.75. */
  beta?: number;
  /** Added to the sum. Default 1. */
  k?: number;
}

/**
 * x [n, c, …] / (k + alpha·mean of squares over `size` neighbouring channels)^beta;
 * `torch.nn.functional.local_response_norm` (Krizhevsky, Sutskever, Hinton 2012).
 */
export function localResponseNorm(x: Tensor, size: number, opts?: LocalResponseNormOptions): Tensor {
  const op = 'localResponseNorm';
  checkFloat(op, 'input', checkTensor(op, 'input', x));
  const { alpha = 1e-4, beta = 0.75, k = 1 } = options(op, opts, ['alpha', 'beta', 'k']);
  integer(op, 'size', size, 1);
  for (const [name, value] of Object.entries({ alpha, beta, k })) number(op, name, value);
  if (x.ndim < 3) invalid(op, 'input', 'shape [n, c, …] with at least 3 axes', x.shape);
  if (x.size === 0) return x;
  const [n, c] = x.shape;
  const squares = reshape(square(x), [n, 1, c, -1]);
  const padded = pad(squares, [0, 0, Math.floor(size / 2), Math.floor((size - 1) / 2)]);
  const means = reshape(avgPool2d(padded, [size, 1], { stride: 1 }), x.shape);
  return div(x, pow(add(mul(means, alpha), k), beta));
}
