/** Losses that are negative log-likelihoods of Bernoulli, Poisson and normal variables, and the Kullback-Leibler divergence. */

import { apply } from '../../autograd/apply.ts';
import { fail, invalid, show } from '../../errors.ts';
import { add, div, maximum, mul, sub } from '../../ops/binary.ts';
import { clamp, gt, where } from '../../ops/compare.ts';
import { defineOp, type MaybeTensor } from '../../ops/define.ts';
import { sum } from '../../ops/reduce.ts';
import { exp, log, neg, sigmoid, square } from '../../ops/unary.ts';
import { unsqueeze } from '../../ops/view.ts';
import { boolean, number, oneOf, options } from '../../options.ts';
import { broadcastShapes, sameShape } from '../../tensor/shape.ts';
import { checkFloat, checkTensor, type Tensor } from '../../tensor/tensor.ts';
import { logsigmoid } from './activation.ts';
import { type LossOptions, type Reduction, reduced } from './reduction.ts';
import { checkPair } from './regression.ts';

/** ln x, at least -100 so that a certain mistake costs much, not ∞. */
const boundedLog = (x: Tensor): Tensor => clamp(log(x), { min: -100 });

/** -(y·ln x + (1 - y)·ln(1 - x)) with PyTorch's bounds in value and gradient. */
const crossOp = defineOp<null>({
  name: 'binaryCrossEntropy',
  saves: 'inputs',
  run: ([x, y]) => neg(add(mul(y, boundedLog(x)), mul(sub(1, y), boundedLog(sub(1, x))))),
  grad(call, g) {
    const [x, y] = [call.input(0), call.input(1)];
    const rest = sub(1, x);
    return [
      call.needs(0) ? div(mul(g, sub(x, y)), maximum(mul(x, rest), 1e-12)) : null,
      call.needs(1) ? mul(g, sub(boundedLog(rest), boundedLog(x))) : null,
    ];
  },
});

/** A factor that broadcasts to the shape of the loss. */
function weighted(op: string, name: string, loss: Tensor, weight: Tensor | null | undefined): Tensor {
  if (weight === null || weight === undefined) return loss;
  checkFloat(op, name, checkTensor(op, name, weight));
  if (!sameShape(broadcastShapes(op, weight.shape, loss.shape), loss.shape)) {
    invalid(op, name, `a shape that broadcasts to ${show(loss.shape)}`, weight.shape);
  }
  return mul(loss, weight);
}

/** Options of `binaryCrossEntropy`. */
export interface BceOptions extends LossOptions {
  /** A factor per element, broadcast. Default: 1. */
  weight?: Tensor | null;
}

/** Cross-entropy of probabilities x in [0, 1] with targets of the same shape; `torch.nn.functional.binary_cross_entropy`. */
export function binaryCrossEntropy(input: Tensor, target: Tensor, opts?: BceOptions): Tensor {
  const op = 'binaryCrossEntropy';
  const { weight, reduction = 'mean' } = options(op, opts, ['weight', 'reduction']);
  checkPair(op, input, target);
  checkFloat(op, 'input', input);
  if (input.size > 0) {
    const [low, high] = [input.detach().amin().item(), input.detach().amax().item()];
    if (low < 0 || high > 1) fail(op, `input expected probabilities in [0, 1], got ${low < 0 ? low : high}`);
  }
  return reduced(op, weighted(op, 'weight', apply(crossOp, [input, target.to(input.dtype)], null), weight), reduction);
}

/**
 * (1 - y)·x - (1 + t - y)·ln sigmoid(x) for logits x, targets y and t = posWeight·y (absent: y). The gradient is written
 * out, in PyTorch's order: it is a small difference of large terms where targets or weights are large.
 */
const logitsOp = defineOp<null>({
  name: 'binaryCrossEntropyWithLogits',
  saves: 'inputs',
  run([x, y, t]) {
    const logs = logsigmoid(x);
    return sub(mul(sub(1, y), x), t === null ? logs : mul(sub(add(t, 1), y), logs));
  },
  grad(call, g): MaybeTensor[] {
    const [x, y] = [call.input(0), call.input(1)];
    const t = call.inputDTypes[2] === null ? null : call.input(2);
    const slope = () => (t === null ? sub(sigmoid(x), y) : sub(mul(sub(add(t, 1), y), sigmoid(x)), t));
    return [
      call.needs(0) ? mul(g, slope()) : null,
      call.needs(1) ? mul(g, t === null ? neg(x) : sub(logsigmoid(x), x)) : null,
      call.needs(2) ? neg(mul(g, logsigmoid(x))) : null,
    ];
  },
});

/** Options of `binaryCrossEntropyWithLogits`. */
export interface BceWithLogitsOptions extends BceOptions {
  /** Factor of the positive targets, broadcast, usually one per class. Default: 1. */
  posWeight?: Tensor | null;
}

/** Cross-entropy of sigmoid(x) with targets of the same shape; `torch.nn.functional.binary_cross_entropy_with_logits`. */
export function binaryCrossEntropyWithLogits(input: Tensor, target: Tensor, opts?: BceWithLogitsOptions): Tensor {
  const op = 'binaryCrossEntropyWithLogits';
  const { weight, posWeight, reduction = 'mean' } = options(op, opts, ['weight', 'reduction', 'posWeight']);
  checkPair(op, input, target);
  checkFloat(op, 'input', input);
  const y = target.to(input.dtype);
  const positive = posWeight ? weighted(op, 'posWeight', y, posWeight) : null;
  const loss = apply(logitsOp, [input, y, positive], null);
  return reduced(op, weighted(op, 'weight', loss, weight), reduction);
}

