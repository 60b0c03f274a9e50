/** Comparisons with broadcasting: a byte 0 or 1 per element. NaN differs from everything. */
import type { NumberArray } from '../kernels.ts';
import { eachRow } from './strided.ts';

type X = NumberArray;

export function eq(d: Int32Array, a: X, b: X, y: Uint8Array): void {
  eachRow(d, (n, ia, ib, _c, iy, sa, sb) => {
    for (let i = 0, p = ia, q = ib; i < n; i++, p += sa, q += sb) y[iy + i] = Number(a[p] === b[q]);
  });
}

export function ne(d: Int32Array, a: X, b: X, y: Uint8Array): void {
  eachRow(d, (n, ia, ib, _c, iy, sa, sb) => {
    for (let i = 0, p = ia, q = ib; i < n; i++, p += sa, q += sb) y[iy + i] = Number(a[p] !== b[q]);
  });
}

export function lt(d: Int32Array, a: X, b: X, y: Uint8Array): void {
  eachRow(d, (n, ia, ib, _c, iy, sa, sb) => {
    for (let i = 0, p = ia, q = ib; i < n; i++, p += sa, q += sb) y[iy + i] = Number(a[p] < b[q]);
  });
}

export function le(d: Int32Array, a: X, b: X, y: Uint8Array): void {
  eachRow(d, (n, ia, ib, _c, iy, sa, sb) => {
    for (let i = 0, p = ia, q = ib; i < n; i++, p += sa, q += sb) y[iy + i] = Number(a[p] <= b[q]);
  });
}

export function gt(d: Int32Array, a: X, b: X, y: Uint8Array): void {
  eachRow(d, (n, ia, ib, _c, iy, sa, sb) => {
    for (let i = 0, p = ia, q = ib; i < n; i++, p += sa, q += sb) y[iy + i] = Number(a[p] > b[q]);
  });
}

export function ge(d: Int32Array, a: X, b: X, y: Uint8Array): void {
  eachRow(d, (n, ia, ib, _c, iy, sa, sb) => {
    for (let i = 0, p = ia, q = ib; i < n; i++, p += sa, q += sb) y[iy + i] = Number(a[p] >= b[q]);
  });
}
