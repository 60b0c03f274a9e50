/** RMSprop. */
import { boolean, number } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { ParamGroup, Params, Settings } from './param-groups.ts';
import { descent, PerParameter, zerosFor } from './per-parameter.ts';
import type { ParamState } from './state-dict.ts';

/** Settings of `RMSprop`, for all parameters or by group. */
export interface RMSpropSettings extends Settings {
  /** Share of the mean of squares that is kept. Default 0.99. */
  alpha: number;
  /** Added to the divisor. Default 1e-8. */
  eps: number;
  /** L2 penalty. Default 0. */
  weightDecay: number;
  /** Share of the last step that is kept. Default 0. */
  momentum: number;
  /** Divide by an estimate of the variance. Default false. */
  centered: boolean;
  /** Climb instead of descending. Default false. */
  maximize: boolean;
}

const defaults: RMSpropSettings = {
  lr: 1e-2,
  alpha: 0.99,
  eps: 1e-8,
  weightDecay: 0,
  momentum: 0,
  centered: false,
  maximize: false,
};

/** Steps by the gradient over the root of the mean of its squares (Tieleman and Hinton, 2012); `torch.optim.RMSprop`. */
export class RMSprop extends PerParameter<RMSpropSettings> {
  /** @param opts lr default 0.01 */
  constructor(params: Params<RMSpropSettings>, opts?: Partial<RMSpropSettings>) {
    super(params, opts, defaults);
  }

  protected override check(name: string, settings: RMSpropSettings): void {
    for (const key of ['lr', 'alpha', 'eps', 'weightDecay', 'momentum'] as const) number(name, key, settings[key], 0);
    for (const key of ['centered', 'maximize'] as const) boolean(name, key, settings[key]);
  }

  protected override fresh(p: Tensor, { momentum, centered }: ParamGroup<RMSpropSettings>): ParamState {
    const state: ParamState = { step: 0, squareAvg: zerosFor(p) };
    if (momentum > 0) state.momentumBuffer = zerosFor(p);
    if (centered) state.gradAvg = zerosFor(p);
    return state;
  }

  protected override update(p: Tensor, grad: Tensor, group: ParamGroup<RMSpropSettings>, state: ParamState): void {
    const { lr, alpha, eps, momentum, centered } = group;
    const g = descent(p, grad, group);
    state.step = (state.step as number) + 1;
    const squares = (state.squareAvg as Tensor).mul_(alpha).add_(g.square(), { alpha: 1 - alpha });
    let spread = squares;
    if (centered) {
      state.gradAvg ??= zerosFor(p);
      const mean = (state.gradAvg as Tensor).mul_(alpha).add_(g, { alpha: 1 - alpha });
      spread = squares.sub(mean.square());
    }
    let step = g.div(spread.sqrt().add_(eps));
    if (momentum > 0) {
      state.momentumBuffer ??= zerosFor(p);
      step = (state.momentumBuffer as Tensor).mul_(momentum).add_(step);
    }
    p.sub_(step, { alpha: lr });
  }
}