/** Options of `klDiv`. */
export interface KlDivOptions {
  /** As other losses; 'batchmean' divides the sum by the first size. Default 'mean'. */
  reduction?: Reduction | 'batchmean';
  /** Whether the target holds logarithms. Default false. */
  logTarget?: boolean;
}

/** y·ln y, 0 where y is not positive. */
function entropyTerm(y: Tensor): Tensor {
  const positive = gt(y, 0);
  const safe = where(positive, y, 1);
  return mul(safe, log(safe));
}

/** y·(ln y - x) for log-probabilities x and probabilities y, broadcast; `torch.nn.functional.kl_div`. */
export function klDiv(input: Tensor, target: Tensor, opts?: KlDivOptions): Tensor {
  const op = 'klDiv';
  const { reduction = 'mean', logTarget = false } = options(op, opts, ['reduction', 'logTarget']);
  oneOf(op, 'reduction', reduction, ['mean', 'sum', 'none', 'batchmean']);
  checkFloat(op, 'input', checkTensor(op, 'input', input));
  checkFloat(op, 'target', checkTensor(op, 'target', target));
  const loss = boolean(op, 'logTarget', logTarget)
    ? mul(exp(target), sub(target, input))
    : sub(entropyTerm(target), mul(target, input));
  if (reduction !== 'batchmean') return reduced(op, loss, reduction);
  if (input.ndim === 0) invalid(op, 'input', "at least 1 axis with reduction 'batchmean'", input.shape);
  return div(sum(loss), input.shape[0]);
}

/** Options of `poissonNllLoss`. */
export interface PoissonNllLossOptions extends LossOptions {
  /** The input is the logarithm of the rate. Default true. */
  logInput?: boolean;
  /** Add Stirling's approximation of ln y!. Default false. */
  full?: boolean;
  /** Added to a rate before its logarithm. Default 1e-8. */
  eps?: number;
}

/** Negative log-likelihood of counts y under Poisson distributions; `torch.nn.functional.poisson_nll_loss`. */
export function poissonNllLoss(input: Tensor, target: Tensor, opts?: PoissonNllLossOptions): Tensor {
  const op = 'poissonNllLoss';
  const given = options(op, opts, ['logInput', 'full', 'eps', 'reduction']);
  const { logInput = true, full = false, eps = 1e-8, reduction = 'mean' } = given;
  checkTensor(op, 'input', input);
  checkTensor(op, 'target', target);
  number(op, 'eps', eps);
  const rate = boolean(op, 'logInput', logInput)
    ? sub(exp(input), mul(target, input))
    : sub(input, mul(target, log(add(input, eps))));
  if (!boolean(op, 'full', full)) return reduced(op, rate, reduction);
  const large = gt(target, 1);
  const y = where(large, target, 1);
  const stirling = add(sub(mul(y, log(y)), y), mul(log(mul(y, 2 * Math.PI)), 0.5));
  return reduced(op, add(rate, where(large, stirling, 0)), reduction);
}

/** Options of `gaussianNllLoss`. */
export interface GaussianNllLossOptions extends LossOptions {
  /** Add the constant ln(2π)/2. Default false. */
  full?: boolean;
  /** Least variance. Default 1e-6. */
  eps?: number;
}

/**
 * Negative log-likelihood of y under normal distributions with mean x and variance `variance`: of the shape of x, of that
 * shape with a last axis of 1, or without the last axis; `torch.nn.functional.gaussian_nll_loss`.
 */
export function gaussianNllLoss(
  input: Tensor,
  target: Tensor,
  variance: Tensor,
  opts?: GaussianNllLossOptions,
): Tensor {
  const op = 'gaussianNllLoss';
  const { full = false, eps = 1e-6, reduction = 'mean' } = options(op, opts, ['full', 'eps', 'reduction']);
  checkTensor(op, 'input', input);
  checkTensor(op, 'target', target);
  checkFloat(op, 'var', checkTensor(op, 'var', variance));
  number(op, 'eps', eps, Number.MIN_VALUE);
  const lead = input.shape.slice(0, -1);
  const wide =
    sameShape(variance.shape, lead) && !sameShape(variance.shape, input.shape) ? unsqueeze(variance, -1) : variance;
  if (!sameShape(wide.shape, input.shape) && !sameShape(wide.shape, [...lead, 1])) {
    invalid(op, 'var', `shape ${show(input.shape)}, ${show([...lead, 1])} or ${show(lead)}`, variance.shape);
  }
  if (wide.size > 0 && wide.detach().amin().item() < 0) fail(op, 'var expected no negative numbers');
  // where the variance is raised to eps its gradient stays that of the raised one, as in PyTorch
  const raised = add(wide, clamp(sub(eps, wide.detach()), { min: 0 }));
  const loss = mul(add(log(raised), div(square(sub(input, target)), raised)), 0.5);
  return reduced(op, boolean(op, 'full', full) ? add(loss, 0.5 * Math.log(2 * Math.PI)) : loss, reduction);
}
