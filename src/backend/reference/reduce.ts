/** Reductions of [outer, n, inner] along n. Floating-point sums are accumulated in double. */
import { at } from '../descriptors.ts';
import type { NumberArray } from '../kernels.ts';
import { scratchF64 } from './scratch.ts';

type X = NumberArray;

const D = at.ReduceDesc;
const sumRow = scratchF64();

export function sum(d: Int32Array, x: X, y: X): void {
  const outer = d[D.outer];
  const n = d[D.n];
  const inner = d[D.inner];
  if (inner === 1) {
    for (let o = 0, i = 0; o < outer; o++) {
      // Two chains: one addition need not wait for the other.
      let even = 0;
      let odd = 0;
      const end = i + n;
      for (; i + 1 < end; i += 2) {
        even += x[i];
        odd += x[i + 1];
      }
      if (i < end) even += x[i++];
      y[o] = even + odd;
    }
    return;
  }
  const row = sumRow(inner);
  for (let o = 0, i = 0; o < outer; o++) {
    row.fill(0, 0, inner);
    for (let k = 0; k < n; k++) for (let c = 0; c < inner; c++) row[c] += x[i++];
    for (let c = 0; c < inner; c++) y[o * inner + c] = row[c];
  }
}

export function prod(d: Int32Array, x: X, y: X): void {
  const n = d[D.n];
  const inner = d[D.inner];
  const isInteger = x instanceof Int32Array || x instanceof Uint8Array;
  for (let o = 0; o < d[D.outer]; o++) {
    for (let c = 0; c < inner; c++) {
      let i = o * n * inner + c;
      let result = 1;
      if (isInteger) for (let k = 0; k < n; k++, i += inner) result = Math.imul(result, x[i]);
      else for (let k = 0; k < n; k++, i += inner) result *= x[i];
      y[o * inner + c] = result;
    }
  }
}

export function max(d: Int32Array, x: X, y: X, index: Int32Array): void {
  const n = d[D.n];
  const inner = d[D.inner];
  for (let o = 0; o < d[D.outer]; o++) {
    for (let c = 0; c < inner; c++) {
      const first = o * n * inner + c;
      let best = x[first];
      let where = 0;
      for (let k = 1, i = first + inner; k < n; k++, i += inner) {
        const v = x[i];
        if (v > best || (Number.isNaN(v) && !Number.isNaN(best))) {
          best = v;
          where = k;
        }
      }
      y[o * inner + c] = best;
      index[o * inner + c] = where;
    }
  }
}

export function min(d: Int32Array, x: X, y: X, index: Int32Array): void {
  const n = d[D.n];
  const inner = d[D.inner];
  for (let o = 0; o < d[D.outer]; o++) {
    for (let c = 0; c < inner; c++) {
      const first = o * n * inner + c;
      let best = x[first];
      let where = 0;
      for (let k = 1, i = first + inner; k < n; k++, i += inner) {
        const v = x[i];
        if (v < best || (Number.isNaN(v) && !Number.isNaN(best))) {
          best = v;
          where = k;
        }
      }
      y[o * inner + c] = best;
      index[o * inner + c] = where;
    }
  }
}

/** y = found where some element along n has the truth value `wanted`, else the opposite of found. */
function search(d: Int32Array, x: Uint8Array, y: Uint8Array, wanted: boolean, found: number): void {
  const n = d[D.n];
  const inner = d[D.inner];
  for (let o = 0; o < d[D.outer]; o++) {
    for (let c = 0; c < inner; c++) {
      let i = o * n * inner + c;
      let k = 0;
      while (k < n && (x[i] !== 0) !== wanted) {
        k++;
        i += inner;
      }
      y[o * inner + c] = k < n ? found : 1 - found;
    }
  }
}

export function any(d: Int32Array, x: Uint8Array, y: Uint8Array): void {
  search(d, x, y, true, 1);
}

export function all(d: Int32Array, x: Uint8Array, y: Uint8Array): void {
  search(d, x, y, false, 0);
}
