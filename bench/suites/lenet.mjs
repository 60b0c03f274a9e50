/** The course's LeNet: training steps and inference. */
import { best, compare } from '../lib/measure.mjs';
import { emit, problemRows, say, table } from '../lib/report.mjs';

const cases = [
  ...[32, 256, 1024].map((batch) => ({ name: `step batch ${batch}`, request: { mode: 'step', batch } })),
  { name: 'step batch 256, plain loop', request: { mode: 'plain', batch: 256 }, onlyOwn: true },
  ...[1, 256].map((batch) => ({ name: `inference batch ${batch}`, request: { mode: 'infer', batch } })),
];

export async function runLenet({ pool, threads, rounds, seconds, only }) {
  say(`\n## LeNet, ${threads} thread${threads > 1 ? 's' : ''}\n`);
  const lines = [];
  for (const { name, request, onlyOwn } of cases) {
    if (only.length > 0 && !only.some((word) => name.includes(word))) continue;
    const all = await compare(pool, 'lenet', request, {
      threads,
      rounds,
      seconds: Math.max(seconds, 0.3),
      tolerance: 5e-3,
    });
    const rows = onlyOwn ? all.filter((row) => row.peer === 'gemmule') : all;
    lines.push(
      ...problemRows(name, rows, (row) => [
        row.median ? (request.batch / row.median).toFixed(0) : '',
        row.faults === undefined ? '' : row.faults.toFixed(1),
      ]),
    );
    const { ratio, fastest } = best(rows);
    emit({ suite: 'lenet', problem: name, threads, rows, ratio, fastest: fastest?.peer });
  }
  table(['problem, library', 'median', 'spread', 'images/s', 'page faults/call', 'to gemmule'], lines);
}
