/** What an op is. Its checks, result, and gradient rule stand together in one file of its family. */
import { f32, reference } from '../backend/index.ts';
import type { Kernels } from '../backend/kernels.ts';
import { fail, show } from '../errors.ts';
import type { DType } from '../tensor/dtype.ts';
import { contiguousStrides, MAX_ELEMENTS, sizeOf } from '../tensor/shape.ts';
import { allocate } from '../tensor/storage.ts';
import { Tensor } from '../tensor/tensor.ts';

/** What a gradient rule sees of the call it belongs to. */
export interface Recorded<A> {
  readonly attrs: A;
  /** An input or output as it was; the op must list it in `saves`. */
  input(i: number): Tensor;
  output(i: number): Tensor;
  /** Whether the gradient of input i is wanted. */
  needs(i: number): boolean;
  readonly inputShapes: readonly (readonly number[])[];
  readonly inputDTypes: readonly (DType | null)[];
  readonly outputShapes: readonly (readonly number[])[];
  readonly outputDTypes: readonly DType[];
}

/** @inline A tensor, or a gradient that is not there (zero, or not wanted). */
export type MaybeTensor = Tensor | null | undefined;

export interface Op<A> {
  readonly name: string;
  /** Checks, result shape, kernel call. Runs without recording. Only float results are differentiable. */
  run(inputs: readonly Tensor[], attrs: A): Tensor | Tensor[];
  /**
   * The gradient of each input from the gradients of the outputs (null where an output has none), made of ops, so that it
   * can be differentiated again. A gradient of a broadcast input may come in the broadcast shape; it is summed. Absent:
   * the op is not differentiable, and its result needs no gradient.
   */
  grad?(call: Recorded<A>, ...gradients: Tensor[]): MaybeTensor[];
  /** What `grad` reads: inputs, outputs or both. Nothing by default. */
  readonly saves?: 'inputs' | 'outputs' | 'both' | ((attrs: A) => 'inputs' | 'outputs' | 'both' | 'nothing');
  /** `run` or `grad` calls functions of the user, who may keep the tensors that they see. */
  readonly isUserCode?: boolean;
  /** The result is a view of input 0. */
  readonly isView?: boolean;
}

/** Declares an op; the attrs' type is inferred from `run`. */
export function defineOp<A>(op: Op<A>): Op<A> {
  return op;
}

/** The kernels for a dtype: native ones where there are any, for float32. */
export function kernelsFor(dtype: DType): Kernels {
  return dtype === 'float32' ? f32 : reference;
}

/** A new contiguous tensor; its elements are arbitrary unless `zeroed`. */
export function emptyTensor(dtype: DType, shape: readonly number[], zeroed = false): Tensor {
  const size = sizeOf(shape);
  if (size > MAX_ELEMENTS) fail('tensor', `shape ${show(shape)} has more than ${MAX_ELEMENTS} elements`);
  return new Tensor(allocate(dtype, size, zeroed), shape, contiguousStrides(shape), 0, true);
}
