/** Memory: what a training run needs at most, and page faults of a warm step. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { environments, root } from '../lib/peers.mjs';
import { emit, say, table } from '../lib/report.mjs';

export function runMemory({ isa, threads }) {
  say(`\n## Memory of LeNet's training, ${threads} thread${threads > 1 ? 's' : ''}\n`);
  const rows = ['scope', 'plain'].map((mode) => {
    const run = spawnSync(process.execPath, [join(root, 'bench', 'workers', 'memory.mjs'), mode], {
      encoding: 'utf8',
      env: { ...process.env, ...environments(isa, threads).gemmule },
    });
    if (run.status !== 0) throw new Error(`bench: memory of the ${mode} loop: ${run.stderr}`);
    const result = JSON.parse(run.stdout);
    emit({ suite: 'memory', mode, threads, ...result });
    const { median, most } = result.faultsPerHundredSteps;
    return [mode, `${result.peakMiB} MiB`, `${result.growthMiB} MiB`, `${median} (most ${most})`];
  });
  table(
    ['loop, batch 256, 2,000 steps', 'peak resident', 'growth since step 300', 'page faults in 100 warm steps'],
    rows,
  );
}
