/** What the relatives of Adam share: a mean of gradients and a mean of squares. */
import { boolean, number } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkBetas, type Settings } from './param-groups.ts';
import { PerParameter, zerosFor } from './per-parameter.ts';
import type { ParamState } from './state-dict.ts';

/** Settings of `Adamax`, `NAdam` and `RAdam`, for all parameters or by group. */
export interface MomentSettings extends Settings {
  /** Decay of the mean of gradients and of their squares (Adamax: of the largest). Default [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Added to the divisor. Default 1e-8. */
  eps: number;
  /** L2 penalty. Default 0. */
  weightDecay: number;
  /** Climb instead of descending. Default false. */
  maximize: boolean;
}

export const momentDefaults: MomentSettings = {
  lr: 2e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  maximize: false,
};

export abstract class MomentOptimizer<S extends MomentSettings> extends PerParameter<S> {
  protected override check(name: string, { lr, betas, eps, weightDecay, maximize }: S): void {
    number(name, 'lr', lr, 0);
    checkBetas(name, betas);
    number(name, 'eps', eps, 0);
    number(name, 'weightDecay', weightDecay, 0);
    boolean(name, 'maximize', maximize);
  }

  protected override fresh(p: Tensor): ParamState {
    return { step: 0, expAvg: zerosFor(p), expAvgSq: zerosFor(p) };
  }

  /** @internal Counts the step and takes the gradient into both means. */
  protected advance(g: Tensor, [beta1, beta2]: readonly [number, number], state: ParamState) {
    const step = (state.step as number) + 1;
    state.step = step;
    const mean = (state.expAvg as Tensor).mul_(beta1).add_(g, { alpha: 1 - beta1 });
    const squares = (state.expAvgSq as Tensor).mul_(beta2).add_(g.square(), { alpha: 1 - beta2 });
    return { step, mean, squares };
  }
}
