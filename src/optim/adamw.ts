/** AdamW. */
import { AdamBase, type AdamSettings, adamDefaults } from './adam.ts';
import type { Params } from './param-groups.ts';

/** Adam with weight decay apart from the gradient (Loshchilov and Hutter, 2019); `torch.optim.AdamW`. */
export class AdamW extends AdamBase {
  /** @param opts lr default 0.001, weightDecay default 0.01 */
  constructor(params: Params<AdamSettings>, opts?: Partial<AdamSettings>) {
    super(params, opts, { ...adamDefaults, weightDecay: 0.01 }, true);
  }
}
