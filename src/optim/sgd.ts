/** Stochastic gradient descent. */
import { fail } from '../errors.ts';
import { sgdStep } from '../ops/optim.ts';
import { boolean, number } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { ParamGroup, Params, Settings } from './param-groups.ts';
import { PerParameter, zerosFor } from './per-parameter.ts';
import { type ParamState, readState } from './state-dict.ts';

/** Settings of `SGD`, for all parameters or by group. */
export interface SGDSettings extends Settings {
  /** Share of the last velocity that is kept. Default 0. */
  momentum: number;
  /** Share of the gradient that the velocity does not take. Default 0. */
  dampening: number;
  /** L2 penalty. Default 0. */
  weightDecay: number;
  /** Nesterov's momentum. Default false. */
  nesterov: boolean;
  /** Climb instead of descending. Default false. */
  maximize: boolean;
}

const defaults: SGDSettings = {
  lr: 1e-3,
  momentum: 0,
  dampening: 0,
  weightDecay: 0,
  nesterov: false,
  maximize: false,
};

/** v = momentum·v + (1 - dampening)·g, p -= lr·v, with PyTorch's form of Nesterov's momentum; `torch.optim.SGD`. */
export class SGD extends PerParameter<SGDSettings> {
  /** @param opts lr default 0.001 */
  constructor(params: Params<SGDSettings>, opts?: Partial<SGDSettings>) {
    super(params, opts, defaults);
  }

  protected override check(
    name: string,
    { lr, momentum, dampening, weightDecay, nesterov, maximize }: SGDSettings,
  ): void {
    number(name, 'lr', lr, 0);
    number(name, 'momentum', momentum, 0);
    number(name, 'dampening', dampening);
    number(name, 'weightDecay', weightDecay, 0);
    boolean(name, 'maximize', maximize);
    if (boolean(name, 'nesterov', nesterov) && (momentum === 0 || dampening !== 0)) {
      fail(
        name,
        `nesterov expected momentum above 0 and dampening 0, got momentum ${momentum}, dampening ${dampening}`,
      );
    }
  }

  /** The velocity comes with the first step that has momentum. */
  protected override fresh(): ParamState {
    return {};
  }

  protected override update(p: Tensor, grad: Tensor, group: ParamGroup<SGDSettings>, state: ParamState): void {
    const { lr, momentum, dampening, weightDecay, nesterov, maximize } = group;
    const first = momentum !== 0 && state.momentumBuffer === undefined;
    if (first) state.momentumBuffer = zerosFor(p);
    const buffer = momentum === 0 ? null : (state.momentumBuffer as Tensor);
    const g = maximize ? grad.neg() : grad;
    sgdStep(g, p, buffer, { lr, momentum, dampening, weightDecay, nesterov, first });
  }

  protected override load(index: number, saved: Record<string, unknown>, p: Tensor): ParamState {
    // PyTorch writes None for a velocity that was not needed
    const isEmpty = Object.values(saved).every((value) => value === null || value === undefined);
    const state: ParamState = isEmpty ? {} : { momentumBuffer: zerosFor(p) };
    readState(this.constructor.name, index, saved, state);
    return state;
  }
}
