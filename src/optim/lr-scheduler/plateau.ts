/** A schedule that watches a measured value. */
import { invalid } from '../../errors.ts';
import { integer, number, oneOf, options } from '../../options.ts';
import { Tensor } from '../../tensor/tensor.ts';
import type { Optimizer } from '../optimizer.ts';
import { checkOptimizer, perGroup, Stateful } from './scheduler.ts';

/** Options of `ReduceLROnPlateau`. */
export interface PlateauOptions {
  /** Whether lower values (default) or higher ones are better. */
  mode?: 'min' | 'max';
  /** Factor of the learning rate. Default 0.1. */
  factor?: number;
  /** Epochs without improvement that pass before it is reduced. Default 10. */
  patience?: number;
  /** How much better counts as better. Default 1e-4. */
  threshold?: number;
  /** Whether the threshold is a share of the best value (default) or a difference. */
  thresholdMode?: 'rel' | 'abs';
  /** Epochs after a reduction that are not counted. Default 0. */
  cooldown?: number;
  /** Lowest learning rate, one or one for each group. Default 0. */
  minLr?: number | readonly number[];
  /** A smaller reduction is left out. Default 1e-8. */
  eps?: number;
}

const optionNames = ['mode', 'factor', 'patience', 'threshold', 'thresholdMode', 'cooldown', 'minLr', 'eps'] as const;

/** Reduces the learning rate when a value stops getting better; `torch.optim.lr_scheduler.ReduceLROnPlateau`. */
export class ReduceLROnPlateau extends Stateful {
  /** Whose learning rates are set. */
  readonly optimizer: Optimizer;
  readonly mode: 'min' | 'max';
  readonly factor: number;
  readonly patience: number;
  readonly threshold: number;
  readonly thresholdMode: 'rel' | 'abs';
  readonly cooldown: number;
  /** Lowest learning rate of each group. */
  readonly minLrs: readonly number[];
  readonly eps: number;
  /** Number of calls of `step`. */
  lastEpoch = 0;
  /** The best value so far. */
  best: number;
  /** Epochs since it got better, or since the last reduction. */
  numBadEpochs = 0;
  /** The worst value there is: ∞ or -∞. */
  protected modeWorse: number;
  /** Epochs of the cooldown that are left. */
  protected cooldownCounter = 0;
  /** Learning rates of the groups after the last step. */
  protected lastLr: number[];

  constructor(optimizer: Optimizer, opts?: PlateauOptions) {
    super();
    const name = 'ReduceLROnPlateau';
    const given = options(name, opts, optionNames);
    this.optimizer = checkOptimizer(name, optimizer);
    this.mode = oneOf(name, 'mode', given.mode ?? 'min', ['min', 'max']);
    this.factor = number(name, 'factor', given.factor ?? 0.1);
    if (this.factor >= 1) invalid(name, 'factor', 'a number below 1', this.factor);
    this.patience = integer(name, 'patience', given.patience ?? 10, 0);
    this.threshold = number(name, 'threshold', given.threshold ?? 1e-4);
    this.thresholdMode = oneOf(name, 'thresholdMode', given.thresholdMode ?? 'rel', ['rel', 'abs']);
    this.cooldown = integer(name, 'cooldown', given.cooldown ?? 0, 0);
    this.minLrs = perGroup(name, 'minLr', given.minLr ?? 0, optimizer).map((lr) => number(name, 'minLr', lr));
    this.eps = number(name, 'eps', given.eps ?? 1e-8);
    this.modeWorse = this.mode === 'min' ? Infinity : -Infinity;
    this.best = this.modeWorse;
    this.lastLr = optimizer.paramGroups.map(({ lr }) => lr);
  }

  private isBetter(value: number): boolean {
    const { best, threshold } = this;
    const sign = this.mode === 'min' ? -1 : 1;
    const bound = this.thresholdMode === 'rel' ? best * (1 + sign * threshold) : best + sign * threshold;
    return this.mode === 'min' ? value < bound : value > bound;
  }

  /** Takes the epoch's value: a loss, say. */
  step(metric: number | Tensor): void {
    const value = metric instanceof Tensor ? metric.item() : metric;
    if (typeof value !== 'number') invalid('ReduceLROnPlateau', 'metric', 'a number', value);
    this.lastEpoch++;
    if (this.isBetter(value)) {
      this.best = value;
      this.numBadEpochs = 0;
    } else this.numBadEpochs++;
    if (this.cooldownCounter > 0) {
      this.cooldownCounter--;
      this.numBadEpochs = 0;
    }
    if (this.numBadEpochs > this.patience) {
      this.reduce();
      this.cooldownCounter = this.cooldown;
      this.numBadEpochs = 0;
    }
    this.lastLr = this.optimizer.paramGroups.map(({ lr }) => lr);
  }

  private reduce(): void {
    this.optimizer.paramGroups.forEach((group, i) => {
      const lr = Math.max(group.lr * this.factor, this.minLrs[i]);
      if (group.lr - lr > this.eps) group.lr = lr;
    });
  }

  /** Learning rates of the groups after the last step. */
  getLastLr(): number[] {
    return this.lastLr.slice();
  }
}
