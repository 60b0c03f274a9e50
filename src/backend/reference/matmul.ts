/** Batched matrix product with bias and activation. */
import { at } from '../descriptors.ts';
import type { NumberArray } from '../kernels.ts';
import { activate } from './activation.ts';
import { A_SIZE, columns, multiply, packA, packB, spread } from './gemm.ts';
import { scratchF64, scratchI32 } from './scratch.ts';

type X = NumberArray;

const D = at.GemmDesc;

/** Blocks of k and of n: half a megabyte of B stays in the second-level cache. */
const BLOCK_K = 256;
const BLOCK_N = 240;
const BLOCK_M = A_SIZE / BLOCK_K;

const tileScratch = scratchF64();
const rowScratch = scratchI32();

export function matmul(d: Int32Array, a: X, b: X, bias: X | null, y: X): void {
  const m = d[D.m];
  const n = d[D.n];
  const k = d[D.k];
  const aRowStep = d[D.transA] !== 0 ? 1 : d[D.lda];
  const aColStep = d[D.transA] !== 0 ? d[D.lda] : 1;
  const bRowStep = d[D.transB] !== 0 ? 1 : d[D.ldb];
  const bColStep = d[D.transB] !== 0 ? d[D.ldb] : 1;
  const column = columns(Math.min(n, BLOCK_N), (j) => j);
  const tile = tileScratch(m * Math.min(n, BLOCK_N));
  const row = rowScratch(m);
  for (let batch = 0; batch < d[D.batch]; batch++) {
    const aStart = d[D.offsetA] + batch * d[D.strideA];
    const bStart = d[D.offsetB] + batch * d[D.strideB];
    for (let j = 0; j < n; j += BLOCK_N) {
      const width = Math.min(BLOCK_N, n - j);
      for (let i = 0; i < m; i++) row[i] = i * width;
      tile.fill(0, 0, m * width);
      for (let p = 0; p < k; p += BLOCK_K) {
        const depth = Math.min(BLOCK_K, k - p);
        packB(depth, width, b, bStart + p * bRowStep + j * bColStep, bRowStep, bColStep, spread(width));
        for (let i = 0; i < m; i += BLOCK_M) {
          const height = Math.min(BLOCK_M, m - i);
          packA(height, depth, a, aStart + i * aRowStep + p * aColStep, aRowStep, aColStep);
          multiply(height, width, depth, column, tile, row, i, column);
        }
      }
      store(d, j, width, tile, bias, y, batch * m * n);
    }
  }
  activate(d[D.activation], d[D.batch] * m * n, y);
}

/** Stores columns j … of C from a tile of sums, with the bias added. */
function store(d: Int32Array, j: number, width: number, tile: Float64Array, bias: X | null, y: X, start: number): void {
  const n = d[D.n];
  const kind = bias === null ? 0 : d[D.bias];
  for (let i = 0, t = 0; i < d[D.m]; i++) {
    const to = start + i * n + j;
    if (bias !== null && kind === 2) for (let c = 0; c < width; c++) y[to + c] = tile[t++] + bias[j + c];
    else {
      const shift = bias !== null && kind === 1 ? bias[i] : 0;
      for (let c = 0; c < width; c++) y[to + c] = tile[t++] + shift;
    }
  }
}
