// npm test: build, lint, format, types, then every suite on every backend and instruction set of this machine.
// The last line is `N passed, N failed`: each of the four checks counts as one, each test that ran as one.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { addon, bin, filesUnder, root, shared } from './lib.mjs';

let passed = 0;
let failed = 0;

function run(command, args, options = {}) {
  const started = Date.now();
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (error) console.error(`${command}: ${error.message}`);
  return { ok: status === 0, seconds: ((Date.now() - started) / 1000).toFixed(1) };
}

function check(name, command, args) {
  const { ok, seconds } = run(command, args);
  if (ok) passed++;
  else failed++;
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
}

const node = process.execPath;
check('build', node, ['scripts/build.mjs']);
check('lint', node, [bin('@biomejs/biome', 'biome'), 'check', '.']);
check('types', node, [bin('typescript', 'tsc'), '--noEmit', '-p', 'tsconfig.check.json']);
if (spawnSync('clang-format', ['--version']).status === 0) {
  const files = ['native', join('test', 'native'), join('bench', 'native'), join('bench', 'peers')]
    .flatMap((folder) => filesUnder(join(root, folder)))
    .filter((file) => /\.(cc|h)$/.test(file));
  check('clang-format', 'clang-format', ['--dry-run', '--Werror', ...files]);
} else console.log('       clang-format is not installed: C++ formatting not checked');

if (!existsSync(addon)) console.log('       the native addon is not built: only the reference backend is tested');
if (!existsSync(shared))
  console.log(`       ${shared} is not there: tests of recorded answers and of MNIST are skipped`);

const report = join(root, 'build', 'vitest.json');
mkdirSync(join(root, 'build'), { recursive: true });
rmSync(report, { force: true });
const filters = process.argv.slice(2);
run(node, [bin('vitest'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...filters]);
if (existsSync(report)) {
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  passed += numPassedTests;
  failed += numFailedTests;
  // a file that could not be loaded has no failed test of its own
  for (const { name, status, assertionResults } of testResults) {
    if (status !== 'failed' || assertionResults.some((test) => test.status === 'failed')) continue;
    failed++;
    console.log(`FAILED ${name}`);
  }
  const skipped = testResults.flatMap((file) => file.assertionResults).filter((test) => test.status !== 'passed');
  const count = skipped.filter((test) => test.status !== 'failed').length;
  if (count > 0) console.log(`       ${count} skipped`);
} else {
  failed++;
  console.log('FAILED vitest gave no report');
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
