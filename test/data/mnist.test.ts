import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mnist } from '../../src/data/index.ts';
import '../../src/index.ts';
import { sharedFile } from '../helpers/shared.ts';

describe('mnist, a folder made by hand', () => {
  let dir: string;
  const images = (n: number) => Uint8Array.of(0, 0, 8, 3, 0, 0, 0, n, 0, 0, 0, 2, 0, 0, 0, 2, ...Array(4 * n).keys());
  const labels = (...values: number[]) => Uint8Array.of(0, 0, 8, 1, 0, 0, 0, values.length, ...values);
  const write = (i: Uint8Array, l: Uint8Array) => {
    writeFileSync(join(dir, 't10k-images-idx3-ubyte'), i);
    writeFileSync(join(dir, 't10k-labels-idx1-ubyte'), l);
  };
  const labelFile = () => join(dir, 't10k-labels-idx1-ubyte');
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'gemmule-mnist-'));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  it('reads images and labels', () => {
    write(images(2), labels(7, 3));
    const set = mnist(dir, { split: 'test' });
    expect(set.length).toBe(2);
    const [x, y] = set.get(1);
    expect(x.toArray()).toEqual([
      [
        [Math.fround(4 / 255), Math.fround(5 / 255)],
        [Math.fround(6 / 255), Math.fround(7 / 255)],
      ],
    ]);
    expect([y.dtype, y.item()]).toEqual(['int32', 3]);
  });

  it('names the file and the byte of what is wrong', () => {
    const stem = join(dir, 'train-images-idx3-ubyte');
    expect(() => mnist(dir)).toThrow(`mnist: neither ${stem} nor ${stem}.gz exists`);
    write(images(2), labels(7));
    expect(() => mnist(dir, { split: 'test' })).toThrow(
      `mnist: ${labelFile()}: byte 4: 2 labels expected, one for each image, got 1`,
    );
    write(images(2), labels(7, 10));
    expect(() => mnist(dir, { split: 'test' })).toThrow(`mnist: ${labelFile()}: byte 9: label expected 0 to 9, got 10`);
    write(images(2), images(2));
    expect(() => mnist(dir, { split: 'test' })).toThrow(
      `mnist: ${labelFile()}: byte 3: 1 dimensions expected, got shape [2, 2, 2]`,
    );
    write(images(2).subarray(0, 20), labels(7, 3));
    expect(() => mnist(dir, { split: 'test' })).toThrow(
      'byte 20: the file ends early: shape [2, 2, 2] needs 24 bytes, got 20',
    );
  });

  it('refuses other splits and options', () => {
    expect(() => mnist(dir, { split: 'val' as never })).toThrow('mnist: split expected "train" or "test", got "val"');
    expect(() => mnist(dir, { train: true } as never)).toThrow('mnist: unknown option "train"');
  });
});

const dir = sharedFile('data/mnist') ?? '';
describe.skipIf(dir === '')('mnist, the real files', () => {
  it('has 60,000 and 10,000 images with the known first labels', () => {
    const train = mnist(dir);
    const test = mnist(dir, { split: 'test' });
    expect([train.length, test.length]).toEqual([60_000, 10_000]);
    expect(train.images.shape).toEqual([60_000, 1, 28, 28]);
    expect(train.labels.toTypedArray().subarray(0, 10)).toEqual(Int32Array.of(5, 0, 4, 1, 9, 2, 1, 3, 1, 4));
    expect(test.labels.toTypedArray().subarray(0, 5)).toEqual(Int32Array.of(7, 2, 1, 0, 4));
    const [x] = test.get(0);
    expect(x.shape).toEqual([1, 28, 28]);
    expect([x.min().item(), x.max().item()]).toEqual([0, 1]);
  });

  it('reads them unpacked as well', () => {
    const plain = mkdtempSync(join(tmpdir(), 'gemmule-mnist-'));
    try {
      const name = 't10k-images-idx3-ubyte';
      writeFileSync(join(plain, name), gunzipSync(readFileSync(join(dir, `${name}.gz`))));
      cpSync(join(dir, 't10k-labels-idx1-ubyte.gz'), join(plain, 't10k-labels-idx1-ubyte.gz'));
      const [a, b] = [plain, dir].map((d) => mnist(d, { split: 'test' }));
      const [left, right] = [a, b].map((set) => Buffer.from(set.images.toTypedArray() as Uint8Array));
      expect(left.length).toBe(10_000 * 784);
      expect(left.equals(right)).toBe(true);
    } finally {
      rmSync(plain, { recursive: true });
    }
  });
});
