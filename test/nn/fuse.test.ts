import { describe, expect, it } from 'vitest';
import { manualSeed, nn, rand, type Tensor } from '../../src/index.ts';

const activations = { Sigmoid: nn.Sigmoid, Tanh: nn.Tanh, ReLU: nn.ReLU };
type Name = keyof typeof activations;

/** Output and all gradients of the layers, run by Sequential or one by one. */
function run(name: Name, fused: boolean): Tensor[] {
  manualSeed(3);
  const act = () => new activations[name]();
  const layers = [
    new nn.Conv2d(2, 3, 3, { padding: 1, stride: 2 }),
    act(),
    new nn.Flatten(),
    new nn.Linear(48, 5),
    act(),
  ];
  const x = rand([4, 2, 8, 8], { requiresGrad: true });
  const y = fused ? new nn.Sequential(...layers).forward(x) : layers.reduce((t, layer) => layer.forward(t), x);
  y.mul(y).sum().backward();
  return [y, x.grad as Tensor, ...layers.flatMap((layer) => layer.parameters()).map((p) => p.grad as Tensor)];
}

const close = (a: Tensor, b: Tensor): void => {
  const [p, q] = [a.toTypedArray(), b.toTypedArray()];
  expect(p.length).toBe(q.length);
  p.forEach((v, i) => {
    expect(Math.abs(v - q[i])).toBeLessThanOrEqual(1e-6 + 1e-5 * Math.abs(q[i]));
  });
};

describe('a product and its activation in Sequential', () => {
  for (const name of Object.keys(activations) as Name[]) {
    it(`${name}: as layer by layer, gradients too`, () => {
      const [together, apart] = [run(name, true), run(name, false)];
      together.forEach((t, i) => {
        close(t, apart[i]);
      });
    });
  }

  it('is one op', () => {
    const net = new nn.Sequential(new nn.Linear(3, 3), new nn.Sigmoid());
    expect(net.forward(rand(2, 3)).gradFn?.name).not.toBe('sigmoid');
  });

  it('stands back where a hook or a subclass wants to see what is between', () => {
    const seen: string[] = [];
    const linear = new nn.Linear(3, 3);
    linear.registerForwardHook(() => {
      seen.push('linear');
    });
    const sigmoid = new nn.Sigmoid();
    sigmoid.registerForwardHook(() => {
      seen.push('sigmoid');
    });
    class Loud extends nn.Linear {
      override forward(x: Tensor): Tensor {
        seen.push('loud');
        return super.forward(x);
      }
    }
    new nn.Sequential(linear, new nn.Tanh(), new nn.Linear(3, 3), sigmoid, new Loud(3, 3), new nn.ReLU()).forward(
      rand(1, 3),
    );
    expect(seen).toEqual(['linear', 'sigmoid', 'loud']);
  });
});
