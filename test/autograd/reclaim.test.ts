import { describe, expect, it } from 'vitest';
import { backend, rand, type Tensor } from '../../src/index.ts';

const MiB = 2 ** 20;

describe('memory without scope', () => {
  it.skipIf(backend.name === 'reference')('is recycled inside a synchronous loop', () => {
    const blocks = new Set<ArrayBufferLike>();
    const held: Tensor[] = [];
    for (let i = 0; i < 600; i++) {
      const t = rand(1024, 256);
      blocks.add(t.storage.data.buffer);
      if (i % 100 === 0) held.push(t);
    }
    // 600 MiB went through; what is held stays out of reach
    expect(blocks.size).toBeLessThan(300);
    const values = held.map((t) => t.sum().item());
    for (let i = 0; i < 200; i++) rand(1024, 256).mul_(0);
    expect(held.map((t) => t.sum().item())).toEqual(values);
  });

  it('does not grow the process', () => {
    const run = (n: number): void => {
      for (let i = 0; i < n; i++) rand(512, 256).exp().add(1);
    };
    run(400);
    const before = process.memoryUsage.rss();
    run(1200);
    expect(process.memoryUsage.rss() - before).toBeLessThan(150 * MiB);
  });
});
