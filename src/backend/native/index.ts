/** The native backend: the binary's functions by name. */
import { loadNative } from './load.ts';

export type { Addon, AddonInfo, PackedKernel, Packers } from './load.ts';

const loaded = loadNative();

/** The binary's helpers, or null on the reference backend. */
export const addon = loaded.addon;
/** The native kernels for float32, none on the reference backend. */
export const nativeKernels = loaded.addon === null ? {} : loaded.addon.kernels(loaded.isa);
/** What packs operands ahead for them, null on the reference backend. */
export const packers = loaded.addon === null ? null : loaded.addon.packers(loaded.isa);
/** The instruction set in use, `'none'` on the reference backend. */
export const isa = loaded.addon === null ? 'none' : loaded.isa;
/** Why this backend and this instruction set. */
export const why =
  loaded.addon === null
    ? loaded.why
    : `${loaded.path}, ${process.env.GEMMULE_ISA ? 'GEMMULE_ISA is set' : 'the best instruction set of this processor'}`;
