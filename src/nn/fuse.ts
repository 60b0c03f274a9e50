/** Pairs of neighbouring layers that run as one kernel call, with the same result and gradients. */
import { conv2dActivated } from '../ops/conv.ts';
import { linearActivated } from '../ops/linear.ts';
import type { FusedActivation } from '../ops/unary.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { ReLU, Sigmoid, Tanh } from './activation.ts';
import { Conv2d } from './conv.ts';
import { Linear } from './linear.ts';
import type { Module } from './module.ts';

/** Whether `module` runs the `forward` of its class: neither overridden by a subclass nor wrapped by hooks. */
function runs(module: Module, forward: unknown): boolean {
  return module.forward === forward;
}

function activationOf(module: Module): FusedActivation | null {
  if (runs(module, Sigmoid.prototype.forward)) return 'sigmoid';
  if (runs(module, ReLU.prototype.forward)) return 'relu';
  return runs(module, Tanh.prototype.forward) ? 'tanh' : null;
}

/** `next.forward(module.forward(x))` in one kernel call, or null where the two do not fuse. */
export function fusedForward(module: Module, next: Module, x: Tensor): Tensor | null {
  const activation = activationOf(next);
  if (activation === null) return null;
  if (module instanceof Linear && runs(module, Linear.prototype.forward)) {
    return linearActivated(x, module.weight, module.bias, activation);
  }
  if (module instanceof Conv2d && runs(module, Conv2d.prototype.forward) && module.paddingMode === 'zeros') {
    const { stride, padding, dilation, groups } = module;
    return conv2dActivated(x, module.weight, module.bias, { stride, padding, dilation, groups }, activation);
  }
  return null;
}
