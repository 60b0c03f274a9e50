/** The course's LeNet: training steps, inference, and epochs of MNIST. */
import { best, compare } from '../lib/measure.mjs';
import { emit, problemRows, say, table, tellAbsent } from '../lib/report.mjs';
import { runEpoch } from './epoch.mjs';

const cases = [
  ...[32, 256, 1024].map((batch) => ({ name: `step batch ${batch}`, request: { mode: 'step', batch } })),
  { name: 'step batch 256, plain loop', request: { mode: 'plain', batch: 256 }, peer: 'gemmule' },
  ...[1, 256].map((batch) => ({ name: `inference batch ${batch}`, request: { mode: 'infer', batch } })),
];

export async function runLenet({ pool, isa, threads, rounds, seconds, only }) {
  const wanted = (name) => only.length === 0 || only.some((word) => name.includes(word));
  say(`\n## LeNet, ${threads} thread${threads > 1 ? 's' : ''}\n`);
  const lines = [];
  const told = [];
  for (const { name, request, peer } of cases) {
    if (!wanted(name)) continue;
    const rows = await compare(pool, 'lenet', request, {
      threads,
      rounds,
      seconds: Math.max(seconds, 0.3),
      warm: 0.3,
      tolerance: 5e-3,
      peer,
    });
    told.push(...rows);
    lines.push(
      ...problemRows(name, rows, (row) => [
        row.median ? (request.batch / row.median).toFixed(0) : '',
        row.faults === undefined ? '' : row.faults.toFixed(1),
      ]),
    );
    const { ratio, fastest } = best(rows);
    emit({ suite: 'lenet', problem: name, threads, rows, ratio, fastest: fastest?.peer });
  }
  if (lines.length > 0)
    table(['problem, library', 'median', 'spread', 'images/s', 'page faults/call', 'to gemmule'], lines);
  tellAbsent(told);
  if (wanted('epoch')) runEpoch({ isa, threads, rounds });
}
