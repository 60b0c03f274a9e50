/**
 * The one matrix product under matmul and convolution, in double precision:
 *
 *   C[cRow[i] + cCol[j]] += Σ_p A(i, p) · B[row[p] + bCol[j]]      i < m, j < n, p < k
 *
 * A is packed in panels of two rows, the two of one p side by side. B and C are any arrays whose addresses split into a
 * row part and a column part: a matrix, or an image seen as its im2col matrix, which is thus never written out.
 *
 * A, B and row live in fixed arrays of this module: V8 then compiles their addresses and lengths into the inner loop,
 * which makes it about 1.7 times as fast as with arrays that are passed in. A tile of 2×3 is the largest whose sums and
 * products all stay in registers.
 */
import type { NumberArray } from '../kernels.ts';

/** Elements of a packed block of A, of a block of B, and the greatest k of a block. */
export const A_SIZE = 2 ** 17;
export const B_SIZE = 2 ** 18;
export const K_SIZE = 2 ** 15;

const A = new Float64Array(A_SIZE);
const B = new Float64Array(B_SIZE);
const row = new Int32Array(K_SIZE);

// Other modules write through these names: an exported binding itself would not be a constant to the compiler.
export const blockA = A;
export const blockB = B;
export const blockRow = row;

const TILE_COLUMNS = 3;

/** Offsets of n columns, given by `at`, with the last one repeated to fill a tile. */
export function columns(n: number, at: (j: number) => number): Int32Array {
  const offsets = new Int32Array(Math.ceil(n / TILE_COLUMNS) * TILE_COLUMNS);
  for (let j = 0; j < offsets.length; j++) offsets[j] = at(Math.min(j, n - 1));
  return offsets;
}

/** A row length of at least n whose multiples spread over the sets of a cache: an odd number of 64-byte lines. */
export function spread(n: number): number {
  return (Math.ceil(n / 8) | 1) * 8;
}

/** Packs m×k elements x[from + i·rowStep + p·colStep] as A. */
export function packA(m: number, k: number, x: NumberArray, from: number, rowStep: number, colStep: number): void {
  let t = 0;
  let i = 0;
  for (; i + 1 < m; i += 2) {
    let p0 = from + i * rowStep;
    let p1 = p0 + rowStep;
    for (let p = 0; p < k; p++, t += 2, p0 += colStep, p1 += colStep) {
      A[t] = x[p0];
      A[t + 1] = x[p1];
    }
  }
  if (i < m) for (let p = 0, p0 = from + i * rowStep; p < k; p++, p0 += colStep) A[t++] = x[p0];
}

/** Copies k×n elements x[from + p·rowStep + j·colStep] to B, with rows of length `width`. */
export function packB(
  k: number,
  n: number,
  x: NumberArray,
  from: number,
  rowStep: number,
  colStep: number,
  width: number,
): void {
  for (let p = 0; p < k; p++) {
    const target = p * width;
    row[p] = target;
    for (let j = 0, q = from + p * rowStep; j < n; j++, q += colStep) B[target + j] = x[q];
  }
}

const sums = new Float64Array(2 * TILE_COLUMNS);

/** The product of the blocks in A, B and row, added to C at rows cRow[i0 …] and columns cCol[0 …]. */
export function multiply(
  m: number,
  n: number,
  k: number,
  bCol: Int32Array,
  c: Float64Array,
  cRow: Int32Array,
  i0: number,
  cCol: Int32Array,
): void {
  const whole = n - (n % TILE_COLUMNS);
  let i = 0;
  for (; i + 1 < m; i += 2) {
    const panel = i * k;
    const row0 = cRow[i0 + i];
    const row1 = cRow[i0 + i + 1];
    for (let j = 0; j < whole; j += TILE_COLUMNS) {
      tileOfTwo(k, panel, bCol[j], bCol[j + 1], bCol[j + 2]);
      const j0 = cCol[j];
      const j1 = cCol[j + 1];
      const j2 = cCol[j + 2];
      c[row0 + j0] += sums[0];
      c[row0 + j1] += sums[1];
      c[row0 + j2] += sums[2];
      c[row1 + j0] += sums[3];
      c[row1 + j1] += sums[4];
      c[row1 + j2] += sums[5];
    }
    if (whole === n) continue;
    tileOfTwo(k, panel, bCol[whole], bCol[whole + 1], bCol[whole + 2]);
    for (let j = whole; j < n; j++) {
      c[row0 + cCol[j]] += sums[j - whole];
      c[row1 + cCol[j]] += sums[j - whole + TILE_COLUMNS];
    }
  }
  if (i === m) return;
  const row0 = cRow[i0 + i];
  for (let j = 0; j < n; j += TILE_COLUMNS) {
    tileOfOne(k, i * k, bCol[j], bCol[j + 1], bCol[j + 2]);
    c[row0 + cCol[j]] += sums[0];
    if (j + 1 < n) c[row0 + cCol[j + 1]] += sums[1];
    if (j + 2 < n) c[row0 + cCol[j + 2]] += sums[2];
  }
}

// Small functions of their own: inside the loops of `multiply` V8 would keep some of the sums in memory.

function tileOfTwo(k: number, panel: number, b0: number, b1: number, b2: number): void {
  let c00 = 0;
  let c01 = 0;
  let c02 = 0;
  let c10 = 0;
  let c11 = 0;
  let c12 = 0;
  for (let p = 0, q = panel | 0; p < k; p = (p + 1) | 0, q = (q + 2) | 0) {
    const r = row[p];
    const x0 = B[(r + b0) | 0];
    const x1 = B[(r + b1) | 0];
    const x2 = B[(r + b2) | 0];
    const a0 = A[q];
    c00 += a0 * x0;
    c01 += a0 * x1;
    c02 += a0 * x2;
    const a1 = A[q + 1];
    c10 += a1 * x0;
    c11 += a1 * x1;
    c12 += a1 * x2;
  }
  sums[0] = c00;
  sums[1] = c01;
  sums[2] = c02;
  sums[3] = c10;
  sums[4] = c11;
  sums[5] = c12;
}

function tileOfOne(k: number, panel: number, b0: number, b1: number, b2: number): void {
  let c0 = 0;
  let c1 = 0;
  let c2 = 0;
  for (let p = 0; p < k; p = (p + 1) | 0) {
    const r = row[p];
    const a0 = A[(panel + p) | 0];
    c0 += a0 * B[(r + b0) | 0];
    c1 += a0 * B[(r + b1) | 0];
    c2 += a0 * B[(r + b2) | 0];
  }
  sums[0] = c0;
  sums[1] = c1;
  sums[2] = c2;
}
