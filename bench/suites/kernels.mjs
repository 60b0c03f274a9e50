/** conv, gemm, pool and elementwise: each problem against every peer, with the share of what the machine can do. */
import { best, compare, geometricMean } from '../lib/measure.mjs';
import { convFlops, convSet, elementwiseSet, gemmSet, parseGemm, parseWindow, poolSet } from '../lib/problems.mjs';
import { emit, problemRows, say, table, tellAbsent } from '../lib/report.mjs';

const percent = (part, whole) => (whole ? `${((100 * part) / whole).toFixed(0)} %` : '');

/** Floating-point work: GFLOP/s and its share of the multiply-add peak. */
const flops = (count) => ({
  header: ['GFLOP/s', 'of peak'],
  columns: (row, limits) => [(count / row.median / 1e9).toFixed(1), percent(count / row.median / 1e9, limits?.gflops)],
});

/** Memory traffic: GB/s and its share of the bandwidth of the level that the data fits. */
const traffic = (bytes) => ({
  header: ['GB/s', 'of level'],
  columns: (row, limits) => {
    const level = bytes <= 48 * 1024 ? 'l1' : bytes <= 2 ** 20 ? 'l2' : bytes <= 2 ** 24 ? 'l3' : 'memory';
    return [(bytes / row.median / 1e9).toFixed(1), percent(bytes / row.median / 1e9, limits?.[level])];
  },
});

const bytesOf = { add: 12, adam: 28 };

/** Name, request and unit of every problem of a suite. */
const suites = {
  conv: (only) =>
    problems(only, convSet).flatMap(([name, text]) => {
      const problem = parseWindow(text, 'conv');
      return ['fwd', 'bwd_d', 'bwd_w'].map((dir) => ({
        name: `${name} ${dir}`,
        request: { problem, dir },
        unit: flops(convFlops(problem)),
      }));
    }),
  gemm: (only) =>
    problems(only, gemmSet).map(([name, text]) => {
      const problem = parseGemm(text);
      return { name, request: { problem }, unit: flops(2 * problem.m * problem.n * problem.k) };
    }),
  pool: (only) =>
    problems(only, poolSet).flatMap(([name, text]) => {
      const problem = parseWindow(text, 'pool');
      const bytes = 4 * problem.n * problem.c * (problem.h * problem.w + problem.oh * problem.ow);
      return ['max', 'avg'].flatMap((kind) =>
        ['fwd', 'bwd'].map((dir) => ({
          name: `${name} ${kind} ${dir}`,
          request: { problem, kind, dir },
          unit: traffic(bytes),
        })),
      );
    }),
  elementwise: (only) =>
    problems(only, elementwiseSet).map(([name, text]) => {
      const [op, n] = text.split(':');
      if (!/^\d+$/.test(n ?? '')) throw new Error(`bench: problem ${text}: expected OP:COUNT`);
      return { name, request: { problem: { op, n: +n } }, unit: traffic((bytesOf[op] ?? 8) * n) };
    }),
};

/** Those asked for by name or given as a string; all of them by default. */
function problems(only, set) {
  if (only.length === 0) return Object.entries(set);
  return only.map((text) => [text, set[text] ?? text]);
}

export const kernelSuites = Object.keys(suites);

export async function runKernels(suite, { pool, threads, rounds, seconds, limits, only }) {
  say(`\n## ${suite}, ${threads} thread${threads > 1 ? 's' : ''}\n`);
  const lines = [];
  const told = [];
  const ratios = [];
  let header = null;
  for (const { name, request, unit } of suites[suite](only)) {
    const rows = await compare(pool, suite, request, { threads, rounds, seconds });
    header = ['problem, library', 'median', 'spread', ...unit.header, 'to gemmule'];
    told.push(...rows);
    lines.push(...problemRows(name, rows, (row) => unit.columns(row, limits)));
    const { ratio, fastest } = best(rows);
    if (ratio) ratios.push(ratio);
    emit({ suite, problem: name, threads, rows, ratio, fastest: fastest?.peer });
  }
  table(header, lines);
  tellAbsent(told);
  if (ratios.length > 0) {
    say(
      `\nbest peer's time over gemmule's: geometric mean ${geometricMean(ratios).toFixed(2)}, least ${Math.min(...ratios).toFixed(2)}`,
    );
    emit({ suite, threads, geometricMean: geometricMean(ratios), least: Math.min(...ratios) });
  }
}
