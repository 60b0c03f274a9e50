/** Batched matrix product with bias and activation. */
import { at } from '../descriptors.ts';
import type { NumberArray } from '../kernels.ts';
import { activate } from './activation.ts';
import { multiply, padColumns, paddedColumns } from './gemm.ts';
import { packMatrix, packRows } from './pack.ts';
import { scratchF64, scratchI32 } from './scratch.ts';

type X = NumberArray;

const D = at.GemmDesc;

/** Blocks of k and of n: a packed block of B stays in the second-level cache. */
const BLOCK_K = 256;
const BLOCK_N = 256;

const aScratch = scratchF64();
const bScratch = scratchF64();
const cScratch = scratchF64();
const bRowScratch = scratchI32();
const cRowScratch = scratchI32();
const columnScratch = scratchI32();

export function matmul(d: Int32Array, a: X, b: X, bias: X | null, y: X): void {
  const m = d[D.m];
  const n = d[D.n];
  const k = d[D.k];
  const aRowStep = d[D.transA] !== 0 ? 1 : d[D.lda];
  const aColStep = d[D.transA] !== 0 ? d[D.lda] : 1;
  const bRowStep = d[D.transB] !== 0 ? 1 : d[D.ldb];
  const bColStep = d[D.transB] !== 0 ? d[D.ldb] : 1;
  const width = Math.min(n, BLOCK_N);
  const depth = Math.min(k, BLOCK_K);
  const packedA = aScratch(m * depth);
  const packedB = bScratch(depth * width);
  const tile = cScratch(m * width);
  const bRow = bRowScratch(depth);
  const cRow = cRowScratch(m);
  const column = columnScratch(paddedColumns(width));
  for (let batch = 0; batch < d[D.batch]; batch++) {
    const aStart = d[D.offsetA] + batch * d[D.strideA];
    const bStart = d[D.offsetB] + batch * d[D.strideB];
    const yStart = batch * m * n;
    for (let j = 0; j < n; j += width) {
      const columns = Math.min(width, n - j);
      for (let c = 0; c < columns; c++) column[c] = c;
      padColumns(column, columns);
      for (let i = 0; i < m; i++) cRow[i] = i * columns;
      tile.fill(0, 0, m * columns);
      for (let p = 0; p < k; p += depth) {
        const rows = Math.min(depth, k - p);
        for (let r = 0; r < rows; r++) bRow[r] = r * columns;
        packMatrix(rows, columns, b, bStart + p * bRowStep + j * bColStep, bRowStep, bColStep, packedB);
        packRows(m, rows, a, aStart + p * aColStep, aRowStep, aColStep, packedA, 0);
        multiply(m, columns, rows, packedA, 0, packedB, 0, bRow, column, tile, cRow, column);
      }
      finish(d, j, columns, tile, bias, y, yStart);
    }
  }
  activate(d[D.activation], d[D.batch] * m * n, y);
}

/** Stores columns j … of C from a tile of sums, with the bias added. */
function finish(d: Int32Array, j: number, columns: number, tile: Float64Array, bias: X | null, y: X, start: number) {
  const n = d[D.n];
  const kind = bias === null ? 0 : d[D.bias];
  for (let i = 0, t = 0; i < d[D.m]; i++) {
    const to = start + i * n + j;
    if (bias !== null && kind === 2) for (let c = 0; c < columns; c++) y[to + c] = tile[t++] + bias[j + c];
    else {
      const shift = bias !== null && kind === 1 ? bias[i] : 0;
      for (let c = 0; c < columns; c++) y[to + c] = tile[t++] + shift;
    }
  }
}
