/** One operand, element by element. Each kernel is its own loop, so that each is compiled for what it sees. */
import type { NumberArray } from '../kernels.ts';
import { erf as erfOf } from './erf.ts';
import { exp as expOf } from './exp.ts';

type X = NumberArray;

const TWO_52 = 2 ** 52;

/** To the nearest whole number, halves to even; the sign of zero is kept. */
function roundHalfEven(x: number): number {
  if (!(Math.abs(x) < TWO_52)) return x;
  const r = x < 0 ? x - TWO_52 + TWO_52 : x + TWO_52 - TWO_52;
  return r === 0 ? x * 0 : r;
}

export function neg(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) y[i] = -x[i];
}

export function abs(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) y[i] = Math.abs(x[i]);
}

export function square(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) y[i] = x[i] * x[i];
}

export function sqrt(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) y[i] = Math.sqrt(x[i]);
}

export function rsqrt(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) y[i] = 1 / Math.sqrt(x[i]);
}

export function reciprocal(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) y[i] = 1 / x[i];
}

export function exp(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) y[i] = expOf(x[i]);
}

export function expm1(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) y[i] = Math.expm1(x[i]);
}

export function log(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) y[i] = Math.log(x[i]);
}

export function log1p(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) y[i] = Math.log1p(x[i]);
}

export function log2(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) y[i] = Math.log2(x[i]);
}

export function log10(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) y[i] = Math.log10(x[i]);
}

export function sin(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) y[i] = Math.sin(x[i]);
}

export function cos(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) y[i] = Math.cos(x[i]);
}

export function tan(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) y[i] = Math.tan(x[i]);
}

export function asin(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) y[i] = Math.asin(x[i]);
}

export function acos(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) y[i] = Math.acos(x[i]);
}

export function atan(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) y[i] = Math.atan(x[i]);
}

export function sinh(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) y[i] = Math.sinh(x[i]);
}

export function cosh(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) y[i] = Math.cosh(x[i]);
}

export function erf(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) y[i] = erfOf(x[i]);
}

export function floor(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) y[i] = Math.floor(x[i]);
}

export function ceil(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) y[i] = Math.ceil(x[i]);
}

export function trunc(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) y[i] = Math.trunc(x[i]);
}

export function round(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) y[i] = roundHalfEven(x[i]);
}

export function sign(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) {
    const v = x[i];
    y[i] = Number(v > 0) - Number(v < 0);
  }
}
