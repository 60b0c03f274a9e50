/** The last step of every loss. */
import { mean, sum } from '../../ops/reduce.ts';
import { oneOf } from '../../options.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** What becomes of the losses of the elements. */
export type Reduction = 'mean' | 'sum' | 'none';

/** Options of every loss. */
export interface LossOptions {
  /** 'mean', 'sum' or 'none'. Default 'mean'. */
  reduction?: Reduction;
}

export function checkReduction(op: string, reduction: unknown): Reduction {
  return oneOf(op, 'reduction', reduction, ['mean', 'sum', 'none']);
}

/** Mean, sum, or the losses as they are. */
export function reduced(op: string, loss: Tensor, reduction: Reduction): Tensor {
  checkReduction(op, reduction);
  return reduction === 'none' ? loss : reduction === 'sum' ? sum(loss) : mean(loss);
}
