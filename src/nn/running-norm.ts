/** Normalisation layers that keep running statistics: batch and instance norm. */
import { noGrad } from '../autograd/mode.ts';
import { invalid } from '../errors.ts';
import { ones, zeros } from '../ops/create.ts';
import { boolean, integer, number, options } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import * as F from './functional.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';
import { decimal, text } from './repr.ts';

/** Options of the batch and instance norms. */
export interface RunningNormOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** Share of the batch in the running statistics; null averages over all batches. Default 0.1. */
  momentum?: number | null;
  /** Whether a factor and a summand per channel are learned. Default true for batch norm, false for instance norm. */
  affine?: boolean;
  /** Whether running statistics are kept and used in evaluation. Default true for batch norm, false for instance norm. */
  trackRunningStats?: boolean;
}

const keys: Record<string, string> = {
  runningMean: 'running_mean',
  runningVar: 'running_var',
  numBatchesTracked: 'num_batches_tracked',
};

class RunningNorm extends Module {
  /** Channels of the input. */
  readonly numFeatures: number;
  readonly eps: number;
  readonly momentum: number | null;
  readonly affine: boolean;
  readonly trackRunningStats: boolean;
  /** [numFeatures] */
  weight: Parameter | null;
  /** [numFeatures] */
  bias: Parameter | null;
  /** [numFeatures]; `running_mean` in state dicts. */
  runningMean: Tensor | null = null;
  /** [numFeatures]; `running_var` in state dicts. */
  runningVar: Tensor | null = null;
  /** int32; `num_batches_tracked` in state dicts. */
  numBatchesTracked: Tensor | null = null;
  /** Numbers of axes that an input may have. */
  protected readonly axes: readonly number[];

  constructor(
    name: string,
    axes: readonly number[],
    n: number,
    opts: RunningNormOptions | undefined,
    fallback: boolean,
  ) {
    super();
    const names = ['eps', 'momentum', 'affine', 'trackRunningStats'] as const;
    const {
      eps = 1e-5,
      momentum = 0.1,
      affine = fallback,
      trackRunningStats = fallback,
    } = options(name, opts, names, ['momentum']);
    this.axes = axes;
    this.numFeatures = integer(name, 'numFeatures', n, 1);
    this.eps = number(name, 'eps', eps);
    this.momentum = momentum === null ? null : number(name, 'momentum', momentum);
    this.affine = boolean(name, 'affine', affine);
    this.trackRunningStats = boolean(name, 'trackRunningStats', trackRunningStats);
    this.weight = affine ? new Parameter(ones([n])) : null;
    this.bias = affine ? new Parameter(zeros([n])) : null;
    this.registerBuffer('runningMean', trackRunningStats ? zeros([n]) : null);
    this.registerBuffer('runningVar', trackRunningStats ? ones([n]) : null);
    this.registerBuffer('numBatchesTracked', trackRunningStats ? zeros([], { dtype: 'int32' }) : null);
  }

  protected override keyOf(field: string): string {
    return keys[field] ?? field;
  }

  protected override get optionalKeys(): readonly string[] {
    return ['num_batches_tracked'];
  }

  /** Forgets the running statistics. */
  resetRunningStats(): void {
    noGrad(() => {
      this.runningMean?.zero_();
      this.runningVar?.fill_(1);
      this.numBatchesTracked?.zero_();
    });
  }

  /** @internal Throws where the number of axes is wrong. */
  protected checkInput(x: Tensor): void {
    const name = this.constructor.name;
    if (!this.axes.includes(x.ndim)) invalid(name, 'input', `${this.axes.join(' or ')} axes`, x.shape);
  }

  override extraRepr(): string {
    const momentum = this.momentum === null ? 'None' : decimal(this.momentum);
    const flags = `affine=${text(this.affine)}, track_running_stats=${text(this.trackRunningStats)}`;
    return `${this.numFeatures}, eps=${decimal(this.eps)}, momentum=${momentum}, ${flags}`;
  }
}

/** Normalises per channel over the batch (Ioffe and Szegedy, 2015). */
class BatchNorm extends RunningNorm {
  override forward(x: Tensor): Tensor {
    this.checkInput(x);
    const { weight, bias, eps, runningMean, runningVar, numBatchesTracked: count } = this;
    const updates = this.training && runningMean !== null;
    if (updates && count !== null) noGrad(() => count.add_(1));
    const momentum = this.momentum ?? (updates && count !== null ? 1 / count.item() : 0);
    const training = this.training || runningMean === null;
    return F.batchNorm(x, runningMean, runningVar, { weight, bias, training, momentum, eps });
  }
}

/** Normalises [n, c] or [n, c, l] per channel; `torch.nn.BatchNorm1d`. */
export class BatchNorm1d extends BatchNorm {
  constructor(numFeatures: number, opts?: RunningNormOptions) {
    super('BatchNorm1d', [2, 3], numFeatures, opts, true);
  }
}

/** Normalises [n, c, h, w] per channel; `torch.nn.BatchNorm2d`. */
export class BatchNorm2d extends BatchNorm {
  constructor(numFeatures: number, opts?: RunningNormOptions) {
    super('BatchNorm2d', [4], numFeatures, opts, true);
  }
}

/** Normalises [n, c, d, h, w] per channel; `torch.nn.BatchNorm3d`. */
export class BatchNorm3d extends BatchNorm {
  constructor(numFeatures: number, opts?: RunningNormOptions) {
    super('BatchNorm3d', [5], numFeatures, opts, true);
  }
}

/** Normalises per sample and channel (Ulyanov, Vedaldi, Lempitsky, 2016). */
class InstanceNorm extends RunningNorm {
  override forward(x: Tensor): Tensor {
    this.checkInput(x);
    const { weight, bias, eps, runningMean, runningVar, numFeatures } = this;
    const unbatched = x.ndim === this.axes[0];
    const input = unbatched ? x.unsqueeze(0) : x;
    if (input.shape[1] !== numFeatures) invalid(this.constructor.name, 'input', `${numFeatures} channels`, x.shape);
    const useInputStats = this.training || runningMean === null;
    const momentum = this.momentum ?? 0;
    const y = F.instanceNorm(input, { runningMean, runningVar, weight, bias, useInputStats, momentum, eps });
    return unbatched ? y.squeeze(0) : y;
  }
}

/** Normalises [n, c, l] or [c, l] per sample and channel; `torch.nn.InstanceNorm1d`. */
export class InstanceNorm1d extends InstanceNorm {
  constructor(numFeatures: number, opts?: RunningNormOptions) {
    super('InstanceNorm1d', [2, 3], numFeatures, opts, false);
  }
}

/** Normalises [n, c, h, w] or [c, h, w] per sample and channel; `torch.nn.InstanceNorm2d`. */
export class InstanceNorm2d extends InstanceNorm {
  constructor(numFeatures: number, opts?: RunningNormOptions) {
    super('InstanceNorm2d', [3, 4], numFeatures, opts, false);
  }
}

/** Normalises [n, c, d, h, w] or [c, d, h, w] per sample and channel; `torch.nn.InstanceNorm3d`. */
export class InstanceNorm3d extends InstanceNorm {
  constructor(numFeatures: number, opts?: RunningNormOptions) {
    super('InstanceNorm3d', [4, 5], numFeatures, opts, false);
  }
}
