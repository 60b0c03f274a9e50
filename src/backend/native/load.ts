/** Finds and loads the native binary. Nothing here throws because a binary is missing; a bad setting does. */
import { createRequire } from 'node:module';
import { invalid } from '../../errors.ts';
import type { Kernels, NumberArray } from '../kernels.ts';

/** What the binary exports. */
export interface Addon {
  /** The kernels of one instruction set that this machine has. */
  kernels(isa: string): Partial<Kernels>;
  /** What packs operands ahead for kernels of one instruction set: native/packers.def. */
  packers(isa: string): Packers;
  info(): AddonInfo;
  getNumThreads(): number;
  setNumThreads(n: number): void;
  /** Bytes from the buffer's start to its next 64-byte boundary. */
  alignOffset(buffer: ArrayBuffer): number;
  /** Asks for huge pages under the buffer, where the system has them. */
  adviseHuge(buffer: ArrayBuffer): void;
  /** Watches an object until it is collected; `id` is a small integer that is not in use. */
  track(object: object, id: number): void;
  untrack(id: number): void;
  /** The ids of tracked objects that were collected since the last call, or null. */
  collectDead(): Int32Array | null;
}

/** Packs one operand of a kernel, the weights, for many calls: the kernel takes the result where `packed` of its descriptor is 1. */
export interface Packer {
  /**
   * How many floats the packed operand has, and its layout: operands of one layout, and of kernels that agree in their own
   * shape, stride, dilation and groups, are packed alike. Layout 0: nothing is packed for this descriptor.
   */
  ask(desc: Int32Array): [size: number, layout: number];
  pack(desc: Int32Array, operand: NumberArray, packed: NumberArray): void;
}
export type PackedKernel = 'conv2d' | 'conv2dInputGrad' | 'matmul';
export type Packers = Readonly<Record<PackedKernel, Packer>>;

export interface AddonInfo {
  /** Instruction sets that this machine has, best first. */
  isas: string[];
  cpu: string;
  /** Bytes of the first, second and third level of cache. */
  caches: number[];
  /** Kernel name → roles of its arguments, as in kernels.ts. */
  roles: Record<string, string>;
  /** Descriptor name → its fields in order, as in descriptors.ts. */
  fields: Record<string, string[]>;
}

export type Loaded = { addon: Addon; isa: string; path: string } | { addon: null; why: string };

const require = createRequire(import.meta.url);

// Literal paths, so that bundlers and packagers see them. A source build comes first: it is there on purpose.
const built: Candidate[] = [['build/Release/gemmule.node', () => require('../../../build/Release/gemmule.node')]];
const prebuilt: Record<string, Candidate[]> = {
  'linux-x64': [
    ['prebuilds/linux-x64/gemmule.node', () => require('../../../prebuilds/linux-x64/gemmule.node')],
    ['prebuilds/linux-musl-x64/gemmule.node', () => require('../../../prebuilds/linux-musl-x64/gemmule.node')],
  ],
  'linux-arm64': [
    ['prebuilds/linux-arm64/gemmule.node', () => require('../../../prebuilds/linux-arm64/gemmule.node')],
    ['prebuilds/linux-musl-arm64/gemmule.node', () => require('../../../prebuilds/linux-musl-arm64/gemmule.node')],
  ],
  'darwin-x64': [['prebuilds/darwin-x64/gemmule.node', () => require('../../../prebuilds/darwin-x64/gemmule.node')]],
  'darwin-arm64': [
    ['prebuilds/darwin-arm64/gemmule.node', () => require('../../../prebuilds/darwin-arm64/gemmule.node')],
  ],
  'win32-x64': [['prebuilds/win32-x64/gemmule.node', () => require('../../../prebuilds/win32-x64/gemmule.node')]],
  'win32-arm64': [['prebuilds/win32-arm64/gemmule.node', () => require('../../../prebuilds/win32-arm64/gemmule.node')]],
};
type Candidate = [path: string, load: () => Addon];

const knownSets = ['avx512', 'avx2', 'neon', 'portable'];
const MAX_THREADS = 256;

/** An environment variable, absent where it is empty. */
function setting(name: string): string | undefined {
  return process.env[name] || undefined;
}

function checkSettings(): void {
  const backend = setting('GEMMULE_BACKEND');
  if (backend !== undefined && backend !== 'native' && backend !== 'reference') {
    invalid('environment', 'GEMMULE_BACKEND', 'native or reference', backend);
  }
  const isa = setting('GEMMULE_ISA');
  if (isa !== undefined && !knownSets.includes(isa)) {
    invalid('environment', 'GEMMULE_ISA', `one of ${knownSets.join(', ')}`, isa);
  }
  const threads = setting('GEMMULE_NUM_THREADS');
  if (threads !== undefined && !(/^\d+$/.test(threads) && Number(threads) >= 1 && Number(threads) <= MAX_THREADS)) {
    invalid('environment', 'GEMMULE_NUM_THREADS', `an integer in [1, ${MAX_THREADS}]`, threads);
  }
}

/** The first line of what went wrong with a candidate. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'MODULE_NOT_FOUND' ? 'not there' : String(message ?? error).split('\n')[0];
}

/**
 * The native binary, or why there is none. Warns once where it is missing though nobody asked for the reference backend.
 * Throws where an environment variable has a value that cannot be met: an unknown one, an instruction set that this machine
 * has not got, or GEMMULE_BACKEND=native without a binary.
 */
export function loadNative(): Loaded {
  checkSettings();
  const wanted = setting('GEMMULE_BACKEND');
  if (wanted === 'reference') return { addon: null, why: 'GEMMULE_BACKEND=reference' };

  const platform = `${process.platform}-${process.arch}`;
  const failures: string[] = [];
  for (const [path, load] of [...built, ...(prebuilt[platform] ?? [])]) {
    let addon: Addon;
    try {
      addon = load();
    } catch (error) {
      failures.push(`${path}: ${reasonOf(error)}`);
      continue;
    }
    const { isas } = addon.info();
    const isa = setting('GEMMULE_ISA') ?? isas[0];
    if (!isas.includes(isa)) invalid('environment', 'GEMMULE_ISA', `one this machine has (${isas.join(', ')})`, isa);
    return { addon, isa, path };
  }

  const why = `no native binary for ${platform} could be loaded (${failures.join('; ')})`;
  const mend =
    'To build it: `node scripts/build.mjs native` in a clone of the repository (needs a C++ compiler, make, python3)';
  if (wanted === 'native') throw new Error(`GEMMULE_BACKEND=native: ${why}. ${mend}.`);
  process.emitWarning(
    `${why}; the slower reference backend runs instead. ${mend}; to silence this, set GEMMULE_BACKEND=reference.`,
    { type: 'GemmuleWarning', code: 'GEMMULE_NO_NATIVE' },
  );
  return { addon: null, why };
}
