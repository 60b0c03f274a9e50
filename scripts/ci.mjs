// The second half of .ci/run: every suite, one after another, and the sum of what they counted.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { addon, instructionSets, root } from './lib.mjs';

const started = Date.now();
let passed = 0;
let failed = 0;

/** A suite that takes longer hangs. */
const minutes = 30;

/** Runs a suite whose last line is `N passed, N failed`; one that ends otherwise, or not at all, counts as a failure. */
function suite(name, command, args) {
  console.log(`\n=== ${name}`);
  const { stdout, status, error } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 30,
    timeout: minutes * 60_000,
  });
  process.stdout.write(stdout ?? '');
  if (error)
    console.log(error.code === 'ETIMEDOUT' ? `not done within ${minutes} minutes` : `${command}: ${error.message}`);
  const count = /(\d+) passed, (\d+) failed\s*$/.exec(stdout ?? '');
  passed += count ? Number(count[1]) : 0;
  failed += count ? Number(count[2]) : 1;
  if (status !== 0 && count?.[2] === '0') failed++;
  console.log(
    `=== ${name}: ${count?.[0].trim() ?? `ended with ${status}`}, ${Math.round((Date.now() - started) / 1000)} s in all`,
  );
}

function step(name, ok) {
  if (ok) passed++;
  else failed++;
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}`);
}

const node = process.execPath;
suite('npm test', 'npm', ['test', '--silent']);
step('the native addon is built', existsSync(addon));
step(
  'no source file over 400 lines',
  spawnSync(node, ['scripts/size.mjs'], { cwd: root, stdio: 'inherit' }).status === 0,
);
step(
  'every public name is in the API reference, with a text',
  spawnSync('npm', ['run', 'docs', '--silent'], { cwd: root, stdio: 'inherit' }).status === 0,
);
suite('C++ kernel tests', node, ['scripts/native-tests.mjs']);
suite('C++ kernel tests, NEON under qemu', node, ['scripts/native-tests.mjs', '--isa', 'neon']);
if (process.arch === 'x64' && !instructionSets().includes('avx512'))
  suite('C++ kernel tests, AVX-512 emulated', node, ['scripts/native-tests.mjs', '--isa', 'avx512']);
suite('C++ kernel tests, address and undefined-behaviour sanitizers', node, [
  'scripts/native-tests.mjs',
  '--sanitize',
  'address,undefined',
]);

console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
