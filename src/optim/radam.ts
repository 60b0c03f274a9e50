/** RAdam. */
import type { Tensor } from '../tensor/tensor.ts';
import { MomentOptimizer, type MomentSettings, momentDefaults } from './moments.ts';
import type { ParamGroup, Params } from './param-groups.ts';
import { descent } from './per-parameter.ts';
import type { ParamState } from './state-dict.ts';

/** Adam that divides only once the mean of squares can be trusted (Liu et al., 2020); `torch.optim.RAdam`. */
export class RAdam extends MomentOptimizer<MomentSettings> {
  /** @param opts lr default 0.001 */
  constructor(params: Params<MomentSettings>, opts?: Partial<MomentSettings>) {
    super(params, opts, { ...momentDefaults, lr: 1e-3 });
  }

  protected override update(p: Tensor, grad: Tensor, group: ParamGroup<MomentSettings>, state: ParamState): void {
    const { lr, betas, eps } = group;
    const { step, mean, squares } = this.advance(descent(p, grad, group), betas, state);
    const decay = betas[1] ** step;
    const rate = lr / (1 - betas[0] ** step);
    // length of the simple average that the mean of squares amounts to, in the limit and now
    const limit = 2 / (1 - betas[1]) - 1;
    const length = limit - (2 * step * decay) / (1 - decay);
    if (length <= 5) {
      p.sub_(mean, { alpha: rate });
      return;
    }
    const trust = ((length - 4) * (length - 2) * limit) / ((limit - 4) * (limit - 2) * length);
    p.sub_(mean.div(squares.sqrt().add_(eps)), { alpha: rate * Math.sqrt(trust * (1 - decay)) });
  }
}
