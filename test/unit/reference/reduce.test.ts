import { describe, expect, it } from 'vitest';
import { describe as descriptor } from '../../../src/backend/descriptors.ts';
import { referenceKernels as kernels } from '../../../src/backend/reference/index.ts';
import { between, expectClose, floats, generator, indices, randomFloats } from '../../helpers/naive.ts';

const shapes = [
  [1, 0, 3],
  [0, 4, 2],
  [1, 1, 1],
  [1, 101, 1],
  [3, 8, 1],
  [5, 7, 3],
  [1, 4, 9],
  [2, 33, 16],
];
const nonEmpty = shapes.filter(([outer, n]) => outer * n > 0);

/** The lines along the middle axis: for each, the positions of its elements. */
function lines([outer, n, inner]: number[]): number[][] {
  return [...indices([outer, inner])].map(([o, c]) => Array.from({ length: n }, (_, k) => (o * n + k) * inner + c));
}

const reduceDesc = ([outer, n, inner]: number[]) => descriptor('ReduceDesc', { outer, n, inner });
const sizeOf = (shape: number[]) => shape.reduce((a, b) => a * b, 1);

/** PyTorch's order: NaN above everything. */
const order = (a: number, b: number) =>
  Number.isNaN(a) || Number.isNaN(b) ? Number(Number.isNaN(a)) - Number(Number.isNaN(b)) : a - b;

describe.each(floats)('reductions, $type', ({ Array: Type }) => {
  const random = generator(2);
  const sample = (shape: number[]) => randomFloats(Type, sizeOf(shape), random);

  it.each(shapes)('sum and prod of [%i, %i, %i]', (...shape) => {
    const x = sample(shape);
    const y = new Type(shape[0] * shape[2]);
    kernels.sum(reduceDesc(shape), x, y);
    expectClose(
      y,
      lines(shape).map((line) => line.reduce((s, i) => s + x[i], 0)),
    );
    kernels.prod(reduceDesc(shape), x, y);
    expectClose(
      y,
      lines(shape).map((line) => line.reduce((s, i) => s * x[i], 1)),
    );
  });

  it.each(nonEmpty)('max and min of [%i, %i, %i]', (...shape) => {
    const d = reduceDesc(shape);
    for (const nan of [0, 0.2]) {
      const x = sample(shape).map((v) => (random() < nan ? NaN : Math.round(v * 3)));
      const y = new Type(shape[0] * shape[2]);
      const index = new Int32Array(y.length);
      kernels.max(d, x, y, index);
      const check = (better: (v: number, best: number) => boolean) =>
        lines(shape).forEach((line, r) => {
          const values = line.map((i) => x[i]);
          const firstNaN = values.findIndex(Number.isNaN);
          const best = values.reduce((best, v) => (better(v, best) ? v : best));
          const k = firstNaN >= 0 ? firstNaN : values.indexOf(best);
          expect([y[r], index[r]]).toEqual([values[k], k]);
        });
      check((v, best) => v > best);
      kernels.min(d, x, y, index);
      check((v, best) => v < best);
    }
  });

  it.each(shapes)('cumsum and cumprod of [%i, %i, %i]', (...shape) => {
    const x = sample(shape);
    const y = new Type(x.length);
    const expected = new Float64Array(x.length);
    const scan = (start: number, next: (total: number, v: number) => number) =>
      lines(shape).forEach((line) => {
        let total = start;
        for (const i of line) expected[i] = total = next(total, x[i]);
      });
    kernels.cumsum(reduceDesc(shape), x, y);
    scan(0, (a, b) => a + b);
    expectClose(y, expected);
    kernels.cumprod(reduceDesc(shape), x, y);
    scan(1, (a, b) => a * b);
    expectClose(y, expected);
  });

  it.each(shapes)('sort of [%i, %i, %i]', (...shape) => {
    for (const descending of [0, 1]) {
      const x = sample(shape).map((v) => (random() < 0.1 ? NaN : Math.round(v * 4)));
      const y = new Type(x.length);
      const index = new Int32Array(x.length);
      kernels.sort(reduceDesc(shape), descending, x, y, index);
      for (const line of lines(shape)) {
        const positions = line.map((_, k) => k);
        positions.sort((p, q) => (descending ? -1 : 1) * order(x[line[p]], x[line[q]]) || p - q);
        expect(line.map((i) => index[i])).toEqual(positions);
        expect(line.map((i) => y[i])).toEqual(positions.map((k) => x[line[k]]));
      }
    }
  });

  it.each(shapes)('softmax, logSoftmax and their gradients of [%i, %i, %i]', (...shape) => {
    const d = reduceDesc(shape);
    const x = sample(shape).map((v) => v * 30);
    const g = sample(shape);
    const [soft, log, gradSoft, gradLog] = [0, 1, 2, 3].map(() => new Type(x.length));
    kernels.softmax(d, x, soft);
    kernels.logSoftmax(d, x, log);
    kernels.softmaxBackward(d, g, soft, gradSoft);
    kernels.logSoftmaxBackward(d, g, log, gradLog);
    const expected = [0, 1, 2, 3].map(() => new Float64Array(x.length));
    for (const line of lines(shape)) {
      const total = line.reduce((sum, i) => sum + Math.exp(x[i]), 0);
      const dot = line.reduce((sum, i) => sum + (g[i] * Math.exp(x[i])) / total, 0);
      const all = line.reduce((sum, i) => sum + g[i], 0);
      for (const i of line) {
        const s = Math.exp(x[i]) / total;
        expected[0][i] = s;
        expected[1][i] = x[i] - Math.log(total);
        expected[2][i] = s * (g[i] - dot);
        expected[3][i] = g[i] - s * all;
      }
    }
    for (const [i, y] of [soft, log, gradSoft, gradLog].entries()) expectClose(y, expected[i]);
  });

  it('softmax survives large and infinite logits', () => {
    const d = reduceDesc([2, 2, 1]);
    const y = new Type(4);
    kernels.softmax(d, Type.of(3e38, 3e38, -Infinity, 5), y);
    expect(Array.from(y)).toEqual([0.5, 0.5, 0, 1]);
    kernels.logSoftmax(d, Type.of(3e38, 3e38, -Infinity, 5), y);
    expectClose(y, [-Math.LN2, -Math.LN2, -Infinity, 0]);
    kernels.softmax(d, Type.of(-Infinity, -Infinity, NaN, 5), y);
    expect(Array.from(y)).toEqual([NaN, NaN, NaN, NaN]);
  });

  it.each([1, 3, 80])('takeRows, putRows and addRows of %i elements', (inner) => {
    const sourceRows = 5;
    const index = Int32Array.from({ length: 9 }, () => between(random, 0, sourceRows - 1));
    const d = descriptor('RowsDesc', { rows: index.length, sourceRows, inner });
    const source = sample([sourceRows, inner]);
    const rows = sample([index.length, inner]);
    const taken = new Type(index.length * inner);
    kernels.takeRows(d, source, index, taken);
    const put = source.slice();
    kernels.putRows(d, rows, index, put);
    const added = source.slice();
    kernels.addRows(d, rows, index, added);
    const [expectTaken, expectPut, expectAdded] = [Array.from(taken), Array.from(source), Array.from(source)];
    for (const [r, c] of indices([index.length, inner])) {
      expectTaken[r * inner + c] = source[index[r] * inner + c];
      expectPut[index[r] * inner + c] = rows[r * inner + c];
      expectAdded[index[r] * inner + c] += rows[r * inner + c];
    }
    expect(Array.from(taken)).toEqual(expectTaken);
    expect(Array.from(put)).toEqual(expectPut);
    expectClose(added, expectAdded);
  });

  it('normStats, normForward and normBackward', () => {
    const eps = 1e-5;
    for (const [n, c, inner] of [
      [4, 3, 5],
      [1, 2, 7],
      [6, 1, 1],
      [0, 2, 3],
    ]) {
      const d = descriptor('NormDesc', { n, c, inner });
      const x = sample([n, c, inner]);
      const g = sample([n, c, inner]);
      const [weight, bias] = [sample([c]), sample([c])];
      const [mean, rstd, gw, gb] = [0, 1, 2, 3].map(() => new Type(c));
      kernels.normStats(d, eps, x, mean, rstd);
      for (const [w, b] of [
        [weight, bias],
        [null, null],
        [weight, null],
      ]) {
        const [y, gx] = [new Type(x.length), new Type(x.length)];
        kernels.normForward(d, x, mean, rstd, w, b, y);
        kernels.normBackward(d, g, x, mean, rstd, w, gx, gw, gb);
        for (let channel = 0; channel < c; channel++) {
          const at = [...indices([n, inner])].map(([i, j]) => (i * c + channel) * inner + j);
          const average = (f: (i: number) => number) => at.reduce((sum, i) => sum + f(i), 0) / at.length;
          const mu = average((i) => x[i]);
          const r = 1 / Math.sqrt(average((i) => (x[i] - mu) ** 2) + eps);
          const hat = (i: number) => (x[i] - mu) * r;
          const scale = w?.[channel] ?? 1;
          expectClose(mean.slice(channel), [mu]);
          expectClose(rstd.slice(channel), [r], 100);
          expectClose(
            new Type(at.map((i) => y[i])),
            at.map((i) => hat(i) * scale + (b?.[channel] ?? 0)),
          );
          if (at.length === 0) continue;
          const [sum, dot] = [average((i) => g[i]), average((i) => g[i] * hat(i))];
          expectClose(
            new Type(at.map((i) => gx[i])),
            at.map((i) => scale * r * (g[i] - sum - hat(i) * dot)),
            300,
          );
          expectClose(gw.slice(channel), [dot * at.length], 10);
          expectClose(gb.slice(channel), [sum * at.length]);
        }
      }
    }
  });
});

