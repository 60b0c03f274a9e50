/** The backend in use: native kernels over the reference ones. */
import { invalid } from '../errors.ts';
import type { Kernels } from './kernels.ts';
import { type Addon, addon, isa, nativeKernels, packers, why } from './native/index.ts';
import { referenceKernels } from './reference/index.ts';

/** Every kernel in TypeScript, for all element types. */
export const reference: Kernels = referenceKernels;
/** Every kernel for float32: the native one where there is one. */
export const f32: Kernels = { ...referenceKernels, ...nativeKernels };

export type { PackedKernel } from './native/index.ts';
export { packers };

/** What `backend.info()` gives. */
export interface BackendInfo {
  /** Which backend is in use. */
  name: 'native' | 'reference';
  /** `process.platform` and `process.arch`, such as `linux-x64`. */
  platform: string;
  /** `avx512`, `avx2`, `neon` or `portable`; `none` on the reference backend. */
  isa: string;
  /** Every instruction set that this machine could use, best first. */
  isas: string[];
  /** Threads that the kernels use; see `setNumThreads`. */
  threads: number;
  /** The processor's name; empty on the reference backend. */
  cpu: string;
  /** What led to this choice. */
  why: string;
  /** How many kernels are native. */
  nativeKernels: number;
}

/** The backend in use, chosen when the package is loaded. */
export const backend = {
  /** `'native'` where the C++ kernels run, `'reference'` where all is TypeScript. */
  name: (addon === null ? 'reference' : 'native') as 'native' | 'reference',
  /** Platform, instruction set and threads in use, and why. */
  info(): BackendInfo {
    const found = addon?.info();
    return {
      name: backend.name,
      platform: `${process.platform}-${process.arch}`,
      isa,
      isas: found?.isas ?? [],
      threads: getNumThreads(),
      cpu: found?.cpu ?? '',
      why,
      nativeKernels: Object.keys(nativeKernels).length,
    };
  },
};

/** Threads that kernels use, the calling one included. The reference backend always runs on one. */
export function getNumThreads(): number {
  return addon === null ? 1 : addon.getNumThreads();
}

/**
 * Sets the number of threads for all kernels of this process, as `torch.set_num_threads`. Results do not depend on it.
 * @param n an integer in [1, 256]; without effect on the reference backend, which has one thread
 */
export function setNumThreads(n: number): void {
  if (!Number.isInteger(n) || n < 1 || n > 256) invalid('setNumThreads', 'n', 'an integer in [1, 256]', n);
  if (addon !== null) addon.setNumThreads(n);
}

/** Bytes from the start of `buffer` to the next 64-byte boundary; 0 where the backend does not mind. */
export function alignOffset(buffer: ArrayBuffer): number {
  return addon === null ? 0 : addon.alignOffset(buffer);
}

/** Asks for huge pages under a buffer that has not been touched yet, where the system has them. */
export function adviseHuge(buffer: ArrayBuffer): void {
  if (addon !== null) addon.adviseHuge(buffer);
}

/** Weak references that can be asked inside a synchronous loop; null on the reference backend. */
export const weakReferences: Pick<Addon, 'track' | 'untrack' | 'collectDead'> | null = addon;
