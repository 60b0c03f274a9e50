// The one list of native sources and of each instruction set's flags. binding.gyp and CMakeLists.txt both run it:
//   node native/sources.mjs kernels|runtime|bindings|tests|benches      files, relative to the repository
//   node native/sources.mjs sets ARCH                           instruction sets built for x64 or arm64
//   node native/sources.mjs flags SET gcc|msvc                  what compiles a kernel for a set
// One item a line, for gyp's <!@(…) and CMake's lists.
import { readdirSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const sets = { x64: ['portable', 'avx2', 'avx512'], arm64: ['portable', 'neon'] };
const flags = {
  portable: { gcc: [], msvc: [] },
  neon: { gcc: [], msvc: [] },
  avx2: { gcc: ['-mavx2', '-mfma'], msvc: ['/arch:AVX2'] },
  avx512: {
    gcc: ['-mavx2', '-mfma', '-mavx512f', '-mavx512cd', '-mavx512bw', '-mavx512dq', '-mavx512vl'],
    msvc: ['/arch:AVX512'],
  },
};
const common = {
  // GCC 12 takes the undefined operands in its own AVX-512 header for a mistake, hence the two -Wno flags.
  // Contraction stays off so that a product and a sum round alike wherever they are written; no fast-math for the same.
  gcc: [
    '-std=c++17',
    '-O3',
    '-fvisibility=hidden',
    '-ffp-contract=off',
    '-fno-exceptions',
    '-fno-rtti',
    '-fno-math-errno',
    '-Wno-maybe-uninitialized',
    '-Wno-uninitialized',
  ],
  msvc: ['/std:c++17', '/O2', '/fp:precise'],
};

function list(folder, suffix) {
  return readdirSync(join(root, folder), { recursive: true })
    .filter((name) => name.endsWith(suffix))
    .map((name) =>
      relative(root, join(root, folder, name))
        .split(sep)
        .join('/'),
    )
    .sort();
}

const answers = {
  kernels: () => list('native/kernels', '.cc'),
  runtime: () => list('native/runtime', '.cc'),
  bindings: () => list('native/bindings', '.cc'),
  tests: () => list('test/native', '.test.cc'),
  benches: () => list('bench/native', '.cc'),
  sets: (arch) => sets[arch] ?? ['portable'],
  flags: (set, compiler) => [...common[compiler], ...flags[set][compiler]],
};

const [what, ...rest] = process.argv.slice(2);
if (!answers[what]) throw new Error(`sources.mjs: expected ${Object.keys(answers).join(', ')}, got ${what}`);
console.log(answers[what](...rest).join('\n'));
