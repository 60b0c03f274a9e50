/** Activations and their gradients. */
import type { NumberArray } from '../kernels.ts';

import { exp } from './exp.ts';
import { select } from './select.ts';

type X = NumberArray;

export function sigmoid(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) {
    const v = x[i];
    y[i] = v < -700 ? exp(v) : 1 / (1 + exp(-v)); // exp(-v) would overflow
  }
}

export function tanh(n: number, x: X, y: X): void {
  // Below it, the subtraction would lose digits that the result has room for.
  const limit = y instanceof Float32Array ? 1e-3 : 0.6;
  for (let i = 0; i < n; i++) {
    const v = x[i];
    y[i] = Math.abs(v) <= limit ? Math.tanh(v) : 1 - 2 / (exp(2 * v) + 1);
  }
}

export function relu(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) {
    const v = x[i];
    y[i] = select(Number(v > 0) | Number(Number.isNaN(v)), v, 0);
  }
}

export function sigmoidBackward(n: number, g: X, s: X, y: X): void {
  for (let i = 0; i < n; i++) {
    const v = s[i];
    y[i] = g[i] * v * (1 - v);
  }
}

export function tanhBackward(n: number, g: X, t: X, y: X): void {
  for (let i = 0; i < n; i++) {
    const v = t[i];
    y[i] = g[i] * (1 - v * v);
  }
}

export function reluBackward(n: number, g: X, r: X, y: X): void {
  for (let i = 0; i < n; i++) y[i] = select(Number(r[i] > 0), g[i], 0);
}

/** A GEMM or convolution epilogue's activation, in place: 0 none, 1 relu, 2 sigmoid, 3 tanh. */
export function activate(kind: number, n: number, y: X): void {
  if (kind === 1) relu(n, y, y);
  else if (kind === 2) sigmoid(n, y, y);
  else if (kind === 3) tanh(n, y, y);
}
