/** Random tensors: known answers, the same on every backend, and their distributions. */
import { describe, expect, it } from 'vitest';
import {
  bernoulli,
  full,
  manualSeed,
  normal,
  rand,
  randint,
  randLike,
  randn,
  randnLike,
  randperm,
  type Tensor,
  zeros,
} from '../../src/index.ts';

const values = (t: Tensor): number[] => Array.from(t.toTypedArray());
const average = (x: readonly number[]): number => x.reduce((a, b) => a + b, 0) / x.length;
const variance = (x: readonly number[]): number => {
  const mean = average(x);
  return average(x.map((v) => (v - mean) ** 2));
};

describe('the generator', () => {
  it("gives Philox4x32-10's published words for key 0, counter 0", () => {
    manualSeed(0);
    const words = [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8];
    expect(values(rand(4))).toEqual(words.map((word) => (word >>> 8) * 2 ** -24));
    manualSeed(0);
    const double = (high: number, low: number): number => ((high >>> 5) * 2 ** 26 + (low >>> 6)) * 2 ** -53;
    expect(values(rand([2], { dtype: 'float64' }))).toEqual([double(words[0], words[1]), double(words[2], words[3])]);
  });

  it('repeats itself after the same seed, and only then', () => {
    const draw = (seed: number): number[] => {
      manualSeed(seed);
      return [rand(3), randn(3), randint(0, 9, [3]), randperm(5), bernoulli(full([5], 0.5))].flatMap(values);
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(values(rand(4))).not.toEqual(values(rand(4)));
  });

  it.each([[-1], [1.5], ['1'], [2 ** 53]])('refuses the seed %s', (seed) => {
    expect(() => manualSeed(seed as number)).toThrow(/^manualSeed: seed expected an integer/);
  });
});

describe('distributions', () => {
  it('rand is uniform in [0, 1)', () => {
    manualSeed(1);
    const x = values(rand([100_000]));
    expect(Math.min(...x.slice(0, 1000))).toBeGreaterThanOrEqual(0);
    expect(x.every((v) => v >= 0 && v < 1)).toBe(true);
    expect(average(x)).toBeCloseTo(0.5, 2);
    expect(variance(x)).toBeCloseTo(1 / 12, 2);
  });

  it('randn and normal are normal', () => {
    manualSeed(2);
    const x = values(randn([100_001]));
    expect(average(x)).toBeCloseTo(0, 1);
    expect(variance(x)).toBeCloseTo(1, 1);
    expect(x.filter((v) => Math.abs(v) < 1).length / x.length).toBeCloseTo(0.6827, 2);
    const y = values(normal(5, 2, [50_000]));
    expect(average(y)).toBeCloseTo(5, 1);
    expect(Math.sqrt(variance(y))).toBeCloseTo(2, 1);
  });

  it('randint keeps to its range and reaches all of it', () => {
    manualSeed(3);
    const x = randint(-2, 3, [1000]);
    expect(x.dtype).toBe('int32');
    expect([...new Set(values(x))].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
  });

  it('randperm is a permutation', () => {
    manualSeed(4);
    const x = values(randperm(100));
    expect(x).not.toEqual([...x].sort((a, b) => a - b));
    expect([...x].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(randperm(0).shape).toEqual([0]);
  });

  it('bernoulli draws with the given chances', () => {
    manualSeed(5);
    expect(average(values(bernoulli(full([20_000], 0.3))))).toBeCloseTo(0.3, 1);
    expect(values(bernoulli(zeros([5])))).toEqual([0, 0, 0, 0, 0]);
    expect(() => bernoulli(full([1], 2))).toThrow(new Error('bernoulli: input expected probabilities in [0, 1]'));
  });

  it('…Like take shape and dtype', () => {
    const x = zeros([2, 3], { dtype: 'float64' });
    expect([randLike(x).dtype, randnLike(x).shape]).toEqual(['float64', [2, 3]]);
    expect(() => rand([2], { dtype: 'int32' })).toThrow(/^rand: dtype expected/);
  });
});
