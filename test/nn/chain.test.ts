import { describe, expect, it } from 'vitest';
import { autograd, nn, noGrad, rand, type Tensor, zeros } from '../../src/index.ts';

const big = (): Tensor => rand(64, 64);
const layer = (): nn.Linear => new nn.Linear(64, 64);
/** Overwrites whatever memory of this size the pool has. */
const churn = (): Tensor[] => Array.from({ length: 20 }, () => zeros(64, 64).add(7));

/** Keeps what goes in and what comes out. */
class Spy extends nn.Module {
  seen: Tensor[] = [];
  inner: nn.Module;
  constructor(inner: nn.Module) {
    super();
    this.inner = inner;
  }
  override forward(x: Tensor): Tensor {
    const y = this.inner.forward(x);
    this.seen.push(x, y);
    return y;
  }
}

describe('memory between the layers of a Sequential', () => {
  it('the same gradients with and without recycling', () => {
    const layers = [
      layer(),
      new nn.Sigmoid(),
      layer(),
      new nn.Flatten(),
      layer(),
      new nn.ReLU(),
      new nn.Identity(),
      layer(),
    ];
    const net = new nn.Sequential(...layers);
    const x = big();
    const gradients = (run: () => Tensor): unknown[] => {
      net.zeroGrad();
      run().square().sum().backward();
      return net.parameters().map((p) => p.grad?.toTypedArray());
    };
    const together = gradients(() => net.forward(x));
    churn();
    expect(gradients(() => net.forward(x))).toEqual(together);
    // traced ops are never recycled
    expect(
      gradients(() =>
        autograd.traceOps(
          (_name, _inputs, run) => run(),
          () => net.forward(x),
        ),
      ),
    ).toEqual(together);
  });

  it('leaves the input and the result alone', () => {
    const x = big();
    const before = x.toTypedArray();
    const y = noGrad(() => new nn.Sequential(new nn.Flatten(), layer(), new nn.Flatten()).forward(x));
    const result = y.toTypedArray();
    churn();
    expect(x.toTypedArray()).toEqual(before);
    expect(y.toTypedArray()).toEqual(result);
  });

  it('leaves alone what code of the user has seen: modules, nested ones, hooks', () => {
    const spies = [new Spy(new nn.Sequential(layer(), new nn.Tanh())), new Spy(new nn.Identity())];
    const hooked = layer();
    const caught: Tensor[] = [];
    hooked.registerForwardHook((_module, inputs, output) => {
      caught.push(inputs[0] as Tensor, output as Tensor);
    });
    const net = new nn.Sequential(layer(), spies[0], layer(), spies[1], layer(), hooked, layer());
    for (const run of [() => noGrad(() => net.forward(big())), () => net.forward(big())]) {
      const y = run();
      const seen = [...spies.flatMap((spy) => spy.seen), ...caught];
      const values = seen.map((t) => t.detach().toTypedArray());
      if (y.requiresGrad) y.sum().backward();
      churn();
      expect(seen.map((t) => t.detach().toTypedArray())).toEqual(values);
    }
  });

  it('a gradient that a hook has seen stays', () => {
    const x = rand([64, 64], { requiresGrad: true });
    const h = x.mul(2);
    let caught: Tensor | undefined;
    h.registerHook((g) => {
      caught = g;
      return undefined;
    });
    h.square().sum().backward();
    const values = caught?.toTypedArray();
    churn();
    expect(caught?.toTypedArray()).toEqual(values);
  });

  it('runs backward twice where the graph is kept', () => {
    const net = new nn.Sequential(layer(), new nn.Sigmoid(), layer(), new nn.MaxPool2d(2));
    const y = net.forward(rand(1, 64, 64)).sum();
    y.backward(null, { retainGraph: true });
    const once = net.parameters().map((p) => p.grad?.toTypedArray());
    net.zeroGrad();
    churn();
    y.backward();
    expect(net.parameters().map((p) => p.grad?.toTypedArray())).toEqual(once);
  });
});
