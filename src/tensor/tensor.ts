/** The Tensor: storage, shape, strides, offset. Its methods are the ops of src/ops/methods.ts. */
import type { BackwardOptions } from '../autograd/backward.ts';
import type { Node, TensorHook } from '../autograd/graph.ts';
import type { NumberArray } from '../backend/kernels.ts';
import { fail } from '../errors.ts';
import type { TensorMethods } from '../ops/methods.ts';
import { type DType, isFloat } from './dtype.ts';
import { isContiguous, sizeOf } from './shape.ts';
import { keep, type Storage } from './storage.ts';

export interface Tensor extends TensorMethods {}

/**
 * A multi-dimensional array of one element type. Make one with `tensor`, `zeros`, `rand`, …; the constructor is for ops.
 * Views (reshape, slice, transpose, expand, …) share the storage of the tensor they come from, as in PyTorch.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: as above
export class Tensor {
  /** @internal */ readonly storage: Storage;
  /** Size along each axis. */
  readonly shape: readonly number[];
  /** Elements between neighbours along each axis. */
  readonly strides: readonly number[];
  /** Position of the first element in the storage. */
  readonly offset: number;
  /** Element type. */
  readonly dtype: DType;
  /** Number of elements. */
  readonly size: number;
  /** @internal Made from a JavaScript number: ranks lowest in type promotion. */
  readonly isWrapped: boolean = false;
  /** @internal Elements lie in row-major order without gaps. */
  readonly isContiguous: boolean;
  /** The accumulated gradient of a leaf after `backward()`, else null. */
  grad: Tensor | null = null;
  /** @internal What made this tensor, where a gradient is wanted. */
  node: Node | null = null;
  /** @internal Which output of `node` this is. */
  outputIndex = 0;
  /** @internal The tensor that this one is a differentiable view of. */
  viewOf: Tensor | null = null;
  /** @internal How often `viewOf` had been changed in place when `node` was made. */
  viewRebases = 0;
  /** @internal Times the autograd history was replaced by a change in place. */
  rebases = 0;
  /** @internal Called with the gradient of a leaf; see registerHook. */
  hooks: TensorHook[] | null = null;
  /** @internal The node that accumulates into `grad`. */
  accumulator: Node | null = null;
  private wantsGrad = false;

  /** @internal */
  constructor(
    storage: Storage,
    shape: readonly number[],
    strides: readonly number[],
    offset: number,
    contiguous = isContiguous(shape, strides),
    wrapped = false,
  ) {
    this.storage = storage;
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
    this.dtype = storage.dtype;
    this.size = sizeOf(shape);
    this.isContiguous = contiguous;
    this.isWrapped = wrapped;
  }

  /** Number of axes. */
  get ndim(): number {
    return this.shape.length;
  }

  /** Whether operations on this tensor are recorded for backward. */
  get requiresGrad(): boolean {
    return this.wantsGrad || this.node !== null;
  }

  /** Only a leaf can be switched, and only a float tensor on. */
  set requiresGrad(value: boolean) {
    if (typeof value !== 'boolean') fail('requiresGrad', `expected true or false, got ${String(value)}`);
    if (value && !isFloat(this.dtype)) fail('requiresGrad', `only float tensors have gradients, this is ${this.dtype}`);
    if (!value && this.node !== null) {
      fail('requiresGrad', 'the result of an op cannot be switched off; use detach()');
    }
    if (this.node === null) this.wantsGrad = value;
  }

  /** Whether this tensor was made by the user, not by a recorded op. */
  get isLeaf(): boolean {
    return this.node === null;
  }

  /** The recorded op that made this tensor, null for a leaf. `gradFn.name` names it. */
  get gradFn(): {
    /** The op's name. */
    readonly name: string;
  } | null {
    return this.node;
  }

  /** @internal The storage's array; an error where a scope took it back. */
  get data(): NumberArray {
    if (!this.storage.alive) {
      fail(
        'tensor',
        `this tensor of shape [${this.shape.join(', ')}] was made in a scope that has ended; return it from the scope or clone it outside`,
      );
    }
    return this.storage.data;
  }

  /** Marks the memory as kept: no scope takes it back. */
  keep(): this {
    keep(this.storage);
    return this;
  }

  /**
   * Computes the gradient of this tensor with regard to every leaf it depends on, adding to each leaf's `grad`.
   * `gradient` is the cotangent of this tensor, needed unless it has one element (then 1).
   */
  backward(gradient?: Tensor | null, options?: BackwardOptions): void {
    runtime.backward(this, gradient, options);
  }

  /** PyTorch's text for this tensor. */
  toString(): string {
    return runtime.print(this);
  }

  /** 'Tensor', for `Object.prototype.toString`. */
  get [Symbol.toStringTag](): string {
    return 'Tensor';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return runtime.print(this);
  }

  /** A number where the tensor has one element. */
  [Symbol.toPrimitive](hint: string): string | number {
    return hint === 'string' ? this.toString() : this.item();
  }

  /** `{dtype, shape, data}` with nested data, for JSON. */
  toJSON(): {
    /** Element type. */
    dtype: DType;
    /** Size along each axis. */
    shape: readonly number[];
    /** Nested arrays; a number or boolean for a tensor without axes. */
    data: unknown;
  } {
    return { dtype: this.dtype, shape: this.shape, data: this.toArray() };
  }
}

/** What the class calls in layers that are built on it; installed once by src/tensor/install.ts. */
export const runtime: {
  backward: (t: Tensor, gradient?: Tensor | null, options?: BackwardOptions) => void;
  print: (t: Tensor) => string;
} = {
  backward: () => fail('backward', 'the library is not loaded'),
  print: () => fail('toString', 'the library is not loaded'),
};

/** Throws unless `value` is a tensor; other copies of the library count as strangers. */
export function checkTensor(op: string, name: string, value: unknown): Tensor {
  if (!(value instanceof Tensor)) {
    const got = value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
    fail(op, `${name} expected a Tensor, got ${got}${typeof value === 'number' ? ` ${value}` : ''}`);
  }
  return value;
}

/** Throws unless the tensor's dtype is float32 or float64. */
export function checkFloat(op: string, name: string, t: Tensor): Tensor {
  if (!isFloat(t.dtype)) fail(op, `${name} expected float32 or float64, got ${t.dtype}`);
  return t;
}
