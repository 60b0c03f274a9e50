/** Cycles of the learning rate. */
import { invalid } from '../../errors.ts';
import { boolean, number, oneOf, options } from '../../options.ts';
import type { Optimizer } from '../optimizer.ts';
import { checkMomentum, setMomentum } from './momentum.ts';
import { LRScheduler, perGroup, type SchedulerOptions } from './scheduler.ts';

/** Options of `CyclicLR`. */
export interface CyclicOptions extends SchedulerOptions {
  /** Lowest learning rate, one or one for each group. */
  baseLr: number | readonly number[];
  /** Highest learning rate, one or one for each group. */
  maxLr: number | readonly number[];
  /** Steps on the way up. Default 2000. */
  stepSizeUp?: number;
  /** Steps on the way down. Default stepSizeUp. */
  stepSizeDown?: number | null;
  /** Same height each time (default), half of it, or `gamma` to the power of the step. */
  mode?: 'triangular' | 'triangular2' | 'exp_range';
  /** Base of the height in mode 'exp_range'. Default 1. */
  gamma?: number;
  /** Height as a function, in place of `mode`; not part of the state dict. */
  scaleFn?: ((x: number) => number) | null;
  /** Whether scaleFn is given the number of the cycle, from 1 (default), or of the step. */
  scaleMode?: 'cycle' | 'iterations';
  /** Whether the momentum goes the other way. Default true. */
  cycleMomentum?: boolean;
  /** Lowest momentum. Default 0.8. */
  baseMomentum?: number | readonly number[];
  /** Highest momentum. Default 0.9. */
  maxMomentum?: number | readonly number[];
}

const optionNames = [
  'baseLr',
  'maxLr',
  'stepSizeUp',
  'stepSizeDown',
  'mode',
  'gamma',
  'scaleFn',
  'scaleMode',
  'cycleMomentum',
  'baseMomentum',
  'maxMomentum',
  'lastEpoch',
] as const;
const modes = ['triangular', 'triangular2', 'exp_range'] as const;

/** Up and down between two learning rates (Smith, 2017); step after each batch. `torch.optim.lr_scheduler.CyclicLR`. */
export class CyclicLR extends LRScheduler {
  /** Highest learning rate of each group. */
  readonly maxLrs: number[];
  /** Steps of a cycle. */
  readonly totalSize: number;
  /** Share of a cycle on the way up. */
  readonly stepRatio: number;
  readonly mode: (typeof modes)[number];
  readonly gamma: number;
  readonly scaleMode: 'cycle' | 'iterations';
  readonly cycleMomentum: boolean;
  /** Lowest momentum of each group. */
  readonly baseMomentums: number[];
  /** Highest momentum of each group. */
  readonly maxMomentums: number[];
  private readonly scaleFn: ((x: number) => number) | undefined;

  constructor(optimizer: Optimizer, opts: CyclicOptions) {
    const name = 'CyclicLR';
    const given = options(name, opts, optionNames);
    super(optimizer, { lastEpoch: given.lastEpoch });
    const rates = (option: 'baseLr' | 'maxLr') =>
      perGroup(name, option, given[option], optimizer).map((lr) => number(name, option, lr, 0));
    const baseLrs = rates('baseLr');
    this.maxLrs = rates('maxLr');
    const up = number(name, 'stepSizeUp', given.stepSizeUp ?? 2000, 1);
    const down = number(name, 'stepSizeDown', given.stepSizeDown ?? up, 1);
    this.totalSize = up + down;
    this.stepRatio = up / this.totalSize;
    this.mode = oneOf(name, 'mode', given.mode ?? 'triangular', modes);
    this.gamma = number(name, 'gamma', given.gamma ?? 1);
    this.scaleFn = given.scaleFn ?? undefined;
    if (this.scaleFn !== undefined && typeof this.scaleFn !== 'function') {
      invalid(name, 'scaleFn', 'a function', given.scaleFn);
    }
    const scaleMode = oneOf(name, 'scaleMode', given.scaleMode ?? 'cycle', ['cycle', 'iterations']);
    this.scaleMode = this.scaleFn !== undefined ? scaleMode : this.mode === 'exp_range' ? 'iterations' : 'cycle';
    this.cycleMomentum = boolean(name, 'cycleMomentum', given.cycleMomentum ?? true);
    this.baseMomentums = perGroup(name, 'baseMomentum', given.baseMomentum ?? 0.8, optimizer);
    this.maxMomentums = perGroup(name, 'maxMomentum', given.maxMomentum ?? 0.9, optimizer);
    if (this.cycleMomentum) checkMomentum(name, optimizer, false);
    if (this.lastEpoch === -1) {
      optimizer.paramGroups.forEach((group, i) => {
        group.lr = baseLrs[i];
        // the lowest, whatever another schedule was told
        group.initialLr = baseLrs[i];
        if (this.cycleMomentum) setMomentum(group, this.baseMomentums[i]);
      });
    }
    this.start();
  }

  private height(x: number): number {
    if (this.scaleFn !== undefined) return this.scaleFn(x);
    if (this.mode === 'triangular') return 1;
    return this.mode === 'triangular2' ? 1 / 2 ** (x - 1) : this.gamma ** x;
  }

  protected override next(): number[] {
    const cycle = Math.floor(1 + this.lastEpoch / this.totalSize);
    const x = 1 + this.lastEpoch / this.totalSize - cycle;
    const share = x <= this.stepRatio ? x / this.stepRatio : (x - 1) / (this.stepRatio - 1);
    const height = share * this.height(this.scaleMode === 'cycle' ? cycle : this.lastEpoch);
    if (this.cycleMomentum) {
      this.groups.forEach((group, i) => {
        const highest = this.maxMomentums[i];
        setMomentum(group, highest - (highest - this.baseMomentums[i]) * height);
      });
    }
    return this.baseLrs.map((lr, i) => lr + (this.maxLrs[i] - lr) * height);
  }
}
