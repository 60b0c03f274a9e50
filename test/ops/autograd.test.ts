/** The recorded graph: accumulation, modes, hooks, second gradients, and what is refused. */
import { describe, expect, it } from 'vitest';
import { autograd, enableGrad, isGradEnabled, noGrad, ones, scope, type Tensor, tensor } from '../../src/index.ts';

const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });

describe('backward', () => {
  it('adds to what is in grad', () => {
    const x = leaf(1, 2);
    x.mul(2).sum().backward();
    x.mul(3).sum().backward();
    expect(x.grad?.toArray()).toEqual([5, 5]);
  });

  it('sums over every use of a tensor', () => {
    const x = leaf(3);
    const y = x.mul(x).add(x);
    y.sum().backward();
    expect(x.grad?.toArray()).toEqual([7]);
  });

  it('takes a cotangent', () => {
    const x = leaf(1, 2);
    x.mul(2).backward(tensor([10, 100]));
    expect(x.grad?.toArray()).toEqual([20, 200]);
  });

  it('walks graphs deeper than the call stack', () => {
    const x = leaf(1);
    let y = x;
    for (let i = 0; i < 20_000; i++) y = y.add(1);
    y.sum().backward();
    expect(x.grad?.toArray()).toEqual([1]);
  });

  it('needs a cotangent for several elements', () => {
    expect(() => leaf(1, 2).mul(2).backward()).toThrow(
      new Error('backward: gradient expected for a tensor of shape [2]; only one element has the default 1'),
    );
    expect(() =>
      leaf(1, 2)
        .mul(2)
        .backward(ones([3])),
    ).toThrow(new Error('backward: gradient expected shape [2], got [3]'));
  });

  it('refuses a tensor without a graph', () => {
    expect(() => tensor([1]).backward()).toThrow(
      new Error('backward: the tensor of shape [1] does not require gradients'),
    );
  });

  it('runs twice only with retainGraph', () => {
    const x = leaf(2);
    const y = x.square().sum();
    y.backward(undefined, { retainGraph: true });
    y.backward();
    expect(x.grad?.toArray()).toEqual([8]);
    expect(() => y.backward()).toThrow(/retainGraph/);
  });

  it('goes as far as recorded: detach, noGrad, integers', () => {
    const x = leaf(2);
    expect(x.detach().requiresGrad).toBe(false);
    expect(noGrad(() => x.mul(2)).requiresGrad).toBe(false);
    expect(noGrad(() => enableGrad(() => x.mul(2))).requiresGrad).toBe(true);
    expect(x.to('int32').requiresGrad).toBe(false);
    expect(isGradEnabled()).toBe(true);
    expect(() =>
      noGrad(() => {
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(isGradEnabled()).toBe(true);
  });

  it('knows leaves and results', () => {
    const x = leaf(1);
    const y = x.exp();
    expect([x.isLeaf, x.gradFn, y.isLeaf, y.gradFn?.name]).toEqual([true, null, false, 'exp']);
    expect(() => {
      y.requiresGrad = false;
    }).toThrow(/^requiresGrad: /);
    expect(() => {
      tensor([1], { dtype: 'int32' }).requiresGrad = true;
    }).toThrow(new Error('requiresGrad: only float tensors have gradients, this is int32'));
  });
});

describe('autograd.grad', () => {
  it('gives gradients without touching the leaves', () => {
    const x = leaf(3);
    const [g] = autograd.grad(x.square().sum(), [x]);
    expect(g?.toArray()).toEqual([6]);
    expect(x.grad).toBeNull();
  });

  it('differentiates gradients', () => {
    const x = leaf(2);
    const [first] = autograd.grad(x.pow(4).sum(), [x], undefined, { createGraph: true });
    const [second] = autograd.grad((first as Tensor).sum(), [x], undefined, { createGraph: true });
    const [third] = autograd.grad((second as Tensor).sum(), [x]);
    expect([first, second, third].map((t) => t?.item())).toEqual([32, 48, 48]);
  });
});

describe('hooks', () => {
  it('see and replace gradients, and can be taken off', () => {
    const x = leaf(1, 2);
    const seen: unknown[] = [];
    const y = x.mul(2);
    y.registerHook((g) => {
      seen.push(g.toArray());
    });
    const handle = x.registerHook((g) => g.mul(10)) as unknown as (() => void) | { remove(): void };
    y.sum().backward();
    expect(seen).toEqual([[1, 1]]);
    expect(x.grad?.toArray()).toEqual([20, 20]);
    if (typeof handle === 'function') handle();
    else handle.remove();
    x.mul(2).sum().backward();
    expect(x.grad?.toArray()).toEqual([22, 22]);
  });
});

describe('anomaly mode', () => {
  it('names the forward call whose gradient went bad', () => {
    const x = leaf(0);
    const run = (): void => autograd.detectAnomaly(() => x.sqrt().mul(0).sum().backward());
    expect(run).toThrow(/^backward: 'sqrt' gave NaN as the gradient of its input 0.*\n[\s\S]*autograd\.test\.ts/);
  });
});

describe('scope', () => {
  it('takes back what is made inside, but not results, gradients or leaves', () => {
    const x = leaf(1, 2);
    let inside: Tensor | undefined;
    const kept = scope(() => {
      inside = x.mul(2);
      inside.sum().backward();
      return { y: inside.add(1).detach() };
    });
    expect(kept.y.toArray()).toEqual([3, 5]);
    expect(x.grad?.toArray()).toEqual([2, 2]);
    expect(() => inside?.toArray()).toThrow(/made in a scope that has ended/);
    expect(() => inside?.add(1)).toThrow(/^add: .*made in a scope that has ended/);
  });

  it('never recycles memory that was handed out', () => {
    const arrays = scope(() => Array.from({ length: 4 }, (_, i) => ones([100]).mul(i).toTypedArray()));
    scope(() => {
      for (let i = 0; i < 8; i++) ones([100]).mul(-1);
    });
    arrays.forEach((array, i) => {
      expect(array.every((v) => v === i)).toBe(true);
    });
  });

  it('nests and survives errors', () => {
    const out = scope(() => {
      const a = ones([2]);
      const b = scope(() => a.add(1));
      expect(() =>
        scope(() => {
          throw new Error('inside');
        }),
      ).toThrow('inside');
      return a.add(b);
    });
    expect(out.toArray()).toEqual([3, 3]);
  });
});
