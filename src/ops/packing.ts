/**
 * Weights packed once for many calls. A kernel packs its weights at every call, which costs more than the rest where there
 * are few images; so what it packed is kept beside them while they do not change. Weights that are seen only once in a
 * version, as in training, are packed in scratch as ever.
 */
import { type PackedKernel, packers } from '../backend/index.ts';
import type { NumberArray } from '../backend/kernels.ts';
import { allocate, keep, type Packed } from '../tensor/storage.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { elements } from './copy.ts';

/** Of one tensor: kernels, gradients and batch sizes may each want a packing of their own. */
const KEPT_PER_STORAGE = 4;

/** One way of packing; the same object for the same way. */
export interface Packing {
  readonly kernel: PackedKernel;
  readonly size: number;
}

const known = new Map<string, Packing>();

/**
 * How `kernel` packs its weights for `desc`, null where it does not. `shape` says what the layout depends on besides: the
 * weights' shape, stride, dilation and groups.
 */
export function packingFor(kernel: PackedKernel, desc: Int32Array, shape: readonly number[]): Packing | null {
  if (packers === null) return null;
  const [size, layout] = packers[kernel].ask(desc);
  if (layout === 0) return null;
  const key = `${kernel} ${layout} ${shape.join(' ')}`;
  let packing = known.get(key);
  if (packing === undefined) {
    packing = { kernel, size };
    known.set(key, packing);
  }
  return packing;
}

/** Contiguous float32 weights as `packing` wants them, or null where they come for the first time in their version. */
export function packedWeights(weights: Tensor, packing: Packing | null, desc: Int32Array): NumberArray | null {
  if (packing === null || packers === null || weights.dtype !== 'float32') return null;
  const { storage, offset } = weights;
  const seen = find(storage.packed, packing, offset);
  if (seen === null) {
    storage.packed ??= [];
    if (storage.packed.length === KEPT_PER_STORAGE) storage.packed.shift();
    storage.packed.push({ packing, offset, version: storage.version, current: false, data: null });
    return null;
  }
  if (seen.version !== storage.version) {
    seen.version = storage.version;
    seen.current = false;
    return null;
  }
  if (!seen.current) {
    if (seen.data === null) {
      const place = allocate('float32', packing.size);
      keep(place);
      seen.data = place.data;
    }
    packers[packing.kernel].pack(desc, elements(weights), seen.data);
    seen.current = true;
  }
  return seen.data;
}

function find(all: readonly Packed[] | null, packing: Packing, offset: number): Packed | null {
  if (all !== null) for (const one of all) if (one.packing === packing && one.offset === offset) return one;
  return null;
}
