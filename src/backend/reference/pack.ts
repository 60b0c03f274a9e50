/** Copies operands of the matrix product into the layouts that it reads. */
import type { NumberArray } from '../kernels.ts';
import { panelHeight } from './gemm.ts';

/** Packs m×k elements x[from + i·rowStep + p·colStep] as the A operand of `multiply`. */
export function packRows(
  m: number,
  k: number,
  x: NumberArray,
  from: number,
  rowStep: number,
  colStep: number,
  to: Float64Array,
  toStart: number,
): void {
  for (let i = 0; i < m; ) {
    const height = panelHeight(i, m);
    const panel = toStart + i * k;
    for (let r = 0; r < height; r++) {
      let source = from + (i + r) * rowStep;
      for (let p = 0, t = panel + r; p < k; p++, t += height, source += colStep) to[t] = x[source];
    }
    i += height;
  }
}

/** Copies rows×columns elements x[from + r·rowStep + c·colStep] to a dense matrix. */
export function packMatrix(
  rows: number,
  columns: number,
  x: NumberArray,
  from: number,
  rowStep: number,
  colStep: number,
  to: Float64Array,
): void {
  for (let r = 0, t = 0; r < rows; r++) {
    let source = from + r * rowStep;
    for (let c = 0; c < columns; c++, source += colStep) to[t++] = x[source];
  }
}
