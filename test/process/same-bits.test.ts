/** The same seed gives the same bits, whatever the number of threads. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gemmule, jsonLines } from '../helpers/cli.ts';

describe('weights after training', () => {
  it.each(['lenet', 'lenet-relu'])('%s: the same file with 1, 2 and 3 threads', (model) => {
    const dir = mkdtempSync(join(tmpdir(), 'gemmule-bits-'));
    try {
      const files = ['1', '2', '3'].map((threads) => {
        const out = join(dir, threads);
        const size = ['--train-images', '1000', '--test-images', '100', '--batch-size', '128', '--epochs', '2'];
        const { code } = gemmule([
          'train',
          '--model',
          model,
          ...size,
          '--threads',
          threads,
          '--seed',
          '9',
          '--out',
          out,
        ]);
        expect(code).toBe(0);
        return readFileSync(out);
      });
      expect(files[1].equals(files[0])).toBe(true);
      expect(files[2].equals(files[0])).toBe(true);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it.skipIf(process.env.GEMMULE_BACKEND !== 'native')('the number of threads is what was asked for', () => {
    for (const threads of [1, 2, 3]) {
      const [info] = jsonLines(gemmule(['doctor', '--json', '--threads', String(threads)]).stdout);
      expect(info.threads).toBe(threads);
    }
  });
});
