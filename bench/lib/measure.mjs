/** One problem on all peers: values first, then interleaved rounds. */
import { startPeer } from './peers.mjs';

export const median = (list) => {
  const sorted = [...list].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};

/** Keeps the processes of the peers; one per peer and thread count. */
export class Pool {
  constructor(list) {
    this.list = list;
    this.workers = new Map();
    this.absent = new Set(list.filter((peer) => !peer.here()).map((peer) => peer.name));
  }

  /** The workers that answer `suite` with `threads` threads; that of one peer alone where it is named. */
  async workersFor(suite, threads, only) {
    const found = [];
    for (const peer of this.list) {
      if (!peer.suites.includes(suite) || this.absent.has(peer.name)) continue;
      if (only !== undefined && peer.name !== only) continue;
      if (peer.threads && !peer.threads.includes(threads)) continue;
      const key = `${peer.name} ${threads}`;
      if (!this.workers.has(key)) this.workers.set(key, await startPeer(peer, threads));
      const worker = this.workers.get(key);
      if (worker !== null && !worker.ended) found.push({ peer, worker });
    }
    return found;
  }

  /** What the peers that ran say of themselves. */
  versions() {
    const found = [...this.workers.values()].filter((worker) => worker?.ready.version);
    return [...new Set(found.map(({ ready }) => `${ready.ready} ${ready.version}`))];
  }

  stop() {
    for (const worker of this.workers.values()) worker?.stop();
  }
}

/** Largest difference over the largest value. */
function difference(a, b) {
  let error = 0;
  let scale = 1e-30;
  a.forEach((v, i) => {
    error = Math.max(error, Math.abs(v - b[i]));
    scale = Math.max(scale, Math.abs(v));
  });
  return error / scale;
}

/**
 * Sets a problem up everywhere, compares the values with gemmule's, runs it for `warm` seconds (JavaScript is compiled
 * after some hundred calls), and times it in `rounds` interleaved rounds.
 * @returns rows {peer, median, min, max, faults} in seconds per call, or {peer, skipped} with the reason
 */
export async function compare(
  pool,
  suite,
  request,
  { threads, rounds, seconds, warm = 0.1, tolerance = 1e-3, peer: only },
) {
  const rows = [];
  const active = [];
  let expected = null;
  for (const { peer, worker } of await pool.workersFor(suite, threads, only)) {
    const answer = await worker
      .ask({ cmd: 'setup', suite, ...request, variant: peer.variant ?? '' })
      .catch((e) => ({ error: e.message }));
    const row = { peer: peer.name, isWinograd: peer.isWinograd === true };
    rows.push(row);
    if (answer.unsupported || answer.error) {
      row.skipped = answer.unsupported ?? answer.error;
      continue;
    }
    expected ??= answer.sample;
    const error = answer.unchecked ? 0 : difference(expected, answer.sample);
    if (!(error <= tolerance)) {
      row.skipped = `its values differ by ${error.toExponential(1)}`;
      row.isWrong = true;
      continue;
    }
    await worker.ask({ cmd: 'time', seconds: warm });
    active.push({ row, worker, medians: [], all: [] });
  }
  for (let round = 0; round < rounds; round++) {
    for (const entry of active) {
      const answer = await entry.worker.ask({ cmd: 'time', seconds });
      if (answer.error) {
        entry.row.skipped = answer.error;
        continue;
      }
      entry.medians.push(median(answer.times));
      entry.all = entry.all.concat(answer.times);
      entry.row.faults = answer.faults;
      entry.row.rss = answer.rss;
    }
  }
  for (const { row, medians, all } of active) {
    if (row.skipped) continue;
    row.median = median(medians);
    row.min = all.reduce((least, time) => Math.min(least, time), Infinity);
    row.spread = (Math.max(...medians) - Math.min(...medians)) / row.median;
  }
  return rows;
}

/** The fastest peer that is not gemmule, and gemmule's row. */
export function best(rows, { winograd = false } = {}) {
  const own = rows.find((row) => row.peer === 'gemmule' && row.median);
  const others = rows.filter((row) => !row.peer.startsWith('gemmule') && row.median && (winograd || !row.isWinograd));
  const fastest = others.sort((a, b) => a.median - b.median)[0];
  return { own, fastest, ratio: own && fastest ? fastest.median / own.median : null };
}

export const geometricMean = (list) => Math.exp(list.reduce((sum, v) => sum + Math.log(v), 0) / list.length);
