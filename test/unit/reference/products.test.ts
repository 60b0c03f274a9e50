import { describe, expect, it } from 'vitest';
import { describe as descriptor } from '../../../src/backend/descriptors.ts';
import { referenceKernels as kernels } from '../../../src/backend/reference/index.ts';
import {
  between,
  type Conv,
  convTerms,
  expectClose,
  floats,
  generator,
  indices,
  randomConv,
  randomFloats,
} from '../../helpers/naive.ts';

const activations = [(v: number) => v, (v: number) => Math.max(v, 0), (v: number) => 1 / (1 + Math.exp(-v)), Math.tanh];

describe.each(floats)('matmul, $type', ({ Array: Type }) => {
  const random = generator(4);

  function check(batch: number, m: number, n: number, k: number, shared: boolean): void {
    const [transA, transB, offsetA, offsetB] = [1, 1, 3, 3].map((high) => between(random, 0, high));
    const [bias, activation] = [between(random, 0, 2), between(random, 0, 3)];
    const lda = (transA ? m : k) + between(random, 0, 2);
    const ldb = (transB ? k : n) + between(random, 0, 2);
    const strideA = lda * (transA ? k : m) + 1;
    const strideB = shared ? 0 : ldb * (transB ? n : k);
    const a = randomFloats(Type, offsetA + strideA * batch, random);
    const b = randomFloats(Type, offsetB + ldb * (transB ? n : k) * batch, random);
    const shift = randomFloats(Type, Math.max(m, n), random);
    const y = new Type(batch * m * n + 1).fill(7);
    const fields = { batch, m, n, k, transA, transB, lda, ldb, strideA, strideB, offsetA, offsetB, bias, activation };
    kernels.matmul(descriptor('GemmDesc', fields), a, b, bias ? shift : null, y);
    const expected = [...indices([batch, m, n])].map(([z, i, j]) => {
      let sum = [0, shift[i], shift[j]][bias];
      for (let p = 0; p < k; p++) {
        const left = a[offsetA + z * strideA + (transA ? p * lda + i : i * lda + p)];
        sum += left * b[offsetB + z * strideB + (transB ? j * ldb + p : p * ldb + j)];
      }
      return activations[activation](sum);
    });
    expectClose(y, expected, Math.sqrt(k));
    expect(y[batch * m * n]).toBe(7);
  }

  it.each([
    [1, 1, 1, 1],
    [2, 0, 3, 4],
    [2, 3, 0, 4],
    [2, 3, 4, 0],
    [0, 3, 4, 2],
    [1, 7, 261, 9],
    [1, 5, 6, 521],
    [3, 1, 1, 300],
    [1, 515, 3, 258],
  ])('batch %i, %i×%i×%i', (batch, m, n, k) => check(batch, m, n, k, false));

  it('random shapes', () => {
    for (let i = 0; i < 60; i++) {
      const [m, n, k] = [0, 0, 0].map(() => between(random, 1, 21));
      check(between(random, 1, 3), m, n, k, random() < 0.5);
    }
  });
});

/** LeNet's two, depthwise, 1×1, and shapes whose last rows or columns no window reaches. */
const named: [string, Partial<Conv>][] = [
  ['lenet conv1', { n: 2, c: 1, h: 28, w: 28, k: 6, kh: 5, kw: 5, oh: 28, ow: 28, padTop: 2, padLeft: 2 }],
  ['lenet conv2', { n: 2, c: 6, h: 14, w: 14, k: 16, kh: 5, kw: 5, oh: 10, ow: 10 }],
  ['depthwise', { n: 2, c: 5, h: 7, w: 6, k: 5, kh: 3, kw: 3, oh: 7, ow: 6, padTop: 1, padLeft: 1, groups: 5 }],
  ['1×1', { n: 2, c: 5, h: 4, w: 3, k: 7, kh: 1, kw: 1, oh: 4, ow: 3 }],
  [
    'a window smaller than its stride',
    { n: 1, c: 1, h: 9, w: 8, k: 2, kh: 1, kw: 2, oh: 3, ow: 2, strideH: 3, strideW: 4 },
  ],
  [
    'windows in padding only',
    { n: 1, c: 2, h: 2, w: 2, k: 3, kh: 2, kw: 2, oh: 5, ow: 5, padTop: 3, padLeft: 3, strideH: 2, strideW: 2 },
  ],
  [
    'an image left of which all windows lie',
    { n: 1, c: 1, h: 2, w: 2, k: 1, kh: 1, kw: 1, oh: 1, ow: 1, padTop: 2, padLeft: 2 },
  ],
  ['no images', { n: 0, c: 1, h: 3, w: 3, k: 1, kh: 2, kw: 2, oh: 2, ow: 2 }],
  // several blocks: rows of pixels, parts of one row, channels, filters
  ['many pixels', { n: 1, c: 1, h: 70, w: 71, k: 2, kh: 3, kw: 3, oh: 70, ow: 71, padTop: 1, padLeft: 1 }],
  ['a long row', { n: 2, c: 2, h: 1, w: 9001, k: 1, kh: 1, kw: 3, oh: 1, ow: 9001, padLeft: 1 }],
  [
    'many channels of a large image',
    { n: 1, c: 40, h: 66, w: 66, k: 4, kh: 3, kw: 3, oh: 8, ow: 8, strideH: 9, strideW: 9, groups: 2 },
  ],
  ['many pixels and filters', { n: 1, c: 1, h: 64, w: 64, k: 37, kh: 1, kw: 1, oh: 64, ow: 64 }],
  ['many channels and filters', { n: 2, c: 130, h: 3, w: 3, k: 133, kh: 3, kw: 3, oh: 1, ow: 1 }],
];
const defaults = { strideH: 1, strideW: 1, padTop: 0, padLeft: 0, dilationH: 1, dilationW: 1, groups: 1 };

