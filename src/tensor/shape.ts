/** Shapes and strides: pure arithmetic on lists of numbers. */
import { fail, invalid, show } from '../errors.ts';

/** Most elements a tensor may have; offsets and sizes travel to kernels as int32. */
export const MAX_ELEMENTS = 2 ** 31 - 1;

export function sizeOf(shape: readonly number[]): number {
  let n = 1;
  for (let i = 0; i < shape.length; i++) n *= shape[i];
  return n;
}

/** Strides of a contiguous tensor, in elements. */
export function contiguousStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= Math.max(shape[i], 1);
  }
  return strides;
}

/** Whether the elements lie one after another in row-major order. */
export function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] === 0) return true;
    if (shape[i] !== 1) {
      if (strides[i] !== step) return false;
      step *= shape[i];
    }
  }
  return true;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** A list of sizes ≥ 0 whose product a tensor can hold. */
export function checkShape(op: string, name: string, value: unknown): number[] {
  if (!Array.isArray(value) || value.some((v) => typeof v !== 'number' || !Number.isInteger(v) || v < 0)) {
    invalid(op, name, 'a list of integers >= 0', value);
  }
  const shape = value as number[];
  if (sizeOf(shape) > MAX_ELEMENTS) fail(op, `${name} ${show(shape)} has more than ${MAX_ELEMENTS} elements`);
  return shape;
}

/** NumPy's and PyTorch's broadcasting: sizes match from the right, 1 stretches. */
export function broadcastShapes(op: string, a: readonly number[], b: readonly number[]): readonly number[] {
  if (sameShape(a, b)) return a;
  const n = Math.max(a.length, b.length);
  const shape = new Array<number>(n);
  for (let i = 0; i < n; i++) {
    const x = a[i - n + a.length] ?? 1;
    const y = b[i - n + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) {
      fail(op, `shapes ${show(a)} and ${show(b)} do not broadcast: sizes ${x} and ${y} at axis ${i - n}`);
    }
    shape[i] = x === 1 ? y : x;
  }
  return shape;
}

/** Strides of a tensor read as `shape`: 0 along axes that are stretched or missing. */
export function broadcastStrides(
  from: readonly number[],
  strides: readonly number[],
  shape: readonly number[],
): number[] {
  const skip = shape.length - from.length;
  return shape.map((size, i) => (i < skip || (from[i - skip] === 1 && size !== 1) ? 0 : strides[i - skip]));
}

/** Strides for a view of another shape over the same elements, or null where only a copy can do it. */
export function viewStrides(
  shape: readonly number[],
  strides: readonly number[],
  to: readonly number[],
): number[] | null {
  if (sizeOf(shape) === 0 || isContiguous(shape, strides)) return contiguousStrides(to);
  if (shape.includes(1)) {
    const wide = shape.map((size, i) => [size, strides[i]]).filter(([size]) => size !== 1);
    return viewStrides(
      wide.map(([size]) => size),
      wide.map(([, stride]) => stride),
      to,
    );
  }
  const result = new Array<number>(to.length);
  let target = to.length - 1;
  let i = shape.length - 1;
  while (i >= 0) {
    // a run of axes of the source that lie one after another in memory
    let run = shape[i];
    const step = strides[i];
    while (i > 0 && strides[i - 1] === run * step) {
      i--;
      run *= shape[i];
    }
    i--;
    let covered = 1;
    while (target >= 0 && covered * to[target] <= run && (covered < run || to[target] === 1)) {
      result[target] = covered * step;
      covered *= to[target];
      target--;
    }
    if (covered !== run) return null;
  }
  while (target >= 0 && to[target] === 1) result[target--] = 1;
  return target < 0 ? result : null;
}

/** The shape for a reshape of `size` elements; one entry may be -1. */
export function inferShape(op: string, size: number, shape: readonly number[]): number[] {
  let unknown = -1;
  let known = 1;
  for (let i = 0; i < shape.length; i++) {
    const v = shape[i];
    if (!Number.isInteger(v) || v < -1) invalid(op, 'shape', 'integers >= 0, at most one of them -1', shape);
    if (v !== -1) known *= v;
    else if (unknown >= 0) invalid(op, 'shape', 'integers >= 0, at most one of them -1', shape);
    else unknown = i;
  }
  const result = shape.slice();
  if (unknown >= 0) {
    if (known === 0 || size % known !== 0) fail(op, `shape ${show(shape)} does not fit ${size} elements`);
    result[unknown] = size / known;
  } else if (known !== size) {
    fail(op, `shape ${show(shape)} does not fit ${size} elements`);
  }
  return result;
}
