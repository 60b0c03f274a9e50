/** Losses of numbers against numbers, element by element. */

import { fail, show } from '../../errors.ts';
import { add, div, mul, sub } from '../../ops/binary.ts';
import { lt, where } from '../../ops/compare.ts';
import { abs, square } from '../../ops/unary.ts';
import { number, options } from '../../options.ts';
import { sameShape } from '../../tensor/shape.ts';
import { checkFloat, checkTensor, type Tensor } from '../../tensor/tensor.ts';
import { type LossOptions, reduced } from './reduction.ts';

/** Both tensors, of one shape: broadcasting a target is nearly always a mistake. */
export function checkPair(op: string, input: Tensor, target: Tensor): void {
  checkFloat(op, 'input', checkTensor(op, 'input', input));
  checkFloat(op, 'target', checkTensor(op, 'target', target));
  if (!sameShape(input.shape, target.shape)) {
    fail(op, `target expected the input's shape ${show(input.shape)}, got ${show(target.shape)}`);
  }
}

/** (x - y)²; `torch.nn.functional.mse_loss`. x and y have one shape. */
export function mseLoss(input: Tensor, target: Tensor, opts?: LossOptions): Tensor {
  const { reduction = 'mean' } = options('mseLoss', opts, ['reduction']);
  checkPair('mseLoss', input, target);
  return reduced('mseLoss', square(sub(input, target)), reduction);
}

/** |x - y|; `torch.nn.functional.l1_loss`. */
export function l1Loss(input: Tensor, target: Tensor, opts?: LossOptions): Tensor {
  const { reduction = 'mean' } = options('l1Loss', opts, ['reduction']);
  checkPair('l1Loss', input, target);
  return reduced('l1Loss', abs(sub(input, target)), reduction);
}

/** Options of `smoothL1Loss`. */
export interface SmoothL1LossOptions extends LossOptions {
  /** Where the square ends and the line begins. Default 1; 0 is l1Loss. */
  beta?: number;
}

/** d²/(2·beta) where d = |x - y| < beta, else d - beta/2; `torch.nn.functional.smooth_l1_loss`. */
export function smoothL1Loss(input: Tensor, target: Tensor, opts?: SmoothL1LossOptions): Tensor {
  const { reduction = 'mean', beta = 1 } = options('smoothL1Loss', opts, ['reduction', 'beta']);
  number('smoothL1Loss', 'beta', beta, 0);
  checkPair('smoothL1Loss', input, target);
  if (beta === 0) return reduced('smoothL1Loss', abs(sub(input, target)), reduction);
  const d = abs(sub(input, target));
  const loss = where(lt(d, beta), div(square(d), 2 * beta), sub(d, beta / 2));
  return reduced('smoothL1Loss', loss, reduction);
}

/** Options of `huberLoss`. */
export interface HuberLossOptions extends LossOptions {
  /** Where the square ends and the line begins. Default 1. */
  delta?: number;
}

/** d²/2 where d = |x - y| ≤ delta, else delta·(d - delta/2); `torch.nn.functional.huber_loss`. */
export function huberLoss(input: Tensor, target: Tensor, opts?: HuberLossOptions): Tensor {
  const { reduction = 'mean', delta = 1 } = options('huberLoss', opts, ['reduction', 'delta']);
  number('huberLoss', 'delta', delta, Number.MIN_VALUE);
  checkPair('huberLoss', input, target);
  const d = abs(sub(input, target));
  const loss = where(lt(d, delta), mul(square(d), 0.5), mul(add(d, -delta / 2), delta));
  return reduced('huberLoss', loss, reduction);
}
