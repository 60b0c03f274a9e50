/** LRScheduler: the base of the schedules of the learning rate. */
import { fail, invalid, show } from '../../errors.ts';
import { integer } from '../../options.ts';
import { Optimizer } from '../optimizer.ts';
import type { ParamGroup, Settings } from '../param-groups.ts';
import { snakeCase } from '../state-dict.ts';

/** A schedule's state by PyTorch's names. */
export type SchedulerStateDict = Record<string, unknown>;

/** Keys of PyTorch's state dicts that say nothing about the schedule, or hold functions. */
const ignored = [
  'verbose',
  'anneal_func',
  'lr_lambdas',
  '_anneal_func_type',
  '_get_lr_called_within_step',
  '_is_initial',
  '_scale_fn_custom',
  '_scale_fn_ref',
  '_schedule_phases',
];

/** PyTorch's names that are not just ours in snake case. */
const keys: Record<string, string> = {
  stepCount: '_step_count',
  lastLr: '_last_lr',
  tMax: 'T_max',
  t0: 'T_0',
  tI: 'T_i',
  tMult: 'T_mult',
  tCur: 'T_cur',
};

/** What a schedule saves: its numbers, words and lists of them, by PyTorch's names. */
export abstract class Stateful {
  /** @internal A field's name in state dicts. */
  protected keyOf(field: string): string {
    return keys[field] ?? snakeCase(field);
  }

  private fields(): [field: string, key: string, value: unknown][] {
    const isState = (value: unknown) =>
      value !== undefined && typeof value !== 'function' && !(value instanceof Optimizer);
    return Object.entries(this)
      .filter(([, value]) => isState(value) && !(Array.isArray(value) && value.some((v) => !isState(v))))
      .map(([field, value]) => [field, this.keyOf(field), value]);
  }

  /** The schedule's state by PyTorch's names. */
  stateDict(): SchedulerStateDict {
    return Object.fromEntries(this.fields().map(([, key, value]) => [key, structuredClone(value)]));
  }

  /** Takes over the state of a schedule of the same kind. */
  loadStateDict(state: SchedulerStateDict): void {
    const name = this.constructor.name;
    if (state === null || typeof state !== 'object' || !('last_epoch' in state)) {
      invalid(name, 'state dict', 'an object with last_epoch', state);
    }
    const known = new Map(this.fields().map(([field, key, value]) => [key, { field, value }]));
    const loaded: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(state)) {
      if (ignored.includes(key)) continue;
      const mine = known.get(key);
      if (mine === undefined) fail(name, `state dict has ${show(key)}, which ${name} does not know`);
      if (mine.value !== null && value !== null && typeof value !== typeof mine.value) {
        invalid(name, key, `a ${typeof mine.value}`, value);
      }
      loaded[mine.field] = structuredClone(value);
    }
    Object.assign(this, loaded);
  }
}

/** Options of every schedule. */
export interface SchedulerOptions {
  /** Epoch to go on from; -1 (default) begins anew. */
  lastEpoch?: number;
}

/** Throws unless `value` is an optimizer. */
export function checkOptimizer(name: string, value: unknown): Optimizer {
  return value instanceof Optimizer ? value : invalid(name, 'optimizer', 'an Optimizer', value);
}

/** One value for every group, or a list with one for each. */
export function perGroup<T>(name: string, option: string, value: T | readonly T[], optimizer: Optimizer): T[] {
  const count = optimizer.paramGroups.length;
  if (!Array.isArray(value)) return new Array<T>(count).fill(value as T);
  if (value.length !== count) invalid(name, option, `one value, or ${count} (one for each group)`, value);
  return value.slice();
}

/**
 * Sets the learning rate of an optimizer's groups; call `step()` after each epoch, or after each of the optimizer's steps.
 * `torch.optim.lr_scheduler.LRScheduler`.
 */
export abstract class LRScheduler extends Stateful {
  /** Whose learning rates are set. */
  readonly optimizer: Optimizer;
  /** Learning rates of the groups before any schedule. */
  baseLrs: number[] = [];
  /** Number of calls of `step`, from 0. */
  lastEpoch: number;
  /** Number of steps taken; the constructor takes the first. */
  protected stepCount = 0;
  /** Learning rates of the groups as this schedule last set them. */
  protected lastLr: number[] = [];

  constructor(optimizer: Optimizer, { lastEpoch = -1 }: SchedulerOptions) {
    super();
    this.optimizer = checkOptimizer(this.constructor.name, optimizer);
    this.lastEpoch = integer(this.constructor.name, 'lastEpoch', lastEpoch, -1);
  }

  /** Learning rates for `lastEpoch`, from those of the groups at the epoch before. */
  protected abstract next(): number[];

  /** Learning rates for `lastEpoch` from the base ones alone, where they differ from `next`. */
  protected closedForm(): number[] {
    return this.next();
  }

  /** The first step; the last thing that a constructor does. */
  protected start(): void {
    this.optimizer.paramGroups.forEach((group, i) => {
      if (this.lastEpoch === -1) group.initialLr ??= group.lr;
      else if (group.initialLr === undefined) {
        fail(this.constructor.name, `paramGroups[${i}] expected initialLr, as lastEpoch is ${this.lastEpoch}`);
      }
    });
    this.baseLrs = this.optimizer.paramGroups.map(({ initialLr }) => initialLr as number);
    this.restart();
  }

  /** @internal The first step again. */
  restart(): void {
    this.stepCount = 0;
    this.step();
  }

  /** @internal Takes the first step back, for a schedule that comes later. */
  undo(): void {
    this.lastEpoch--;
  }

  /** Moves on by one epoch. */
  step(): void {
    this.stepCount++;
    this.lastEpoch++;
    this.assign(this.next());
  }

  /** @internal Jumps to an epoch. */
  stepTo(epoch: number): void {
    this.stepCount++;
    this.lastEpoch = epoch;
    this.assign(this.closedForm());
  }

  /** Learning rates of the groups as this schedule last set them. */
  getLastLr(): number[] {
    return this.lastLr.slice();
  }

  /** The optimizer's groups. */
  protected get groups(): ParamGroup<Settings>[] {
    return this.optimizer.paramGroups;
  }

  /** Every group's learning rate times a number. */
  protected scaled(factor: number): number[] {
    return this.groups.map(({ lr }) => lr * factor);
  }

  /** Every base learning rate times a number. */
  protected scaledBase(factor: number): number[] {
    return this.baseLrs.map((lr) => lr * factor);
  }

  /** Sets the learning rate of each group. */
  protected assign(rates: readonly number[]): void {
    this.groups.forEach((group, i) => {
      group.lr = rates[i];
    });
    this.lastLr = rates.slice();
  }
}