describe.each(floats)('convolution, $type', ({ Array: Type }) => {
  const random = generator(5);

  function check(conv: Conv): void {
    const d = descriptor('ConvDesc', { ...conv });
    const filterSize = (conv.c / conv.groups) * conv.kh * conv.kw;
    const x = randomFloats(Type, conv.n * conv.c * conv.h * conv.w, random);
    const w = randomFloats(Type, conv.k * filterSize, random);
    const g = randomFloats(Type, conv.n * conv.k * conv.oh * conv.ow, random);
    const bias = random() < 0.5 ? randomFloats(Type, conv.k, random) : null;
    const plane = conv.oh * conv.ow;
    const y = new Float64Array(g.length).map((_, i) => bias?.[Math.floor(i / plane) % conv.k] ?? 0);
    const gx = new Float64Array(x.length);
    const gw = new Float64Array(w.length);
    for (const t of convTerms(conv)) {
      y[t.y] += x[t.x] * w[t.w];
      gx[t.x] += g[t.y] * w[t.w];
      gw[t.w] += g[t.y] * x[t.x];
    }
    const result = new Type(y.length).fill(NaN);
    const activation = between(random, 0, 3);
    kernels.conv2d(descriptor('ConvDesc', { ...conv, activation }), x, w, bias, result);
    expectClose(result, y.map(activations[activation]), Math.sqrt(filterSize));
    const inputGrad = new Type(x.length).fill(NaN);
    kernels.conv2dInputGrad(d, g, w, inputGrad);
    expectClose(inputGrad, gx, Math.sqrt(filterSize));
    const weightGrad = new Type(w.length).fill(NaN);
    kernels.conv2dWeightGrad(d, x, g, weightGrad);
    expectClose(weightGrad, gw, Math.sqrt(plane));
  }

  it.each(named)('%s', (_, conv) => check({ ...defaults, ...conv } as Conv));

  it('random configurations', () => {
    for (let i = 0; i < 150; i++) check(randomConv(random));
  });

  it('a reach beyond the working memory is an error', () => {
    const d = descriptor('ConvDesc', {
      ...defaults,
      n: 1,
      c: 1,
      h: 601,
      w: 601,
      k: 1,
      kh: 2,
      kw: 2,
      oh: 1,
      ow: 1,
      dilationH: 600,
      dilationW: 600,
    });
    const run = () => kernels.conv2d(d, new Type(601 * 601), new Type(4), null, new Type(1));
    expect(run).toThrow('conv2d: kernel expected at most 32768 taps over at most 262144 pixels, got 4 over 361201');
  });

  it('unfold and fold', () => {
    for (let i = 0; i < 60; i++) {
      const conv = { ...randomConv(random), groups: 1, k: 1 };
      const d = descriptor('ConvDesc', { ...conv });
      const x = randomFloats(Type, conv.n * conv.c * conv.h * conv.w, random);
      const g = randomFloats(Type, conv.n * conv.c * conv.kh * conv.kw * conv.oh * conv.ow, random);
      const columns = new Float64Array(g.length);
      const image = new Float64Array(x.length);
      for (const t of convTerms(conv)) {
        columns[t.column] = x[t.x];
        image[t.x] += g[t.column];
      }
      const unfolded = new Type(g.length).fill(NaN);
      kernels.unfold(d, x, unfolded);
      expect(Array.from(unfolded)).toEqual(Array.from(columns));
      const folded = new Type(x.length).fill(NaN);
      kernels.fold(d, g, folded);
      expectClose(folded, image);
    }
  });
});
