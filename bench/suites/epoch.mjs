/** A real MNIST epoch, loading of batches and accuracy included, each peer in processes of its own, in turn. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { shared } from '../../scripts/lib.mjs';
import { median } from '../lib/measure.mjs';
import { epochPeers, root } from '../lib/peers.mjs';
import { emit, say, table, time } from '../lib/report.mjs';

const EPOCHS = 3;

export function runEpoch({ isa, threads, rounds }) {
  const dir = join(shared, 'data', 'mnist');
  say(`\n## Epoch of MNIST, batch 256, ${threads} thread${threads > 1 ? 's' : ''}\n`);
  if (!existsSync(dir)) {
    say(`left out: no MNIST in ${relative(root, dir)} (GEMMULE_SHARED names the folder above data/mnist)`);
    return;
  }
  const entries = epochPeers(dir, EPOCHS, isa, threads).map((peer) => ({
    ...peer,
    seconds: [],
    peak: [],
    accuracy: 0,
  }));
  for (let round = 0; round < rounds; round++) {
    for (const entry of entries) {
      const run = spawnSync(entry.command, entry.args, { encoding: 'utf8', env: { ...process.env, ...entry.env } });
      if (run.status !== 0) throw new Error(`bench: epoch of ${entry.name}: ${run.stderr || run.signal}`);
      const { seconds, accuracy, peakMiB } = JSON.parse(run.stdout.trim().split('\n').at(-1));
      entry.seconds.push(median(seconds));
      entry.peak.push(peakMiB);
      entry.accuracy = accuracy;
    }
  }
  const own = median(entries[0].seconds);
  const rows = entries.map(({ name, seconds, peak, accuracy }) => {
    const each = median(seconds);
    emit({ suite: 'epoch', peer: name, threads, seconds: each, peakMiB: Math.max(...peak), accuracy });
    const ratio = name === 'gemmule' ? '' : `${(each / own).toFixed(2)}x`;
    return [name, time(each), `${Math.max(...peak)} MiB`, `${(100 * accuracy).toFixed(1)} %`, ratio];
  });
  table(['library', 'median epoch', 'peak resident', `train accuracy, epoch ${EPOCHS}`, 'to gemmule'], rows);
}
