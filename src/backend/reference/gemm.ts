/**
 * The one matrix product under matmul and convolution, in double precision:
 *
 *   C[cRow[i] + cCol[j]] += Σ_p A(i, p) · B[bRow[p] + bCol[j]]      i < m, j < n, p < k
 *
 * A is packed in panels of 4 rows (then 2, then 1) with the rows of one p side by side. B and C are any arrays whose
 * addresses split into a row part and a column part: a packed matrix, or an image seen as its im2col matrix, which is
 * thus never written out.
 */

/** Rows and columns of the register tile. */
export const TILE = 4;

/** Height of the panel that begins at row i of m. */
export function panelHeight(i: number, m: number): number {
  return m - i >= 4 ? 4 : m - i >= 2 ? 2 : 1;
}

/** Writes consecutive `columns` such that bCol and cCol can be read in whole tiles: the last one is repeated. */
export function padColumns(columns: Int32Array, n: number): void {
  for (let j = n; j % TILE !== 0; j++) columns[j] = columns[n - 1];
}

/** Room for n column offsets and their padding. */
export function paddedColumns(n: number): number {
  return Math.ceil(n / TILE) * TILE;
}

type F64 = Float64Array;
type I32 = Int32Array;

export function multiply(
  m: number,
  n: number,
  k: number,
  a: F64,
  aStart: number,
  b: F64,
  bStart: number,
  bRow: I32,
  bCol: I32,
  c: F64,
  cRow: I32,
  cCol: I32,
): void {
  for (let i = 0; i < m; ) {
    const height = panelHeight(i, m);
    const panel = aStart + i * k;
    if (height === 4) rows4(n, k, a, panel, b, bStart, bRow, bCol, c, cRow, i, cCol);
    else if (height === 2) rows2(n, k, a, panel, b, bStart, bRow, bCol, c, cRow, i, cCol);
    else rows1(n, k, a, panel, b, bStart, bRow, bCol, c, cRow, i, cCol);
    i += height;
  }
}

function rows4(
  n: number,
  k: number,
  a: F64,
  panel: number,
  b: F64,
  bStart: number,
  bRow: I32,
  bCol: I32,
  c: F64,
  cRow: I32,
  i: number,
  cCol: I32,
): void {
  const r0 = cRow[i];
  const r1 = cRow[i + 1];
  const r2 = cRow[i + 2];
  const r3 = cRow[i + 3];
  for (let j = 0; j < n; j += 4) {
    const b0 = bStart + bCol[j];
    const b1 = bStart + bCol[j + 1];
    const b2 = bStart + bCol[j + 2];
    const b3 = bStart + bCol[j + 3];
    let c00 = 0;
    let c01 = 0;
    let c02 = 0;
    let c03 = 0;
    let c10 = 0;
    let c11 = 0;
    let c12 = 0;
    let c13 = 0;
    let c20 = 0;
    let c21 = 0;
    let c22 = 0;
    let c23 = 0;
    let c30 = 0;
    let c31 = 0;
    let c32 = 0;
    let c33 = 0;
    for (let p = 0, q = panel; p < k; p++, q += 4) {
      const row = bRow[p];
      const x0 = b[row + b0];
      const x1 = b[row + b1];
      const x2 = b[row + b2];
      const x3 = b[row + b3];
      const a0 = a[q];
      c00 += a0 * x0;
      c01 += a0 * x1;
      c02 += a0 * x2;
      c03 += a0 * x3;
      const a1 = a[q + 1];
      c10 += a1 * x0;
      c11 += a1 * x1;
      c12 += a1 * x2;
      c13 += a1 * x3;
      const a2 = a[q + 2];
      c20 += a2 * x0;
      c21 += a2 * x1;
      c22 += a2 * x2;
      c23 += a2 * x3;
      const a3 = a[q + 3];
      c30 += a3 * x0;
      c31 += a3 * x1;
      c32 += a3 * x2;
      c33 += a3 * x3;
    }
    const j0 = cCol[j];
    c[r0 + j0] += c00;
    c[r1 + j0] += c10;
    c[r2 + j0] += c20;
    c[r3 + j0] += c30;
    if (j + 1 >= n) return;
    const j1 = cCol[j + 1];
    c[r0 + j1] += c01;
    c[r1 + j1] += c11;
    c[r2 + j1] += c21;
    c[r3 + j1] += c31;
    if (j + 2 >= n) return;
    const j2 = cCol[j + 2];
    c[r0 + j2] += c02;
    c[r1 + j2] += c12;
    c[r2 + j2] += c22;
    c[r3 + j2] += c32;
    if (j + 3 >= n) return;
    const j3 = cCol[j + 3];
    c[r0 + j3] += c03;
    c[r1 + j3] += c13;
    c[r2 + j3] += c23;
    c[r3 + j3] += c33;
  }
}

