/** The smoke test: one of each layer, in two seconds. */
import { describe, expect, it } from 'vitest';
import { backend, nn, ones, optim, scope, tensor } from '../src/index.ts';

describe('tiny', () => {
  it('runs on the backend that was asked for', () => {
    expect(backend.name).toBe(process.env.GEMMULE_BACKEND ?? backend.name);
    expect(backend.info().isa).toBe(process.env.GEMMULE_ISA ?? backend.info().isa);
  });

  it('multiplies', () => {
    const a = tensor([
      [1, 2],
      [3, 4],
    ]);
    expect(a.matmul(a).toArray()).toEqual([
      [7, 10],
      [15, 22],
    ]);
  });

  it('differentiates', () => {
    const x = tensor([1, 2, 3], { requiresGrad: true });
    x.square().sum().backward();
    expect(x.grad?.toArray()).toEqual([2, 4, 6]);
  });

  it('convolves', () => {
    const x = ones([1, 1, 3, 3]);
    expect(nn.functional.conv2d(x, ones([1, 1, 2, 2])).toArray()).toEqual([
      [
        [
          [4, 4],
          [4, 4],
        ],
      ],
    ]);
  });

  it('learns', () => {
    const layer = new nn.Linear(1, 1);
    const optimizer = new optim.SGD(layer.parameters(), { lr: 0.1 });
    const x = tensor([[-1], [0], [1]]);
    const y = x.mul(2).add(1);
    let loss = Number.POSITIVE_INFINITY;
    for (let step = 0; step < 100; step++) {
      loss = scope(() => {
        optimizer.zeroGrad();
        const l = nn.functional.mseLoss(layer.forward(x), y);
        l.backward();
        optimizer.step();
        return l.item();
      });
    }
    expect(loss).toBeLessThan(1e-6);
  });
});
