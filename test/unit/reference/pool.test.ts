import { describe, expect, it } from 'vitest';
import { describe as descriptor } from '../../../src/backend/descriptors.ts';
import { referenceKernels as kernels } from '../../../src/backend/reference/index.ts';
import { between, expectClose, floats, generator, type Pool, randomFloats, windows } from '../../helpers/naive.ts';

/** Padding of at most half the window, a last window that begins inside the image or its left padding: PyTorch's rules. */
function randomPool(random: () => number, maxDilation: number): Pool {
  const axis = () => {
    const k = between(random, 1, 4);
    const stride = between(random, 1, 3);
    const dilation = between(random, 1, maxDilation);
    const before = between(random, 0, Math.floor(k / 2));
    const after = random() < 0.5 ? before : between(random, 0, Math.floor(k / 2));
    const reach = (k - 1) * dilation + 1;
    const size = Math.max(between(random, 1, 9), reach - before - after);
    const room = size + before + after - reach;
    let out = (random() < 0.5 ? Math.floor(room / stride) : Math.ceil(room / stride)) + 1;
    if ((out - 1) * stride >= size + before) out--;
    return { k, stride, dilation, before, after, size, out };
  };
  const [y, x] = [axis(), axis()];
  return {
    planes: between(random, 0, 3),
    h: y.size,
    w: x.size,
    oh: y.out,
    ow: x.out,
    kh: y.k,
    kw: x.k,
    strideH: y.stride,
    strideW: x.stride,
    padTop: y.before,
    padLeft: x.before,
    padBottom: y.after,
    padRight: x.after,
    dilationH: y.dilation,
    dilationW: x.dilation,
    countIncludePad: between(random, 0, 1),
    divisor: random() < 0.2 ? between(random, 1, 5) : 0,
  };
}

const lenet: Pool = {
  ...{ planes: 3, h: 6, w: 8, oh: 3, ow: 4, kh: 2, kw: 2, strideH: 2, strideW: 2, padTop: 0, padLeft: 0 },
  ...{ padBottom: 0, padRight: 0, dilationH: 1, dilationW: 1, countIncludePad: 1, divisor: 0 },
};

describe.each(floats)('pooling, $type', ({ Array: Type }) => {
  const random = generator(6);

  function checkMax(pool: Pool): void {
    const d = descriptor('PoolDesc', { ...pool });
    const size = pool.h * pool.w;
    const count = pool.planes * pool.oh * pool.ow;
    // few distinct values, so that there are ties; some NaN, some windows of -Infinity only
    const pick = () => (random() < 0.05 ? NaN : random() < 0.3 ? -Infinity : between(random, -3, 3));
    const x = new Type(pool.planes * size).map(pick);
    const g = randomFloats(Type, count, random);
    const [y, gathered] = [new Type(count), new Type(count)];
    const index = new Int32Array(count);
    kernels.maxPool2d(d, x, y, index);
    const image = new Type(x.length).fill(NaN);
    kernels.maxPool2dBackward(d, g, index, image);
    kernels.maxPool2dGather(d, x, index, gathered);
    const gx = new Float64Array(x.length);
    for (const window of windows(pool)) {
      const value = (i: number) => x[window.plane * size + i];
      const lastNaN = window.inside.findLast((i) => Number.isNaN(value(i)));
      const best = lastNaN ?? window.inside.reduce((a, b) => (value(b) > value(a) ? b : a), window.inside[0] ?? 0);
      const largest = window.inside.length > 0 ? value(best) : -Infinity;
      expect([y[window.y], index[window.y], gathered[window.y]]).toEqual([largest, best, value(best)]);
      gx[window.plane * size + best] += g[window.y];
    }
    expectClose(image, gx);
  }

  function checkAverage(pool: Pool): void {
    const d = descriptor('PoolDesc', { ...pool });
    const size = pool.h * pool.w;
    const count = pool.planes * pool.oh * pool.ow;
    const x = randomFloats(Type, pool.planes * size, random);
    const g = randomFloats(Type, count, random);
    const [y, image] = [new Type(count).fill(NaN), new Type(x.length).fill(NaN)];
    kernels.avgPool2d(d, x, y);
    kernels.avgPool2dBackward(d, g, image);
    const expected = new Float64Array(count);
    const gx = new Float64Array(x.length);
    for (const window of windows(pool)) {
      const divisor = pool.divisor || (pool.countIncludePad ? window.padded : window.inside.length);
      for (const i of window.inside) {
        expected[window.y] += x[window.plane * size + i] / divisor;
        gx[window.plane * size + i] += g[window.y] / divisor;
      }
    }
    expectClose(y, expected);
    expectClose(image, gx);
  }

  it('2×2 with stride 2', () => {
    for (const pool of [lenet, { ...lenet, h: 7, w: 9 }, { ...lenet, divisor: 3 }]) {
      checkMax(pool);
      checkAverage(pool);
    }
  });

  it('max pooling: random configurations', () => {
    for (let i = 0; i < 150; i++) checkMax(randomPool(random, 2));
  });

  it('average pooling: random configurations', () => {
    for (let i = 0; i < 150; i++) checkAverage(randomPool(random, 1));
  });

  it('average pooling: a window that lies in the padding is 0', () => {
    checkAverage({ ...lenet, h: 2, w: 2, padTop: 2, padLeft: 2, oh: 2, ow: 2 });
  });
});
