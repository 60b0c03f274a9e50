/** Whether ops record themselves for backward. */
import { invalid } from '../errors.ts';

export const mode = { gradEnabled: true, anomaly: false };

function withGrad<T>(op: string, enabled: boolean, fn: () => T): T {
  if (typeof fn !== 'function') invalid(op, 'fn', 'a function', fn);
  const before = mode.gradEnabled;
  mode.gradEnabled = enabled;
  try {
    const result = fn();
    if (result instanceof Promise) invalid(op, 'fn', 'a function that is not async', fn);
    return result;
  } finally {
    mode.gradEnabled = before;
  }
}

/** Runs `fn` (synchronous) without recording; `torch.no_grad`. */
export function noGrad<T>(fn: () => T): T {
  return withGrad('noGrad', false, fn);
}

/** Runs `fn` (synchronous) with recording on, inside a `noGrad` too; `torch.enable_grad`. */
export function enableGrad<T>(fn: () => T): T {
  return withGrad('enableGrad', true, fn);
}

/** Whether ops record themselves now; `torch.is_grad_enabled`. */
export function isGradEnabled(): boolean {
  return mode.gradEnabled;
}

/**
 * Runs `fn` in anomaly mode: each recorded op remembers where it was called, and a backward pass that produces NaN throws
 * an error with that place; `torch.autograd.detect_anomaly`. Slow, for debugging.
 */
export function detectAnomaly<T>(fn: () => T): T {
  if (typeof fn !== 'function') invalid('detectAnomaly', 'fn', 'a function', fn);
  const before = mode.anomaly;
  mode.anomaly = true;
  try {
    return fn();
  } finally {
    mode.anomaly = before;
  }
}
