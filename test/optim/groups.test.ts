import { describe, expect, it } from 'vitest';
import { nn, optim, scope, type Tensor, tensor, zeros } from '../../src/index.ts';

const leaf = (...values: number[]) => tensor(values, { requiresGrad: true });

describe('parameter groups', () => {
  it('have settings of their own, and the optimizer’s where they give none', () => {
    const [a, b, c] = [leaf(1), leaf(1), leaf(1)];
    const optimizer = new optim.SGD([{ params: [a] }, { params: b, lr: 1 }], { lr: 0.1 });
    optimizer.addParamGroup({ params: [c], lr: 2, weightDecay: 0.5 });
    for (const p of [a, b, c]) p.grad = tensor([1]);
    optimizer.step();
    expect([a, b, c].map((p) => p.item())).toEqual([expect.closeTo(0.9, 6), 0, -2]);
    optimizer.paramGroups[0].lr = 10;
    optimizer.step();
    expect(a.item()).toBeCloseTo(-9.1, 5);
  });

  it('are checked', () => {
    const a = leaf(1);
    const wrong = (given: unknown, opts?: unknown) => () => new optim.SGD(given as Tensor[], opts as object);
    expect(wrong([])).toThrow('SGD: params expected at least one tensor, got an empty list');
    expect(wrong(a)).toThrow('SGD: params expected a list of tensors or groups, got Tensor of shape [1]');
    expect(wrong([a, a])).toThrow('SGD: params[1] of shape [1] is there twice');
    expect(wrong([{ params: [a] }, { params: [a] }])).toThrow('is there twice');
    expect(wrong([a.mul(2)])).toThrow("SGD: params[0] expected a leaf, got the result of 'mul'");
    expect(wrong([zeros([1], { dtype: 'int32' })])).toThrow('SGD: params[0] expected float32 or float64, got int32');
    expect(wrong([3])).toThrow('SGD: params[0] expected a Tensor, got number 3');
    expect(wrong([a], { lrr: 1 })).toThrow('SGD: unknown option "lrr"');
    expect(wrong([{ params: [a], beta: 1 }])).toThrow('SGD: unknown option "beta"');
    expect(wrong([a], { lr: -1 })).toThrow('SGD: lr expected a number in [0, Infinity], got -1');
    expect(wrong([a], { nesterov: true })).toThrow('nesterov expected momentum above 0');
    expect(() => new optim.Adam([a], { betas: [0.9, 1] })).toThrow(
      'Adam: betas expected two numbers in [0, 1), got [0.9, 1]',
    );
    expect(() => new optim.RMSprop([{ params: [a], alpha: Number.NaN }])).toThrow('RMSprop: alpha');
  });

  it('checks gradients before it changes anything', () => {
    const [a, b] = [leaf(1), leaf(1, 2)];
    a.grad = tensor([1]);
    b.grad = tensor([1]);
    expect(() => new optim.SGD([a, b], { lr: 1 }).step()).toThrow('SGD: gradient expected float32 of shape [2]');
    expect(a.item()).toBe(1);
  });
});

describe('step', () => {
  it('skips what has no gradient, calls the closure with gradients on, and gives its loss', () => {
    const [a, b] = [leaf(1), leaf(5)];
    const optimizer = new optim.Adam([a, b]);
    const loss = optimizer.step(() => {
      const l = a.square().sum();
      l.backward();
      return l;
    });
    expect(loss.item()).toBe(1);
    expect(a.item()).toBeLessThan(1);
    expect(b.item()).toBe(5);
    expect(optimizer.state.has(b)).toBe(false);
    expect(a.isLeaf).toBe(true);
  });

  it('changes a parameter that is not contiguous', () => {
    const base = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const p = new nn.Parameter(base.t());
    p.grad = tensor([
      [1, 0],
      [0, 1],
      [2, 0],
    ]);
    new optim.SGD([p], { lr: 1 }).step();
    expect(p.toArray()).toEqual([
      [0, 4],
      [2, 4],
      [1, 6],
    ]);
    expect(base.toArray()).toEqual([
      [0, 2, 1],
      [4, 4, 6],
    ]);
  });

  it('makes a graph that saved the parameter stale', () => {
    const p = leaf(2);
    const y = p.square();
    p.grad = tensor([1]);
    new optim.SGD([p], { lr: 0.1 }).step();
    expect(() => y.backward()).toThrow('changed in place');
  });

  it('keeps its state through scopes', () => {
    const p = new nn.Parameter(zeros([2000]).add(1));
    for (const make of [
      () => new optim.SGD([p], { lr: 0.01, momentum: 0.9 }),
      () => new optim.Adam([p], { amsgrad: true }),
      () => new optim.RMSprop([p], { momentum: 0.5, centered: true }),
      () => new optim.NAdam([p]),
    ]) {
      const optimizer = make();
      for (let i = 0; i < 3; i++) {
        scope(() => {
          optimizer.zeroGrad();
          p.square().sum().backward();
          optimizer.step();
        });
      }
      const { state } = optimizer.stateDict();
      for (const value of Object.values(state[0]))
        expect((value as Tensor).toTypedArray().every(Number.isFinite)).toBe(true);
    }
  });
});

describe('zeroGrad', () => {
  it('removes gradients, or sets them to zero', () => {
    const p = leaf(1, 2);
    const optimizer = new optim.SGD([p], { lr: 1 });
    p.sum().backward();
    optimizer.zeroGrad({ setToNone: false });
    expect(p.grad?.toArray()).toEqual([0, 0]);
    optimizer.zeroGrad();
    expect(p.grad).toBe(null);
    expect(() => optimizer.zeroGrad({ setToNull: true } as object)).toThrow('unknown option "setToNull"');
  });
});
