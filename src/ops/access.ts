/** Elements out of a tensor, as JavaScript values. */

import type { NumberArray } from '../backend/kernels.ts';
import { fail } from '../errors.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import { dense, elements } from './copy.ts';

/** The number in a tensor of one element; booleans are 0 and 1. `torch.Tensor.item`. */
export function item(x: Tensor): number {
  checkTensor('item', 'input', x);
  if (x.size !== 1) fail('item', `expected one element, got shape [${x.shape.join(', ')}]`);
  return x.data[x.offset];
}

/** A copy of the elements in row-major order; bool is a Uint8Array of 0 and 1. */
export function toTypedArray(x: Tensor): NumberArray {
  checkTensor('toTypedArray', 'input', x);
  return elements(dense(x)).slice(0, x.size);
}

export type NestedArray = number | boolean | NestedArray[];

/** The elements as nested arrays (a 0-d tensor as a number); bool as booleans. `torch.Tensor.tolist`. */
export function toArray(x: Tensor): NestedArray {
  const flat = toTypedArray(x);
  const isBool = x.dtype === 'bool';
  let i = 0;
  const level = (depth: number): NestedArray => {
    if (depth === x.ndim) {
      const value = flat[i++];
      return isBool ? value !== 0 : value;
    }
    return Array.from({ length: x.shape[depth] }, () => level(depth + 1));
  };
  return level(0);
}

/** Switches recording for a leaf on (or off) and gives it back; `torch.Tensor.requires_grad_`. */
export function requiresGrad_(x: Tensor, requiresGrad = true): Tensor {
  x.requiresGrad = requiresGrad;
  return x;
}
