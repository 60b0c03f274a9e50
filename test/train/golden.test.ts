/** Two training runs recorded with PyTorch, repeated from the same weights on the same images. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DataLoader, mnist } from '../../src/data/index.ts';
import { io, models, noGrad, optim, scope, type Tensor } from '../../src/index.ts';
import { crossEntropy } from '../../src/nn/functional.ts';
import { sharedFile } from '../helpers/shared.ts';

const TOLERANCE = 1e-3;

interface Recorded {
  config: { net: string; optimizer: string; lr: number; batchSize: number; steps: number };
  losses: number[];
}

const runs = {
  'lenet-d2l-sgd': {
    build: () => models.lenet(),
    optimizer: (params: Iterable<Tensor>, lr: number) => new optim.SGD(params, { lr }),
  },
  'lenet-relu-adam': {
    build: () => models.lenet({ activation: 'relu', pool: 'max' }),
    optimizer: (params: Iterable<Tensor>, lr: number) => new optim.Adam(params, { lr }),
  },
};

const images = sharedFile('data/mnist') ?? '';

describe.skipIf(images === '')('PyTorch’s losses are followed', () => {
  it.each(Object.entries(runs))('%s', (name, { build, optimizer }) => {
    const { config, losses } = JSON.parse(readFileSync(sharedFile(`golden/train/${name}.json`)!, 'utf8')) as Recorded;
    const tensors = io.loadSafetensors(sharedFile(`golden/train/${name}.safetensors`)!);
    const named = (prefix: string) =>
      Object.fromEntries(
        Object.entries(tensors)
          .filter(([key]) => key.startsWith(prefix))
          .map(([key, t]) => [key.slice(prefix.length), t]),
      );
    const model = build();
    model.loadStateDict(named('init.'));
    const step = optimizer(model.parameters(), config.lr);
    const set = mnist(images).take(config.batchSize * config.steps);
    const mine: number[] = [];
    for (const [x, y] of new DataLoader(set, { batchSize: config.batchSize })) {
      scope(() => {
        const loss = crossEntropy(model.forward(x), y);
        step.zeroGrad();
        loss.backward();
        step.step();
        mine.push(loss.item());
      });
    }
    expect(mine).toHaveLength(losses.length);
    mine.forEach((loss, i) => {
      expect(Math.abs(loss - losses[i]) / losses[i], `step ${i}: ${loss}, PyTorch ${losses[i]}`).toBeLessThan(
        TOLERANCE,
      );
    });

    const [x] = mnist(images, { split: 'test' }).batch(Int32Array.from({ length: 64 }, (_, i) => i));
    const logits = noGrad(() => model.eval().forward(x));
    const difference = logits.sub(tensors.logits).abs().max().item();
    const size = tensors.logits.abs().max().item();
    expect(difference / size).toBeLessThan(10 * TOLERANCE);
  });
});
