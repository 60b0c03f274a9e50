/**
 * Memory of tensors: typed arrays over ordinary ArrayBuffers, recycled by size class.
 *
 * A block goes back to the pool when a scope ends around the storage that has it, when a passing storage is let go (see
 * Storage.passing), or when the garbage collector has taken the storage: src/tensor/reclaim.ts finds out. Blocks of kept
 * storages never do.
 */
import { adviseHuge, alignOffset } from '../backend/index.ts';
import type { NumberArray } from '../backend/kernels.ts';
import { arrayOver, bytesPerElement, type DType, newArray } from './dtype.ts';
import { forget, reclaim, WATCHED_BYTES, watch } from './reclaim.ts';

/** Below this many bytes a fresh array is cheaper than keeping books on a used one. */
const POOLED_BYTES = 128;
/** From here on a block begins on a 64-byte boundary. */
const ALIGNED_BYTES = 4096;
/** From here on huge pages pay: first touch of small ones costs about as much as two passes over the memory. */
const HUGE_BYTES = 4 << 20;
const ALIGNMENT = 64;

let made = 0;

/** How many storages have been made: a storage with a higher serial is younger than this moment. */
export function storagesMade(): number {
  return made;
}

/** Weights in the order in which a kernel reads them; see src/ops/packing.ts. */
export interface Packed {
  readonly packing: object;
  /** Where in the storage the weights begin. */
  readonly offset: number;
  /** The storage's version when they were last seen. */
  version: number;
  /** They are packed in this version, not only seen. */
  current: boolean;
  data: NumberArray | null;
}

export class Storage {
  /** May be longer than the tensor needs; what lies past it is undefined. */
  data: NumberArray;
  readonly dtype: DType;
  /** Order of creation. */
  readonly serial = ++made;
  /** Counts changes in place, so that backward can tell that a saved tensor is stale. */
  version = 0;
  /** False once the memory went back to the pool. */
  alive = true;
  /** Never recycled: parameters, optimizer state, memory that a user may hold. */
  kept = false;
  /** The leaf whose gradient this was made for, if any: kept while it is that leaf's `grad`. */
  gradientOf: { readonly grad: { readonly storage: Storage } | null } | null = null;
  /**
   * Nobody outside the library can hold a tensor over it: a result between two layers of a Sequential, or a gradient on
   * its way. It goes back to the pool as soon as nothing holds it.
   */
  passing = false;
  /** Of a passing storage: how many recorded nodes saved it, or gradients wait on it. */
  holders = 0;
  /** What kernels have packed of it, latest last. */
  packed: Packed[] | null = null;
  /** Number under which reclaim.ts watches it, -1 where it does not. */
  watched = -1;

  constructor(dtype: DType, data: NumberArray) {
    this.dtype = dtype;
    this.data = data;
  }
}

const free: Record<DType, Map<number, NumberArray[]>> = {
  float32: new Map(),
  float64: new Map(),
  int32: new Map(),
  uint8: new Map(),
  bool: new Map(),
};
let openScope: Storage[] | null = null;

/** Smallest size class ≥ length: eight classes to each power of two, so at most an eighth is wasted. */
function classOf(length: number): number {
  const step = 2 ** Math.max(0, 28 - Math.clz32(length));
  return Math.ceil(length / step) * step;
}

function take(dtype: DType, size: number): NumberArray | undefined {
  return free[dtype].get(size)?.pop();
}

function give(dtype: DType, block: NumberArray): void {
  const list = free[dtype].get(block.length);
  if (list) list.push(block);
  else free[dtype].set(block.length, [block]);
}

function freshBlock(dtype: DType, size: number): NumberArray {
  if (size * bytesPerElement[dtype] < ALIGNED_BYTES) return newArray(dtype, size);
  const buffer = new ArrayBuffer(size * bytesPerElement[dtype] + ALIGNMENT);
  if (buffer.byteLength >= HUGE_BYTES) adviseHuge(buffer);
  return arrayOver(dtype, buffer, alignOffset(buffer), size);
}

/** Storage for `length` elements. The contents are arbitrary unless `zeroed`. */
export function allocate(dtype: DType, length: number, zeroed = false): Storage {
  const bytes = length * bytesPerElement[dtype];
  if (bytes < POOLED_BYTES) {
    const small = new Storage(dtype, newArray(dtype, length));
    if (openScope !== null) openScope.push(small);
    return small;
  }
  const size = classOf(length);
  let block = take(dtype, size);
  if (block === undefined && bytes >= WATCHED_BYTES && reclaim(give)) block = take(dtype, size);
  // a fresh one is zero already
  if (block !== undefined && zeroed) block.fill(0, 0, length);
  const storage = new Storage(dtype, block ?? freshBlock(dtype, size));
  if (openScope !== null) openScope.push(storage);
  else watch(storage);
  return storage;
}

const none: Record<DType, NumberArray> = {
  float32: new Float32Array(0),
  float64: new Float64Array(0),
  int32: new Int32Array(0),
  uint8: new Uint8Array(0),
  bool: new Uint8Array(0),
};

function release(storage: Storage): void {
  if (!storage.alive) return;
  const { data, dtype } = storage;
  storage.alive = false;
  storage.data = none[dtype];
  forget(storage);
  if (data.byteLength >= POOLED_BYTES) give(dtype, data);
}

const isPassing = ({ passing, kept, gradientOf }: Storage): boolean => passing && !kept && gradientOf === null;

/** Gives a passing storage back to the pool where nothing holds it any more. */
export function releaseIfPassed(storage: Storage): void {
  if (storage.holders === 0 && isPassing(storage)) release(storage);
}

/** A gradient on its way that only the node under way waits for: the node may write over it. */
export function isOverwritable(storage: Storage): boolean {
  return storage.holders === 1 && isPassing(storage);
}

/** Marks storages whose memory is never recycled. */
export function keep(storage: Storage): void {
  storage.kept = true;
  forget(storage);
}

/**
 * Runs `fn` and takes back, when it ends (or throws), the memory of every storage made inside it, except those that
 * `reachable(result)` has. Those pass to the scope around this one.
 */
export function runScope<T>(fn: () => T, reachable: (result: T) => readonly Storage[]): T {
  const outer = openScope;
  const mine: Storage[] = [];
  openScope = mine;
  let returned: readonly Storage[] = [];
  try {
    const result = fn();
    if (result instanceof Promise) {
      throw new Error('scope: fn expected a function that returns when its work is done, got an async function');
    }
    returned = reachable(result);
    return result;
  } finally {
    openScope = outer;
    for (const storage of mine) {
      if (!storage.alive || storage.kept) continue;
      if (returned.includes(storage) || storage.gradientOf?.grad?.storage === storage) {
        if (outer !== null) outer.push(storage);
        else watch(storage);
      } else release(storage);
    }
  }
}
