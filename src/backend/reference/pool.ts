/** Max and average pooling of planes h×w to oh×ow. */
import { at } from '../descriptors.ts';
import type { NumberArray } from '../kernels.ts';

type X = NumberArray;

const D = at.PoolDesc;

/** The first tap of a window that begins at `start` and is not in the padding. */
const firstTap = (start: number, dilation: number): number => (start < 0 ? Math.ceil(-start / dilation) : 0);

/** One past the last tap of `taps` that lies before `end`. */
const endTap = (start: number, dilation: number, taps: number, end: number): number =>
  Math.min(taps, Math.ceil((end - start) / dilation));

/** The largest of each window (the last NaN if there is one, else the first of equals) and its position in the plane. */
export function maxPool2d(d: Int32Array, x: X, y: X, index: Int32Array): void {
  const h = d[D.h];
  const w = d[D.w];
  const dh = d[D.dilationH];
  const dw = d[D.dilationW];
  for (let plane = 0, o = 0; plane < d[D.planes]; plane++) {
    const base = plane * h * w;
    for (let oy = 0; oy < d[D.oh]; oy++) {
      const top = oy * d[D.strideH] - d[D.padTop];
      const firstRow = top + firstTap(top, dh) * dh;
      const endRow = top + endTap(top, dh, d[D.kh], h) * dh;
      for (let ox = 0; ox < d[D.ow]; ox++, o++) {
        const left = ox * d[D.strideW] - d[D.padLeft];
        const firstColumn = left + firstTap(left, dw) * dw;
        const endColumn = left + endTap(left, dw, d[D.kw], w) * dw;
        // a window that dilation puts around a tiny image holds nothing: -Infinity at position 0
        let where = firstRow < h && firstColumn < w ? firstRow * w + firstColumn : 0;
        let best = -Infinity;
        for (let i = firstRow; i < endRow; i += dh) {
          for (let j = firstColumn; j < endColumn; j += dw) {
            const v = x[base + i * w + j];
            if (v > best || Number.isNaN(v)) {
              best = v;
              where = i * w + j;
            }
          }
        }
        y[o] = best;
        index[o] = where;
      }
    }
  }
}

export function maxPool2dBackward(d: Int32Array, g: X, index: Int32Array, y: X): void {
  const planes = d[D.planes];
  const size = d[D.h] * d[D.w];
  const count = d[D.oh] * d[D.ow];
  y.fill(0, 0, planes * size);
  for (let plane = 0, o = 0; plane < planes; plane++) {
    const base = plane * size;
    for (const end = o + count; o < end; o++) y[base + index[o]] += g[o];
  }
}

export function maxPool2dGather(d: Int32Array, x: X, index: Int32Array, y: X): void {
  const size = d[D.h] * d[D.w];
  const count = d[D.oh] * d[D.ow];
  for (let plane = 0, o = 0; plane < d[D.planes]; plane++) {
    const base = plane * size;
    for (const end = o + count; o < end; o++) y[o] = x[base + index[o]];
  }
}

/** The number by which a window's sum is divided; rows and columns are those of it that lie in the image. */
function windowSize(d: Int32Array, top: number, left: number, rows: number, columns: number): number {
  if (d[D.divisor] !== 0) return d[D.divisor];
  if (d[D.countIncludePad] === 0) return rows * columns;
  return (
    endTap(top, d[D.dilationH], d[D.kh], d[D.h] + d[D.padBottom]) *
    endTap(left, d[D.dilationW], d[D.kw], d[D.w] + d[D.padRight])
  );
}

export function avgPool2d(d: Int32Array, x: X, y: X): void {
  const h = d[D.h];
  const w = d[D.w];
  const dh = d[D.dilationH];
  const dw = d[D.dilationW];
  for (let plane = 0, o = 0; plane < d[D.planes]; plane++) {
    for (let oy = 0; oy < d[D.oh]; oy++) {
      const top = oy * d[D.strideH] - d[D.padTop];
      const i0 = firstTap(top, dh);
      const i1 = endTap(top, dh, d[D.kh], h);
      for (let ox = 0; ox < d[D.ow]; ox++, o++) {
        const left = ox * d[D.strideW] - d[D.padLeft];
        const j0 = firstTap(left, dw);
        const j1 = endTap(left, dw, d[D.kw], w);
        let total = 0;
        for (let i = i0; i < i1; i++) {
          const row = (plane * h + top + i * dh) * w + left;
          for (let j = j0; j < j1; j++) total += x[row + j * dw];
        }
        y[o] = i0 < i1 && j0 < j1 ? total / windowSize(d, top, left, i1 - i0, j1 - j0) : 0;
      }
    }
  }
}

export function avgPool2dBackward(d: Int32Array, g: X, y: X): void {
  const h = d[D.h];
  const w = d[D.w];
  const dh = d[D.dilationH];
  const dw = d[D.dilationW];
  y.fill(0, 0, d[D.planes] * h * w);
  for (let plane = 0, o = 0; plane < d[D.planes]; plane++) {
    for (let oy = 0; oy < d[D.oh]; oy++) {
      const top = oy * d[D.strideH] - d[D.padTop];
      const i0 = firstTap(top, dh);
      const i1 = endTap(top, dh, d[D.kh], h);
      for (let ox = 0; ox < d[D.ow]; ox++, o++) {
        const left = ox * d[D.strideW] - d[D.padLeft];
        const j0 = firstTap(left, dw);
        const j1 = endTap(left, dw, d[D.kw], w);
        if (i0 >= i1 || j0 >= j1) continue;
        const share = g[o] / windowSize(d, top, left, i1 - i0, j1 - j0);
        for (let i = i0; i < i1; i++) {
          const row = (plane * h + top + i * dh) * w + left;
          for (let j = j0; j < j1; j++) y[row + j * dw] += share;
        }
      }
    }
  }
}
