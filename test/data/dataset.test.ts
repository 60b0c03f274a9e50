import { describe, expect, it } from 'vitest';
import { DataLoader, ImageDataset, TensorDataset } from '../../src/data/index.ts';
import { arange, manualSeed, type Tensor, tensor } from '../../src/index.ts';

const rows = (n: number) => arange(n * 3).reshape(n, 3);
const labels = (n: number) => tensor(Int32Array.from({ length: n }, (_, i) => 10 * i));
const flat = (t: Tensor) => Array.from(t.toTypedArray());

describe('TensorDataset', () => {
  it('gathers rows of every tensor', () => {
    const set = new TensorDataset(rows(4), labels(4));
    const [x, y] = set.batch(Int32Array.of(2, 0));
    expect(x.toArray()).toEqual([
      [6, 7, 8],
      [0, 1, 2],
    ]);
    expect([y.dtype, y.toArray()]).toEqual(['int32', [20, 0]]);
  });

  it('reads views, and elements from either end', () => {
    const set = new TensorDataset(rows(4).transpose(0, 1).narrow(0, 1, 2), tensor([true, false]));
    expect(set.length).toBe(2);
    expect(set.get(0).map((t) => t.toArray())).toEqual([[1, 4, 7, 10], true]);
    expect(set.get(-1)[0].toArray()).toEqual([2, 5, 8, 11]);
    expect(set.get(1)[1].shape).toEqual([]);
  });

  it.each([
    [() => new TensorDataset(), 'TensorDataset: expected at least one tensor'],
    [
      () => new TensorDataset(rows(2), labels(3)),
      'TensorDataset: tensor 1 expected 2 rows as tensor 0, got Tensor of shape [3]',
    ],
    [() => new TensorDataset(tensor(1)), 'TensorDataset: tensor 0 has no axis 0'],
    [() => new TensorDataset([1, 2] as never), 'TensorDataset: tensor 0 expected a Tensor, got an array'],
    [() => new TensorDataset(rows(2)).get(2), 'Dataset.get: index expected within 2 elements, got 2'],
    [() => new TensorDataset(rows(2)).get(-3), 'Dataset.get: index expected within 2 elements, got -3'],
  ])('refuses %s', (make, message) => {
    expect(make).toThrow(message);
  });
});

describe('ImageDataset', () => {
  const images = tensor(Uint8Array.from({ length: 24 }, (_, i) => i * 11)).reshape(3, 2, 2, 2);
  const set = new ImageDataset(images, labels(3));

  it('delivers bytes / 255 rounded to float32', () => {
    const [x, y] = set.batch(Int32Array.of(2, 1));
    expect([x.dtype, x.shape, y.dtype]).toEqual(['float32', [2, 2, 2, 2], 'int32']);
    const expected = [...Array(8).keys()].map((i) => 16 + i).concat([...Array(8).keys()].map((i) => 8 + i));
    expect(flat(x)).toEqual(expected.map((i) => Math.fround((i * 11) / 255)));
    expect(flat(y)).toEqual([20, 10]);
  });

  it('keeps the bytes, and gives all as float32 when asked', () => {
    expect(set.images.dtype).toBe('uint8');
    const [all, y] = set.tensors;
    expect([all.shape, y.shape]).toEqual([[3, 2, 2, 2], [3]]);
    expect(flat(all)[23]).toBe(Math.fround(253 / 255));
    expect(set.tensors[0]).toBe(all);
  });

  it('takes the first elements', () => {
    const two = set.take(2);
    expect(two.length).toBe(2);
    expect(flat(two.get(-1)[1])).toEqual([10]);
    expect(() => set.take(4)).toThrow('ImageDataset.take: count expected at most 3, got 4');
  });

  it('refuses other images and labels', () => {
    expect(() => new ImageDataset(rows(3), labels(3))).toThrow(
      'ImageDataset: images expected uint8 with 4 axes, got float32 of shape [3, 3]',
    );
    expect(() => new ImageDataset(images, rows(3))).toThrow(
      'ImageDataset: labels expected int32 with 1 axis, got float32 of shape [3, 3]',
    );
  });
});

describe('DataLoader', () => {
  const set = new TensorDataset(arange(10));
  const pass = (loader: DataLoader) => Array.from(loader, ([x]) => flat(x));

  it('gives batches in order, the last one short unless it is dropped', () => {
    expect(pass(new DataLoader(set, { batchSize: 4 }))).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
    expect(pass(new DataLoader(set, { batchSize: 4, dropLast: true }))).toHaveLength(2);
    expect(new DataLoader(set, { batchSize: 4 }).length).toBe(3);
    expect(new DataLoader(set, { batchSize: 4, dropLast: true }).length).toBe(2);
    expect(new DataLoader(set).length).toBe(10);
  });

  it('iterates asynchronously too', async () => {
    const seen: number[][] = [];
    for await (const [x] of new DataLoader(set, { batchSize: 5 })) seen.push(flat(x));
    expect(seen).toEqual([
      [0, 1, 2, 3, 4],
      [5, 6, 7, 8, 9],
    ]);
  });

  it('shuffles every pass anew, the same way for the same seed', () => {
    const passes = (seed: number) => {
      const loader = new DataLoader(set, { batchSize: 3, shuffle: true, seed });
      return [pass(loader).flat(), pass(loader).flat()];
    };
    const [first, second] = passes(7);
    expect([...first].sort((a, b) => a - b)).toEqual(flat(arange(10)));
    expect([...second].sort((a, b) => a - b)).toEqual(flat(arange(10)));
    expect(first).not.toEqual(second);
    expect(passes(7)).toEqual([first, second]);
    expect(passes(8)).not.toEqual([first, second]);
  });

  it('draws from the generator of manualSeed where it has no seed', () => {
    const order = () => {
      manualSeed(3);
      return pass(new DataLoader(set, { batchSize: 10, shuffle: true }))[0];
    };
    expect(order()).toEqual(order());
  });

  it('does not share memory between batches', () => {
    const [a, b] = Array.from(new DataLoader(set, { batchSize: 5 }), ([x]) => x);
    a.fill_(-1);
    expect(flat(b)).toEqual([5, 6, 7, 8, 9]);
    expect(flat(set.tensors[0])).toEqual(flat(arange(10)));
  });

  it.each([
    [() => new DataLoader(set, { batchSize: 0 }), 'DataLoader: batchSize expected an integer >= 1, got 0'],
    [() => new DataLoader(set, { shuffle: 1 as never }), 'DataLoader: shuffle expected true or false, got 1'],
    [() => new DataLoader(set, { seed: -1 }), 'DataLoader: seed expected an integer >= 0, got -1'],
    [() => new DataLoader(set, { workers: 2 } as never), 'DataLoader: unknown option "workers"'],
    [() => new DataLoader([1] as never), 'DataLoader: dataset expected a data set with length and batch, got [1]'],
  ])('refuses %s', (make, message) => {
    expect(make).toThrow(message);
  });
});
