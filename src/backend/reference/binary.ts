/** Two operands, element by element with broadcasting. Each kernel has its own row loop. */
import type { NumberArray } from '../kernels.ts';
import { select } from './select.ts';
import { eachRow } from './strided.ts';

type X = NumberArray;

/** Python's floor division, as PyTorch defines it. */
function floorQuotient(a: number, b: number): number {
  const quotient = a / b;
  if (b === 0 || Number.isNaN(quotient)) return quotient;
  const rest = a % b;
  let whole = (a - rest) / b;
  if (rest !== 0 && b < 0 !== rest < 0) whole -= 1;
  if (whole === 0) return quotient < 0 || Object.is(quotient, -0) ? -0 : 0;
  const floor = Math.floor(whole);
  return whole - floor > 0.5 ? floor + 1 : floor;
}

/** a to the b in C's sense: 1 to any power, and -1 to an infinite one, is 1. */
function power(a: number, b: number): number {
  if (a === 1 || (a === -1 && (b === Infinity || b === -Infinity))) return 1;
  return a ** b;
}

/** a to the b modulo 2³²; 1 / aⁿ truncated where b is negative. */
function integerPower(a: number, b: number): number {
  if (b < 0) return a === 1 ? 1 : a === -1 ? (b & 1 ? -1 : 1) : 0;
  let result = 1;
  for (let base = a, e = b; e > 0; e >>>= 1, base = Math.imul(base, base)) if (e & 1) result = Math.imul(result, base);
  return result;
}

const isInteger = (x: X): boolean => x instanceof Int32Array || x instanceof Uint8Array;

export function add(d: Int32Array, a: X, b: X, y: X): void {
  eachRow(d, (n, ia, ib, _c, iy, sa, sb) => {
    for (let i = 0, p = ia, q = ib; i < n; i++, p += sa, q += sb) y[iy + i] = a[p] + b[q];
  });
}

export function sub(d: Int32Array, a: X, b: X, y: X): void {
  eachRow(d, (n, ia, ib, _c, iy, sa, sb) => {
    for (let i = 0, p = ia, q = ib; i < n; i++, p += sa, q += sb) y[iy + i] = a[p] - b[q];
  });
}

function integerMul(d: Int32Array, a: X, b: X, y: X): void {
  eachRow(d, (n, ia, ib, _c, iy, sa, sb) => {
    for (let i = 0, p = ia, q = ib; i < n; i++, p += sa, q += sb) y[iy + i] = Math.imul(a[p], b[q]);
  });
}

export function mul(d: Int32Array, a: X, b: X, y: X): void {
  if (isInteger(y)) {
    integerMul(d, a, b, y);
    return;
  }
  eachRow(d, (n, ia, ib, _c, iy, sa, sb) => {
    for (let i = 0, p = ia, q = ib; i < n; i++, p += sa, q += sb) y[iy + i] = a[p] * b[q];
  });
}

export function div(d: Int32Array, a: X, b: X, y: X): void {
  eachRow(d, (n, ia, ib, _c, iy, sa, sb) => {
    for (let i = 0, p = ia, q = ib; i < n; i++, p += sa, q += sb) y[iy + i] = a[p] / b[q];
  });
}

function integerPow(d: Int32Array, a: X, b: X, y: X): void {
  eachRow(d, (n, ia, ib, _c, iy, sa, sb) => {
    for (let i = 0, p = ia, q = ib; i < n; i++, p += sa, q += sb) y[iy + i] = integerPower(a[p], b[q]);
  });
}

export function pow(d: Int32Array, a: X, b: X, y: X): void {
  if (isInteger(y)) {
    integerPow(d, a, b, y);
    return;
  }
  eachRow(d, (n, ia, ib, _c, iy, sa, sb) => {
    for (let i = 0, p = ia, q = ib; i < n; i++, p += sa, q += sb) y[iy + i] = power(a[p], b[q]);
  });
}

export function maximum(d: Int32Array, a: X, b: X, y: X): void {
  eachRow(d, (n, ia, ib, _c, iy, sa, sb) => {
    for (let i = 0, p = ia, q = ib; i < n; i++, p += sa, q += sb) {
      const v = b[q];
      y[iy + i] = select(Number(v > a[p]) | Number(Number.isNaN(v)), v, a[p]);
    }
  });
}

export function minimum(d: Int32Array, a: X, b: X, y: X): void {
  eachRow(d, (n, ia, ib, _c, iy, sa, sb) => {
    for (let i = 0, p = ia, q = ib; i < n; i++, p += sa, q += sb) {
      const v = b[q];
      y[iy + i] = select(Number(v < a[p]) | Number(Number.isNaN(v)), v, a[p]);
    }
  });
}

export function floorDivide(d: Int32Array, a: X, b: X, y: X): void {
  eachRow(d, (n, ia, ib, _c, iy, sa, sb) => {
    for (let i = 0, p = ia, q = ib; i < n; i++, p += sa, q += sb) y[iy + i] = floorQuotient(a[p], b[q]);
  });
}

export function truncDivide(d: Int32Array, a: X, b: X, y: X): void {
  const single = y instanceof Float32Array; // there the quotient is rounded before it is cut
  eachRow(d, (n, ia, ib, _c, iy, sa, sb) => {
    for (let i = 0, p = ia, q = ib; i < n; i++, p += sa, q += sb) {
      const quotient = a[p] / b[q];
      y[iy + i] = Math.trunc(single ? Math.fround(quotient) : quotient);
    }
  });
}

export function remainder(d: Int32Array, a: X, b: X, y: X): void {
  eachRow(d, (n, ia, ib, _c, iy, sa, sb) => {
    for (let i = 0, p = ia, q = ib; i < n; i++, p += sa, q += sb) {
      const v = b[q];
      const r = a[p] % v;
      y[iy + i] = r !== 0 && r < 0 !== v < 0 ? r + v : r;
    }
  });
}

export function fmod(d: Int32Array, a: X, b: X, y: X): void {
  eachRow(d, (n, ia, ib, _c, iy, sa, sb) => {
    for (let i = 0, p = ia, q = ib; i < n; i++, p += sa, q += sb) y[iy + i] = a[p] % b[q];
  });
}

export function atan2(d: Int32Array, a: X, b: X, y: X): void {
  eachRow(d, (n, ia, ib, _c, iy, sa, sb) => {
    for (let i = 0, p = ia, q = ib; i < n; i++, p += sa, q += sb) y[iy + i] = Math.atan2(a[p], b[q]);
  });
}

export function where(d: Int32Array, condition: Uint8Array, a: X, b: X, y: X): void {
  eachRow(d, (n, ic, ia, ib, iy, sc, sa, sb) => {
    for (let i = 0, r = ic, p = ia, q = ib; i < n; i++, r += sc, p += sa, q += sb) {
      y[iy + i] = select(Number(condition[r] !== 0), a[p], b[q]);
    }
  });
}
