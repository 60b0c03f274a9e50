import { describe, expect, it } from 'vitest';
import { noGrad, ones, type Tensor, tensor, zeros } from '../../src/index.ts';

const leaf = (data: number[]): Tensor => tensor(data, { requiresGrad: true });

describe('changes in place', () => {
  it('a leaf that requires gradients refuses, except in noGrad', () => {
    const x = leaf([1]);
    expect(() => x.add_(1)).toThrow('add_: a leaf that requires gradients cannot be changed in place');
    expect(() => x.reshape(1, 1).zero_()).toThrow('fill_: a view of a leaf that requires gradients');
    noGrad(() => x.add_(1));
    expect(x.item()).toBe(2);
  });

  it('a stale saved tensor is an error that names the op', () => {
    const x = leaf([1, 2]);
    const y = x.mul(2);
    const z = y.mul(y);
    y.add_(1);
    expect(() => z.sum().backward()).toThrow("that 'mul' needs for its gradient was changed in place");
  });

  it('a saved output that is changed is an error too', () => {
    const y = leaf([1]).exp();
    y.mul_(2);
    expect(() => y.backward()).toThrow("that 'exp' needs for its gradient was changed in place");
  });

  it('is recorded', () => {
    const x = leaf([1, 2]);
    const y = x.mul(3);
    y.add_(x).mul_(2);
    y.sum().backward();
    expect(x.grad?.toArray()).toEqual([8, 8]);
  });

  it('writes a recorded value into part of a plain tensor', () => {
    const p = leaf([1, 2, 3]);
    const board = zeros(2, 3);
    board.select(0, 1).copy_(p.mul(2));
    expect(board.toArray()).toEqual([
      [0, 0, 0],
      [2, 4, 6],
    ]);
    board.mul(board).sum().backward();
    expect(p.grad?.toArray()).toEqual([8, 16, 24]);
  });

  it('a part that is written over no longer gives gradients to what it was', () => {
    const x = leaf([1, 2, 3]);
    const y = x.mul(1);
    y.narrow(0, 0, 1).fill_(5);
    y.sum().backward();
    expect(x.grad?.toArray()).toEqual([0, 1, 1]);
  });

  it('an older view sees the new history of its base', () => {
    const x = leaf([1, 2]);
    const base = x.mul(1);
    const view = base.narrow(0, 0, 1);
    base.mul_(3);
    view.sum().backward();
    expect(x.grad?.toArray()).toEqual([3, 0]);
  });

  it('refuses results that do not fit', () => {
    expect(() => ones(1, 2).add_(ones(3, 2))).toThrow('add_: result of shape [3, 2] does not fit shape [1, 2]');
    expect(() => ones([2], { dtype: 'int32' }).mul_(0.5)).toThrow('mul_: a result of dtype float32 does not fit int32');
    expect(() => ones(1).expand(3).add_(1)).toThrow('shares memory between its elements');
  });

  it('works on overlapping memory of one tensor', () => {
    const x = tensor([1, 2, 3, 4]);
    x.narrow(0, 1, 3).copy_(x.narrow(0, 0, 3));
    expect(x.toArray()).toEqual([1, 1, 2, 3]);
    const m = tensor([
      [1, 2],
      [3, 4],
    ]);
    m.add_(m.t());
    expect(m.toArray()).toEqual([
      [2, 5],
      [5, 8],
    ]);
  });
});
