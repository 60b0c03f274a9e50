/** Distances between rows as layers. */
import { boolean, integer, number, options } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { cosineSimilarity, pairwiseDistance } from './functional.ts';
import { Module } from './module.ts';

/** Cosine of the angle between a and b along `dim`; `torch.nn.CosineSimilarity`. */
export class CosineSimilarity extends Module {
  /** The axis of the vectors. Default 1. */
  readonly dim: number;
  /** Least product of lengths to divide by. Default 1e-8. */
  readonly eps: number;

  /** @param opts dim default 1, eps default 1e-8 */
  constructor(opts?: { dim?: number; eps?: number }) {
    super();
    const { dim = 1, eps = 1e-8 } = options('CosineSimilarity', opts, ['dim', 'eps']);
    this.dim = integer('CosineSimilarity', 'dim', dim);
    this.eps = number('CosineSimilarity', 'eps', eps);
  }

  override forward(a: Tensor, b: Tensor): Tensor {
    return cosineSimilarity(a, b, { dim: this.dim, eps: this.eps });
  }
}

/** p-norm of a - b along the last axis; `torch.nn.PairwiseDistance`. */
export class PairwiseDistance extends Module {
  /** Order of the norm. Default 2. */
  readonly p: number;
  /** Added to each difference. Default 1e-6. */
  readonly eps: number;
  /** Keep the last axis with size 1. Default false. */
  readonly keepdim: boolean;

  /** @param opts p default 2, eps default 1e-6, keepdim default false */
  constructor(opts?: { p?: number; eps?: number; keepdim?: boolean }) {
    super();
    const { p = 2, eps = 1e-6, keepdim = false } = options('PairwiseDistance', opts, ['p', 'eps', 'keepdim']);
    this.p = number('PairwiseDistance', 'p', p);
    this.eps = number('PairwiseDistance', 'eps', eps);
    this.keepdim = boolean('PairwiseDistance', 'keepdim', keepdim);
  }

  override forward(a: Tensor, b: Tensor): Tensor {
    return pairwiseDistance(a, b, { p: this.p, eps: this.eps, keepdim: this.keepdim });
  }
}
