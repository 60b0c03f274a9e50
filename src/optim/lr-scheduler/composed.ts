/** Schedules made of schedules. */
import { fail, invalid } from '../../errors.ts';
import { integer, options } from '../../options.ts';
import type { Optimizer } from '../optimizer.ts';
import { checkOptimizer, LRScheduler, type SchedulerStateDict } from './scheduler.ts';

function checkSchedulers(name: string, schedulers: unknown, optimizer?: Optimizer): LRScheduler[] {
  if (!Array.isArray(schedulers) || schedulers.length === 0) {
    return invalid(name, 'schedulers', 'a list of schedulers', schedulers);
  }
  schedulers.forEach((scheduler, i) => {
    if (!(scheduler instanceof LRScheduler)) invalid(name, `schedulers[${i}]`, 'an LRScheduler', scheduler);
    if (scheduler.optimizer !== (optimizer ?? schedulers[0].optimizer)) {
      fail(name, `schedulers[${i}] is for another optimizer`);
    }
  });
  return schedulers.slice();
}

/** Loads the states of the parts. */
function loadParts(name: string, parts: readonly LRScheduler[], state: SchedulerStateDict): void {
  const states = state._schedulers;
  if (!Array.isArray(states) || states.length !== parts.length) {
    invalid(name, '_schedulers', `a list of ${parts.length} state dicts`, states);
  }
  parts.forEach((part, i) => {
    part.loadStateDict(states[i]);
  });
}

/** One schedule after the other: number i + 1 from epoch milestones[i] on; `torch.optim.lr_scheduler.SequentialLR`. */
export class SequentialLR {
  /** Whose learning rates are set. */
  readonly optimizer: Optimizer;
  /** The schedules, in order. */
  readonly schedulers: readonly LRScheduler[];
  /** Epochs at which the next schedule begins, one fewer than schedules. */
  readonly milestones: readonly number[];
  /** Number of calls of `step`. */
  lastEpoch: number;
  private lastLr: number[];

  constructor(
    optimizer: Optimizer,
    opts: { schedulers: readonly LRScheduler[]; milestones: readonly number[]; lastEpoch?: number },
  ) {
    const name = 'SequentialLR';
    const { schedulers, milestones, lastEpoch = -1 } = options(name, opts, ['schedulers', 'milestones', 'lastEpoch']);
    this.optimizer = checkOptimizer(name, optimizer);
    this.schedulers = checkSchedulers(name, schedulers, optimizer);
    if (!Array.isArray(milestones) || milestones.length !== schedulers.length - 1) {
      invalid(name, 'milestones', `a list of ${schedulers.length - 1} epochs`, milestones);
    }
    this.milestones = milestones.map((epoch) => integer(name, 'milestones', epoch, 0));
    this.lastEpoch = integer(name, 'lastEpoch', lastEpoch, -1) + 1;
    // all of them took their first step; only the first is to have taken it
    for (const group of optimizer.paramGroups) group.lr = group.initialLr as number;
    for (const scheduler of this.schedulers) scheduler.undo();
    this.schedulers[0].restart();
    this.lastLr = this.schedulers[0].getLastLr();
  }

  /** Moves on by one epoch. */
  step(): void {
    this.lastEpoch++;
    const i = this.milestones.filter((epoch) => epoch <= this.lastEpoch).length;
    const scheduler = this.schedulers[i];
    if (i > 0 && this.milestones[i - 1] === this.lastEpoch) scheduler.stepTo(0);
    else scheduler.step();
    this.lastLr = scheduler.getLastLr();
  }

  /** Learning rates of the groups as last set. */
  getLastLr(): number[] {
    return this.lastLr.slice();
  }

  /** The state of this and all its schedules, by PyTorch's names. */
  stateDict(): SchedulerStateDict {
    return {
      _milestones: this.milestones.slice(),
      last_epoch: this.lastEpoch,
      _last_lr: this.lastLr.slice(),
      _schedulers: this.schedulers.map((scheduler) => scheduler.stateDict()),
    };
  }

  /** Takes over the state of a SequentialLR with the same schedules. */
  loadStateDict(state: SchedulerStateDict): void {
    const lastEpoch = integer('SequentialLR', 'last_epoch', state.last_epoch, 0);
    loadParts('SequentialLR', this.schedulers, state);
    this.lastEpoch = lastEpoch;
    this.lastLr = (state._last_lr as number[]).slice();
  }
}

/** Schedules that all take every step; `torch.optim.lr_scheduler.ChainedScheduler`. */
export class ChainedScheduler {
  /** Whose learning rates are set. */
  readonly optimizer: Optimizer;
  /** The schedules, in order. */
  readonly schedulers: readonly LRScheduler[];

  constructor(schedulers: readonly LRScheduler[]) {
    this.schedulers = checkSchedulers('ChainedScheduler', schedulers);
    this.optimizer = this.schedulers[0].optimizer;
  }

  /** Moves all of them on by one epoch. */
  step(): void {
    for (const scheduler of this.schedulers) scheduler.step();
  }

  /** Learning rates of the groups as last set. */
  getLastLr(): number[] {
    return (this.schedulers.at(-1) as LRScheduler).getLastLr();
  }

  /** The state of all its schedules, by PyTorch's names. */
  stateDict(): SchedulerStateDict {
    return { _last_lr: this.getLastLr(), _schedulers: this.schedulers.map((scheduler) => scheduler.stateDict()) };
  }

  /** Takes over the state of a ChainedScheduler with the same schedules. */
  loadStateDict(state: SchedulerStateDict): void {
    loadParts('ChainedScheduler', this.schedulers, state);
  }
}
