/**
 * npm run bench [-- SUITE…] [--threads 1,2] [--isa avx512|avx2|portable] [--rounds N] [--seconds S] [--only NAME|PROBLEM,…] [--json]
 *
 * Suites: lenet conv gemm pool elementwise memory install-size; all by default. A problem is a name of the set or a string
 * such as mb256ic1ih28oc6kh5ph2 (see lib/problems.mjs). Every peer found on the machine takes part: PyTorch (Debian's
 * python3-torch), oneDNN, OpenBLAS, BLIS, and the npm packages of bench/package.json where `npm install --prefix bench
 * --ignore-scripts` was run. Values are compared before anything is timed; rounds of all peers are interleaved.
 */
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { backend } from './lib/gemmule.mjs';
import { Pool } from './lib/measure.mjs';
import { buildPeers, machineLimits, peers } from './lib/peers.mjs';
import { emit, say } from './lib/report.mjs';
import { runInstallSize } from './suites/install-size.mjs';
import { kernelSuites, runKernels } from './suites/kernels.mjs';
import { runLenet } from './suites/lenet.mjs';
import { runMemory } from './suites/memory.mjs';

const known = ['lenet', ...kernelSuites, 'memory', 'install-size'];
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    threads: { type: 'string', default: '1,2' },
    isa: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '0.1' },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
});
const wrong = positionals.find((name) => !known.includes(name));
if (wrong !== undefined) throw new Error(`bench: suite expected ${known.join(', ')}, got ${wrong}`);
const threadCounts = values.threads.split(',').map(Number);
if (threadCounts.some((n) => !Number.isInteger(n) || n < 1))
  throw new Error(`bench: --threads expected 1,2,…, got ${values.threads}`);

const suites = positionals.length > 0 ? positionals : known;
const problem = await buildPeers();
if (problem) process.stderr.write(`bench: ${problem}\n`);
const info = backend.info();
const isa = values.isa ?? info.isa;
const pool = new Pool(peers(values.isa));
say(
  `# gemmule ${info.name} (${isa}) on ${cpus()[0].model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
);
say(
  `${new Date().toISOString().slice(0, 10)}; medians of ${values.rounds} interleaved rounds after a warm-up; "to gemmule" is the library's time over gemmule's`,
);
if (pool.absent.size > 0) say(`not on this machine: ${[...pool.absent].join(', ')}`);
try {
  for (const threads of threadCounts) {
    const limits = machineLimits(isa, threads);
    if (limits)
      say(
        `\n${threads} thread${threads > 1 ? 's' : ''}: ${limits.gflops} GFLOP/s; ${limits.l1}, ${limits.l2}, ${limits.l3}, ${limits.memory} GB/s in L1, L2, L3 and memory`,
      );
    emit({ machine: cpus()[0].model, node: process.version, isa, threads, limits });
    const settings = {
      pool,
      isa: values.isa,
      threads,
      rounds: Number(values.rounds),
      seconds: Number(values.seconds),
      limits,
      only: values.only === '' ? [] : values.only.split(','),
    };
    for (const suite of suites) {
      if (suite === 'lenet') await runLenet(settings);
      else if (kernelSuites.includes(suite)) await runKernels(suite, settings);
      else if (suite === 'memory') runMemory(settings);
    }
  }
  if (suites.includes('install-size')) runInstallSize();
  const versions = pool.versions();
  if (versions.length > 0) say(`\nversions: ${versions.join(', ')}`);
} finally {
  pool.stop();
}
