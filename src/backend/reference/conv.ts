/** Convolution and its two gradients, each a sum of matrix products that read or write the padded image in place. */
import { at } from '../descriptors.ts';
import type { NumberArray } from '../kernels.ts';
import { activate } from './activation.ts';
import { A_SIZE, blockRow, columns, multiply, packA, packB, spread } from './gemm.ts';
import { scratchF64 } from './scratch.ts';
import { channelsOf, colsFor, cut, filtersOf, loadPiece, pixelOffsets, rowsFor, tapOffsets } from './strips.ts';

type X = NumberArray;

const D = at.ConvDesc;

const outScratch = scratchF64();

/** Blocks of the input gradient's product: filters deep, pixels wide. */
const BLOCK_K = 128;
const BLOCK_N = 1024;

/** Rows of A that fit beside a depth of k: an even number. */
const rowsOfA = (k: number): number => Math.floor(A_SIZE / k / 2) * 2;

/** [filters, taps] · [taps, pixels] for every image, group and strip. */
export function conv2d(d: Int32Array, x: X, weights: X, bias: X | null, y: X): void {
  const filters = filtersOf(d);
  const perGroup = channelsOf(d);
  const kernel = d[D.kh] * d[D.kw];
  const taps = perGroup * kernel;
  const image = d[D.h] * d[D.w];
  const pixels = d[D.oh] * d[D.ow];
  const { strips, channels } = cut(d);
  const most = strips[0]?.pixels ?? 0; // only the last strip of a row, or of all, is shorter
  const row = columns(filters, (i) => i * most);
  const column = columns(most, (j) => j);
  const out = outScratch(filters * most);
  let packed = -1; // what A holds: the position of its first weight
  for (let n = 0; n < d[D.n]; n++) {
    for (let g = 0; g < d[D.groups]; g++) {
      const plane = n * d[D.groups] + g;
      for (const s of strips) {
        out.fill(0, 0, filters * most);
        for (let c = 0; c < perGroup; c += channels) {
          const depth = Math.min(channels, perGroup - c) * kernel;
          loadPiece(d, s, depth / kernel, x, (plane * perGroup + c) * image);
          for (let t = 0; t < depth; t++) blockRow[t] = s.tapOffset[t];
          const height = rowsOfA(depth);
          for (let f = 0; f < filters; f += height) {
            const count = Math.min(height, filters - f);
            const first = (g * filters + f) * taps + c * kernel;
            if (packed !== first) packA(count, depth, weights, first, taps, 1);
            packed = first;
            multiply(count, s.pixels, depth, s.pixelOffset, out, row, f, column);
          }
        }
        for (let f = 0; f < filters; f++) {
          const shift = bias === null ? 0 : bias[g * filters + f];
          const from = f * most;
          const to = (plane * filters + f) * pixels + s.start;
          for (let j = 0; j < s.pixels; j++) y[to + j] = out[from + j] + shift;
        }
      }
    }
  }
  activate(d[D.activation], d[D.n] * d[D.k] * pixels, y);
}

/** [filters, pixels] · [pixels, taps], summed over images and strips. */
export function conv2dWeightGrad(d: Int32Array, x: X, grad: X, y: X): void {
  const filters = filtersOf(d);
  const perGroup = channelsOf(d);
  const kernel = d[D.kh] * d[D.kw];
  const taps = perGroup * kernel;
  const image = d[D.h] * d[D.w];
  const pixels = d[D.oh] * d[D.ow];
  const { strips, channels } = cut(d);
  const row = columns(filters, (i) => i * taps);
  const column = columns(taps, (t) => t);
  const out = outScratch(filters * taps);
  for (let g = 0; g < d[D.groups]; g++) {
    out.fill(0, 0, filters * taps);
    for (let n = 0; n < d[D.n]; n++) {
      const plane = n * d[D.groups] + g;
      for (const s of strips) {
        const height = rowsOfA(s.pixels);
        for (let c = 0; c < perGroup; c += channels) {
          const count = Math.min(channels, perGroup - c);
          loadPiece(d, s, count, x, (plane * perGroup + c) * image);
          for (let j = 0; j < s.pixels; j++) blockRow[j] = s.pixelOffset[j];
          for (let f = 0; f < filters; f += height) {
            const rows = Math.min(height, filters - f);
            packA(rows, s.pixels, grad, (plane * filters + f) * pixels + s.start, pixels, 1);
            multiply(rows, count * kernel, s.pixels, s.tapOffset, out, row, f, column.subarray(c * kernel));
          }
        }
      }
    }
    for (let i = 0, to = g * filters * taps; i < filters * taps; i++) y[to + i] = out[i];
  }
}

/** [taps, filters] · [filters, pixels], each sum added where its tap and pixel lie in the padded image. */
export function conv2dInputGrad(d: Int32Array, grad: X, weights: X, y: X): void {
  const filters = filtersOf(d);
  const perGroup = channelsOf(d);
  const taps = perGroup * d[D.kh] * d[D.kw];
  const pixels = d[D.oh] * d[D.ow];
  const height = rowsFor(d, d[D.oh]);
  const width = colsFor(d, d[D.ow]);
  const size = perGroup * height * width;
  const image = outScratch(size);
  const tapOffset = tapOffsets(d, perGroup, height, width);
  const pixelOffset = pixelOffsets(d, pixels, d[D.ow], width);
  const column = columns(Math.min(pixels, BLOCK_N), (j) => j);
  let packed = -1;
  for (let n = 0; n < d[D.n]; n++) {
    for (let g = 0; g < d[D.groups]; g++) {
      const plane = n * d[D.groups] + g;
      image.fill(0, 0, size);
      for (let j = 0; j < pixels; j += BLOCK_N) {
        const block = Math.min(BLOCK_N, pixels - j);
        const target = pixelOffset.subarray(j);
        for (let f = 0; f < filters; f += BLOCK_K) {
          const depth = Math.min(BLOCK_K, filters - f);
          packB(depth, block, grad, (plane * filters + f) * pixels + j, pixels, 1, spread(block));
          const most = rowsOfA(depth);
          for (let t = 0; t < taps; t += most) {
            const count = Math.min(most, taps - t);
            const first = (g * filters + f) * taps + t;
            if (packed !== first) packA(count, depth, weights, first, 1, taps);
            packed = first;
            multiply(count, block, depth, column, image, tapOffset, t, target);
          }
        }
      }
      storeImage(d, image, height, width, y, plane * perGroup * d[D.h] * d[D.w]);
    }
  }
}

/** Copies the padded image of one group to its place in y; what no window reached is zero. */
function storeImage(d: Int32Array, image: Float64Array, height: number, width: number, y: X, to: number): void {
  const h = d[D.h];
  const w = d[D.w];
  const left = d[D.padLeft];
  for (let c = 0; c < channelsOf(d); c++) {
    for (let i = 0; i < h; i++) {
      const target = to + (c * h + i) * w;
      const row = d[D.padTop] + i;
      const source = (c * height + row) * width + left;
      const reached = row < height ? Math.max(0, Math.min(w, width - left)) : 0;
      for (let j = 0; j < reached; j++) y[target + j] = image[source + j];
      for (let j = reached; j < w; j++) y[target + j] = 0;
    }
  }
}
