/** Weights that are packed once: the same bits as when they are packed at every call, and never those of an older version. */
import { describe, expect, it } from 'vitest';
import { manualSeed, nn, noGrad, randn, type Tensor } from '../../src/index.ts';
import type { ConvOptions } from '../../src/ops/conv.ts';

const { conv2d, linear } = nn.functional;

/** Results of four calls with a change of the weights before the third; each is compared with a copy's first call. */
function expectSameBits(weights: Tensor, call: (w: Tensor) => Tensor): void {
  for (let i = 0; i < 6; i++) {
    if (i === 3) weights.mul_(-1.5);
    const fresh = call(weights.clone());
    expect(call(weights).toTypedArray(), `call ${i}`).toEqual(fresh.toTypedArray());
  }
}

const convolutions: [name: string, x: number[], w: number[], options?: ConvOptions][] = [
  ['Winograd', [1, 32, 12, 12], [40, 32, 3, 3], { padding: 1 }],
  ['Winograd in groups', [2, 64, 8, 8], [64, 32, 3, 3], { groups: 2, padding: 1 }],
  ['Winograd, 5 taps', [1, 32, 12, 12], [40, 32, 5, 5], { padding: 2 }],
  ['Winograd, stride 2', [1, 3, 24, 24], [40, 3, 7, 7], { stride: 2, padding: 3 }],
  ['Winograd, dilated', [1, 32, 14, 14], [32, 32, 3, 3], { dilation: 2 }],
  ['5x5', [1, 6, 14, 14], [16, 6, 5, 5]],
  ['long sums', [1, 40, 6, 6], [17, 40, 5, 5], { padding: 2 }],
  ['stride 2', [1, 19, 11, 11], [35, 19, 3, 3], { stride: 2, padding: 1 }],
  ['many channels, some images', [3, 19, 4, 5], [70, 19, 3, 3], { stride: 2, padding: 1 }],
  ['many channels in groups', [2, 24, 15, 15], [80, 12, 2, 2], { groups: 2, stride: 3 }],
  ['as large as the image', [2, 16, 5, 5], [40, 16, 5, 5]],
  ['groups', [2, 12, 9, 9], [18, 4, 3, 3], { groups: 3, stride: [1, 2] }],
  ['images in the lanes', [16, 6, 14, 14], [16, 6, 5, 5]],
  ['1x1', [1, 16, 5, 5], [24, 16, 1, 1]],
  ['depthwise', [1, 16, 9, 9], [16, 1, 3, 3], { groups: 16, padding: 1 }],
];

describe('packed weights', () => {
  it.each(convolutions)('conv2d, %s', (_, xShape, wShape, options) => {
    manualSeed(1);
    const x = randn(xShape);
    expectSameBits(randn(wShape), (w) => conv2d(x, w, null, options));
  });

  it.each(convolutions)('gradient of the input of conv2d, %s', (_, xShape, wShape, options) => {
    manualSeed(2);
    const x = randn(xShape, { requiresGrad: true });
    const g = randn(conv2d(x, randn(wShape), null, options).shape);
    expectSameBits(randn(wShape), (w) => {
      x.grad = null;
      conv2d(x, w, null, options).backward(g);
      return x.grad as unknown as Tensor;
    });
  });

  it.each([1, 4, 5, 31, 100])('linear on %i rows', (rows) => {
    manualSeed(3);
    const x = randn([rows, 300]);
    const bias = randn([131]);
    expectSameBits(randn([131, 300]), (w) => linear(x, w, bias));
  });

  it('serves batches of several sizes, weights within a larger tensor, and float64', () => {
    manualSeed(4);
    const both = randn([2, 33, 300]);
    const second = both.select(0, 1);
    for (const rows of [32, 7, 32, 64, 300, 7, 32, 33, 34, 35, 36, 32]) {
      const x = randn([rows, 300]);
      expect(linear(x, second).toTypedArray()).toEqual(linear(x, second.clone()).toTypedArray());
    }
    expectSameBits(both.to('float64').select(0, 0), (w) => linear(randn([9, 300]).to('float64').fill_(0.5), w));
  });

  it('serves images of several sizes', () => {
    manualSeed(6);
    const w = randn([70, 19, 3, 3]);
    for (const size of [28, 28, 28, 4, 4, 4, 28, 7, 7, 7, 14, 14, 14, 4, 28, 7]) {
      const x = randn([1, 19, size, size], { requiresGrad: true });
      const pass = (weights: Tensor) => {
        const y = conv2d(x, weights, null, { stride: 2, padding: 1 });
        x.grad = null;
        y.sum().backward();
        return [y, x.grad as unknown as Tensor].map((t) => t.toTypedArray());
      };
      expect(pass(w), `images of ${size}`).toEqual(pass(w.clone()));
    }
  });

  it('follows an optimizer', () => {
    manualSeed(5);
    const layer = new nn.Conv2d(32, 32, 3, { padding: 1 });
    const x = randn([1, 32, 8, 8]);
    const forward = () => noGrad(() => layer.forward(x)).toTypedArray();
    forward();
    const before = forward();
    layer.forward(x).sum().backward();
    noGrad(() => layer.weight.sub_(layer.weight.grad as Tensor));
    const after = forward();
    expect(after).not.toEqual(before);
    expect(forward()).toEqual(after);
    expect(forward()).toEqual(noGrad(() => conv2d(x, layer.weight.clone(), layer.bias, { padding: 1 })).toTypedArray());
  });
});
