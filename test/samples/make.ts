/** Makes sample tensors: the same numbers for every dtype that can hold them, so that results can be compared. */
import { type DType, type Tensor, tensor } from '../../src/index.ts';

interface Range {
  low?: number;
  high?: number;
  /** No value is closer to zero (or to a multiple of `grid`) than this: away from kinks and jumps. */
  apart?: number;
  grid?: number;
}

const constants = new WeakSet<Tensor>();

/** Whether a sample's tensor is not to be differentiated. */
export const isConstant = (t: Tensor): boolean => constants.has(t);

/** A small generator of its own: samples do not depend on the library's. */
function uniform(seed: number): () => number {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
}

const isFloat = (dtype: DType): boolean => dtype === 'float32' || dtype === 'float64';

export class Make {
  readonly dtype: DType;
  private seed = 1;

  constructor(dtype: DType) {
    this.dtype = dtype;
  }

  private fill(shape: readonly number[], dtype: DType, value: (random: () => number, i: number) => number): Tensor {
    const random = uniform(this.seed++);
    const size = shape.reduce((a, b) => a * b, 1);
    const data = Float64Array.from({ length: size }, (_, i) => value(random, i));
    return tensor(data, { dtype }).reshape(shape).clone();
  }

  /**
   * Numbers in [low, high) (default [-2, 2)) that float32 holds exactly. Whole numbers for integers (from 0 for uint8),
   * 0 or 1 for bool.
   */
  t(shape: readonly number[], { low = -2, high = 2, apart = 0, grid }: Range = {}): Tensor {
    const { dtype } = this;
    return this.fill(shape, dtype, (random) => {
      const u = random();
      if (dtype === 'bool') return u < 0.5 ? 0 : 1;
      const from = dtype === 'uint8' ? Math.max(low, 0) : low;
      if (!isFloat(dtype)) return Math.floor(from + u * (Math.max(high, from + 4) - from));
      let v = from + u * (high - from);
      if (apart > 0) {
        const center = grid === undefined ? 0 : Math.round(v / grid) * grid;
        if (Math.abs(v - center) < apart) v = center + (v < center ? -apart : apart);
      }
      return Math.fround(v);
    });
  }

  /** No two elements equal or close: sorting, maxima and medians have one answer. */
  distinct(shape: readonly number[]): Tensor {
    const size = shape.reduce((a, b) => a * b, 1);
    const random = uniform(this.seed++);
    const order = Array.from({ length: size }, (_, i) => i);
    for (let i = size - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [order[i], order[j]] = [order[j], order[i]];
    }
    const step = isFloat(this.dtype) ? 0.25 : 1;
    return this.fill(shape, this.dtype, (_, i) => (order[i] - (this.dtype === 'uint8' ? 0 : size >> 1)) * step);
  }

  /** As `t`, changed by `f`; the op is not differentiated by it. */
  constant(shape: readonly number[], range?: Range, f: (v: number) => number = (v) => v): Tensor {
    const t = this.t(shape, range);
    const changed = tensor(t.toTypedArray().map(f), { dtype: this.dtype }).reshape(shape).clone();
    constants.add(changed);
    return changed;
  }

  /** Given numbers, in the dtype of this maker. */
  values(...values: number[]): Tensor {
    return this.fill([values.length], this.dtype, (_, i) => values[i]);
  }

  /** int32 numbers in [low, high), whatever the dtype. */
  index(shape: readonly number[], high: number, low = 0): Tensor {
    return this.fill(shape, 'int32', (random) => low + Math.floor(random() * (high - low)));
  }

  mask(shape: readonly number[]): Tensor {
    return this.fill(shape, 'bool', (random) => (random() < 0.5 ? 0 : 1));
  }
}
