/** Losses with a margin, and losses of pairs and triples. */
import { fail, invalid, show } from '../../errors.ts';
import { add, div, minimum, mul, sub } from '../../ops/binary.ts';
import { clamp, eq, ne, where } from '../../ops/compare.ts';
import { sum } from '../../ops/reduce.ts';
import { neg, sqrt, square } from '../../ops/unary.ts';
import { boolean, number, options } from '../../options.ts';
import { checkFloat, checkTensor, type Tensor } from '../../tensor/tensor.ts';
import { logsigmoid } from './activation.ts';
import { pairwiseDistance } from './distance.ts';
import { type LossOptions, reduced } from './reduction.ts';

const positivePart = (x: Tensor): Tensor => clamp(x, { min: 0 });

/** Options of the losses that ask for a distance. */
export interface MarginOptions extends LossOptions {
  /** How far apart is far enough. Default 1; 0 for marginRankingLoss and cosineEmbeddingLoss. */
  margin?: number;
}

function marginOf(
  op: string,
  opts: MarginOptions | undefined,
  fallback: number,
): { margin: number; reduction: 'mean' | 'sum' | 'none' } {
  const { margin = fallback, reduction = 'mean' } = options(op, opts, ['margin', 'reduction']);
  return { margin: number(op, 'margin', margin), reduction };
}

/**
 * 1 - cos(a, b) for targets 1, max(cos(a, b) - margin, 0) for targets -1; a and b [n, d] with targets [n], or [d] with [];
 * margin 0 by default; `torch.nn.functional.cosine_embedding_loss`.
 */
export function cosineEmbeddingLoss(a: Tensor, b: Tensor, target: Tensor, opts?: MarginOptions): Tensor {
  const op = 'cosineEmbeddingLoss';
  const { margin, reduction } = marginOf(op, opts, 0);
  checkFloat(op, 'input1', checkTensor(op, 'input1', a));
  checkFloat(op, 'input2', checkTensor(op, 'input2', b));
  checkTensor(op, 'target', target);
  if (target.ndim > 1 || a.ndim !== target.ndim + 1 || b.ndim !== target.ndim + 1) {
    fail(
      op,
      `expected inputs [n, d] with target [n], or [d] with [], got ${show(a.shape)}, ${show(b.shape)} and ${show(target.shape)}`,
    );
  }
  const d = target.ndim;
  const tiny = 1e-12;
  const lengths = mul(add(sum(square(a), d), tiny), add(sum(square(b), d), tiny));
  const cosine = div(sum(mul(a, b), d), sqrt(lengths));
  const loss = add(
    where(eq(target, 1), sub(1, cosine), 0),
    where(eq(target, -1), positivePart(sub(cosine, margin)), 0),
  );
  return reduced(op, loss, reduction);
}

/** Options of `tripletMarginLoss`. */
export interface TripletMarginLossOptions extends MarginOptions {
  /** Order of the norm. Default 2. */
  p?: number;
  /** Added to each difference. Default 1e-6. */
  eps?: number;
  /** Take the distance of positive and negative where it is less than that of anchor and negative. Default false. */
  swap?: boolean;
}

/** max(‖anchor - positive‖ - ‖anchor - negative‖ + margin, 0) over the last axis; margin 1; `torch.nn.functional.triplet_margin_loss`. */
export function tripletMarginLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  opts?: TripletMarginLossOptions,
): Tensor {
  const op = 'tripletMarginLoss';
  const given = options(op, opts, ['margin', 'p', 'eps', 'swap', 'reduction']);
  const { margin = 1, p = 2, eps = 1e-6, swap = false, reduction = 'mean' } = given;
  number(op, 'margin', margin);
  const [a, b, c] = [
    checkTensor(op, 'anchor', anchor),
    checkTensor(op, 'positive', positive),
    checkTensor(op, 'negative', negative),
  ];
  if (a.ndim !== b.ndim || a.ndim !== c.ndim) {
    fail(
      op,
      `anchor, positive and negative differ in axes: shapes ${show(a.shape)}, ${show(b.shape)}, ${show(c.shape)}`,
    );
  }
  const near = pairwiseDistance(a, b, { p, eps });
  const other = pairwiseDistance(a, c, { p, eps });
  const far = boolean(op, 'swap', swap) ? minimum(other, pairwiseDistance(b, c, { p, eps })) : other;
  return reduced(op, positivePart(add(sub(near, far), margin)), reduction);
}

/** max(-y·(a - b) + margin, 0): a should rank above b where y is 1, below where -1; margin 0; `torch.nn.functional.margin_ranking_loss`. */
export function marginRankingLoss(a: Tensor, b: Tensor, target: Tensor, opts?: MarginOptions): Tensor {
  const op = 'marginRankingLoss';
  const { margin, reduction } = marginOf(op, opts, 0);
  const difference = sub(checkTensor(op, 'input1', a), checkTensor(op, 'input2', b));
  if (difference.ndim !== checkTensor(op, 'target', target).ndim) {
    invalid(op, 'target', `${difference.ndim} axes`, target.shape);
  }
  return reduced(op, positivePart(add(neg(mul(target, difference)), margin)), reduction);
}

/** x for targets 1, max(margin - x, 0) for targets -1; margin 1; `torch.nn.functional.hinge_embedding_loss`. */
export function hingeEmbeddingLoss(input: Tensor, target: Tensor, opts?: MarginOptions): Tensor {
  const op = 'hingeEmbeddingLoss';
  const { margin, reduction } = marginOf(op, opts, 1);
  checkTensor(op, 'input', input);
  checkTensor(op, 'target', target);
  const loss = add(where(ne(target, 1), positivePart(sub(margin, input)), 0), where(ne(target, -1), input, 0));
  return reduced(op, loss, reduction);
}

/** ln(1 + e^(-y·x)) for targets ±1; `torch.nn.functional.soft_margin_loss`. */
export function softMarginLoss(input: Tensor, target: Tensor, opts?: LossOptions): Tensor {
  const { reduction = 'mean' } = options('softMarginLoss', opts, ['reduction']);
  checkTensor('softMarginLoss', 'input', input);
  checkTensor('softMarginLoss', 'target', target);
  return reduced('softMarginLoss', neg(logsigmoid(mul(target, input))), reduction);
}
