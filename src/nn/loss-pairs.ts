/** More losses as layers: of numbers, of yes or no, of distributions, of distances. */
import { boolean, number, oneOf, options } from '../options.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import type { LossOptions } from './functional.ts';
import * as F from './functional.ts';
import { Loss, WeightedLoss } from './loss.ts';
import { Module } from './module.ts';

/** (x - y)² / 2β within β, |x - y| - β / 2 elsewhere; `torch.nn.SmoothL1Loss`. */
export class SmoothL1Loss extends Loss {
  /** Where the square ends and the line begins. Default 1. */
  readonly beta: number;

  /** @param opts beta default 1 */
  constructor(opts?: LossOptions & { beta?: number }) {
    const { reduction, beta = 1 } = options('SmoothL1Loss', opts, ['reduction', 'beta']);
    super('SmoothL1Loss', reduction);
    this.beta = number('SmoothL1Loss', 'beta', beta, 0);
  }

  override forward(x: Tensor, y: Tensor): Tensor {
    return F.smoothL1Loss(x, y, { reduction: this.reduction, beta: this.beta });
  }
}

/** (x - y)² / 2 within δ, δ (|x - y| - δ / 2) elsewhere; `torch.nn.HuberLoss`. */
export class HuberLoss extends Loss {
  /** Where the square ends and the line begins. Default 1. */
  readonly delta: number;

  /** @param opts delta default 1 */
  constructor(opts?: LossOptions & { delta?: number }) {
    const { reduction, delta = 1 } = options('HuberLoss', opts, ['reduction', 'delta']);
    super('HuberLoss', reduction);
    this.delta = number('HuberLoss', 'delta', delta, Number.MIN_VALUE);
  }

  override forward(x: Tensor, y: Tensor): Tensor {
    return F.huberLoss(x, y, { reduction: this.reduction, delta: this.delta });
  }
}

/** Binary cross-entropy of probabilities; `torch.nn.BCELoss`. */
export class BCELoss extends WeightedLoss {
  constructor(opts?: LossOptions & { weight?: Tensor | null }) {
    const { weight, reduction } = options('BCELoss', opts, ['weight', 'reduction']);
    super('BCELoss', weight, reduction);
  }

  override forward(x: Tensor, y: Tensor): Tensor {
    return F.binaryCrossEntropy(x, y, { weight: this.weight, reduction: this.reduction });
  }
}

const posWeightKeys: Record<string, string> = { posWeight: 'pos_weight' };

/** Binary cross-entropy of logits; `torch.nn.BCEWithLogitsLoss`. */
export class BCEWithLogitsLoss extends WeightedLoss {
  /** Factor of the loss where the target is 1; `pos_weight` in state dicts. */
  posWeight: Tensor | null = null;

  constructor(opts?: LossOptions & { weight?: Tensor | null; posWeight?: Tensor | null }) {
    const name = 'BCEWithLogitsLoss';
    const { weight, reduction, posWeight } = options(name, opts, ['weight', 'reduction', 'posWeight']);
    super(name, weight, reduction);
    this.registerBuffer('posWeight', posWeight ? checkTensor(name, 'posWeight', posWeight) : null);
  }

  protected override keyOf(field: string): string {
    return posWeightKeys[field] ?? field;
  }

  override forward(x: Tensor, y: Tensor): Tensor {
    const { weight, reduction, posWeight } = this;
    return F.binaryCrossEntropyWithLogits(x, y, { weight, reduction, posWeight });
  }
}

/** y (log y - x), x log-probabilities; `torch.nn.KLDivLoss`. */
export class KLDivLoss extends Module {
  readonly reduction: 'none' | 'mean' | 'sum' | 'batchmean';
  readonly logTarget: boolean;

  /** @param opts reduction default 'mean', where 'batchmean' is the divergence; logTarget (default false): y is logarithms */
  constructor(opts?: F.KlDivOptions) {
    super();
    const { reduction = 'mean', logTarget = false } = options('KLDivLoss', opts, ['reduction', 'logTarget']);
    this.reduction = oneOf('KLDivLoss', 'reduction', reduction, ['none', 'mean', 'sum', 'batchmean']);
    this.logTarget = boolean('KLDivLoss', 'logTarget', logTarget);
  }

  override forward(x: Tensor, y: Tensor): Tensor {
    return F.klDiv(x, y, { reduction: this.reduction, logTarget: this.logTarget });
  }
}

/** 1 - cos(a, b) where y is 1, max(0, cos(a, b) - margin) where it is -1; `torch.nn.CosineEmbeddingLoss`. */
export class CosineEmbeddingLoss extends Loss {
  /** How far apart is far enough. Default 0. */
  readonly margin: number;

  /** @param opts margin default 0 */
  constructor(opts?: LossOptions & { margin?: number }) {
    const { reduction, margin = 0 } = options('CosineEmbeddingLoss', opts, ['reduction', 'margin']);
    super('CosineEmbeddingLoss', reduction);
    this.margin = number('CosineEmbeddingLoss', 'margin', margin);
  }

  override forward(a: Tensor, b: Tensor, y: Tensor): Tensor {
    return F.cosineEmbeddingLoss(a, b, y, { margin: this.margin, reduction: this.reduction });
  }
}

/** max(0, |anchor - positive| - |anchor - negative| + margin); `torch.nn.TripletMarginLoss`. */
export class TripletMarginLoss extends Loss {
  readonly margin: number;
  readonly p: number;
  readonly eps: number;
  readonly swap: boolean;

  constructor(opts?: F.TripletMarginLossOptions) {
    const name = 'TripletMarginLoss';
    const given = options(name, opts, ['margin', 'p', 'eps', 'swap', 'reduction']);
    super(name, given.reduction);
    this.margin = number(name, 'margin', given.margin ?? 1);
    this.p = number(name, 'p', given.p ?? 2);
    this.eps = number(name, 'eps', given.eps ?? 1e-6);
    this.swap = boolean(name, 'swap', given.swap ?? false);
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { margin, p, eps, swap, reduction } = this;
    return F.tripletMarginLoss(anchor, positive, negative, { margin, p, eps, swap, reduction });
  }
}
