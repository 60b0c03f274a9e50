/** Memory of tensors that nobody holds comes back inside a synchronous loop, and the collector that is borrowed stays hidden. */
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { backend } from '../../src/index.ts';

interface Seen {
  /** Most bytes of ArrayBuffers at any time. */
  most: number;
  /** `typeof gc` here and in a context made afterwards. */
  gc: [string, string];
}

// a data: module has no folder to look for packages in
const entry = JSON.stringify(new URL('../../dist/index.js', import.meta.url).href);
const loop = `
  import { runInNewContext } from 'node:vm';
  import { parentPort } from 'node:worker_threads';
  import { rand } from ${entry};
  const x = rand(1 << 18);
  let most = 0;
  for (let i = 0; i < 1000; i++) {
    x.relu();
    if (i % 10 === 0) most = Math.max(most, process.memoryUsage().arrayBuffers);
  }
  parentPort.postMessage({ most, gc: [typeof gc, runInNewContext('typeof gc')] });`;

describe.skipIf(backend.name === 'reference')('a synchronous loop without scope', () => {
  it('reuses the memory of 1,000 results of 1 MiB, in a worker thread', async () => {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(loop)}`));
    const seen = await new Promise<Seen>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    expect(seen.most).toBeLessThan(100 * 2 ** 20);
    expect(seen.gc).toEqual(['undefined', 'undefined']);
  });
});
