/** Training does not make the process grow: 2,000 steps, against the first 300. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gemmuleLive } from '../helpers/cli.ts';

const MINUTES = 60_000;

function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

describe('memory of a training process', () => {
  it(
    'stays within 10 % in a plain loop without scope or dispose',
    () => {
      const script = resolve(import.meta.dirname, 'plain-loop.mjs');
      const { stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
      expect(stderr).toBe('');
      const [early, late] = JSON.parse(stdout);
      expect(late / early, `${early} bytes after 300 steps, ${late} after 2,000`).toBeLessThan(1.1);
    },
    4 * MINUTES,
  );

  it.skipIf(!existsSync('/proc/self/status'))(
    'stays within 10 % in gemmule train',
    async () => {
      const dir = mkdtempSync(join(tmpdir(), 'gemmule-memory-'));
      // 100 steps an epoch
      const args = ['--train-images', '1600', '--test-images', '100', '--batch-size', '16', '--epochs', '20', '--json'];
      const resident: number[] = [];
      try {
        await gemmuleLive(['train', ...args, '--out', join(dir, 'out')], (_line, child) => {
          if (child.exitCode === null) resident.push(residentBytes(child.pid as number));
        });
      } finally {
        rmSync(dir, { recursive: true });
      }
      expect(resident).toHaveLength(20);
      expect(resident[19] / resident[2], `bytes by epoch: ${resident.join(', ')}`).toBeLessThan(1.1);
    },
    4 * MINUTES,
  );
});
