/** Adamax. */
import type { Tensor } from '../tensor/tensor.ts';
import { MomentOptimizer, type MomentSettings, momentDefaults } from './moments.ts';
import type { ParamGroup, Params } from './param-groups.ts';
import { descent, zerosFor } from './per-parameter.ts';
import type { ParamState } from './state-dict.ts';

/** Adam with the largest magnitude in place of the mean of squares (Kingma and Ba, 2015); `torch.optim.Adamax`. */
export class Adamax extends MomentOptimizer<MomentSettings> {
  /** @param opts lr default 0.002 */
  constructor(params: Params<MomentSettings>, opts?: Partial<MomentSettings>) {
    super(params, opts, momentDefaults);
  }

  protected override fresh(p: Tensor): ParamState {
    return { step: 0, expAvg: zerosFor(p), expInf: zerosFor(p) };
  }

  protected override update(p: Tensor, grad: Tensor, group: ParamGroup<MomentSettings>, state: ParamState): void {
    const { lr, betas, eps } = group;
    const g = descent(p, grad, group);
    const step = (state.step as number) + 1;
    state.step = step;
    const mean = (state.expAvg as Tensor).mul_(betas[0]).add_(g, { alpha: 1 - betas[0] });
    const largest = state.expInf as Tensor;
    largest.copy_(largest.mul(betas[1]).maximum(g.abs().add_(eps)));
    p.sub_(mean.div(largest), { alpha: lr / (1 - betas[0] ** step) });
  }
}
