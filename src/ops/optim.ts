/** Steps of optimizers: one kernel call that changes a parameter and its state in place. */
import { apply } from '../autograd/apply.ts';
import type { NumberArray } from '../backend/kernels.ts';
import type { DType } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { copyInto, dense, elements } from './copy.ts';
import { defineOp, emptyTensor, kernelsFor, type Op } from './define.ts';

/** Runs `step` on the elements of p and of its state, in order, and marks both as changed. */
function inPlace(p: Tensor, state: readonly Tensor[], step: (p: NumberArray) => void): Tensor {
  const whole = dense(p);
  step(elements(whole));
  if (whole !== p) copyInto(p, whole);
  p.storage.version++;
  for (const t of state) t.storage.version++;
  return p;
}

const unused: Partial<Record<DType, Tensor>> = {};

/** What the kernel takes for a momentum buffer where there is no momentum: it neither reads nor writes it. */
function unusedBuffer(p: Tensor): Tensor {
  const known = unused[p.dtype];
  if (known !== undefined && known.size >= p.size) return known;
  const made = emptyTensor(p.dtype, [p.size]).keep();
  unused[p.dtype] = made;
  return made;
}

export interface SgdStep {
  lr: number;
  momentum: number;
  dampening: number;
  weightDecay: number;
  nesterov: boolean;
  /** The momentum buffer is new: what is in it does not count. */
  first: boolean;
}

const sgdStepOp: Op<SgdStep> = defineOp<SgdStep>({
  name: 'sgdStep',
  run([g, p, buffer], { lr, momentum, dampening, weightDecay, nesterov, first }) {
    const whole = dense(g);
    const velocity = buffer ?? unusedBuffer(p);
    return inPlace(p, buffer === null ? [] : [buffer], (values) => {
      const numbers = [lr, momentum, dampening, weightDecay, nesterov ? 1 : 0, first ? 1 : 0] as const;
      kernelsFor(p.dtype).sgdStep(p.size, ...numbers, elements(whole), values, elements(velocity));
    });
  },
});

/** One step of `torch.optim.SGD` on p with gradient g. The buffer is null where momentum is 0. */
export function sgdStep(g: Tensor, p: Tensor, buffer: Tensor | null, attrs: SgdStep): void {
  apply(sgdStepOp, [g, p, buffer], attrs);
}

export interface AdamStep {
  lr: number;
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
  /** AdamW's weight decay: of the parameter, not of the gradient. */
  decoupled: boolean;
  /** Counted from 1. */
  step: number;
  amsgrad: boolean;
  maximize: boolean;
}

const adamStepOp: Op<AdamStep> = defineOp<AdamStep>({
  name: 'adamStep',
  run([g, p, m, v], { lr, betas, eps, weightDecay, decoupled, step, amsgrad, maximize }) {
    const whole = dense(g);
    return inPlace(p, [m, v], (values) => {
      const flags = [decoupled ? 1 : 0, step, amsgrad ? 1 : 0, maximize ? 1 : 0] as const;
      const moments = [elements(m), elements(v)] as const;
      kernelsFor(p.dtype).adamStep(
        p.size,
        lr,
        ...betas,
        eps,
        weightDecay,
        ...flags,
        elements(whole),
        values,
        ...moments,
      );
    });
  },
});

/** Zeroed moments of a parameter for `adamStep`. With amsgrad the maximum of v lies right behind v, in the same storage. */
export function adamMoments(p: Tensor, amsgrad: boolean): { m: Tensor; v: Tensor; max: Tensor | null } {
  const m = emptyTensor(p.dtype, p.shape, true).keep();
  const both = emptyTensor(p.dtype, [amsgrad ? 2 : 1, ...p.shape], true).keep();
  return { m, v: both.select(0, 0), max: amsgrad ? both.select(0, 1) : null };
}

/** One step of `torch.optim.Adam` or AdamW on p with gradient g and the moments that `adamMoments` made. */
export function adamStep(g: Tensor, p: Tensor, m: Tensor, v: Tensor, attrs: AdamStep): void {
  apply(adamStepOp, [g, p, m, v], attrs);
}
