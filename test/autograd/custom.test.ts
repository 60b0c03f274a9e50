/** Functions with their own gradient rule. */
import { describe, expect, it } from 'vitest';
import { autograd, noGrad, type Tensor, tensor, testing } from '../../src/index.ts';

const leaf = (data: number[]): Tensor => tensor(data, { dtype: 'float64', requiresGrad: true });

const cube = autograd.customFunction({
  name: 'cube',
  forward(ctx, x: Tensor) {
    ctx.saveForBackward(x);
    return x.pow(3);
  },
  backward(ctx, g) {
    const [x] = ctx.savedTensors;
    return g.mul(x.square().mul(3));
  },
});

describe('customFunction', () => {
  it('gives the value and its own gradient, once and twice', () => {
    const x = leaf([1, -2]);
    const y = cube(x);
    expect(y.toArray()).toEqual([1, -8]);
    expect(y.gradFn?.name).toBe('cube');
    y.sum().backward();
    expect(x.grad?.toArray()).toEqual([3, 12]);
    expect(testing.gradcheck(cube, [leaf([0.5, 2])])).toBe(true);
    expect(testing.gradgradcheck(cube, [leaf([0.5, 2])])).toBe(true);
  });

  it('records nothing inside forward, and nothing at all inside noGrad', () => {
    let recorded = true;
    const f = autograd.customFunction({
      name: 'probe',
      forward(_ctx, x: Tensor) {
        const y = x.mul(2);
        recorded = y.requiresGrad;
        return y;
      },
      backward: (_ctx, g) => g.mul(2),
    });
    expect(f(leaf([1])).requiresGrad).toBe(true);
    expect(recorded).toBe(false);
    expect(noGrad(() => f(leaf([1]))).requiresGrad).toBe(false);
  });

  it('passes other arguments on and takes several results, zeros for unused ones', () => {
    let seen: unknown[] = [];
    const f = autograd.customFunction({
      name: 'scaleAndShift',
      forward(ctx, x: Tensor, factor: number, b: Tensor) {
        ctx.factor = factor;
        expect(ctx.needsInputGrad).toEqual([true, false, false]);
        return [x.mul(factor), x.add(b)];
      },
      backward(ctx, g0, g1) {
        seen = [g0.toArray(), g1.toArray()];
        return [g0.mul(ctx.factor as number).add(g1), null, null];
      },
    });
    const x = leaf([1, 2]);
    const [scaled, shifted] = f(x, 3, tensor([10, 10], { dtype: 'float64' }));
    expect(shifted.toArray()).toEqual([11, 12]);
    scaled.sum().backward();
    expect(seen).toEqual([
      [1, 1],
      [0, 0],
    ]);
    expect(x.grad?.toArray()).toEqual([3, 3]);
  });

  it('can hand an argument back', () => {
    const reverse = autograd.customFunction({
      name: 'gradientReversal',
      forward: (_ctx, x: Tensor) => x,
      backward: (_ctx, g) => g.neg(),
    });
    const x = leaf([2]);
    const y = reverse(x);
    expect(x.isLeaf).toBe(true);
    y.mul(5).sum().backward();
    expect(x.grad?.toArray()).toEqual([-5]);
  });

  it('notices a saved tensor that was changed in place', () => {
    const x = leaf([1]);
    const h = x.mul(1);
    const y = cube(h);
    h.add_(1);
    expect(() => y.sum().backward()).toThrow(/^cube: a tensor of shape \[1\] that it saved/);
  });

  it('says what is wrong with a rule', () => {
    const wrong = (backward: () => Tensor | null | (Tensor | null)[]) =>
      autograd.customFunction({ name: 'wrong', forward: (_ctx, x: Tensor) => x.mul(1), backward });
    const run = (backward: () => Tensor | (Tensor | null)[]) => () =>
      wrong(backward)(leaf([1]))
        .sum()
        .backward();
    expect(run(() => [])).toThrow('wrong: backward expected 1 gradients, one for each argument of forward, got 0');
    expect(run(() => leaf([1, 2]))).toThrow(
      'wrong: gradient of argument 0 expected a Tensor of shape [1], got Tensor of shape [2]',
    );
    const bad = autograd.customFunction({ name: 'bad', forward: () => 3 as unknown as Tensor, backward: () => null });
    expect(() => bad()).toThrow('bad: result of forward expected a Tensor or a list of Tensors, got 3');
    expect(() => autograd.customFunction({ name: '' } as never)).toThrow('customFunction: name expected a word');
  });
});
