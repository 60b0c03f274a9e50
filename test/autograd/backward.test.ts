import { describe, expect, it } from 'vitest';
import { autograd, enableGrad, noGrad, ones, randn, type Tensor, tensor, testing, zeros } from '../../src/index.ts';

const leaf = (data: number[]): Tensor => tensor(data, { requiresGrad: true });

describe('backward', () => {
  it('accumulates into grad', () => {
    const x = leaf([1, 2]);
    x.mul(3).sum().backward();
    x.mul(x).sum().backward();
    expect(x.grad?.toArray()).toEqual([5, 7]);
  });

  it('adds what arrives over several paths', () => {
    const x = leaf([2]);
    const a = x.mul(x);
    a.mul(a).add(a).add(x).sum().backward();
    // x⁴ + x² + x
    expect(x.grad?.item()).toBe(4 * 8 + 2 * 2 + 1);
  });

  it('visits a deep chain without recursion', () => {
    const x = leaf([1]);
    let y: Tensor = x;
    for (let i = 0; i < 20_000; i++) y = y.add(0);
    y.backward();
    expect(x.grad?.item()).toBe(1);
  });

  it('needs a gradient for more than one element, of its shape', () => {
    const y = leaf([1, 2]).mul(2);
    expect(() => y.backward()).toThrow('backward: gradient expected for a tensor of shape [2]');
    expect(() => y.backward(ones(3))).toThrow('backward: gradient expected shape [2], got [3]');
    y.backward(tensor([1, 10]));
  });

  it('refuses a tensor that requires no gradients', () => {
    expect(() => ones(1).backward()).toThrow('backward: the tensor of shape [1] does not require gradients');
  });

  it('refuses a second walk over a freed graph, and allows it with retainGraph', () => {
    const x = leaf([3]);
    const y = x.exp();
    y.backward(null, { retainGraph: true });
    y.backward();
    expect(() => y.backward()).toThrow("backward: what 'exp' saved has been freed by an earlier backward");
  });

  it('refuses unknown options by name', () => {
    const y = leaf([1]).mul(2);
    expect(() => y.backward(null, { retainGraphs: true } as never)).toThrow('backward: unknown option "retainGraphs"');
  });

  it('gives every leaf a gradient of its own', () => {
    const [a, b] = [leaf([1, 2]), leaf([3, 4])];
    const seed = tensor([1, 1]);
    a.add(b).backward(seed);
    a.grad?.mul_(10);
    expect(b.grad?.toArray()).toEqual([1, 1]);
    expect(seed.toArray()).toEqual([1, 1]);
  });

  it('converts gradients to the dtype of their input', () => {
    const x = leaf([1, 2]);
    x.to('float64')
      .mul(tensor([2, 3], { dtype: 'float64' }))
      .sum()
      .backward();
    expect(x.grad?.dtype).toBe('float32');
    expect(x.grad?.toArray()).toEqual([2, 3]);
  });
});

describe('grad', () => {
  it('returns gradients and leaves grad alone', () => {
    const x = leaf([2]);
    const y = x.mul(x);
    const [g] = autograd.grad(y, x);
    expect(g?.item()).toBe(4);
    expect(x.grad).toBeNull();
  });

  it('gives gradients of gradients with createGraph', () => {
    const x = leaf([2]);
    const [g] = autograd.grad(x.pow(3), x, null, { createGraph: true });
    const [gg] = autograd.grad(g as Tensor, x, null, { createGraph: true });
    const [ggg] = autograd.grad(gg as Tensor, x);
    expect([g?.item(), gg?.item(), ggg?.item()]).toEqual([12, 12, 6]);
  });

  it('answers for results of ops, and names inputs that are not used', () => {
    const x = leaf([1, 2]);
    const h = x.mul(3);
    const [g] = autograd.grad(h.mul(h).sum(), h);
    expect(g?.toArray()).toEqual([6, 12]);
    expect(() => autograd.grad(x.sum(), leaf([1]))).toThrow('grad: inputs[0] of shape [1] is not used');
    expect(autograd.grad(x.sum(), leaf([1]), null, { allowUnused: true })).toEqual([null]);
  });
});

describe('recording', () => {
  it('is off in noGrad, on again in enableGrad, and restored after an error', () => {
    const x = leaf([1]);
    expect(noGrad(() => x.mul(2)).requiresGrad).toBe(false);
    expect(noGrad(() => enableGrad(() => x.mul(2))).requiresGrad).toBe(true);
    expect(() =>
      noGrad(() => {
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(x.mul(2).requiresGrad).toBe(true);
    expect(() => noGrad(async () => 1)).toThrow('noGrad: fn expected a function that is not async');
  });

  it('ends at detach', () => {
    const x = leaf([2]);
    x.detach().mul(x).sum().backward();
    expect(x.grad?.item()).toBe(2);
    expect(x.detach().requiresGrad).toBe(false);
  });

  it('takes only float leaves', () => {
    expect(() => tensor([1], { dtype: 'int32', requiresGrad: true })).toThrow('float dtype, got int32');
    const y = leaf([1]).mul(2);
    expect(() => {
      y.requiresGrad = false;
    }).toThrow('use detach()');
  });
});

describe('hooks and anomaly mode', () => {
  it('a hook sees the gradient, replaces it, and can be removed', () => {
    const x = leaf([1, 2]);
    const h = x.mul(2);
    const seen: unknown[] = [];
    const remove = h.registerHook((g) => {
      seen.push(g.toArray());
      return g.mul(10);
    });
    h.sum().backward(null, { retainGraph: true });
    expect(seen).toEqual([[1, 1]]);
    expect(x.grad?.toArray()).toEqual([20, 20]);
    remove();
    x.grad = null as Tensor | null;
    h.sum().backward();
    expect(x.grad?.toArray()).toEqual([2, 2]);
  });

  it('a hook on a leaf changes what is accumulated', () => {
    const x = leaf([1]);
    x.registerHook((g) => g.neg());
    x.mul(3).backward();
    expect(x.grad?.item()).toBe(-3);
  });

  it('names the op whose gradient is NaN and where it was called', () => {
    const x = leaf([0]);
    expect(() =>
      autograd.detectAnomaly(() => {
        const y = x.sqrt().mul(0);
        y.backward();
      }),
    ).toThrow(/'sqrt' gave NaN as the gradient of its input 0[\s\S]*backward\.test/);
  });

  it('traces every op', () => {
    const names: string[] = [];
    autograd.traceOps(
      (name, _inputs, run) => {
        names.push(name);
        return run();
      },
      () => ones(2).mul(2).exp(),
    );
    expect(names).toEqual(['mul', 'exp']);
  });
});

describe('gradcheck', () => {
  it('accepts a right rule and tells the place of a wrong one', () => {
    const x = randn([3], { dtype: 'float64', requiresGrad: true });
    expect(testing.gradcheck((t) => t.sin().mul(t), [x])).toBe(true);
    // the hook makes the analytic gradient wrong
    const wrong = (t: Tensor): Tensor => {
      const y = t.mul(2);
      if (y.requiresGrad) y.registerHook((g) => g.mul(1.5));
      return y.mul(1);
    };
    expect(() => testing.gradcheck(wrong, [x])).toThrow(
      'gradcheck: gradient of output 0 element 0 by input 0 element 0 is',
    );
    expect(testing.gradcheck(wrong, [x], { raiseException: false })).toBe(false);
    expect(() => testing.gradcheck((t) => t, [zeros(2, { requiresGrad: true })])).toThrow('expected float64');
  });
});