describe('reductions of integers and bytes', () => {
  it('sum, prod and cumprod wrap', () => {
    const x = Int32Array.of(2147483647, 2, 65537, 65537);
    const y = new Int32Array(2);
    kernels.sum(reduceDesc([2, 2, 1]), x, y);
    expect(Array.from(y)).toEqual([-2147483647, 131074]);
    kernels.prod(reduceDesc([2, 2, 1]), x, y);
    expect(Array.from(y)).toEqual([-2, 131073]);
    const scanned = new Int32Array(4);
    kernels.cumprod(reduceDesc([2, 2, 1]), x, scanned);
    expect(Array.from(scanned)).toEqual([2147483647, -2, 65537, 131073]);
  });

  it.each(shapes)('any and all of [%i, %i, %i]', (...shape) => {
    const random = generator(3);
    for (const share of [0, 0.1, 0.9, 1]) {
      const x = new Uint8Array(sizeOf(shape)).map(() => (random() < share ? between(random, 1, 255) : 0));
      const y = new Uint8Array(shape[0] * shape[2]);
      kernels.any(reduceDesc(shape), x, y);
      expect(Array.from(y)).toEqual(lines(shape).map((line) => Number(line.some((i) => x[i] !== 0))));
      kernels.all(reduceDesc(shape), x, y);
      expect(Array.from(y)).toEqual(lines(shape).map((line) => Number(line.every((i) => x[i] !== 0))));
    }
  });
});
