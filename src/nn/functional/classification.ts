/** Losses of classifiers: negative log-likelihood and cross-entropy. */
import { fail, invalid, show } from '../../errors.ts';
import { add, div, mul } from '../../ops/binary.ts';
import { where } from '../../ops/compare.ts';
import { dense, elements } from '../../ops/copy.ts';
import { adopt } from '../../ops/create.ts';
import { crossEntropyOf } from '../../ops/cross-entropy.ts';
import { gather, indexSelect } from '../../ops/gather.ts';
import { sum } from '../../ops/reduce.ts';
import { logSoftmax } from '../../ops/softmax.ts';
import { neg } from '../../ops/unary.ts';
import { flatten, reshape, squeeze, unsqueeze } from '../../ops/view.ts';
import { integer, number, options } from '../../options.ts';
import { isFloat, newArray } from '../../tensor/dtype.ts';
import { sameShape } from '../../tensor/shape.ts';
import { checkFloat, checkTensor, type Tensor } from '../../tensor/tensor.ts';
import { checkReduction, type LossOptions, type Reduction } from './reduction.ts';

/** Options of `nllLoss`. */
export interface NllLossOptions extends LossOptions {
  /** A factor per class, [C]. Default: 1. */
  weight?: Tensor | null;
  /** Targets of this number count neither in the loss nor in the mean. Default -100. */
  ignoreIndex?: number;
}

/** The classes of `x`: its axis, its size. */
function classes(op: string, x: Tensor): { axis: number; count: number } {
  checkFloat(op, 'input', checkTensor(op, 'input', x));
  if (x.ndim === 0) invalid(op, 'input', 'shape [c], [n, c] or [n, c, …]', x.shape);
  const axis = x.ndim === 1 ? 0 : 1;
  return { axis, count: x.shape[axis] };
}

function checkWeight(op: string, weight: Tensor | null | undefined, count: number, like: Tensor): Tensor | null {
  if (weight === null || weight === undefined) return null;
  checkFloat(op, 'weight', checkTensor(op, 'weight', weight));
  if (!sameShape(weight.shape, [count])) invalid(op, 'weight', `shape [${count}]`, weight.shape);
  return weight.to(like.dtype);
}

/** What the targets say of each position: its class (0 where ignored) and the weight it has (0 where ignored). */
interface Targets {
  readonly index: Tensor;
  readonly weights: Tensor;
  /** Sum of the weights. */
  readonly total: number;
  /** bool, where some are ignored; else null. */
  readonly counted: Tensor | null;
}

function readTargets(
  op: string,
  x: Tensor,
  target: Tensor,
  { axis, count }: { axis: number; count: number },
  weight: Tensor | null,
  ignoreIndex: number,
): Targets {
  const expected = [...x.shape.slice(0, axis), ...x.shape.slice(axis + 1)];
  if (!sameShape(target.shape, expected)) invalid(op, 'target', `shape ${show(expected)}`, target.shape);
  const given = elements(dense(target));
  const factors = weight === null ? null : elements(dense(weight));
  const n = target.size;
  const index = new Int32Array(n);
  const weights = newArray(x.dtype, n);
  const counted = new Uint8Array(n);
  let total = 0;
  let ignored = 0;
  for (let i = 0; i < n; i++) {
    const t = given[i];
    if (t === ignoreIndex) {
      ignored++;
      continue;
    }
    if (t < 0 || t >= count)
      fail(op, `target expected classes in [0, ${count - 1}] or ${ignoreIndex}, got ${t} at position ${i}`);
    index[i] = t;
    weights[i] = factors === null ? 1 : factors[t];
    counted[i] = 1;
    total += weights[i];
  }
  return {
    index: adopt(index, expected, 'int32'),
    weights: adopt(weights, expected, x.dtype),
    total,
    counted: ignored > 0 ? adopt(counted, expected, 'bool') : null,
  };
}

/** Σ wᵢ·lossᵢ / Σ wᵢ, the sum alone, or the weighted losses. */
function weighted(loss: Tensor, targets: Targets, reduction: Reduction): Tensor {
  if (reduction === 'none') return loss;
  return reduction === 'sum' ? sum(loss) : div(sum(loss), targets.total);
}

function nll(logs: Tensor, axis: number, targets: Targets, weight: Tensor | null): Tensor {
  const picked = neg(squeeze(gather(logs, axis, unsqueeze(targets.index, axis)), axis));
  const scaled = weight === null ? picked : mul(picked, targets.weights);
  return targets.counted === null ? scaled : where(targets.counted, scaled, 0);
}

