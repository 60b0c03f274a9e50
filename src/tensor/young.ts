/** Asks V8 for a collection of young objects: cheap where few are alive. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { type: 'minor' }) => void;

/** Twice V8's largest young generation: what it takes for a collection to start. */
const PRESSURE = 33 << 20;

/**
 * Where V8 does not lend its collector: it counts the bytes of new ArrayBuffers, so two large ones that are never touched
 * make it start. It may start a full collection beside the young one.
 */
function byPressure(): void {
  new ArrayBuffer(PRESSURE);
  new ArrayBuffer(PRESSURE);
}

/** V8's own function, from a context made while the flag is set; the flag is put back, so nobody else sees it. */
function lent(): Collect | null {
  const own = (globalThis as { gc?: Collect }).gc;
  if (typeof own === 'function') return own;
  try {
    setFlagsFromString('--expose-gc');
    try {
      const found: unknown = runInNewContext('gc');
      return typeof found === 'function' ? (found as Collect) : null;
    } finally {
      setFlagsFromString('--no-expose-gc');
    }
  } catch {
    return null; // another engine, or one that allows no new contexts
  }
}

let collect: (() => void) | null = null;

/** Runs a young collection before it returns. */
export function collectYoung(): void {
  if (collect === null) {
    const gc = lent();
    collect = gc === null ? byPressure : () => gc({ type: 'minor' });
  }
  collect();
}
