/**
 * Blocks of storages that the garbage collector has taken, found without waiting for the event loop.
 *
 * A FinalizationRegistry tells only between tasks, never inside a synchronous training loop; the addon's weak references
 * can be asked at any time. The collector itself is asked to run on young objects, which is cheap, when enough memory has
 * gone out.
 */
import { weakReferences } from '../backend/index.ts';
import type { NumberArray } from '../backend/kernels.ts';
import type { DType } from './dtype.ts';
import type { Storage } from './storage.ts';
import { collectYoung } from './young.ts';

/** Smaller blocks are left to the collector. */
export const WATCHED_BYTES = 8 << 10;
/** Memory given out since the last collection at which the next is asked for, or half of what that one left if more. */
const COLLECT_AFTER = 16 << 20;

interface Watched {
  readonly dtype: DType;
  readonly block: NumberArray;
}

const watched: (Watched | null)[] = [];
const unused: number[] = [];
let bytesOut = 0;

/** Remembers the block of a storage until that is collected. */
export function watch(storage: Storage): void {
  if (storage.kept || storage.watched >= 0 || storage.data.byteLength < WATCHED_BYTES) return;
  if (weakReferences === null) {
    bytesOut += storage.data.byteLength;
    return;
  }
  const id = unused.pop() ?? watched.length;
  watched[id] = { dtype: storage.dtype, block: storage.data };
  weakReferences.track(storage, id);
  storage.watched = id;
  bytesOut += storage.data.byteLength;
}

/** The block is somebody else's from now on. */
export function forget(storage: Storage): void {
  if (storage.watched < 0) return;
  weakReferences?.untrack(storage.watched);
  bytesOut -= (watched[storage.watched] as Watched).block.byteLength;
  watched[storage.watched] = null;
  unused.push(storage.watched);
  storage.watched = -1;
}

/** Bytes that were out after the last collection. */
let left = 0;

/**
 * Gives the blocks of collected storages to `give`; true where there were any. Without weak references (the reference
 * backend) blocks end with their storages, and the collector is only kept from letting them pile up.
 */
export function reclaim(give: (dtype: DType, block: NumberArray) => void): boolean {
  if (weakReferences === null) {
    if (bytesOut >= COLLECT_AFTER) {
      collectYoung();
      bytesOut = 0;
    }
    return false;
  }
  if (bytesOut === 0) return false;
  let dead = weakReferences.collectDead();
  if (dead === null && bytesOut - left >= Math.max(COLLECT_AFTER, left / 2)) {
    collectYoung();
    dead = weakReferences.collectDead();
    left = bytesOut; // where nothing died, it is no reason to ask again soon
  }
  if (dead === null) return false;
  for (const id of dead) {
    const { dtype, block } = watched[id] as Watched;
    bytesOut -= block.byteLength;
    watched[id] = null;
    unused.push(id);
    give(dtype, block);
  }
  if (left > bytesOut) left = bytesOut;
  return true;
}
