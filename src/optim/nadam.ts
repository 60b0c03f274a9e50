/** NAdam. */
import { number } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { MomentOptimizer, type MomentSettings, momentDefaults } from './moments.ts';
import type { ParamGroup, Params } from './param-groups.ts';
import { descent } from './per-parameter.ts';
import type { ParamState } from './state-dict.ts';

/** Settings of `NAdam`, for all parameters or by group. */
export interface NAdamSettings extends MomentSettings {
  /** How fast the momentum rises. Default 4e-3. */
  momentumDecay: number;
}

const defaults: NAdamSettings = { ...momentDefaults, momentumDecay: 4e-3 };

/** Adam with Nesterov's momentum (Dozat, 2016); `torch.optim.NAdam` as PyTorch 1.13 computes it. */
export class NAdam extends MomentOptimizer<NAdamSettings> {
  /** @param opts lr default 0.002 */
  constructor(params: Params<NAdamSettings>, opts?: Partial<NAdamSettings>) {
    super(params, opts, defaults);
  }

  protected override check(name: string, settings: NAdamSettings): void {
    super.check(name, settings);
    number(name, 'momentumDecay', settings.momentumDecay, 0);
  }

  protected override fresh(p: Tensor): ParamState {
    return { ...super.fresh(p), muProduct: 1 };
  }

  protected override update(p: Tensor, grad: Tensor, group: ParamGroup<NAdamSettings>, state: ParamState): void {
    const { lr, betas, eps, momentumDecay } = group;
    const g = descent(p, grad, group);
    const { step, mean, squares } = this.advance(g, betas, state);
    const momentum = (at: number) => betas[0] * (1 - 0.5 * 0.96 ** (at * momentumDecay));
    const [now, next] = [momentum(step), momentum(step + 1)];
    const product = (state.muProduct as number) * now;
    state.muProduct = product;
    const divisor = squares
      .div(1 - betas[1] ** step)
      .sqrt()
      .add_(eps);
    p.sub_(g.div(divisor), { alpha: (lr * (1 - now)) / (1 - product) });
    // the factor `now` stands twice in PyTorch 1.13's default path; its foreach path and PyTorch 2 have it once
    p.sub_(mean.div(divisor), { alpha: (lr * next) / (1 - product * now * next) });
  }
}
