/** Running sums and products, and sorting, along n of [outer, n, inner]. */
import { at } from '../descriptors.ts';
import type { NumberArray } from '../kernels.ts';
import { scratchF64, scratchI32 } from './scratch.ts';

type X = NumberArray;

const D = at.ReduceDesc;

export function cumsum(d: Int32Array, x: X, y: X): void {
  const n = d[D.n];
  const inner = d[D.inner];
  for (let o = 0; o < d[D.outer]; o++) {
    for (let c = 0; c < inner; c++) {
      let total = 0;
      for (let k = 0, i = o * n * inner + c; k < n; k++, i += inner) {
        total += x[i];
        y[i] = total;
      }
    }
  }
}

export function cumprod(d: Int32Array, x: X, y: X): void {
  const n = d[D.n];
  const inner = d[D.inner];
  const isInteger = x instanceof Int32Array || x instanceof Uint8Array;
  for (let o = 0; o < d[D.outer]; o++) {
    for (let c = 0; c < inner; c++) {
      let total = 1;
      for (let k = 0, i = o * n * inner + c; k < n; k++, i += inner) {
        total = isInteger ? Math.imul(total, x[i]) : total * x[i];
        y[i] = total;
      }
    }
  }
}

const keysScratch = scratchF64();
const orderScratch = scratchI32();
const spareScratch = scratchI32();

/** Whether key v goes before u, which came first; NaN counts as the largest. */
function precedes(v: number, u: number, descending: boolean): boolean {
  return descending ? v > u || (Number.isNaN(v) && !Number.isNaN(u)) : v < u || (Number.isNaN(u) && !Number.isNaN(v));
}

/** Positions 0 … n-1 in the order of their keys: a bottom-up merge sort, stable. */
function sortedOrder(n: number, keys: Float64Array, descending: boolean): Int32Array {
  let from = orderScratch(n);
  let to = spareScratch(n);
  for (let i = 0; i < n; i++) from[i] = i;
  for (let width = 1; width < n; width *= 2) {
    for (let start = 0; start < n; start += 2 * width) {
      const middle = Math.min(start + width, n);
      const end = Math.min(start + 2 * width, n);
      let left = start;
      let right = middle;
      for (let i = start; i < end; i++) {
        const takeRight = left >= middle || (right < end && precedes(keys[from[right]], keys[from[left]], descending));
        to[i] = takeRight ? from[right++] : from[left++];
      }
    }
    [from, to] = [to, from];
  }
  return from;
}

export function sort(d: Int32Array, descending: number, x: X, y: X, index: Int32Array): void {
  const n = d[D.n];
  const inner = d[D.inner];
  const keys = keysScratch(n);
  for (let o = 0; o < d[D.outer]; o++) {
    for (let c = 0; c < inner; c++) {
      const first = o * n * inner + c;
      for (let k = 0; k < n; k++) keys[k] = x[first + k * inner];
      const order = sortedOrder(n, keys, descending !== 0);
      for (let k = 0; k < n; k++) {
        y[first + k * inner] = keys[order[k]];
        index[first + k * inner] = order[k];
      }
    }
  }
}
