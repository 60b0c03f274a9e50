import { describe, expect, it } from 'vitest';
import { data, manualSeed, models, nn, optim, type Tensor, tensor, train } from '../../src/index.ts';

const small = () => data.digits({ train: 96, test: 40 });
const net = () => {
  manualSeed(1);
  return models.lenet({ activation: 'relu', pool: 'max' });
};

describe('fit', () => {
  it('reports steps and epochs, and calls nothing else', async () => {
    const { train: set, test } = small();
    const model = net();
    const steps: train.StepInfo[] = [];
    const epochs: train.EpochInfo[] = [];
    const history = await train.fit(model, new data.DataLoader(set, { batchSize: 40 }), {
      optimizer: new optim.Adam(model.parameters(), { lr: 1e-3 }),
      epochs: 2,
      test: new data.DataLoader(test, { batchSize: 25 }),
      onStep: (info) => steps.push(info),
      onEpoch: (info) => {
        epochs.push(info);
      },
    });
    expect(history).toEqual(epochs);
    expect(steps.map(({ epoch, step, images }) => [epoch, step, images])).toEqual([
      [1, 1, 40],
      [1, 2, 80],
      [1, 3, 96],
      [2, 1, 40],
      [2, 2, 80],
      [2, 3, 96],
    ]);
    const [a, b, c] = steps.map(({ batchLoss }) => batchLoss);
    expect(epochs[0].trainLoss).toBeCloseTo((40 * a + 40 * b + 16 * c) / 96, 10);
    expect(epochs.map(({ steps: n }) => n)).toEqual([3, 3]);
    for (const { trainAccuracy, testAccuracy, testLoss, imagesPerSecond, seconds } of epochs) {
      expect((trainAccuracy! * 96) % 1).toBeCloseTo(0, 9);
      expect((testAccuracy! * 40) % 1).toBeCloseTo(0, 9);
      expect(testLoss).toBeGreaterThan(0);
      expect(imagesPerSecond).toBeCloseTo(96 / seconds, 6);
    }
    expect(model.training).toBe(true);
  });

  it('does what a plain loop does, to the bit', async () => {
    const { train: set } = small();
    const loader = () => new data.DataLoader(set, { batchSize: 32, shuffle: true, seed: 4 });
    const a = net();
    await train.fit(a, loader(), { optimizer: new optim.SGD(a.parameters(), { lr: 0.1, momentum: 0.9 }), epochs: 2 });
    const b = net();
    const optimizer = new optim.SGD(b.parameters(), { lr: 0.1, momentum: 0.9 });
    const batches = loader();
    for (let epoch = 0; epoch < 2; epoch++) {
      for await (const [x, y] of batches) {
        optimizer.zeroGrad();
        nn.functional.crossEntropy(b.forward(x), y).backward();
        optimizer.step();
      }
    }
    const weights = (model: typeof a) => Object.values(model.stateDict()).map((t) => t.toArray());
    expect(weights(a)).toEqual(weights(b));
    expect(weights(a)).not.toEqual(weights(net()));
  });

  it('lets the event loop run while it trains', async () => {
    const { train: set } = small();
    const model = net();
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    let longest = 0;
    let last = performance.now();
    let turns = 0;
    const watch = (): void => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
      turns++;
      if (turns > 0) handle = setImmediate(watch);
    };
    let handle = setImmediate(watch);
    const { seconds } = (
      await train.fit(model, new data.DataLoader(set, { batchSize: 4 }), {
        optimizer: new optim.SGD(model.parameters(), { lr: 0.01 }),
        epochs: 3,
      })
    )[0];
    clearInterval(timer);
    clearImmediate(handle);
    expect(ticks).toBeGreaterThan(0);
    expect(turns).toBeGreaterThan(3);
    expect(seconds).toBeGreaterThan(0);
  });

  it('stops after the step in which the signal is aborted', async () => {
    const { train: set, test } = small();
    const model = net();
    const stop = new AbortController();
    const history = await train.fit(model, new data.DataLoader(set, { batchSize: 10 }), {
      optimizer: new optim.SGD(model.parameters(), { lr: 0.01 }),
      epochs: 5,
      test: new data.DataLoader(test, { batchSize: 10 }),
      signal: stop.signal,
      onStep: ({ epoch, step }) => {
        if (epoch === 2 && step === 3) stop.abort();
      },
    });
    expect(history.map(({ epoch, steps }) => [epoch, steps])).toEqual([
      [1, 10],
      [2, 3],
    ]);
    expect(history[1].testLoss).toBeUndefined();
  });

  it('takes batches of any kind and a loss of any kind; accuracy is left out where there are no classes', async () => {
    const model = new nn.Sequential(new nn.Linear(2, 1));
    const made = [
      tensor([
        [1, 2],
        [3, 4],
      ]),
      tensor([[3], [7]]),
    ]; // prettier-ignore
    async function* batches(): AsyncGenerator<Tensor[]> {
      for (let i = 0; i < 50; i++) yield made;
    }
    const stream = { [Symbol.asyncIterator]: batches };
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.03 });
    const history = await train.fit(model, stream, { optimizer, loss: nn.functional.mseLoss, epochs: 20 });
    expect(history.at(-1)!.trainLoss).toBeLessThan(0.05);
    expect(history[0].trainAccuracy).toBeUndefined();
    const list = await train.evaluate(model, [made], { loss: nn.functional.mseLoss });
    expect(list.images).toBe(2);
    expect(list.loss).toBeLessThan(0.05);
    expect(made[0].toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('refuses what it cannot use', async () => {
    const model = net();
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
    await expect(train.fit(model, [], { optimizer })).rejects.toThrow('fit: epoch 1 had no batch');
    await expect(train.fit(model, [[tensor(1)]], { optimizer })).rejects.toThrow(
      'fit: a batch expected a pair [input, target]',
    );
    await expect(train.fit(model, [], {} as never)).rejects.toThrow(
      'fit: optimizer expected an optimizer, got undefined',
    );
    await expect(train.fit(model, [], { optimizer, epoch: 1 } as never)).rejects.toThrow('fit: unknown option "epoch"');
    await expect(train.fit(model, [], { optimizer, epochs: -1 })).rejects.toThrow(
      'fit: epochs expected an integer >= 0, got -1',
    );
  });
});

describe('evaluate', () => {
  it('runs in evaluation mode without gradients, and puts the mode back', async () => {
    const model = net();
    const modes: boolean[] = [];
    const forward = model.forward.bind(model);
    model.forward = (x: Tensor) => {
      modes.push(model.training);
      const y = forward(x);
      expect(y.requiresGrad).toBe(false);
      return y;
    };
    const { images, loss, accuracy } = await train.evaluate(
      model,
      new data.DataLoader(small().test, { batchSize: 16 }),
    );
    expect([images, modes, model.training]).toEqual([40, [false, false, false], true]);
    expect(loss).toBeCloseTo(Math.log(10), 0);
    expect(accuracy).toBeGreaterThanOrEqual(0);
    await expect(train.evaluate(model, [])).rejects.toThrow('evaluate: batches expected at least one batch, got none');
  });
});
