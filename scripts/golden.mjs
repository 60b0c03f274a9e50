// npm run test:golden -- PREFIX [--backend native|reference|all] [--json]
// Runs the recorded PyTorch cases of PREFIX.json and PREFIX.safetensors (format: test/golden/format.ts) on the built
// package, each backend in a process of its own, and prints a table by op.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bin, root } from './lib.mjs';

const usage = 'usage: npm run test:golden -- PREFIX [--backend native|reference|all] [--json]';
const outcomes = ['passed', 'failed', 'unsupported'];

function fail(message) {
  console.error(message);
  process.exit(2);
}

function readArguments() {
  let parsed;
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: { backend: { type: 'string', default: 'all' }, json: { type: 'boolean', default: false } },
    });
  } catch (error) {
    fail(`${error.message}\n${usage}`);
  }
  const { values, positionals } = parsed;
  if (positionals.length !== 1) fail(usage);
  if (!['native', 'reference', 'all'].includes(values.backend)) fail(`unknown backend ${values.backend}\n${usage}`);
  const prefix = resolve(process.env.INIT_CWD ?? '.', positionals[0]).replace(/\.(json|safetensors)$/, '');
  for (const end of ['.json', '.safetensors']) {
    if (!existsSync(prefix + end)) fail(`${prefix + end} does not exist\n${usage}`);
  }
  return { prefix, json: values.json, backends: values.backend === 'all' ? ['native', 'reference'] : [values.backend] };
}

function run(command, args, env = {}) {
  const done = spawnSync(command, args, { cwd: root, env: { ...process.env, ...env }, maxBuffer: 2 ** 30 });
  if (done.status !== 0) fail(`${command} ${args.join(' ')} failed\n${done.stdout ?? ''}${done.stderr ?? done.error}`);
  return done.stdout.toString();
}

const { prefix, json, backends } = readArguments();
run(process.execPath, ['scripts/build.mjs']);
run(process.execPath, [bin('typescript', 'tsc'), '-p', 'test/golden/tsconfig.json']);

const report = { cases: 0, backends: {}, byOp: {} };
const messages = [];
for (const backend of backends) {
  const dist = join(root, 'dist', 'index.js');
  const output = run(process.execPath, ['build/golden/child.js', dist, prefix], { GEMMULE_BACKEND: backend });
  const { backend: ran, results } = JSON.parse(output);
  if (ran !== backend) fail(`asked for the ${backend} backend, got ${ran}`);
  const count = { passed: 0, failed: 0, unsupported: 0 };
  for (const { id, op, outcome, message } of results) {
    count[outcome]++;
    report.byOp[op] ??= {};
    report.byOp[op][backend] ??= { passed: 0, failed: 0, unsupported: 0 };
    report.byOp[op][backend][outcome]++;
    if (outcome !== 'passed') messages.push(`${backend}  ${id}  ${outcome}: ${message}`);
  }
  report.cases = results.length;
  report.backends[backend] = count;
}

for (const line of messages) console.log(line);
const width = Math.max(...Object.keys(report.byOp).map((op) => op.length), 5);
const row = (name, counts) =>
  `${name.padEnd(width)}${backends.map((b) => outcomes.map((o) => String(counts[b]?.[o] ?? 0).padStart(12)).join('')).join('')}`;
console.log(`${''.padEnd(width)}${backends.map((b) => b.padStart(36)).join('')}`);
console.log(`${'op'.padEnd(width)}${backends.map(() => outcomes.map((o) => o.padStart(12)).join('')).join('')}`);
for (const op of Object.keys(report.byOp).sort()) console.log(row(op, report.byOp[op]));
console.log(row('total', report.backends));
if (json) console.log(JSON.stringify(report));
process.exitCode = Object.values(report.backends).every((c) => c.failed === 0 && c.unsupported === 0) ? 0 : 1;
