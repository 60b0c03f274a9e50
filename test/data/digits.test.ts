import { describe, expect, it } from 'vitest';
import { digits } from '../../src/data/index.ts';
import '../../src/index.ts';

describe('digits', () => {
  it('gives balanced images with ink on a dark ground', () => {
    const { train, test } = digits({ train: 200, test: 100 });
    expect([train.images.shape, test.images.shape]).toEqual([
      [200, 1, 28, 28],
      [100, 1, 28, 28],
    ]);
    const counts = new Array<number>(10).fill(0);
    for (const label of test.labels.toTypedArray()) counts[label]++;
    expect(counts).toEqual(new Array(10).fill(10));
    const bytes = train.images.toTypedArray();
    for (let i = 0; i < train.length; i++) {
      const bright = bytes.subarray(i * 784, (i + 1) * 784).filter((v) => v > 128).length;
      expect(bright, `image ${i}`).toBeGreaterThan(12);
      expect(bright, `image ${i}`).toBeLessThan(300);
    }
  });

  it('depends on the seed, and an image on its number alone', () => {
    const bytes = (train: number, seed?: number) => digits({ train, test: 1, seed }).train.images.toTypedArray();
    const few = bytes(20);
    expect(bytes(30).subarray(0, few.length)).toEqual(few);
    expect(bytes(20, 0)).toEqual(few);
    expect(bytes(20, 1)).not.toEqual(few);
  });

  it('keeps the splits apart', () => {
    const { train, test } = digits({ train: 50, test: 50 });
    const seen = new Set<string>();
    for (const bytes of [train.images.toTypedArray(), test.images.toTypedArray()]) {
      for (let i = 0; i < 50; i++) seen.add(bytes.subarray(i * 784, (i + 1) * 784).join());
    }
    expect(seen.size).toBe(100);
  });

  it('draws the same pictures everywhere', () => {
    let hash = 0;
    for (const byte of digits({ train: 100, test: 1, seed: 5 }).train.images.toTypedArray()) {
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    expect(hash).toBe(-572949081);
  });

  it.each([
    [{ train: 0 }, 'digits: train expected an integer >= 1, got 0'],
    [{ test: 1.5 }, 'digits: test expected an integer >= 1, got 1.5'],
    [{ seed: -1 }, 'digits: seed expected a number in [0, 4294967295], got -1'],
    [{ seed: 2 ** 32 }, 'digits: seed expected a number in [0, 4294967295], got 4294967296'],
    [{ size: 3 } as never, 'digits: unknown option "size"'],
  ])('refuses %j', (options, message) => {
    expect(() => digits(options)).toThrow(message);
  });
});
