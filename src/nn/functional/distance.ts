/** Lengths, angles and distances of vectors; one-hot codes. */
import { fail, invalid } from '../../errors.ts';
import { add, div, maximum, mul, sub } from '../../ops/binary.ts';
import { lt, where } from '../../ops/compare.ts';
import { dense, elements } from '../../ops/copy.ts';
import { zeros } from '../../ops/create.ts';
import { sum } from '../../ops/reduce.ts';
import { lengthOf } from '../../ops/statistics.ts';
import { axis, boolean, integer, number, options } from '../../options.ts';
import { checkFloat, checkTensor, type Tensor } from '../../tensor/tensor.ts';

function float(op: string, name: string, x: Tensor): Tensor {
  return checkFloat(op, name, checkTensor(op, name, x));
}

/** Options of `normalize`. */
export interface NormalizeOptions {
  /** Order of the norm. Default 2. */
  p?: number;
  /** The axis of the vectors. Default 1. */
  dim?: number;
  /** Least length to divide by. Default 1e-12. */
  eps?: number;
}

/** x divided by its p-norm along `dim`; `torch.nn.functional.normalize`. */
export function normalize(x: Tensor, opts?: NormalizeOptions): Tensor {
  const { p = 2, dim = 1, eps = 1e-12 } = options('normalize', opts, ['p', 'dim', 'eps']);
  number('normalize', 'p', p);
  number('normalize', 'eps', eps);
  const d = axis('normalize', 'dim', dim, float('normalize', 'input', x).ndim);
  return div(x, maximum(lengthOf(x, p, [d], true), eps));
}

/** Options of `cosineSimilarity`. */
export interface CosineSimilarityOptions {
  /** The axis of the vectors. Default 1. */
  dim?: number;
  /** Least length to divide by. Default 1e-8. */
  eps?: number;
}

/** Cosine of the angle between a and b (broadcast) along `dim`; `torch.nn.functional.cosine_similarity`. */
export function cosineSimilarity(a: Tensor, b: Tensor, opts?: CosineSimilarityOptions): Tensor {
  const op = 'cosineSimilarity';
  const { dim = 1, eps = 1e-8 } = options(op, opts, ['dim', 'eps']);
  number(op, 'eps', eps);
  const product = mul(float(op, 'x1', a), float(op, 'x2', b));
  const d = axis(op, 'dim', dim, product.ndim) - product.ndim;
  const unit = (x: Tensor): Tensor => {
    const wide = x.expand(product.shape);
    const length = lengthOf(wide, 2, [product.ndim + d], true);
    return div(wide, where(lt(length, eps), eps, length));
  };
  return sum(mul(unit(a), unit(b)), d);
}

/** Options of `pairwiseDistance`. */
export interface PairwiseDistanceOptions {
  /** Order of the norm. Default 2. */
  p?: number;
  /** Added to each difference. Default 1e-6. */
  eps?: number;
  /** Keep the last axis with size 1. Default false. */
  keepdim?: boolean;
}

/** p-norm of a - b + eps along the last axis; `torch.nn.functional.pairwise_distance`. */
export function pairwiseDistance(a: Tensor, b: Tensor, opts?: PairwiseDistanceOptions): Tensor {
  const op = 'pairwiseDistance';
  const { p = 2, eps = 1e-6, keepdim = false } = options(op, opts, ['p', 'eps', 'keepdim']);
  number(op, 'p', p);
  number(op, 'eps', eps);
  boolean(op, 'keepdim', keepdim);
  const difference = add(sub(float(op, 'x1', a), float(op, 'x2', b)), eps);
  if (difference.ndim === 0) invalid(op, 'x1', 'at least 1 axis', difference.shape);
  return lengthOf(difference, p, [difference.ndim - 1], keepdim);
}

/** Options of `oneHot`. */
export interface OneHotOptions {
  /** Number of classes. Default: the largest number in x, plus 1. */
  numClasses?: number;
}

/** For class numbers x (int32) an int32 tensor [*x.shape, classes] with a 1 at each class; `torch.nn.functional.one_hot`. */
export function oneHot(x: Tensor, opts?: OneHotOptions): Tensor {
  const { numClasses = -1 } = options('oneHot', opts, ['numClasses']);
  integer('oneHot', 'numClasses', numClasses, -1);
  checkTensor('oneHot', 'input', x);
  if (x.dtype !== 'int32' && x.dtype !== 'uint8') invalid('oneHot', 'input', 'dtype int32', x.dtype);
  const labels = elements(dense(x)).subarray(0, x.size);
  if (x.size === 0 && numClasses <= 0) fail('oneHot', 'numClasses expected where the input is empty');
  let most = -1;
  for (const label of labels) most = Math.max(most, label);
  const classes = numClasses === -1 ? most + 1 : numClasses;
  const out = zeros([...x.shape, classes], { dtype: 'int32' });
  for (let i = 0; i < x.size; i++) {
    const label = labels[i];
    if (label < 0 || label >= classes)
      fail('oneHot', `input expected classes in [0, ${classes - 1}], got ${label} at position ${i}`);
    out.data[i * classes + label] = 1;
  }
  return out;
}
