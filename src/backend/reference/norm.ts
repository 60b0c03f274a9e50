/** Normalisation of [n, c, inner] per c over n and inner. */
import { at } from '../descriptors.ts';
import type { NumberArray } from '../kernels.ts';

type X = NumberArray;

const D = at.NormDesc;

export function normStats(d: Int32Array, eps: number, x: X, mean: X, rstd: X): void {
  const n = d[D.n];
  const channels = d[D.c];
  const inner = d[D.inner];
  const count = n * inner;
  for (let c = 0; c < channels; c++) {
    let total = 0;
    for (let b = 0; b < n; b++) {
      const first = (b * channels + c) * inner;
      for (let i = first; i < first + inner; i++) total += x[i];
    }
    const centre = total / count;
    let squares = 0;
    for (let b = 0; b < n; b++) {
      const first = (b * channels + c) * inner;
      for (let i = first; i < first + inner; i++) {
        const v = x[i] - centre;
        squares += v * v;
      }
    }
    mean[c] = centre;
    rstd[c] = 1 / Math.sqrt(squares / count + eps);
  }
}

export function normForward(d: Int32Array, x: X, mean: X, rstd: X, weight: X | null, bias: X | null, y: X): void {
  const channels = d[D.c];
  const inner = d[D.inner];
  for (let b = 0, i = 0; b < d[D.n]; b++) {
    for (let c = 0; c < channels; c++) {
      const centre = mean[c];
      const scale = weight === null ? rstd[c] : rstd[c] * weight[c];
      const shift = bias === null ? 0 : bias[c];
      for (const end = i + inner; i < end; i++) y[i] = (x[i] - centre) * scale + shift;
    }
  }
}

export function normBackward(
  d: Int32Array,
  g: X,
  x: X,
  mean: X,
  rstd: X,
  weight: X | null,
  gradX: X,
  gradWeight: X,
  gradBias: X,
): void {
  const n = d[D.n];
  const channels = d[D.c];
  const inner = d[D.inner];
  const count = n * inner;
  for (let c = 0; c < channels; c++) {
    const centre = mean[c];
    const scale = rstd[c];
    let total = 0;
    let product = 0;
    for (let b = 0; b < n; b++) {
      const first = (b * channels + c) * inner;
      for (let i = first; i < first + inner; i++) {
        total += g[i];
        product += g[i] * (x[i] - centre);
      }
    }
    product *= scale;
    gradBias[c] = total;
    gradWeight[c] = product;
    const outer = weight === null ? scale : scale * weight[c];
    const shift = total / count;
    const slope = (product * scale) / count;
    for (let b = 0; b < n; b++) {
      const first = (b * channels + c) * inner;
      for (let i = first; i < first + inner; i++) gradX[i] = outer * (g[i] - shift - (x[i] - centre) * slope);
    }
  }
}
