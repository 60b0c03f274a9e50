/** Schedules given by a function of the epoch. */
import { invalid } from '../../errors.ts';
import { options } from '../../options.ts';
import type { Optimizer } from '../optimizer.ts';
import { LRScheduler, perGroup, type SchedulerOptions } from './scheduler.ts';

/** A factor for each epoch, counted from 0. */
export type EpochFunction = (epoch: number) => number;

/** Options of `LambdaLR` and `MultiplicativeLR`. */
export interface LambdaOptions extends SchedulerOptions {
  /** One function, or one for each group. Not part of the state dict. */
  lrLambda: EpochFunction | readonly EpochFunction[];
}

abstract class FunctionLR extends LRScheduler {
  /** One function for each group. */
  protected readonly lrLambdas: readonly EpochFunction[];

  constructor(name: string, optimizer: Optimizer, opts: LambdaOptions) {
    const { lrLambda, ...rest } = options(name, opts, ['lrLambda', 'lastEpoch']);
    super(optimizer, rest);
    this.lrLambdas = perGroup(name, 'lrLambda', lrLambda, this.optimizer);
    for (const f of this.lrLambdas) if (typeof f !== 'function') invalid(name, 'lrLambda', 'a function', f);
    this.start();
  }
}

/** The base learning rate times a function of the epoch; `torch.optim.lr_scheduler.LambdaLR`. */
export class LambdaLR extends FunctionLR {
  constructor(optimizer: Optimizer, opts: LambdaOptions) {
    super('LambdaLR', optimizer, opts);
  }

  protected override next(): number[] {
    return this.baseLrs.map((lr, i) => lr * this.lrLambdas[i](this.lastEpoch));
  }
}

/** The last learning rate times a function of the epoch; `torch.optim.lr_scheduler.MultiplicativeLR`. */
export class MultiplicativeLR extends FunctionLR {
  constructor(optimizer: Optimizer, opts: LambdaOptions) {
    super('MultiplicativeLR', optimizer, opts);
  }

  protected override next(): number[] {
    if (this.lastEpoch <= 0) return this.scaled(1);
    return this.groups.map(({ lr }, i) => lr * this.lrLambdas[i](this.lastEpoch));
  }
}
