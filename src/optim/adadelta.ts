/** Adadelta. */
import { boolean, number } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { ParamGroup, Params, Settings } from './param-groups.ts';
import { descent, PerParameter, zerosFor } from './per-parameter.ts';
import type { ParamState } from './state-dict.ts';

export interface AdadeltaSettings extends Settings {
  /** Share of the means of squares that is kept. Default 0.9. */
  rho: number;
  /** Added under the roots. Default 1e-6. */
  eps: number;
  /** L2 penalty. Default 0. */
  weightDecay: number;
  /** Climb instead of descending. Default false. */
  maximize: boolean;
}

const defaults: AdadeltaSettings = { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, maximize: false };

/** Steps whose length comes from the steps before (Zeiler, 2012); `torch.optim.Adadelta`. */
export class Adadelta extends PerParameter<AdadeltaSettings> {
  /** @param opts lr default 1 */
  constructor(params: Params<AdadeltaSettings>, opts?: Partial<AdadeltaSettings>) {
    super(params, opts, defaults);
  }

  protected override check(name: string, { lr, rho, eps, weightDecay, maximize }: AdadeltaSettings): void {
    number(name, 'lr', lr, 0);
    number(name, 'rho', rho, 0, 1);
    number(name, 'eps', eps, 0);
    number(name, 'weightDecay', weightDecay, 0);
    boolean(name, 'maximize', maximize);
  }

  protected override fresh(p: Tensor): ParamState {
    return { step: 0, squareAvg: zerosFor(p), accDelta: zerosFor(p) };
  }

  protected override update(p: Tensor, grad: Tensor, group: ParamGroup<AdadeltaSettings>, state: ParamState): void {
    const { lr, rho, eps } = group;
    const g = descent(p, grad, group);
    state.step = (state.step as number) + 1;
    const squares = (state.squareAvg as Tensor).mul_(rho).add_(g.square(), { alpha: 1 - rho });
    const steps = state.accDelta as Tensor;
    const delta = steps.add(eps).sqrt().div_(squares.add(eps).sqrt()).mul_(g);
    steps.mul_(rho).add_(delta.square(), { alpha: 1 - rho });
    p.sub_(delta, { alpha: lr });
  }
}
