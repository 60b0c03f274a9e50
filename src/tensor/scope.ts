/** `scope`: memory of a piece of work goes back to the pool when it ends. */
import { invalid } from '../errors.ts';
import { runScope, type Storage } from './storage.ts';
import { Tensor } from './tensor.ts';

/** Storages of the tensors in a value: itself, or in arrays, maps, sets and plain objects, at any depth. */
function storagesIn(value: unknown, found: Set<Storage>, seen: Set<unknown>): void {
  if (value === null || typeof value !== 'object' || seen.has(value)) return;
  seen.add(value);
  if (value instanceof Tensor) {
    found.add(value.storage);
    if (value.grad !== null) found.add(value.grad.storage);
    return;
  }
  if (ArrayBuffer.isView(value)) return;
  if (value instanceof Map) for (const entry of value) for (const part of entry) storagesIn(part, found, seen);
  else if (value instanceof Set || Array.isArray(value)) for (const part of value) storagesIn(part, found, seen);
  else for (const part of Object.values(value)) storagesIn(part, found, seen);
}

/**
 * Runs `fn` (synchronous) and, when it ends, returns to the pool the memory of every tensor made inside it that is neither
 * in its result, nor a parameter, a leaf's gradient or optimizer state. A tensor used after its scope throws. Scopes nest.
 * The returned tensors must not need their recorded graph any more: run backward inside.
 */
export function scope<T>(fn: () => T): T {
  if (typeof fn !== 'function') invalid('scope', 'fn', 'a function', fn);
  return runScope(fn, (result) => {
    if (result === undefined) return [];
    const found = new Set<Storage>();
    storagesIn(result, found, new Set());
    return [...found];
  });
}
