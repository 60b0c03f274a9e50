// Builds and runs the C++ tests: node scripts/native-tests.mjs [FAMILY…] [--sanitize address|undefined|thread|address,undefined]
//   [--isa portable|avx2|avx512|neon] [--dir BUILD_FOLDER] [--build-only]
// Without FAMILY all of test/native runs. --isa neon on another processor cross-compiles for AArch64 and runs under
// qemu-aarch64; --isa avx512 on one without it builds that set's cuts and tiles on vectors of the compiler's own. Of a
// plain build the symbols of the kernel libraries are checked too. The last line is the sum: N passed, N failed.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as cmake from './cmake.mjs';
import { instructionSets, root } from './lib.mjs';

const { values: options, positionals: families } = parseArgs({
  allowPositionals: true,
  options: {
    sanitize: { type: 'string', default: '' },
    isa: { type: 'string', default: '' },
    dir: { type: 'string', default: '' },
    'build-only': { type: 'boolean', default: false },
  },
});
const choices = {
  sanitize: ['', 'address', 'undefined', 'thread', 'address,undefined'],
  isa: ['', 'portable', 'avx2', 'avx512', 'neon'],
};
for (const [name, allowed] of Object.entries(choices)) {
  if (!allowed.includes(options[name])) {
    throw new Error(`native-tests: --${name} expected ${allowed.filter(Boolean).join(', ')}, got ${options[name]}`);
  }
}

const cross = options.isa === 'neon' && process.arch !== 'arm64';
const emulated = options.isa === 'avx512' && process.arch === 'x64' && !instructionSets().includes('avx512');
const folder =
  options.dir ||
  join(
    'build',
    ['native-tests', cross && 'aarch64', emulated && 'avx512', ...options.sanitize.split(',')]
      .filter(Boolean)
      .join('-'),
  );
const build = join(root, folder);

function run(command, args, extra = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...extra });
  if (result.error && result.error.code !== 'ETIMEDOUT')
    throw new Error(`native-tests: ${command}: ${result.error.message}`);
  return result;
}

const defines = { GEMMULE_SANITIZE: options.sanitize };
// sanitized code is there to be run: only for what this machine runs
if (emulated) Object.assign(defines, { GEMMULE_EMULATE: 'avx512', GEMMULE_SETS: 'portable;avx512' });
else if (options.sanitize && !cross) defines.GEMMULE_SETS = instructionSets().join(';');
if (cross) {
  Object.assign(defines, { CMAKE_SYSTEM_NAME: 'Linux', CMAKE_SYSTEM_PROCESSOR: 'aarch64' });
  Object.assign(defines, { CMAKE_CXX_COMPILER: 'aarch64-linux-gnu-g++', CMAKE_EXE_LINKER_FLAGS: '-static' });
}
await cmake.configure(build, { config: 'Debug', defines });
const sources = readdirSync(join(root, 'test/native')).filter((name) => name.endsWith('.test.cc'));
const all = sources.map((name) => name.replace(/(\.isa)?\.test\.cc$/, ''));
const wanted = (families.length ? families : all).map((family) => `test_${family}`);
await cmake.build(build, wanted, { config: 'Debug' });
if (options['build-only']) process.exit(0);

const env = { ...process.env };
// A refused allocation is one of the tests.
for (const name of ['ASAN_OPTIONS', 'TSAN_OPTIONS']) env[name] ??= 'allocator_may_return_null=1';
if (options.isa) env.GEMMULE_ISA = options.isa;
/** A program that takes longer hangs: it is ended and counts as a failure. */
const minutes = 15;
let passed = 0;
let failed = 0;
for (const name of wanted) {
  const program = join(build, process.platform === 'win32' ? `${name}.exe` : name);
  const [command, args] = cross ? ['qemu-aarch64', [program]] : [program, []];
  const { stdout, status, signal, error } = run(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
    encoding: 'utf8',
    timeout: minutes * 60_000,
    killSignal: 'SIGKILL',
  });
  const count = /(\d+) passed, (\d+) failed\s*$/.exec(stdout);
  const ending = error ? `not done within ${minutes} minutes` : `ended with ${signal ?? status}`;
  console.log(`${name.padEnd(24)} ${count && !error ? count[0].trim() : `${ending}\n${stdout}`}`);
  passed += count ? Number(count[1]) : 0;
  failed += count ? Number(count[2]) : 1;
  if (count && status !== 0 && count[2] === '0') failed++;
}

/**
 * External symbols of the kernel libraries outside their own namespace. One of them, compiled for a set, could be taken for
 * the whole program and stop an older processor.
 */
function strangers() {
  const libraries = readdirSync(build).filter((name) => /^libkernels_\w+\.a$/.test(name));
  return libraries.flatMap((library) => {
    const isa = /_(\w+)\.a$/.exec(library)[1];
    const nm = cross ? 'aarch64-linux-gnu-nm' : 'nm';
    const { stdout } = run(nm, ['-C', '--defined-only', '--extern-only', join(build, library)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    const symbols = stdout.split('\n').filter((line) => /^[0-9a-f]+ [A-Za-z] /.test(line));
    if (symbols.length === 0) return [`${library} defines nothing`];
    return symbols.filter((line) => !line.includes(`gemmule::${isa}::`)).map((line) => `${library}: ${line}`);
  });
}
if (!options.sanitize && !emulated && !families.length && process.platform === 'linux') {
  const found = strangers();
  for (const line of found) console.error(line);
  if (found.length) failed++;
  else passed++;
  console.log(`${'symbols'.padEnd(24)} ${found.length ? 0 : 1} passed, ${found.length ? 1 : 0} failed`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