function rows2(
  n: number,
  k: number,
  a: F64,
  panel: number,
  b: F64,
  bStart: number,
  bRow: I32,
  bCol: I32,
  c: F64,
  cRow: I32,
  i: number,
  cCol: I32,
): void {
  const r0 = cRow[i];
  const r1 = cRow[i + 1];
  for (let j = 0; j < n; j += 4) {
    const b0 = bStart + bCol[j];
    const b1 = bStart + bCol[j + 1];
    const b2 = bStart + bCol[j + 2];
    const b3 = bStart + bCol[j + 3];
    let c00 = 0;
    let c01 = 0;
    let c02 = 0;
    let c03 = 0;
    let c10 = 0;
    let c11 = 0;
    let c12 = 0;
    let c13 = 0;
    for (let p = 0, q = panel; p < k; p++, q += 2) {
      const row = bRow[p];
      const x0 = b[row + b0];
      const x1 = b[row + b1];
      const x2 = b[row + b2];
      const x3 = b[row + b3];
      const a0 = a[q];
      c00 += a0 * x0;
      c01 += a0 * x1;
      c02 += a0 * x2;
      c03 += a0 * x3;
      const a1 = a[q + 1];
      c10 += a1 * x0;
      c11 += a1 * x1;
      c12 += a1 * x2;
      c13 += a1 * x3;
    }
    const j0 = cCol[j];
    c[r0 + j0] += c00;
    c[r1 + j0] += c10;
    if (j + 1 >= n) return;
    const j1 = cCol[j + 1];
    c[r0 + j1] += c01;
    c[r1 + j1] += c11;
    if (j + 2 >= n) return;
    const j2 = cCol[j + 2];
    c[r0 + j2] += c02;
    c[r1 + j2] += c12;
    if (j + 3 >= n) return;
    const j3 = cCol[j + 3];
    c[r0 + j3] += c03;
    c[r1 + j3] += c13;
  }
}

function rows1(
  n: number,
  k: number,
  a: F64,
  panel: number,
  b: F64,
  bStart: number,
  bRow: I32,
  bCol: I32,
  c: F64,
  cRow: I32,
  i: number,
  cCol: I32,
): void {
  const r0 = cRow[i];
  for (let j = 0; j < n; j += 4) {
    const b0 = bStart + bCol[j];
    const b1 = bStart + bCol[j + 1];
    const b2 = bStart + bCol[j + 2];
    const b3 = bStart + bCol[j + 3];
    let c0 = 0;
    let c1 = 0;
    let c2 = 0;
    let c3 = 0;
    for (let p = 0; p < k; p++) {
      const row = bRow[p];
      const a0 = a[panel + p];
      c0 += a0 * b[row + b0];
      c1 += a0 * b[row + b1];
      c2 += a0 * b[row + b2];
      c3 += a0 * b[row + b3];
    }
    c[r0 + cCol[j]] += c0;
    if (j + 1 >= n) return;
    c[r0 + cCol[j + 1]] += c1;
    if (j + 2 >= n) return;
    c[r0 + cCol[j + 2]] += c2;
    if (j + 3 >= n) return;
    c[r0 + cCol[j + 3]] += c3;
  }
}
