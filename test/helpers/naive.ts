/**
 * The plainest definitions of the kernels: one loop per index, no special cases, double precision. They settle who is
 * right when backends differ.
 */
import { expect } from 'vitest';
import type { NumberArray } from '../../src/backend/kernels.ts';

export type FloatArray = Float32Array | Float64Array;
export type FloatConstructor = Float32ArrayConstructor | Float64ArrayConstructor;

export const floats = [
  { type: 'float32', Array: Float32Array as FloatConstructor },
  { type: 'float64', Array: Float64Array as FloatConstructor },
];

/** Uniform numbers in [0, 1) from a seed (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** n numbers in [-1, 1). */
export function randomFloats(ArrayType: FloatConstructor, n: number, random: () => number): FloatArray {
  const array = new ArrayType(n);
  for (let i = 0; i < n; i++) array[i] = 2 * random() - 1;
  return array;
}

/** A whole number in [low, high]. */
export const between = (random: () => number, low: number, high: number): number =>
  low + Math.floor(random() * (high - low + 1));

/** Every index of a shape, first axis outermost. */
export function* indices(shape: readonly number[]): Generator<number[]> {
  if (shape.length === 0) {
    yield [];
    return;
  }
  for (let i = 0; i < shape[0]; i++) for (const rest of indices(shape.slice(1))) yield [i, ...rest];
}

/** Elements of x at offset + Σ index·stride, in the order of the indices. */
export function gather(
  x: ArrayLike<number>,
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
): number[] {
  return [...indices(shape)].map((index) => x[index.reduce((sum, i, axis) => sum + i * strides[axis], offset)]);
}

/** The first elements of `actual` are `expected` to about 32 roundings of its type, relative to the largest; NaN is NaN. */
export function expectClose(actual: NumberArray, expected: ArrayLike<number>, scale = 1): void {
  const unit = actual instanceof Float32Array ? 2 ** -24 : 2 ** -53;
  let largest = scale;
  for (let i = 0; i < expected.length; i++) {
    if (Number.isFinite(expected[i])) largest = Math.max(largest, Math.abs(expected[i]));
  }
  const tolerance = 32 * unit * largest;
  for (let i = 0; i < expected.length; i++) {
    const same = Object.is(actual[i], expected[i]) || actual[i] === expected[i];
    if (same || Math.abs(actual[i] - expected[i]) <= tolerance) continue;
    expect.fail(`element ${i} of ${expected.length}: expected ${expected[i]} ± ${tolerance}, got ${actual[i]}`);
  }
}

export interface Conv {
  n: number;
  c: number;
  h: number;
  w: number;
  k: number;
  kh: number;
  kw: number;
  oh: number;
  ow: number;
  strideH: number;
  strideW: number;
  padTop: number;
  padLeft: number;
  dilationH: number;
  dilationW: number;
  groups: number;
}

/** Every product of a convolution, as positions in x, weights, y and the im2col matrix of the ungrouped input. */
export function* convTerms(d: Conv): Generator<{ x: number; w: number; y: number; column: number }> {
  const perGroup = d.c / d.groups;
  for (const [n, k, c, i, j, oy, ox] of indices([d.n, d.k, perGroup, d.kh, d.kw, d.oh, d.ow])) {
    const row = oy * d.strideH + i * d.dilationH - d.padTop;
    const column = ox * d.strideW + j * d.dilationW - d.padLeft;
    if (row < 0 || row >= d.h || column < 0 || column >= d.w) continue;
    const channel = Math.floor(k / (d.k / d.groups)) * perGroup + c;
    yield {
      x: ((n * d.c + channel) * d.h + row) * d.w + column,
      w: ((k * perGroup + c) * d.kh + i) * d.kw + j,
      y: ((n * d.k + k) * d.oh + oy) * d.ow + ox,
      column: (((n * d.c + channel) * d.kh + i) * d.kw + j) * d.oh * d.ow + oy * d.ow + ox,
    };
  }
}

/** A random convolution of a few thousand products at most; every option takes part. */
export function randomConv(random: () => number): Conv {
  const int = (low: number, high: number) => between(random, low, high);
  const groups = int(1, 3);
  const size = () => ({ k: int(1, 4), stride: int(1, 3), dilation: int(1, 2), before: int(0, 2), after: int(0, 2) });
  const rows = size();
  const columns = size();
  const extent = (s: typeof rows) => Math.max(int(1, 9), (s.k - 1) * s.dilation + 1 - s.before - s.after);
  const h = extent(rows);
  const w = extent(columns);
  const out = (n: number, s: typeof rows) =>
    Math.floor((n + s.before + s.after - (s.k - 1) * s.dilation - 1) / s.stride) + 1;
  return {
    n: int(1, 3),
    c: groups * int(1, 3),
    h,
    w,
    k: groups * int(1, 7),
    kh: rows.k,
    kw: columns.k,
    oh: out(h, rows),
    ow: out(w, columns),
    strideH: rows.stride,
    strideW: columns.stride,
    padTop: rows.before,
    padLeft: columns.before,
    dilationH: rows.dilation,
    dilationW: columns.dilation,
    groups,
  };
}

export interface Pool {
  planes: number;
  h: number;
  w: number;
  oh: number;
  ow: number;
  kh: number;
  kw: number;
  strideH: number;
  strideW: number;
  padTop: number;
  padLeft: number;
  padBottom: number;
  padRight: number;
  dilationH: number;
  dilationW: number;
  countIncludePad: number;
  divisor: number;
}

/** Every window: its output position and plane, the in-image positions in the plane, and how many taps are not past the padding. */
export function* windows(d: Pool): Generator<{ y: number; plane: number; inside: number[]; padded: number }> {
  for (const [plane, oy, ox] of indices([d.planes, d.oh, d.ow])) {
    const inside: number[] = [];
    let padded = 0;
    for (const [i, j] of indices([d.kh, d.kw])) {
      const row = oy * d.strideH + i * d.dilationH - d.padTop;
      const column = ox * d.strideW + j * d.dilationW - d.padLeft;
      if (row >= d.h + d.padBottom || column >= d.w + d.padRight) continue;
      padded++;
      if (row >= 0 && row < d.h && column >= 0 && column < d.w) inside.push(row * d.w + column);
    }
    yield { y: (plane * d.oh + oy) * d.ow + ox, plane, inside, padded };
  }
}
