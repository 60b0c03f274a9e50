import { describe, expect, it } from 'vitest';
import { nn, ones, type Tensor, tensor } from '../../src/index.ts';

const double = () => {
  const layer = new nn.Linear(2, 2, { bias: false });
  nn.init.eye_(layer.weight);
  layer.weight.detach().mul_(2);
  return layer;
};

describe('forward hooks', () => {
  it('see inputs and output, may replace them, and can be removed', () => {
    const layer = double();
    const seen: unknown[] = [];
    const removePre = layer.registerForwardPreHook((module, inputs) => {
      seen.push(['pre', module === layer, (inputs[0] as Tensor).toArray()]);
      return (inputs[0] as Tensor).add(1);
    });
    const remove = layer.registerForwardHook((module, inputs, output) => {
      seen.push(['post', module === layer, (inputs[0] as Tensor).toArray(), (output as Tensor).toArray()]);
      return (output as Tensor).neg();
    });
    const x = tensor([[1, 2]]);
    expect(layer.forward(x).toArray()).toEqual([[-4, -6]]);
    expect(layer.call(x).toArray()).toEqual([[-4, -6]]);
    expect(new nn.Sequential(layer).forward(x).toArray()).toEqual([[-4, -6]]);
    expect(seen.slice(0, 2)).toEqual([
      ['pre', true, [[1, 2]]],
      ['post', true, [[2, 3]], [[4, 6]]],
    ]);
    removePre();
    expect(layer.forward(x).toArray()).toEqual([[-2, -4]]);
    remove();
    expect(layer.forward(x).toArray()).toEqual([[2, 4]]);
    expect(seen).toHaveLength(7);
  });

  it('must be functions', () => {
    expect(() => double().registerForwardHook(3 as never)).toThrow(
      'registerForwardHook: hook expected a function, got 3',
    );
  });

  it('leave state dicts and text alone', () => {
    const layer = double();
    layer.registerForwardHook(() => undefined);
    expect(Object.keys(layer.stateDict())).toEqual(['weight']);
    expect(String(layer)).toBe('Linear(in_features=2, out_features=2, bias=False)');
  });
});

describe('full backward hooks', () => {
  it('see the gradients of inputs and outputs, and may replace those of the inputs', () => {
    const layer = double();
    const seen: unknown[] = [];
    layer.registerFullBackwardHook((module, gradInput, gradOutput) => {
      const values = (list: readonly (Tensor | null)[]) => list.map((g) => g?.toArray() ?? null);
      seen.push([module === layer, values(gradInput), values(gradOutput)]);
      return gradInput.map((g) => g?.mul(10) ?? null);
    });
    const x = tensor([[1, 2]], { requiresGrad: true });
    layer.forward(x.mul(1)).backward(tensor([[1, 3]]));
    expect(seen).toEqual([[true, [[[2, 6]]], [[[1, 3]]]]]);
    expect(x.grad?.toArray()).toEqual([[20, 60]]);
    expect(layer.weight.grad?.toArray()).toEqual([
      [1, 2],
      [3, 6],
    ]);
  });

  it('are called for an input without gradient', () => {
    const layer = double();
    const seen: unknown[] = [];
    layer.registerFullBackwardHook((_, gradInput, gradOutput) => {
      seen.push([gradInput, gradOutput[0]?.toArray()]);
      return undefined;
    });
    layer
      .forward(tensor([[1, 2]]))
      .sum()
      .backward();
    expect(seen).toEqual([[[null], [[1, 1]]]]);
  });

  it('run once per pass, in the order of backward', () => {
    const net = new nn.Sequential(double(), double());
    const order: string[] = [];
    for (const [name, child] of net.namedChildren()) {
      child.registerFullBackwardHook(() => {
        order.push(name);
        return undefined;
      });
    }
    const x = ones([1, 2], { requiresGrad: true });
    net.forward(x).sum().backward();
    net.forward(x).sum().backward();
    expect(order).toEqual(['1', '0', '1', '0']);
    expect(x.grad?.toArray()).toEqual([[8, 8]]);
  });

  it('take modules with several inputs and outputs', () => {
    class Two extends nn.Module<{ sum: Tensor; product: Tensor }> {
      override forward(a: Tensor, b: Tensor) {
        return { sum: a.add(b), product: a.mul(b) };
      }
    }
    const two = new Two();
    const seen: unknown[] = [];
    two.registerFullBackwardHook((_, gradInput, gradOutput) => {
      seen.push(
        gradInput.map((g) => g?.item()),
        gradOutput.map((g) => g?.item()),
      );
      return undefined;
    });
    const [a, b] = [tensor([2], { requiresGrad: true }), tensor([3], { requiresGrad: true })];
    const { sum, product } = two.forward(a, b);
    sum.add(product).sum().backward();
    expect(seen).toEqual([
      [4, 3],
      [1, 1],
    ]);
  });
});
