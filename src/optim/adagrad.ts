/** Adagrad. */
import { boolean, number } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { ParamGroup, Params, Settings } from './param-groups.ts';
import { descent, PerParameter, zerosFor } from './per-parameter.ts';
import type { ParamState } from './state-dict.ts';

/** Settings of `Adagrad`, for all parameters or by group. */
export interface AdagradSettings extends Settings {
  /** How fast the learning rate falls: lr / (1 + (step - 1)·lrDecay). Default 0. */
  lrDecay: number;
  /** L2 penalty. Default 0. */
  weightDecay: number;
  /** What the sums of squares begin with. Default 0. */
  initialAccumulatorValue: number;
  /** Added to the divisor. Default 1e-10. */
  eps: number;
  /** Climb instead of descending. Default false. */
  maximize: boolean;
}

const defaults: AdagradSettings = {
  lr: 1e-2,
  lrDecay: 0,
  weightDecay: 0,
  initialAccumulatorValue: 0,
  eps: 1e-10,
  maximize: false,
};

/** Steps by the gradient over the root of the sum of its squares (Duchi, Hazan, Singer, 2011); `torch.optim.Adagrad`. */
export class Adagrad extends PerParameter<AdagradSettings> {
  /** @param opts lr default 0.01 */
  constructor(params: Params<AdagradSettings>, opts?: Partial<AdagradSettings>) {
    super(params, opts, defaults);
  }

  protected override check(name: string, settings: AdagradSettings): void {
    const keys = ['lr', 'lrDecay', 'weightDecay', 'initialAccumulatorValue', 'eps'] as const;
    for (const key of keys) number(name, key, settings[key], 0);
    boolean(name, 'maximize', settings.maximize);
  }

  protected override fresh(p: Tensor, { initialAccumulatorValue }: ParamGroup<AdagradSettings>): ParamState {
    return { step: 0, sum: zerosFor(p).fill_(initialAccumulatorValue) };
  }

  protected override update(p: Tensor, grad: Tensor, group: ParamGroup<AdagradSettings>, state: ParamState): void {
    const g = descent(p, grad, group);
    const step = (state.step as number) + 1;
    state.step = step;
    const sum = (state.sum as Tensor).add_(g.square());
    p.sub_(g.div(sum.sqrt().add_(group.eps)), { alpha: group.lr / (1 + (step - 1) * group.lrDecay) });
  }
}
