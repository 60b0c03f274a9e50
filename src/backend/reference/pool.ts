/** Max and average pooling of planes h×w to oh×ow. */
import { at } from '../descriptors.ts';
import type { NumberArray } from '../kernels.ts';
import { scratchF64 } from './scratch.ts';

type X = NumberArray;

const D = at.PoolDesc;

const lineScratch = scratchF64();

/** The windows along one axis: positions from, from + dilation, … before `to`, and how many taps count for an average. */
interface Axis {
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly size: Int32Array;
}

/** `end` is the image's size with the padding that countIncludePad counts. */
function axis(n: number, out: number, k: number, stride: number, pad: number, dilation: number, end: number): Axis {
  const [from, to, size] = [new Int32Array(out), new Int32Array(out), new Int32Array(out)];
  for (let o = 0; o < out; o++) {
    const start = o * stride - pad;
    const first = start < 0 ? Math.ceil(-start / dilation) : 0;
    const last = Math.max(first, Math.min(k, Math.ceil((n - start) / dilation)));
    from[o] = start + first * dilation;
    to[o] = start + last * dilation;
    size[o] = end > 0 ? Math.min(k, Math.ceil((end - start) / dilation)) : last - first;
  }
  return { from, to, size };
}

const rowsOf = (d: Int32Array): Axis => {
  const end = d[D.countIncludePad] !== 0 ? d[D.h] + d[D.padBottom] : 0;
  return axis(d[D.h], d[D.oh], d[D.kh], d[D.strideH], d[D.padTop], d[D.dilationH], end);
};

const columnsOf = (d: Int32Array): Axis => {
  const end = d[D.countIncludePad] !== 0 ? d[D.w] + d[D.padRight] : 0;
  return axis(d[D.w], d[D.ow], d[D.kw], d[D.strideW], d[D.padLeft], d[D.dilationW], end);
};

/** The largest of each window (the last NaN if there is one, else the first of equals) and its position in the plane. */
export function maxPool2d(d: Int32Array, x: X, y: X, index: Int32Array): void {
  const h = d[D.h];
  const w = d[D.w];
  const ow = d[D.ow];
  const dh = d[D.dilationH];
  const dw = d[D.dilationW];
  const rows = rowsOf(d);
  const columns = columnsOf(d);
  for (let plane = 0, o = 0; plane < d[D.planes]; plane++) {
    const base = plane * h * w;
    for (let oy = 0; oy < d[D.oh]; oy++) {
      const top = rows.from[oy];
      const bottom = rows.to[oy];
      for (let ox = 0; ox < ow; ox++, o++) {
        const left = columns.from[ox];
        const right = columns.to[ox];
        // a window that dilation puts around a tiny image holds nothing: -Infinity at position 0
        let where = top < bottom && left < right ? top * w + left : 0;
        let best = -Infinity;
        for (let i = top; i < bottom; i += dh) {
          for (let p = i * w + left, end = i * w + right; p < end; p += dw) {
            const v = x[base + p];
            if (v > best || Number.isNaN(v)) {
              best = v;
              where = p;
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

/** Whether windows are 2×2, side by side and whole: the usual case, which has its own loops, three times as fast. */
const isHalving = (d: Int32Array): boolean =>
  d[D.kh] === 2 &&
  d[D.kw] === 2 &&
  d[D.strideH] === 2 &&
  d[D.strideW] === 2 &&
  d[D.dilationH] === 1 &&
  d[D.dilationW] === 1 &&
  d[D.padTop] === 0 &&
  d[D.padLeft] === 0 &&
  2 * d[D.oh] <= d[D.h] &&
  2 * d[D.ow] <= d[D.w];

function halve(d: Int32Array, x: X, y: X): void {
  const w = d[D.w];
  const ow = d[D.ow];
  const scale = 1 / (d[D.divisor] || 4);
  for (let plane = 0, o = 0; plane < d[D.planes]; plane++) {
    for (let oy = 0; oy < d[D.oh]; oy++) {
      let p = (plane * d[D.h] + 2 * oy) * w;
      for (const end = o + ow; o < end; o++, p += 2) y[o] = (x[p] + x[p + 1] + x[p + w] + x[p + w + 1]) * scale;
    }
  }
}

function halveBackward(d: Int32Array, g: X, y: X): void {
  const w = d[D.w];
  const ow = d[D.ow];
  const scale = 1 / (d[D.divisor] || 4);
  for (let plane = 0, o = 0; plane < d[D.planes]; plane++) {
    for (let oy = 0; oy < d[D.oh]; oy++) {
      let p = (plane * d[D.h] + 2 * oy) * w;
      for (const end = o + ow; o < end; o++, p += 2) {
        const share = g[o] * scale;
        y[p] = share;
        y[p + 1] = share;
        y[p + w] = share;
        y[p + w + 1] = share;
      }
    }
  }
}

/** The rows of a line of windows are added up first, then the columns of each window. */
export function avgPool2d(d: Int32Array, x: X, y: X): void {
  if (isHalving(d)) {
    halve(d, x, y);
    return;
  }
  const h = d[D.h];
  const w = d[D.w];
  const ow = d[D.ow];
  const dh = d[D.dilationH];
  const dw = d[D.dilationW];
  const divisor = d[D.divisor];
  const rows = rowsOf(d);
  const columns = columnsOf(d);
  const line = lineScratch(w);
  for (let plane = 0, o = 0; plane < d[D.planes]; plane++) {
    for (let oy = 0; oy < d[D.oh]; oy++) {
      const top = rows.from[oy];
      const bottom = rows.to[oy];
      line.fill(0, 0, w);
      for (let i = top; i < bottom; i += dh) {
        for (let j = 0, p = (plane * h + i) * w; j < w; j++) line[j] += x[p + j];
      }
      for (let ox = 0; ox < ow; ox++, o++) {
        let total = 0;
        for (let j = columns.from[ox], end = columns.to[ox]; j < end; j += dw) total += line[j];
        const inside = top < bottom && columns.from[ox] < columns.to[ox];
        y[o] = inside ? total / (divisor !== 0 ? divisor : rows.size[oy] * columns.size[ox]) : 0;
      }
    }
  }
}

export function avgPool2dBackward(d: Int32Array, g: X, y: X): void {
  const h = d[D.h];
  y.fill(0, 0, d[D.planes] * h * d[D.w]);
  if (isHalving(d)) {
    halveBackward(d, g, y);
    return;
  }
  const w = d[D.w];
  const ow = d[D.ow];
  const dh = d[D.dilationH];
  const dw = d[D.dilationW];
  const divisor = d[D.divisor];
  const rows = rowsOf(d);
  const columns = columnsOf(d);
  const line = lineScratch(w);
  for (let plane = 0, o = 0; plane < d[D.planes]; plane++) {
    for (let oy = 0; oy < d[D.oh]; oy++) {
      line.fill(0, 0, w);
      for (let ox = 0; ox < ow; ox++, o++) {
        const share = g[o] / (divisor !== 0 ? divisor : rows.size[oy] * columns.size[ox]);
        for (let j = columns.from[ox], end = columns.to[ox]; j < end; j += dw) line[j] += share;
      }
      for (let i = rows.from[oy], end = rows.to[oy]; i < end; i += dh) {
        for (let j = 0, p = (plane * h + i) * w; j < w; j++) y[p + j] += line[j];
      }
    }
  }
}
