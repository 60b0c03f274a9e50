/** Gathering and scattering of rows. */
import { at } from '../descriptors.ts';
import type { NumberArray } from '../kernels.ts';
import { copyRun } from './copy.ts';

type X = NumberArray;

const D = at.RowsDesc;

export function takeRows(d: Int32Array, x: X, index: Int32Array, y: X): void {
  const rows = d[D.rows];
  const inner = d[D.inner];
  if (inner === 1) for (let r = 0; r < rows; r++) y[r] = x[index[r]];
  else for (let r = 0; r < rows; r++) copyRun(inner, x, index[r] * inner, y, r * inner);
}

export function putRows(d: Int32Array, x: X, index: Int32Array, y: X): void {
  const rows = d[D.rows];
  const inner = d[D.inner];
  if (inner === 1) for (let r = 0; r < rows; r++) y[index[r]] = x[r];
  else for (let r = 0; r < rows; r++) copyRun(inner, x, r * inner, y, index[r] * inner);
}

export function addRows(d: Int32Array, x: X, index: Int32Array, y: X): void {
  const inner = d[D.inner];
  for (let r = 0, i = 0; r < d[D.rows]; r++) {
    const to = index[r] * inner;
    for (let c = 0; c < inner; c++) y[to + c] += x[i++];
  }
}
