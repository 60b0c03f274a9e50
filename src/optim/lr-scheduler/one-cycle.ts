/** The one-cycle schedule. */
import { fail } from '../../errors.ts';
import { boolean, integer, number, oneOf, options } from '../../options.ts';
import type { Optimizer } from '../optimizer.ts';
import type { Scheduled } from '../param-groups.ts';
import { checkMomentum, setMomentum } from './momentum.ts';
import { LRScheduler, perGroup, type SchedulerOptions } from './scheduler.ts';

/** Options of `OneCycleLR`. */
export interface OneCycleOptions extends SchedulerOptions {
  /** Highest learning rate, one or one for each group. */
  maxLr: number | readonly number[];
  /** Number of steps. Either this, or epochs and stepsPerEpoch. */
  totalSteps?: number | null;
  /** Number of epochs; with stepsPerEpoch, in place of totalSteps. */
  epochs?: number | null;
  /** Steps of an epoch. */
  stepsPerEpoch?: number | null;
  /** Share of the steps on the way up. Default 0.3. */
  pctStart?: number;
  /** Half cosines or straight lines between the rates. Default 'cos'. */
  annealStrategy?: 'cos' | 'linear';
  /** Whether the momentum goes the other way. Default true. */
  cycleMomentum?: boolean;
  /** Lowest momentum. Default 0.85. */
  baseMomentum?: number | readonly number[];
  /** Highest momentum. Default 0.95. */
  maxMomentum?: number | readonly number[];
  /** maxLr over the first learning rate. Default 25. */
  divFactor?: number;
  /** The first learning rate over the last. Default 1e4. */
  finalDivFactor?: number;
  /** Go down as symmetrically as up, then to the last learning rate. Default false: go down in one. */
  threePhase?: boolean;
}

const optionNames = [
  'maxLr',
  'totalSteps',
  'epochs',
  'stepsPerEpoch',
  'pctStart',
  'annealStrategy',
  'cycleMomentum',
  'baseMomentum',
  'maxMomentum',
  'divFactor',
  'finalDivFactor',
  'threePhase',
  'lastEpoch',
] as const;

/** From one value kept in the group to another, until a step. */
interface Phase {
  readonly end: number;
  readonly rate: readonly [keyof Scheduled, keyof Scheduled];
  readonly momentum: readonly [keyof Scheduled, keyof Scheduled];
}

/** Up to maxLr, then down far below the start (Smith and Topin, 2018); step after each batch. `torch.optim.lr_scheduler.OneCycleLR`. */
export class OneCycleLR extends LRScheduler {
  readonly totalSteps: number;
  readonly pctStart: number;
  readonly annealStrategy: 'cos' | 'linear';
  readonly cycleMomentum: boolean;
  readonly threePhase: boolean;

  constructor(optimizer: Optimizer, opts: OneCycleOptions) {
    const name = 'OneCycleLR';
    const given = options(name, opts, optionNames);
    super(optimizer, { lastEpoch: given.lastEpoch });
    const { totalSteps, epochs, stepsPerEpoch } = given;
    if (totalSteps) this.totalSteps = integer(name, 'totalSteps', totalSteps, 1);
    else if (epochs && stepsPerEpoch) {
      this.totalSteps = integer(name, 'epochs', epochs, 1) * integer(name, 'stepsPerEpoch', stepsPerEpoch, 1);
    } else this.totalSteps = fail(name, 'expected totalSteps, or epochs and stepsPerEpoch');
    this.pctStart = number(name, 'pctStart', given.pctStart ?? 0.3, 0, 1);
    this.annealStrategy = oneOf(name, 'annealStrategy', given.annealStrategy ?? 'cos', ['cos', 'linear']);
    this.cycleMomentum = boolean(name, 'cycleMomentum', given.cycleMomentum ?? true);
    this.threePhase = boolean(name, 'threePhase', given.threePhase ?? false);
    const divFactor = number(name, 'divFactor', given.divFactor ?? 25);
    const finalDivFactor = number(name, 'finalDivFactor', given.finalDivFactor ?? 1e4);
    const maxLrs = perGroup(name, 'maxLr', given.maxLr, optimizer).map((lr) => number(name, 'maxLr', lr, 0));
    const highest = perGroup(name, 'maxMomentum', given.maxMomentum ?? 0.95, optimizer);
    const lowest = perGroup(name, 'baseMomentum', given.baseMomentum ?? 0.85, optimizer);
    if (this.cycleMomentum) checkMomentum(name, optimizer, true);
    if (this.lastEpoch === -1) {
      optimizer.paramGroups.forEach((group, i) => {
        const initialLr = maxLrs[i] / divFactor;
        Object.assign(group, { initialLr, maxLr: maxLrs[i], minLr: initialLr / finalDivFactor });
        if (!this.cycleMomentum) return;
        setMomentum(group, highest[i]);
        Object.assign(group, { maxMomentum: highest[i], baseMomentum: lowest[i] });
      });
    }
    this.start();
  }

  private phases(): Phase[] {
    const { totalSteps, pctStart, threePhase } = this;
    const up: Phase = {
      end: pctStart * totalSteps - 1,
      rate: ['initialLr', 'maxLr'],
      momentum: ['maxMomentum', 'baseMomentum'],
    };
    const last = totalSteps - 1;
    if (!threePhase) return [up, { end: last, rate: ['maxLr', 'minLr'], momentum: ['baseMomentum', 'maxMomentum'] }];
    const down: Phase = {
      end: 2 * pctStart * totalSteps - 2,
      rate: ['maxLr', 'initialLr'],
      momentum: ['baseMomentum', 'maxMomentum'],
    };
    return [up, down, { end: last, rate: ['initialLr', 'minLr'], momentum: ['maxMomentum', 'maxMomentum'] }];
  }

  private anneal(from: number, to: number, share: number): number {
    if (this.annealStrategy === 'linear') return (to - from) * share + from;
    return to + ((from - to) / 2) * (Math.cos(Math.PI * share) + 1);
  }

  protected override next(): number[] {
    const at = this.lastEpoch;
    if (at > this.totalSteps) fail('OneCycleLR', `step ${at + 1} is past totalSteps ${this.totalSteps}`);
    const phases = this.phases();
    const found = phases.findIndex(({ end }) => at <= end);
    const i = found < 0 ? phases.length - 1 : found;
    const { end, rate, momentum } = phases[i];
    const begin = i === 0 ? 0 : phases[i - 1].end;
    const share = (at - begin) / (end - begin);
    return this.groups.map((group) => {
      const value = (names: readonly (keyof Scheduled)[]) =>
        this.anneal(group[names[0]] as number, group[names[1]] as number, share);
      if (this.cycleMomentum) setMomentum(group, value(momentum));
      return value(rate);
    });
  }
}
