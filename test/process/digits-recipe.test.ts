/** What `npm run lenet` promises, and what makes it worth promising. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { data, manualSeed, nn, optim, train } from '../../src/index.ts';
import { gemmule, jsonLines } from '../helpers/cli.ts';

it('the default training ends above 97 % test accuracy', { timeout: 240_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'gemmule-recipe-'));
  const { stdout } = gemmule(['train', '--json', '--out', join(dir, 'out')]);
  rmSync(dir, { recursive: true });
  expect(jsonLines(stdout).at(-1)?.testAccuracy).toBeGreaterThan(0.97);
});

it('a linear model stays below 95 % on the same images', { timeout: 240_000 }, async () => {
  manualSeed(0);
  const { train: set, test } = data.digits();
  const model = new nn.Sequential(new nn.Flatten(), new nn.Linear(784, 10));
  const history = await train.fit(model, new data.DataLoader(set, { batchSize: 64, shuffle: true, seed: 0 }), {
    optimizer: new optim.Adam(model.parameters(), { lr: 0.002 }),
    epochs: 10,
    test: new data.DataLoader(test, { batchSize: 500 }),
  });
  const best = Math.max(...history.map(({ testAccuracy }) => testAccuracy as number));
  expect(best).toBeLessThan(0.95);
  expect(best).toBeGreaterThan(0.8);
});
