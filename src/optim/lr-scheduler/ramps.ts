/** Schedules for the first epochs: constant, linear, polynomial. */
import { integer, number, options } from '../../options.ts';
import type { Optimizer } from '../optimizer.ts';
import { LRScheduler, type SchedulerOptions } from './scheduler.ts';

/** Times `factor` for the first `totalIters` epochs; `torch.optim.lr_scheduler.ConstantLR`. */
export class ConstantLR extends LRScheduler {
  /** Factor of the learning rate at first. Default 1/3. */
  readonly factor: number;
  /** Epochs until the learning rate is the optimizer's own. Default 5. */
  readonly totalIters: number;

  /** @param opts factor default 1/3, totalIters default 5 */
  constructor(optimizer: Optimizer, opts?: SchedulerOptions & { factor?: number; totalIters?: number }) {
    const name = 'ConstantLR';
    const { factor = 1 / 3, totalIters = 5, ...rest } = options(name, opts, ['factor', 'totalIters', 'lastEpoch']);
    super(optimizer, rest);
    this.factor = number(name, 'factor', factor, Number.MIN_VALUE, 1);
    this.totalIters = integer(name, 'totalIters', totalIters, 0);
    this.start();
  }

  protected override next(): number[] {
    if (this.lastEpoch === 0) return this.scaled(this.factor);
    return this.scaled(this.lastEpoch === this.totalIters ? 1 / this.factor : 1);
  }

  protected override closedForm(): number[] {
    return this.scaledBase(this.lastEpoch >= this.totalIters ? 1 : this.factor);
  }
}

/** A factor that goes from startFactor to endFactor in `totalIters` epochs; `torch.optim.lr_scheduler.LinearLR`. */
export class LinearLR extends LRScheduler {
  /** Factor of the learning rate at first. Default 1/3. */
  readonly startFactor: number;
  /** Factor of the learning rate at the end. Default 1. */
  readonly endFactor: number;
  /** Epochs from the first factor to the last. Default 5. */
  readonly totalIters: number;

  /** @param opts startFactor default 1/3, endFactor default 1, totalIters default 5 */
  constructor(
    optimizer: Optimizer,
    opts?: SchedulerOptions & { startFactor?: number; endFactor?: number; totalIters?: number },
  ) {
    const name = 'LinearLR';
    const names = ['startFactor', 'endFactor', 'totalIters', 'lastEpoch'] as const;
    const { startFactor = 1 / 3, endFactor = 1, totalIters = 5, ...rest } = options(name, opts, names);
    super(optimizer, rest);
    this.startFactor = number(name, 'startFactor', startFactor, Number.MIN_VALUE, 1);
    this.endFactor = number(name, 'endFactor', endFactor, 0, 1);
    this.totalIters = integer(name, 'totalIters', totalIters, 1);
    this.start();
  }

  protected override next(): number[] {
    const { startFactor, totalIters, lastEpoch } = this;
    if (lastEpoch === 0) return this.scaled(startFactor);
    if (lastEpoch > totalIters) return this.scaled(1);
    const rise = this.endFactor - startFactor;
    return this.scaled(1 + rise / (totalIters * startFactor + (lastEpoch - 1) * rise));
  }

  protected override closedForm(): number[] {
    const { startFactor, endFactor, totalIters, lastEpoch } = this;
    return this.scaledBase(startFactor + ((endFactor - startFactor) * Math.min(totalIters, lastEpoch)) / totalIters);
  }
}

/** Down to 0 in `totalIters` epochs as a power of what is left; `torch.optim.lr_scheduler.PolynomialLR`. */
export class PolynomialLR extends LRScheduler {
  /** Epochs until the learning rate is 0. Default 5. */
  readonly totalIters: number;
  /** Exponent: 1 is a straight line. Default 1. */
  readonly power: number;

  /** @param opts totalIters default 5, power default 1 */
  constructor(optimizer: Optimizer, opts?: SchedulerOptions & { totalIters?: number; power?: number }) {
    const name = 'PolynomialLR';
    const { totalIters = 5, power = 1, ...rest } = options(name, opts, ['totalIters', 'power', 'lastEpoch']);
    super(optimizer, rest);
    this.totalIters = integer(name, 'totalIters', totalIters, 1);
    this.power = number(name, 'power', power);
    this.start();
  }

  protected override next(): number[] {
    const { totalIters, lastEpoch, power } = this;
    if (lastEpoch === 0 || lastEpoch > totalIters) return this.scaled(1);
    return this.scaled(((1 - lastEpoch / totalIters) / (1 - (lastEpoch - 1) / totalIters)) ** power);
  }

  protected override closedForm(): number[] {
    const { totalIters, lastEpoch, power } = this;
    return this.scaledBase((1 - Math.min(totalIters, lastEpoch) / totalIters) ** power);
  }
}
