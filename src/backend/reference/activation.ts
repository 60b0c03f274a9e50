/** Activations and their gradients. */
import type { NumberArray } from '../kernels.ts';

import { exp } from './exp.ts';

type X = NumberArray;

export function sigmoid(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) {
    const v = x[i];
    y[i] = v < -700 ? exp(v) : 1 / (1 + exp(-v)); // exp(-v) would overflow
  }
}

export function tanh(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) {
    const v = x[i];
    const u = Math.abs(v);
    // small ones would lose their digits in the subtraction
    y[i] = u > 0.6 ? Math.sign(v) * (1 - 2 / (exp(2 * u) + 1)) : Math.tanh(v);
  }
}

export function relu(n: number, x: X, y: X): void {
  for (let i = 0; i < n; i++) y[i] = Math.max(x[i], 0);
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
  for (let i = 0; i < n; i++) y[i] = r[i] > 0 ? g[i] : 0;
}

/** A GEMM or convolution epilogue's activation, in place: 0 none, 1 relu, 2 sigmoid, 3 tanh. */
export function activate(kind: number, n: number, y: X): void {
  if (kind === 1) relu(n, y, y);
  else if (kind === 2) sigmoid(n, y, y);
  else if (kind === 3) tanh(n, y, y);
}