function hardCrossEntropy(logits: Tensor, axis: number, targets: Targets, reduction: Reduction): Tensor {
  const classes = targets.index.data;
  if (reduction !== 'mean')
    return crossEntropyOf(logits, { axis, classes, weights: targets.weights.data, each: reduction === 'none' });
  // without a position that counts the mean is 0 / 0
  if (targets.total === 0)
    return div(crossEntropyOf(logits, { axis, classes, weights: targets.weights.data, each: false }), 0);
  const weights = Float64Array.from(targets.weights.data, (w) => w / targets.total);
  return crossEntropyOf(logits, { axis, classes, weights, each: false });
}

function checkClassTarget(op: string, target: Tensor): Tensor {
  checkTensor(op, 'target', target);
  if (target.dtype !== 'int32' && target.dtype !== 'uint8') invalid(op, 'target', 'dtype int32', target.dtype);
  return target;
}

/**
 * Mean of -weight[target]·logProbs[target]: log-probabilities [n, c, …] (or [c]), targets int32 [n, …]; the mean is over
 * the sum of the weights. `torch.nn.functional.nll_loss`.
 */
export function nllLoss(logProbs: Tensor, target: Tensor, opts?: NllLossOptions): Tensor {
  const op = 'nllLoss';
  const given = options(op, opts, ['weight', 'ignoreIndex', 'reduction']);
  const { ignoreIndex = -100, reduction = 'mean' } = given;
  const shape = classes(op, logProbs);
  const weight = checkWeight(op, given.weight, shape.count, logProbs);
  integer(op, 'ignoreIndex', ignoreIndex);
  checkReduction(op, reduction);
  const targets = readTargets(op, logProbs, checkClassTarget(op, target), shape, weight, ignoreIndex);
  return weighted(nll(logProbs, shape.axis, targets, weight), targets, reduction);
}

/** Options of `crossEntropy`. */
export interface CrossEntropyOptions extends NllLossOptions {
  /** Share of the target that is spread evenly over all classes, in [0, 1]. Default 0. */
  labelSmoothing?: number;
}

/**
 * Cross-entropy of logits [n, c, …] (or [c]) with targets: class numbers, int32 [n, …], or probabilities of the shape of
 * the logits (then `ignoreIndex` does not apply). `torch.nn.functional.cross_entropy`.
 */
export function crossEntropy(logits: Tensor, target: Tensor, opts?: CrossEntropyOptions): Tensor {
  const op = 'crossEntropy';
  const given = options(op, opts, ['weight', 'ignoreIndex', 'reduction', 'labelSmoothing']);
  const { ignoreIndex = -100, reduction = 'mean', labelSmoothing = 0 } = given;
  const shape = classes(op, logits);
  const weight = checkWeight(op, given.weight, shape.count, logits);
  integer(op, 'ignoreIndex', ignoreIndex);
  checkReduction(op, reduction);
  number(op, 'labelSmoothing', labelSmoothing, 0, 1);
  const { axis, count } = shape;
  const perClass =
    weight === null ? null : reshape(weight, axis === 0 ? [count] : [count, ...Array(logits.ndim - 2).fill(1)]);
  const over = (t: Tensor): Tensor => sum(perClass === null ? t : mul(t, perClass), axis);
  if (isFloat(checkTensor(op, 'target', target).dtype)) {
    if (!sameShape(target.shape, logits.shape)) {
      invalid(op, 'target', `int32 classes, or probabilities of shape ${show(logits.shape)}`, target.shape);
    }
    if (given.ignoreIndex !== undefined && ignoreIndex >= 0) {
      fail(op, `ignoreIndex ${ignoreIndex} does not apply to targets that are probabilities`);
    }
    const smoothed = labelSmoothing === 0 ? target : target.mul(1 - labelSmoothing).add(labelSmoothing / count);
    const loss = neg(over(mul(logSoftmax(logits, axis), smoothed)));
    if (reduction === 'none') return loss;
    return reduction === 'sum' ? sum(loss) : div(sum(loss), logits.size / count);
  }
  const targets = readTargets(op, logits, checkClassTarget(op, target), shape, weight, ignoreIndex);
  if (labelSmoothing === 0) return hardCrossEntropy(logits, axis, targets, reduction);
  const logs = logSoftmax(logits, axis);
  const hard = nll(logs, axis, targets, weight);
  const all = neg(over(logs));
  const spread = targets.counted === null ? all : where(targets.counted, all, 0);
  const share = labelSmoothing / count;
  if (reduction !== 'mean' || weight === null || !weight.requiresGrad) {
    return weighted(add(mul(hard, 1 - labelSmoothing), mul(spread, share)), targets, reduction);
  }
  // PyTorch's nllLoss has no gradient for the weights; the spread part has, its divisor included
  const total = sum(mul(indexSelect(weight, 0, flatten(targets.index)), flatten(targets.weights).ne(0)));
  return add(mul(weighted(hard, targets, 'mean'), 1 - labelSmoothing), mul(div(sum(spread), total), share));
}
