/** Softmax and its logarithm along n of [outer, n, inner], and their gradients. */
import { at } from '../descriptors.ts';
import type { NumberArray } from '../kernels.ts';

import { exp } from './exp.ts';

type X = NumberArray;

const D = at.ReduceDesc;

function largest(x: X, first: number, n: number, step: number): number {
  let best = -Infinity;
  for (let k = 0, i = first; k < n; k++, i += step) if (x[i] > best) best = x[i];
  return best;
}

export function softmax(d: Int32Array, x: X, y: X): void {
  const n = d[D.n];
  const inner = d[D.inner];
  for (let o = 0; o < d[D.outer]; o++) {
    for (let c = 0; c < inner; c++) {
      const first = o * n * inner + c;
      const top = largest(x, first, n, inner);
      let total = 0;
      for (let k = 0, i = first; k < n; k++, i += inner) {
        const e = exp(x[i] - top);
        total += e;
        y[i] = e;
      }
      for (let k = 0, i = first; k < n; k++, i += inner) y[i] /= total;
    }
  }
}

export function logSoftmax(d: Int32Array, x: X, y: X): void {
  const n = d[D.n];
  const inner = d[D.inner];
  for (let o = 0; o < d[D.outer]; o++) {
    for (let c = 0; c < inner; c++) {
      const first = o * n * inner + c;
      const top = largest(x, first, n, inner);
      let total = 0;
      for (let k = 0, i = first; k < n; k++, i += inner) total += exp(x[i] - top);
      const shift = Math.log(total);
      for (let k = 0, i = first; k < n; k++, i += inner) y[i] = x[i] - top - shift;
    }
  }
}

export function softmaxBackward(d: Int32Array, g: X, s: X, y: X): void {
  const n = d[D.n];
  const inner = d[D.inner];
  for (let o = 0; o < d[D.outer]; o++) {
    for (let c = 0; c < inner; c++) {
      const first = o * n * inner + c;
      let total = 0;
      for (let k = 0, i = first; k < n; k++, i += inner) total += g[i] * s[i];
      for (let k = 0, i = first; k < n; k++, i += inner) y[i] = s[i] * (g[i] - total);
    }
  }
}

export function logSoftmaxBackward(d: Int32Array, g: X, l: X, y: X): void {
  const n = d[D.n];
  const inner = d[D.inner];
  for (let o = 0; o < d[D.outer]; o++) {
    for (let c = 0; c < inner; c++) {
      const first = o * n * inner + c;
      let total = 0;
      for (let k = 0, i = first; k < n; k++, i += inner) total += g[i];
      for (let k = 0, i = first; k < n; k++, i += inner) y[i] = g[i] - exp(l[i]) * total;
    }
  }
}
