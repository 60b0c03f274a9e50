/**
 * The image side of a convolution's matrix products: element (tap, pixel) of the im2col matrix lies at tapOffset +
 * pixelOffset in the padded image.
 */
import { at } from '../descriptors.ts';
import type { NumberArray } from '../kernels.ts';
import { B_SIZE, blockB, columns, K_SIZE } from './gemm.ts';

const D = at.ConvDesc;

/** What a strip should take of the cache: elements of one channel's image, of all channels, output pixels. */
const PLANE = 2 ** 15;
const PIECE = 2 ** 16;
const PIXELS = 2 ** 12;

export const channelsOf = (d: Int32Array): number => d[D.c] / d[D.groups];
export const filtersOf = (d: Int32Array): number => d[D.k] / d[D.groups];
/** Rows and columns of the image that n adjacent windows reach. */
export const rowsFor = (d: Int32Array, n: number): number =>
  (n - 1) * d[D.strideH] + (d[D.kh] - 1) * d[D.dilationH] + 1;
export const colsFor = (d: Int32Array, n: number): number =>
  (n - 1) * d[D.strideW] + (d[D.kw] - 1) * d[D.dilationW] + 1;

/** Consecutive output pixels: whole rows, or a part of one. */
export interface Strip {
  /** The first one, its row and column. */
  readonly start: number;
  readonly y: number;
  readonly x: number;
  readonly pixels: number;
  /** Size of the piece of the padded image that its windows reach. */
  readonly height: number;
  readonly width: number;
  /** Where pixel j's window begins in the piece, and where tap t of a window lies, counted over [channel, kh, kw]. */
  readonly pixelOffset: Int32Array;
  readonly tapOffset: Int32Array;
}

/** Cuts the output so that pieces of the image stay in the cache; `channels` of them are to be loaded at a time. */
export function cut(d: Int32Array): { strips: Strip[]; channels: number } {
  const [oh, ow, kernel] = [d[D.oh], d[D.ow], d[D.kh] * d[D.kw]];
  let cols = Math.min(ow, PIXELS);
  while (cols > 1 && rowsFor(d, 1) * colsFor(d, cols) > PLANE) cols = Math.ceil(cols / 2);
  let rows = 1;
  const fits = (n: number) => n * cols <= PIXELS && rowsFor(d, n) * colsFor(d, cols) <= PLANE;
  if (cols === ow) while (rows < oh && fits(rows + 1)) rows++;
  const plane = rowsFor(d, rows) * colsFor(d, cols);
  if (plane > B_SIZE || kernel > K_SIZE) {
    throw new Error(
      `conv2d: kernel expected at most ${K_SIZE} taps over at most ${B_SIZE} pixels, got ${kernel} over ${plane}`,
    );
  }
  const channels = Math.max(1, Math.min(channelsOf(d), Math.floor(PIECE / plane), Math.floor(K_SIZE / kernel)));
  const strips: Strip[] = [];
  for (let y = 0; y < oh; y += rows) {
    for (let x = 0; x < ow; x += cols) {
      strips.push(makeStrip(d, channels, y, x, Math.min(rows, oh - y), Math.min(cols, ow - x)));
    }
  }
  return { strips, channels };
}

function makeStrip(d: Int32Array, channels: number, y: number, x: number, rows: number, cols: number): Strip {
  const pixels = rows * cols;
  const height = rowsFor(d, rows);
  const width = colsFor(d, cols);
  const start = y * d[D.ow] + x;
  const pixelOffset = pixelOffsets(d, pixels, cols, width);
  const tapOffset = tapOffsets(d, channels, height, width);
  return { start, y, x, pixels, height, width, pixelOffset, tapOffset };
}

/** Where the windows of n pixels in rows of `cols` begin in an image of that width. */
export function pixelOffsets(d: Int32Array, n: number, cols: number, width: number): Int32Array {
  return columns(n, (j) => Math.floor(j / cols) * d[D.strideH] * width + (j % cols) * d[D.strideW]);
}

/** Where the taps of a window lie in channels of that height and width. */
export function tapOffsets(d: Int32Array, channels: number, height: number, width: number): Int32Array {
  const kw = d[D.kw];
  const kernel = d[D.kh] * kw;
  return columns(channels * kernel, (t) => {
    const i = Math.floor((t % kernel) / kw);
    return (Math.floor(t / kernel) * height + i * d[D.dilationH]) * width + (t % kw) * d[D.dilationW];
  });
}

/** Copies the piece of the padded image under a strip to the B block: `channels` planes of x, the first at `from`. */
export function loadPiece(d: Int32Array, s: Strip, channels: number, x: NumberArray, from: number): void {
  const h = d[D.h];
  const w = d[D.w];
  const { height, width } = s;
  const top = s.y * d[D.strideH] - d[D.padTop];
  const left = s.x * d[D.strideW] - d[D.padLeft];
  const first = Math.min(width, Math.max(0, -left));
  const last = Math.max(first, Math.min(width, w - left));
  for (let c = 0, t = 0; c < channels; c++) {
    for (let i = 0; i < height; i++, t += width) {
      const y = top + i;
      if (y < 0 || y >= h) {
        blockB.fill(0, t, t + width);
        continue;
      }
      const source = from + (c * h + y) * w + left;
      for (let j = 0; j < first; j++) blockB[t + j] = 0;
      for (let j = first; j < last; j++) blockB[t + j] = x[source + j];
      for (let j = last; j < width; j++) blockB[t + j] = 0;
    }
  }
}
