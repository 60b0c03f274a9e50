/** `x.at(…)` and `x.set([…], value)`: every kind of entry, against a plain walk over the elements. */
import { describe, expect, it } from 'vitest';
import { arange, slice, type Tensor, tensor, testing, where } from '../../src/index.ts';

const x = arange(24).reshape([2, 3, 4]);
const mask = tensor([
  [true, false, true],
  [false, false, true],
]);
const list = (t: Tensor): [readonly number[], number[]] => [t.shape, Array.from(t.toTypedArray())];
/** Elements of x by position in [2, 3, 4]. */
const pick = (places: readonly (readonly number[])[]): number[] => places.map(([i, j, k]) => i * 12 + j * 4 + k);

describe('at', () => {
  it.each<[string, unknown[], readonly number[], number[]]>([
    ['a number', [1], [3, 4], Array.from({ length: 12 }, (_, i) => 12 + i)],
    ['numbers', [1, 2, 3], [], [23]],
    ['negative numbers', [-1, -3, -4], [], [12]],
    [
      'a slice',
      [0, slice(1, 3), 0],
      [2],
      pick([
        [0, 1, 0],
        [0, 2, 0],
      ]),
    ],
    [
      'a slice as text',
      [0, '1:', 0],
      [2],
      pick([
        [0, 1, 0],
        [0, 2, 0],
      ]),
    ],
    ['a step', [0, 0, '::2'], [2], [0, 2]],
    ['a slice from the end', [0, 0, slice(-2)], [2], [2, 3].map((v) => v)],
    ['a slice past the end', [0, 0, '2:99'], [2], [2, 3]],
    ['an empty slice', [0, 0, '3:1'], [0], []],
    ['all', [':', 0, 0], [2], [0, 12]],
    ['an ellipsis', ['...', 0], [2, 3], [0, 4, 8, 12, 16, 20]],
    ['an ellipsis in between', [1, '...', -1], [3], [15, 19, 23]],
    ['a new axis', [0, null, 0], [1, 4], [0, 1, 2, 3]],
    ['a list', [0, [2, 0]], [2, 4], [8, 9, 10, 11, 0, 1, 2, 3]],
    ['an int32 tensor', [0, 0, tensor([3, -1, 0], { dtype: 'int32' })], [3], [3, 3, 0]],
    [
      'two lists together',
      [
        [0, 1],
        [2, 0],
      ],
      [2, 4],
      [8, 9, 10, 11, 12, 13, 14, 15],
    ],
    ['two lists apart', [[0, 1], ':', [3, 0]], [2, 3], [3, 7, 11, 12, 16, 20]],
    ['lists that broadcast', [[[0], [1]], [0, 2], 0], [2, 2], [0, 8, 12, 20]],
    ['a mask', [mask], [3, 4], [0, 1, 2, 3, 8, 9, 10, 11, 20, 21, 22, 23]],
    ['a mask of one axis', [':', [true, false, true], 1], [2, 2], [1, 9, 13, 21]],
    ['nothing', [], [2, 3, 4], Array.from({ length: 24 }, (_, i) => i)],
  ])('%s', (_, index, shape, values) => {
    expect(list(x.at(...(index as never[])))).toEqual([shape, values]);
  });

  it('gives views for slices and copies for lists', () => {
    const base = arange(6).reshape([2, 3]);
    base.at(0, '1:').fill_(9);
    expect(base.toArray()).toEqual([
      [0, 9, 9],
      [3, 4, 5],
    ]);
    base.at([0]).fill_(7);
    expect(base.at(0).toArray()).toEqual([0, 9, 9]);
  });

  it.each<[unknown[], RegExp]>([
    [[2], /^at: index 2 expected in \[-2, 1\] for axis 0 of shape \[2, 3, 4\]$/],
    [[0, 0, 0, 0], /^at: index of 4 axes does not fit a tensor of shape \[2, 3, 4\]$/],
    [['...', '...'], /^at: index expected '\.\.\.' at most once$/],
    [['1:x'], /^at: /],
    [[1.5], /^at: index expected an integer, got 1\.5$/],
    [[[5]], /^at: .*5/],
    [[tensor([0.5])], /^at: index expected a tensor of dtype int32 or bool, got float32$/],
    [[tensor([true, false, true])], /^at: .*mask/],
    [
      [
        [0, 1],
        [0, 1, 2],
      ],
      /broadcast/,
    ],
  ])('refuses %j', (index, message) => {
    expect(() => x.at(...(index as never[]))).toThrow(message);
  });

  it('refuses a slice that runs backward, as PyTorch does', () => {
    expect(() => slice(null, null, -1)).toThrow(new Error('slice: step expected an integer >= 1, got -1'));
  });
});

describe('set', () => {
  it.each<[string, unknown[], unknown]>([
    ['a number', [1, 2, 3], 5],
    ['slices', [':', '1:3', '::2'], 5],
    ['a broadcast row', [0], [1, 2, 3, 4]],
    [
      'lists',
      [
        [0, 1],
        [2, 0],
      ],
      7,
    ],
    ['a mask', [mask], -1],
  ])('%s', (_, index, value) => {
    const target = x.clone();
    const marked = tensor(Array.from({ length: 24 }, () => 0)).reshape([2, 3, 4]);
    const given = Array.isArray(value) ? tensor(value) : value;
    target.set(index as never, given as never);
    marked.set(index as never, 1);
    const chosen = target.at(...(index as never[]));
    const expected = Array.isArray(value) ? tensor(value).expand(chosen.shape) : value;
    expect(
      chosen
        .eq(expected as never)
        .all()
        .item(),
    ).toBe(1);
    expect(where(marked.eq(1), target, x).eq(target).all().item()).toBe(1);
    expect(marked.sum().item()).toBe(chosen.size);
  });

  it('has gradients for what is written and what is left', () => {
    const f = (a: Tensor, b: Tensor): Tensor => {
      const t = a.mul(1);
      t.set([':', '1:'], b);
      return t.square();
    };
    const leaf = (shape: number[]): Tensor => {
      const t = arange(6, { dtype: 'float64' })
        .narrow(0, 0, shape[0] * shape[1])
        .reshape(shape)
        .clone();
      t.requiresGrad = true;
      return t;
    };
    expect(testing.gradcheck(f, [leaf([2, 3]), leaf([2, 2])])).toBe(true);
  });

  it('refuses what does not fit', () => {
    expect(() => x.clone().set([0], tensor([1, 2, 3]))).toThrow(/^set: /);
  });
});

describe('gradients of at', () => {
  it.each<[string, unknown[]]>([
    ['slices', [0, '1:', '::2']],
    [
      'repeated places',
      [
        [0, 0, 1],
        [2, 2, 0],
      ],
    ],
    ['a mask', [mask]],
  ])('%s', (_, index) => {
    const leaf = x.to('float64').clone();
    leaf.requiresGrad = true;
    const f = (t: Tensor): Tensor => t.at(...(index as never[])).square();
    expect(testing.gradcheck(f, [leaf])).toBe(true);
    expect(testing.gradgradcheck(f, [leaf])).toBe(true);
  });
});
