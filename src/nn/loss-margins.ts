/** Losses of rankings and of distributions' parameters as layers. */
import { boolean, number, options } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { LossOptions } from './functional.ts';
import * as F from './functional.ts';
import { Loss, reductionOf } from './loss.ts';

/** log(1 + e^(-yx)), y ±1; `torch.nn.SoftMarginLoss`. */
export class SoftMarginLoss extends Loss {
  constructor(opts?: LossOptions) {
    super('SoftMarginLoss', reductionOf('SoftMarginLoss', opts));
  }

  override forward(x: Tensor, y: Tensor): Tensor {
    return F.softMarginLoss(x, y, { reduction: this.reduction });
  }
}

/** x where y is 1, max(0, margin - x) where it is -1; `torch.nn.HingeEmbeddingLoss`. */
export class HingeEmbeddingLoss extends Loss {
  /** How far apart is far enough. Default 1. */
  readonly margin: number;

  /** @param opts margin default 1 */
  constructor(opts?: LossOptions & { margin?: number }) {
    const { reduction, margin = 1 } = options('HingeEmbeddingLoss', opts, ['reduction', 'margin']);
    super('HingeEmbeddingLoss', reduction);
    this.margin = number('HingeEmbeddingLoss', 'margin', margin);
  }

  override forward(x: Tensor, y: Tensor): Tensor {
    return F.hingeEmbeddingLoss(x, y, { margin: this.margin, reduction: this.reduction });
  }
}

/** max(0, -y (a - b) + margin), y ±1; `torch.nn.MarginRankingLoss`. */
export class MarginRankingLoss extends Loss {
  /** How far apart is far enough. Default 0. */
  readonly margin: number;

  /** @param opts margin default 0 */
  constructor(opts?: LossOptions & { margin?: number }) {
    const { reduction, margin = 0 } = options('MarginRankingLoss', opts, ['reduction', 'margin']);
    super('MarginRankingLoss', reduction);
    this.margin = number('MarginRankingLoss', 'margin', margin);
  }

  override forward(a: Tensor, b: Tensor, y: Tensor): Tensor {
    return F.marginRankingLoss(a, b, y, { margin: this.margin, reduction: this.reduction });
  }
}

/** Negative log-likelihood of a Poisson distribution; `torch.nn.PoissonNLLLoss`. */
export class PoissonNLLLoss extends Loss {
  readonly logInput: boolean;
  readonly full: boolean;
  readonly eps: number;

  constructor(opts?: F.PoissonNllLossOptions) {
    const name = 'PoissonNLLLoss';
    const given = options(name, opts, ['logInput', 'full', 'eps', 'reduction']);
    super(name, given.reduction);
    this.logInput = boolean(name, 'logInput', given.logInput ?? true);
    this.full = boolean(name, 'full', given.full ?? false);
    this.eps = number(name, 'eps', given.eps ?? 1e-8);
  }

  override forward(x: Tensor, y: Tensor): Tensor {
    const { logInput, full, eps, reduction } = this;
    return F.poissonNllLoss(x, y, { logInput, full, eps, reduction });
  }
}

/** Negative log-likelihood of normal distributions with variances `variance`; `torch.nn.GaussianNLLLoss`. */
export class GaussianNLLLoss extends Loss {
  /** Whether the constant ln(2π)/2 counts. Default false. */
  readonly full: boolean;
  /** Least variance. Default 1e-6. */
  readonly eps: number;

  /** @param opts full (the constant term counts) default false; eps, least variance, default 1e-6 */
  constructor(opts?: LossOptions & { full?: boolean; eps?: number }) {
    const name = 'GaussianNLLLoss';
    const given = options(name, opts, ['full', 'eps', 'reduction']);
    super(name, given.reduction);
    this.full = boolean(name, 'full', given.full ?? false);
    this.eps = number(name, 'eps', given.eps ?? 1e-6);
  }

  override forward(x: Tensor, y: Tensor, variance: Tensor): Tensor {
    const { full, eps, reduction } = this;
    return F.gaussianNllLoss(x, y, variance, { full, eps, reduction });
  }
}
