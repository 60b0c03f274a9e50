import { describe, expect, it } from 'vitest';
import { autograd, manualSeed, nn, rand, type Tensor } from '../../src/index.ts';

// Backward writes the gradient of a fused activation over the one that arrived where nobody else can hold that.
// Walks that record (createGraph) never do: they give the values to compare with.

const activations = { Sigmoid: nn.Sigmoid, Tanh: nn.Tanh, ReLU: nn.ReLU };
const values = (t: Tensor): number[] => [...t.toTypedArray()].map(Number);

function branch(Activation: (typeof activations)[keyof typeof activations]): nn.Sequential {
  return new nn.Sequential(
    new nn.Conv2d(2, 3, 3),
    new Activation(),
    new nn.AvgPool2d(2),
    new nn.Conv2d(3, 4, 2),
    new Activation(),
    new nn.Flatten(),
    new nn.Linear(16, 5),
    new Activation(),
  );
}

describe('gradients written over', () => {
  for (const [name, Activation] of Object.entries(activations)) {
    it(`${name}: one gradient that reaches two branches, and a leaf, stays whole`, () => {
      manualSeed(5);
      const [left, right] = [branch(Activation), branch(Activation)];
      const x = rand([3, 2, 8, 8], { requiresGrad: true });
      const bias = rand([3, 5], { requiresGrad: true });
      const inputs = [x, bias, ...left.parameters(), ...right.parameters()];
      const loss = (): Tensor => {
        const sum = left.forward(x).add(right.forward(x)).add(bias);
        return sum.mul(sum).sum();
      };
      const expected = autograd.grad(loss(), inputs, null, { createGraph: true }).map((t) => values(t as Tensor));
      loss().backward();
      inputs.forEach((t, i) => {
        expect(values(t.grad as Tensor)).toEqual(expected[i]);
      });
    });

    it(`${name}: what the caller gave, and what a hook saw, stay as they are`, () => {
      manualSeed(6);
      const layers = branch(Activation);
      const seed = rand([3, 5]);
      const before = values(seed);
      const x = rand([3, 2, 8, 8]);
      layers.forward(x).backward(seed);
      expect(values(seed)).toEqual(before);

      const y = layers.forward(x);
      let seen: Tensor | null = null;
      let then: number[] = [];
      y.registerHook((g) => {
        seen = g;
        then = values(g);
      });
      y.mul(y).sum().backward();
      expect(then.some((v) => v !== 0)).toBe(true);
      expect(values(seen as unknown as Tensor)).toEqual(then);
    });

    it(`${name}: a retained graph gives the same again`, () => {
      manualSeed(7);
      const layers = branch(Activation);
      const x = rand([3, 2, 8, 8], { requiresGrad: true });
      const y = layers.forward(x);
      const loss = y.mul(y).sum();
      const [first] = autograd.grad(loss, [x], null, { retainGraph: true });
      const once = values(first as Tensor);
      const [second] = autograd.grad(loss, [x], null, { retainGraph: true });
      expect(values(second as Tensor)).toEqual(once);
      expect(values(first as Tensor)).toEqual(once);
    });
  }
});
