/** Schedules along a cosine. */
import { integer, number, options } from '../../options.ts';
import type { Optimizer } from '../optimizer.ts';
import { LRScheduler, type SchedulerOptions } from './scheduler.ts';

/** Half a cosine from the base learning rate to etaMin in `tMax` epochs; `torch.optim.lr_scheduler.CosineAnnealingLR`. */
export class CosineAnnealingLR extends LRScheduler {
  /** Epochs from the highest learning rate to the lowest. */
  readonly tMax: number;
  /** Lowest learning rate. Default 0. */
  readonly etaMin: number;

  /** @param opts etaMin default 0 */
  constructor(optimizer: Optimizer, opts: SchedulerOptions & { tMax: number; etaMin?: number }) {
    const name = 'CosineAnnealingLR';
    const { tMax, etaMin = 0, ...rest } = options(name, opts, ['tMax', 'etaMin', 'lastEpoch']);
    super(optimizer, rest);
    this.tMax = integer(name, 'tMax', tMax, 1);
    this.etaMin = number(name, 'etaMin', etaMin);
    this.start();
  }

  protected override next(): number[] {
    const { tMax, etaMin, lastEpoch } = this;
    if (lastEpoch === 0) return this.scaled(1);
    if (this.stepCount === 1) return this.closedForm();
    // at its lowest the recursion would divide by 0
    if ((lastEpoch - 1 - tMax) % (2 * tMax) === 0) {
      const rise = (1 - Math.cos(Math.PI / tMax)) / 2;
      return this.groups.map(({ lr }, i) => lr + (this.baseLrs[i] - etaMin) * rise);
    }
    const height = (epoch: number) => 1 + Math.cos((Math.PI * epoch) / tMax);
    return this.groups.map(({ lr }) => (height(lastEpoch) / height(lastEpoch - 1)) * (lr - etaMin) + etaMin);
  }

  protected override closedForm(): number[] {
    const height = (1 + Math.cos((Math.PI * this.lastEpoch) / this.tMax)) / 2;
    return this.baseLrs.map((lr) => this.etaMin + (lr - this.etaMin) * height);
  }
}

/**
 * Half cosines one after the other: the first `t0` epochs long, each `tMult` times the one before (Loshchilov and Hutter,
 * 2017); `torch.optim.lr_scheduler.CosineAnnealingWarmRestarts`.
 */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  /** Epochs of the first cosine. */
  readonly t0: number;
  /** Factor of the length from one cosine to the next. Default 1. */
  readonly tMult: number;
  /** Lowest learning rate. Default 0. */
  readonly etaMin: number;
  /** Epochs of this cosine. */
  protected tI: number;
  /** Epochs since this cosine began. */
  protected tCur: number;

  /** @param opts tMult default 1, etaMin default 0 */
  constructor(optimizer: Optimizer, opts: SchedulerOptions & { t0: number; tMult?: number; etaMin?: number }) {
    const name = 'CosineAnnealingWarmRestarts';
    const { t0, tMult = 1, etaMin = 0, ...rest } = options(name, opts, ['t0', 'tMult', 'etaMin', 'lastEpoch']);
    super(optimizer, rest);
    this.t0 = integer(name, 't0', t0, 1);
    this.tMult = integer(name, 'tMult', tMult, 1);
    this.etaMin = number(name, 'etaMin', etaMin);
    this.tI = this.t0;
    this.tCur = this.lastEpoch;
    this.start();
  }

  protected override next(): number[] {
    const height = (1 + Math.cos((Math.PI * this.tCur) / this.tI)) / 2;
    return this.baseLrs.map((lr) => this.etaMin + (lr - this.etaMin) * height);
  }

  /**
   * Moves on by one epoch, or to a point in time.
   * @param epoch where to jump to, fractions included: `epoch + batch / batches`. Default: the next epoch.
   */
  override step(epoch?: number): void {
    if (epoch !== undefined) this.stepTo(number('CosineAnnealingWarmRestarts', 'epoch', epoch, 0));
    else if (this.lastEpoch < 0) this.stepTo(0);
    else {
      this.lastEpoch++;
      this.tCur++;
      if (this.tCur >= this.tI) {
        this.tCur -= this.tI;
        this.tI *= this.tMult;
      }
      this.assign(this.next());
    }
  }

  override stepTo(epoch: number): void {
    const { t0, tMult } = this;
    if (epoch < t0) {
      this.tI = t0;
      this.tCur = epoch;
    } else if (tMult === 1) this.tCur = epoch % t0;
    else {
      const n = Math.floor(Math.log((epoch / t0) * (tMult - 1) + 1) / Math.log(tMult));
      this.tCur = epoch - (t0 * (tMult ** n - 1)) / (tMult - 1);
      this.tI = t0 * tMult ** n;
    }
    this.lastEpoch = Math.floor(epoch);
    this.assign(this.next());
  }
}
