// What the scripts share.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** The script behind a development dependency's command. */
export function bin(name, command = name) {
  const folder = join(root, 'node_modules', name);
  const { bin: entry } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof entry === 'string' ? entry : entry[command]);
}

/** Every file under a folder, by path. */
export function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The addon that scripts/build.mjs makes. */
export const addon = join(root, 'build', 'Release', 'gemmule.node');

const needed = {
  portable: [],
  avx2: ['avx2', 'fma'],
  avx512: ['avx2', 'fma', 'avx512f', 'avx512cd', 'avx512bw', 'avx512dq', 'avx512vl'],
};

/** The instruction sets of this machine, best last. */
export function instructionSets() {
  if (process.arch === 'arm64') return ['portable', 'neon'];
  if (process.platform !== 'linux') return ['portable'];
  const flags = new Set(/^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1].trim().split(/\s+/));
  return Object.keys(needed).filter((set) => needed[set].every((flag) => flags.has(flag)));
}

/** Where the recorded answers and MNIST are: beside the repository, or where GEMMULE_SHARED says. */
export const shared = resolve(root, process.env.GEMMULE_SHARED ?? '../shared');
