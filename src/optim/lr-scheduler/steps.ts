/** Schedules that multiply the learning rate at certain epochs. */
import { invalid } from '../../errors.ts';
import { integer, number, options } from '../../options.ts';
import type { Optimizer } from '../optimizer.ts';
import { LRScheduler, type SchedulerOptions } from './scheduler.ts';

/** Times `gamma` every `stepSize` epochs; `torch.optim.lr_scheduler.StepLR`. */
export class StepLR extends LRScheduler {
  /** Epochs between two reductions. */
  readonly stepSize: number;
  /** Factor of the learning rate. Default 0.1. */
  readonly gamma: number;

  /** @param opts gamma default 0.1 */
  constructor(optimizer: Optimizer, opts: SchedulerOptions & { stepSize: number; gamma?: number }) {
    const { stepSize, gamma = 0.1, ...rest } = options('StepLR', opts, ['stepSize', 'gamma', 'lastEpoch']);
    super(optimizer, rest);
    this.stepSize = integer('StepLR', 'stepSize', stepSize, 1);
    this.gamma = number('StepLR', 'gamma', gamma);
    this.start();
  }

  protected override next(): number[] {
    return this.scaled(this.lastEpoch === 0 || this.lastEpoch % this.stepSize !== 0 ? 1 : this.gamma);
  }

  protected override closedForm(): number[] {
    return this.scaledBase(this.gamma ** Math.floor(this.lastEpoch / this.stepSize));
  }
}

/** Times `gamma` at each of the `milestones`; `torch.optim.lr_scheduler.MultiStepLR`. */
export class MultiStepLR extends LRScheduler {
  /** Epoch → how often it was given. */
  readonly milestones: Readonly<Record<number, number>>;
  /** Factor of the learning rate. Default 0.1. */
  readonly gamma: number;

  /** @param opts gamma default 0.1 */
  constructor(optimizer: Optimizer, opts: SchedulerOptions & { milestones: readonly number[]; gamma?: number }) {
    const { milestones, gamma = 0.1, ...rest } = options('MultiStepLR', opts, ['milestones', 'gamma', 'lastEpoch']);
    super(optimizer, rest);
    if (!Array.isArray(milestones)) invalid('MultiStepLR', 'milestones', 'a list of epochs', milestones);
    const counts: Record<number, number> = {};
    for (const epoch of milestones) {
      integer('MultiStepLR', 'milestones', epoch, 0);
      counts[epoch] = (counts[epoch] ?? 0) + 1;
    }
    this.milestones = counts;
    this.gamma = number('MultiStepLR', 'gamma', gamma);
    this.start();
  }

  protected override next(): number[] {
    return this.scaled(this.gamma ** (this.milestones[this.lastEpoch] ?? 0));
  }

  protected override closedForm(): number[] {
    const passed = Object.entries(this.milestones).filter(([epoch]) => Number(epoch) <= this.lastEpoch);
    return this.scaledBase(this.gamma ** passed.reduce((sum, [, count]) => sum + count, 0));
  }
}

/** Times `gamma` every epoch; `torch.optim.lr_scheduler.ExponentialLR`. */
export class ExponentialLR extends LRScheduler {
  /** Factor of the learning rate. */
  readonly gamma: number;

  constructor(optimizer: Optimizer, opts: SchedulerOptions & { gamma: number }) {
    const { gamma, ...rest } = options('ExponentialLR', opts, ['gamma', 'lastEpoch']);
    super(optimizer, rest);
    this.gamma = number('ExponentialLR', 'gamma', gamma);
    this.start();
  }

  protected override next(): number[] {
    return this.scaled(this.lastEpoch === 0 ? 1 : this.gamma);
  }

  protected override closedForm(): number[] {
    return this.scaledBase(this.gamma ** this.lastEpoch);
  }
}
