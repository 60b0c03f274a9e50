/** Losses as layers. */
import { integer, number, oneOf, options } from '../options.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import type { LossOptions, Reduction } from './functional.ts';
import * as F from './functional.ts';
import { Module } from './module.ts';

/** What the losses have in common. */
export class Loss extends Module {
  /** 'mean', 'sum' or 'none'. Default 'mean'. */
  readonly reduction: Reduction;

  constructor(name: string, reduction: Reduction = 'mean') {
    super();
    this.reduction = oneOf(name, 'reduction', reduction, ['none', 'mean', 'sum']);
  }
}

/** Options of a loss that has a reduction only. */
export function reductionOf(name: string, opts: LossOptions | undefined): Reduction | undefined {
  return options(name, opts, ['reduction']).reduction;
}

/** A loss with weights, which are part of its state. */
export class WeightedLoss extends Loss {
  /** The factors of the loss, or null; `weight` in state dicts. */
  weight: Tensor | null = null;

  constructor(name: string, weight: Tensor | null | undefined, reduction?: Reduction) {
    super(name, reduction);
    this.registerBuffer('weight', weight ? checkTensor(name, 'weight', weight) : null);
  }
}

/** Mean of (x - y)²; `torch.nn.MSELoss`. */
export class MSELoss extends Loss {
  constructor(opts?: LossOptions) {
    super('MSELoss', reductionOf('MSELoss', opts));
  }

  override forward(x: Tensor, y: Tensor): Tensor {
    return F.mseLoss(x, y, { reduction: this.reduction });
  }
}

/** Mean of |x - y|; `torch.nn.L1Loss`. */
export class L1Loss extends Loss {
  constructor(opts?: LossOptions) {
    super('L1Loss', reductionOf('L1Loss', opts));
  }

  override forward(x: Tensor, y: Tensor): Tensor {
    return F.l1Loss(x, y, { reduction: this.reduction });
  }
}

/** Mean of -x at the target class, x log-probabilities; `torch.nn.NLLLoss`. */
export class NLLLoss extends WeightedLoss {
  readonly ignoreIndex: number;

  constructor(opts?: F.NllLossOptions) {
    const { weight, ignoreIndex = -100, reduction } = options('NLLLoss', opts, ['weight', 'ignoreIndex', 'reduction']);
    super('NLLLoss', weight, reduction);
    this.ignoreIndex = integer('NLLLoss', 'ignoreIndex', ignoreIndex);
  }

  override forward(x: Tensor, target: Tensor): Tensor {
    const { weight, ignoreIndex, reduction } = this;
    return F.nllLoss(x, target, { weight, ignoreIndex, reduction });
  }
}

/** Cross-entropy of logits with class numbers (int32) or probabilities; `torch.nn.CrossEntropyLoss`. */
export class CrossEntropyLoss extends WeightedLoss {
  readonly ignoreIndex: number;
  readonly labelSmoothing: number;

  constructor(opts?: F.CrossEntropyOptions) {
    const name = 'CrossEntropyLoss';
    const names = ['weight', 'ignoreIndex', 'reduction', 'labelSmoothing'] as const;
    const { weight, ignoreIndex = -100, reduction, labelSmoothing = 0 } = options(name, opts, names);
    super(name, weight, reduction);
    this.ignoreIndex = integer(name, 'ignoreIndex', ignoreIndex);
    this.labelSmoothing = number(name, 'labelSmoothing', labelSmoothing, 0, 1);
  }

  override forward(x: Tensor, target: Tensor): Tensor {
    const { weight, ignoreIndex, reduction, labelSmoothing } = this;
    return F.crossEntropy(x, target, { weight, ignoreIndex, reduction, labelSmoothing });
  }
}
