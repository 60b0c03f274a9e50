/** The im2col matrix written out, and its transpose. */
import { at } from '../descriptors.ts';
import type { NumberArray } from '../kernels.ts';

type X = NumberArray;

const D = at.ConvDesc;

/**
 * Calls run(column, position, first, last) for every image row that a row of the im2col matrix reads: elements `column +
 * j`, first ≤ j < last, correspond to image elements `position + j·strideW`; the others of the ow elements to padding.
 */
function eachRun(d: Int32Array, run: (column: number, position: number, first: number, last: number) => void): void {
  const h = d[D.h];
  const w = d[D.w];
  const ow = d[D.ow];
  const strideW = d[D.strideW];
  for (let plane = 0, column = 0; plane < d[D.n] * d[D.c]; plane++) {
    for (let i = 0; i < d[D.kh]; i++) {
      for (let j = 0; j < d[D.kw]; j++) {
        const left = j * d[D.dilationW] - d[D.padLeft];
        const first = Math.min(ow, Math.max(0, Math.ceil(-left / strideW)));
        const last = Math.max(first, Math.min(ow, Math.ceil((w - left) / strideW)));
        for (let oy = 0; oy < d[D.oh]; oy++, column += ow) {
          const row = oy * d[D.strideH] + i * d[D.dilationH] - d[D.padTop];
          if (row >= 0 && row < h) run(column, (plane * h + row) * w + left, first, last);
          else run(column, 0, 0, 0);
        }
      }
    }
  }
}

export function unfold(d: Int32Array, x: X, y: X): void {
  const ow = d[D.ow];
  const step = d[D.strideW];
  eachRun(d, (column, position, first, last) => {
    for (let j = 0; j < first; j++) y[column + j] = 0;
    for (let j = first; j < last; j++) y[column + j] = x[position + j * step];
    for (let j = last; j < ow; j++) y[column + j] = 0;
  });
}

export function fold(d: Int32Array, x: X, y: X): void {
  const step = d[D.strideW];
  y.fill(0, 0, d[D.n] * d[D.c] * d[D.h] * d[D.w]);
  eachRun(d, (column, position, first, last) => {
    for (let j = first; j < last; j++) y[position + j * step] += x[column + j];
  });
}
