/** Optimizer steps in place, by PyTorch's formulas (torch.optim.SGD, Adam, AdamW). */
import type { NumberArray } from '../kernels.ts';

type X = NumberArray;

export function sgdStep(
  n: number,
  lr: number,
  momentum: number,
  dampening: number,
  weightDecay: number,
  nesterov: number,
  first: number,
  g: X,
  p: X,
  buffer: X,
): void {
  if (momentum === 0) {
    for (let i = 0; i < n; i++) p[i] -= lr * (g[i] + weightDecay * p[i]);
    return;
  }
  const keep = first !== 0 ? 0 : momentum;
  const take = first !== 0 ? 1 : 1 - dampening;
  for (let i = 0; i < n; i++) {
    const grad = g[i] + weightDecay * p[i];
    const velocity = (keep === 0 ? 0 : keep * buffer[i]) + take * grad; // a first buffer is not read
    buffer[i] = velocity;
    p[i] -= lr * (nesterov !== 0 ? grad + momentum * velocity : velocity);
  }
}

export function adamStep(
  n: number,
  lr: number,
  beta1: number,
  beta2: number,
  eps: number,
  weightDecay: number,
  decoupled: number,
  step: number,
  amsgrad: number,
  maximize: number,
  g: X,
  p: X,
  m: X,
  v: X,
): void {
  const size = lr / (1 - beta1 ** step);
  const scale = 1 / Math.sqrt(1 - beta2 ** step);
  const sign = maximize !== 0 ? -1 : 1;
  const shrink = decoupled !== 0 ? 1 - lr * weightDecay : 1;
  const decay = decoupled !== 0 ? 0 : weightDecay;
  for (let i = 0; i < n; i++) {
    const old = p[i] * shrink;
    const grad = sign * g[i] + decay * old;
    const mean = beta1 * m[i] + (1 - beta1) * grad;
    const square = beta2 * v[i] + (1 - beta2) * grad * grad;
    m[i] = mean;
    v[i] = square;
    let bound = square;
    if (amsgrad !== 0) {
      bound = Math.max(v[n + i], square);
      v[n + i] = bound;
    }
    p[i] = old - (size * mean) / (Math.sqrt(bound) * scale + eps);
  }
}
