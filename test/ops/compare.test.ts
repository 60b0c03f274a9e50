/** Comparisons of whole tensors. */
import { describe, expect, it } from 'vitest';
import { allclose, equal, tensor, zeros } from '../../src/index.ts';

describe('equal', () => {
  it.each([
    [[1, 2], [1, 2], true],
    [[1, 2], [1, 3], false],
    [[1, 2], [1], false],
    [[], [], true],
    [[NaN], [NaN], false],
  ])('%j and %j: %s', (a, b, expected) => {
    expect(equal(tensor(a), tensor(b))).toBe(expected);
  });

  it('looks at shapes', () => {
    expect(equal(zeros([2, 1]), zeros([1, 2]))).toBe(false);
  });
});

describe('allclose', () => {
  it.each([
    [[1], [1 + 5e-6], {}, true],
    [[1], [1 + 5e-5], {}, false],
    [[1], [1.5], { rtol: 0.4 }, true],
    [[0], [0.5], { atol: 0.5 }, true],
    [[NaN], [NaN], {}, false],
    [[NaN], [NaN], { equalNan: true }, true],
    [[Infinity], [Infinity], {}, true],
    [[Infinity], [-Infinity], { atol: 1 }, false],
    [[], [], {}, true],
  ])('%j and %j with %j: %s', (a, b, options, expected) => {
    expect(allclose(tensor(a), tensor(b), options)).toBe(expected);
  });
});
