import { describe, expect, it } from 'vitest';
import { noGrad, ones, rand, scope, type Tensor, zeros } from '../../src/index.ts';

const big = (): Tensor => rand(64, 64);

describe('scope', () => {
  it('gives back what is neither returned nor kept', () => {
    let inside: Tensor | undefined;
    const out = scope(() => {
      inside = big();
      return inside.add(1);
    });
    expect(out.sum().item()).toBeGreaterThan(0);
    expect(() => inside?.sum()).toThrow('sum: input 0, of shape [64, 64], was made in a scope that has ended');
    expect(() => inside?.toArray()).toThrow('was made in a scope that has ended');
  });

  it('recycles memory: the next tensor of the size takes its place', () => {
    let first: Tensor | undefined;
    scope(() => {
      first = big();
      first.storage.data.fill(7);
    });
    const next = noGrad(() => big());
    expect(next.storage.data.includes(7)).toBe(false);
    expect(first?.storage.alive).toBe(false);
  });

  it('keeps what is returned in arrays, maps and objects, and views of it', () => {
    const { list, part } = scope(() => {
      const a = big();
      return { list: [big(), new Map([['x', big()]])] as const, part: a.narrow(0, 1, 2) };
    });
    expect(list[0].size + (list[1].get('x')?.size ?? 0)).toBe(8192);
    expect(list[0].sum().item()).toBeGreaterThan(0);
    expect(part.sum().item()).toBeGreaterThan(0);
  });

  it('keeps gradients of leaves until they are replaced', () => {
    const w = ones([64, 64], { requiresGrad: true });
    scope(() => {
      w.mul(2).sum().backward();
    });
    expect(w.grad?.sum().item()).toBe(2 * 4096);
    scope(() => {
      w.grad = null;
      w.mul(3).sum().backward();
    });
    expect(w.grad?.sum().item()).toBe(3 * 4096);
  });

  it('passes survivors to the scope around', () => {
    let inner: Tensor | undefined;
    scope(() => {
      inner = scope(() => big());
      inner.sum();
    });
    expect(() => inner?.sum()).toThrow('was made in a scope that has ended');
  });

  it('cleans up after an error, and takes no async function', () => {
    let inside: Tensor | undefined;
    expect(() =>
      scope(() => {
        inside = big();
        throw new Error('stop');
      }),
    ).toThrow('stop');
    expect(inside?.storage.alive).toBe(false);
    expect(() => scope(async () => zeros(1))).toThrow('got an async function');
    expect(() => scope(1 as never)).toThrow('scope: fn expected a function, got 1');
  });
});
