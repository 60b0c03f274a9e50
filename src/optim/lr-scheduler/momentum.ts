/** Momentum of an optimizer's groups, for schedules that change it with the learning rate. */
import { fail } from '../../errors.ts';
import type { Optimizer } from '../optimizer.ts';
import type { ParamGroup } from '../param-groups.ts';

/** The momentum of SGD and RMSprop, or the first beta of Adam and its relatives. */
type WithMomentum = ParamGroup & { momentum?: number; betas?: readonly [number, number] };

export function checkMomentum(name: string, optimizer: Optimizer, betasToo: boolean): void {
  const { defaults } = optimizer;
  if (!('momentum' in defaults || (betasToo && 'betas' in defaults))) {
    fail(name, `cycleMomentum expected an optimizer with momentum, got ${optimizer.constructor.name}`);
  }
}

export function getMomentum(group: ParamGroup): number {
  const { betas, momentum } = group as WithMomentum;
  return betas === undefined ? (momentum as number) : betas[0];
}

export function setMomentum(group: ParamGroup, value: number): void {
  const target = group as WithMomentum;
  if (target.betas === undefined) target.momentum = value;
  else target.betas = [value, target.betas[1]];
}
