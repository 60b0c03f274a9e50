/** Filling and strided copies. */
import type { NumberArray } from '../kernels.ts';
import { eachRow } from './strided.ts';

/** From this length on, a block copy beats a loop. */
const BLOCK = 64;

/** y[to …] = x[from …], n elements; the arrays may differ in type. */
export function copyRun(n: number, x: NumberArray, from: number, y: NumberArray, to: number): void {
  if (n >= BLOCK) y.set(x.subarray(from, from + n), to);
  else for (let i = 0; i < n; i++) y[to + i] = x[from + i];
}

export function fill(n: number, value: number, y: NumberArray): void {
  y.fill(value, 0, n);
}

export function copyStrided(d: Int32Array, x: NumberArray, y: NumberArray): void {
  eachRow(d, (n, a, b, _c, _y, sa, sb) => {
    if (sa === 1 && sb === 1) copyRun(n, x, a, y, b);
    else for (let i = 0, from = a, to = b; i < n; i++, from += sa, to += sb) y[to] = x[from];
  });
}
