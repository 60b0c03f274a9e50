/** Adam. */
import { fail } from '../errors.ts';
import { adamMoments, adamStep } from '../ops/optim.ts';
import { boolean, number } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkBetas, type ParamGroup, type Params, type Settings } from './param-groups.ts';
import { PerParameter } from './per-parameter.ts';
import type { ParamState } from './state-dict.ts';

/** Settings of `Adam` and `AdamW`, for all parameters or by group. */
export interface AdamSettings extends Settings {
  /** Decay of the mean of gradients and of their squares. Default [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Added to the divisor. Default 1e-8. */
  eps: number;
  /** L2 penalty (Adam, default 0) or decay of the weights themselves (AdamW, default 0.01). */
  weightDecay: number;
  /** Divide by the largest mean of squares so far (Reddi et al., 2018). Default false. */
  amsgrad: boolean;
  /** Climb instead of descending. Default false. */
  maximize: boolean;
}

export const adamDefaults: AdamSettings = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  amsgrad: false,
  maximize: false,
};

/** What Adam and AdamW share. */
export class AdamBase extends PerParameter<AdamSettings> {
  private readonly decoupled: boolean;

  constructor(
    params: Params<AdamSettings>,
    opts: Partial<AdamSettings> | undefined,
    defaults: AdamSettings,
    decoupled: boolean,
  ) {
    super(params, opts, defaults);
    this.decoupled = decoupled;
  }

  protected override check(name: string, { lr, betas, eps, weightDecay, amsgrad, maximize }: AdamSettings): void {
    number(name, 'lr', lr, 0);
    checkBetas(name, betas);
    number(name, 'eps', eps, 0);
    number(name, 'weightDecay', weightDecay, 0);
    boolean(name, 'amsgrad', amsgrad);
    boolean(name, 'maximize', maximize);
  }

  protected override fresh(p: Tensor, { amsgrad }: ParamGroup<AdamSettings>): ParamState {
    const { m, v, max } = adamMoments(p, amsgrad);
    return { step: 0, expAvg: m, expAvgSq: v, ...(max === null ? {} : { maxExpAvgSq: max }) };
  }

  protected override update(p: Tensor, grad: Tensor, group: ParamGroup<AdamSettings>, state: ParamState): void {
    const { lr, betas, eps, weightDecay, amsgrad, maximize } = group;
    if (amsgrad && state.maxExpAvgSq === undefined)
      fail(this.constructor.name, 'amsgrad cannot be switched on after the first step');
    const step = (state.step as number) + 1;
    state.step = step;
    const attrs = { lr, betas, eps, weightDecay, decoupled: this.decoupled, step, amsgrad, maximize };
    adamStep(grad, p, state.expAvg as Tensor, state.expAvgSq as Tensor, attrs);
  }
}

/** Steps by the mean of gradients over the root of the mean of their squares (Kingma and Ba, 2015); `torch.optim.Adam`. */
export class Adam extends AdamBase {
  /** @param opts lr default 0.001 */
  constructor(params: Params<AdamSettings>, opts?: Partial<AdamSettings>) {
    super(params, opts, adamDefaults, false);
  }
}
