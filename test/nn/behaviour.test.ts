import { describe, expect, it } from 'vitest';
import { manualSeed, nn, ones, type Tensor, tensor, zeros } from '../../src/index.ts';

describe('dropout layers', () => {
  it('work in training only', () => {
    manualSeed(5);
    const layer = new nn.Dropout(0.25);
    const x = ones([4000]);
    const y = layer.forward(x).toTypedArray();
    const dropped = y.filter((v) => v === 0).length;
    expect(Math.abs(dropped / 4000 - 0.25)).toBeLessThan(0.03);
    expect(y.every((v) => v === 0 || Math.abs(v - 4 / 3) < 1e-6)).toBe(true);
    expect(layer.eval().forward(x)).toBe(x);
  });

  it('drop whole channels', () => {
    manualSeed(6);
    const y = new nn.Dropout2d().forward(ones([20, 10, 3, 3]));
    const sums = y.sum([2, 3]).toTypedArray();
    expect(sums.every((v) => v === 0 || v === 18)).toBe(true);
    expect(new Set(sums).size).toBe(2);
  });

  it('take p bare or named', () => {
    expect(new nn.Dropout({ p: 0.1 }).p).toBe(0.1);
    expect(() => new nn.Dropout(1.5)).toThrow('Dropout: p expected a number in [0, 1], got 1.5');
    expect(() => new nn.Dropout({ q: 1 } as never)).toThrow('Dropout: unknown option "q"');
  });
});

describe('max pooling with indices', () => {
  it('is undone by MaxUnpool', () => {
    const x = tensor([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
      [9, 10, 11, 12],
      [13, 14, 16, 15],
    ]).reshape(1, 1, 4, 4);
    const { values, indices } = new nn.MaxPool2d(2, { returnIndices: true }).forward(x);
    expect(indices.reshape(-1).toArray()).toEqual([5, 7, 13, 14]);
    const unpool = new nn.MaxUnpool2d(2);
    expect(unpool.forward(values, indices).reshape(4, 4).toArray()).toEqual([
      [0, 0, 0, 0],
      [0, 6, 0, 8],
      [0, 0, 0, 0],
      [0, 14, 16, 0],
    ]);
    expect(unpool.forward(values, indices, { outputSize: [5, 5] }).shape).toEqual([1, 1, 5, 5]);
    expect(String(unpool)).toBe('MaxUnpool2d(kernel_size=(2, 2), stride=(2, 2), padding=(0, 0))');
  });

  it('adaptive', () => {
    const { indices } = new nn.AdaptiveMaxPool1d(2, { returnIndices: true }).forward(tensor([[[1, 5, 2, 7]]]));
    expect(indices.toArray()).toEqual([[[1, 3]]]);
  });
});

describe('padding of convolutions', () => {
  const x = tensor([1, 2, 3, 4]).reshape(1, 1, 1, 4);
  const sum = (padding: nn.ConvLayerOptions['padding'], paddingMode: nn.ConvLayerOptions['paddingMode'] = 'zeros') => {
    const layer = new nn.Conv2d(1, 1, [1, 2], { padding, paddingMode, bias: false });
    nn.init.ones_(layer.weight);
    return layer.forward(x).reshape(-1).toArray();
  };

  it('is on either side for the words and for pairs', () => {
    expect(sum('same')).toEqual([3, 5, 7, 4]);
    expect(sum('same_lower')).toEqual([1, 3, 5, 7]);
    expect(sum('valid')).toEqual([3, 5, 7]);
    expect(
      sum([
        [0, 0],
        [0, 2],
      ]),
    ).toEqual([3, 5, 7, 4, 0]);
    expect(sum('same_lower', 'circular')).toEqual([5, 3, 5, 7]);
    expect(
      sum(
        [
          [0, 0],
          [1, 0],
        ],
        'reflect',
      ),
    ).toEqual([3, 3, 5, 7]);
    expect(sum('same', 'replicate')).toEqual([3, 5, 7, 8]);
  });
});

describe('transposed convolutions', () => {
  it('take the size of the result', () => {
    const layer = new nn.ConvTranspose2d(1, 1, 3, { stride: 2, padding: 1 });
    expect(layer.forward(zeros([1, 1, 3, 3])).shape).toEqual([1, 1, 5, 5]);
    expect(layer.forward(zeros([1, 1, 3, 3]), [6, 5]).shape).toEqual([1, 1, 6, 5]);
    expect(() => layer.forward(zeros([1, 1, 3, 3]), [7, 5])).toThrow(
      'ConvTranspose2d: outputSize expected 5 to 6 on axis 0, got 7',
    );
  });
});

describe('mistakes are found when the layer is made', () => {
  it.each<[() => unknown, string]>([
    [() => new nn.Conv2d(3, 4, 3, { groups: 2 }), 'Conv2d: inChannels expected a multiple of groups 2, got 3'],
    [() => new nn.Conv2d(1, 1, [3, 3, 3] as never), 'Conv2d: kernelSize expected an integer or 2 integers >= 1'],
    [() => new nn.Conv2d(1, 1, 3, { paddingMode: 'mirror' as never }), 'Conv2d: paddingMode expected "zeros" or'],
    [
      () => new nn.Conv2d(1, 1, 3, { padding: 'full' as never }),
      "Conv2d: padding expected 'same', 'same_lower' or 'valid'",
    ],
    [() => new nn.Conv2d(1, 1, 3, { pad: 1 } as never), 'Conv2d: unknown option "pad"'],
    [() => new nn.Linear(2.5, 1), 'Linear: inFeatures expected an integer >= 0, got 2.5'],
    [() => new nn.ReLU({ inplace: true } as never), 'ReLU: unknown option "inplace"; it has no options'],
    [() => new nn.MaxPool2d(0), 'MaxPool2d: kernelSize expected an integer'],
    [() => new nn.AvgPool1d(2, { divisorOverride: 2 } as never), 'AvgPool1d: unknown option "divisorOverride"'],
    [() => new nn.Softmax(undefined as never), 'Softmax: dim expected an integer, got undefined'],
    [() => new nn.GroupNorm(2, 3), 'GroupNorm: numChannels expected a multiple of numGroups 2, got 3'],
    [() => new nn.Upsample({}), 'Upsample: expected either size or scaleFactor'],
    [() => new nn.ReflectionPad2d([1, 2]), 'ReflectionPad2d: padding expected an integer or 4 integers, got [1, 2]'],
    [() => new nn.CrossEntropyLoss({ reduction: 'avg' as never }), 'CrossEntropyLoss: reduction expected'],
    [
      () => new nn.CrossEntropyLoss({ weight: [1, 2] as never }),
      'CrossEntropyLoss: weight expected a Tensor, got an array',
    ],
    [() => new nn.AdaptiveAvgPool2d([1, 2, 3]), 'AdaptiveAvgPool2d: outputSize expected a size or 2 sizes'],
    [() => new nn.Parameter([1] as never), 'Parameter: data expected a Tensor, got an array'],
  ])('%s', (make, message) => {
    expect(make).toThrow(message);
  });

  it('and the input’s when it is given', () => {
    expect(() => new nn.BatchNorm2d(2).forward(zeros([2, 2]))).toThrow(
      'BatchNorm2d: input expected 4 axes, got [2, 2]',
    );
    expect(() => new nn.InstanceNorm2d(2).forward(ones([1, 3, 2, 2]))).toThrow(
      'InstanceNorm2d: input expected 2 channels',
    );
  });
});

describe('gradient clipping', () => {
  const withGrad = (...values: number[]): Tensor => {
    const p = zeros([values.length], { requiresGrad: true });
    p.grad = tensor(values);
    return p;
  };

  it('clipGradNorm_ scales all gradients together', () => {
    const params = [withGrad(3, 0), withGrad(-4), zeros([1], { requiresGrad: true })];
    expect(nn.utils.clipGradNorm_(params, 1).item()).toBeCloseTo(5, 6);
    expect(params[0].grad?.at(0).item()).toBeCloseTo(0.6, 5);
    expect(params[1].grad?.item()).toBeCloseTo(-0.8, 5);
    expect(nn.utils.clipGradNorm_(params, 2).item()).toBeCloseTo(1, 5);
    expect(params[1].grad?.item()).toBeCloseTo(-0.8, 5);
    expect(nn.utils.clipGradNorm_(withGrad(3, -7), 100, { normType: Infinity }).item()).toBe(7);
    expect(nn.utils.clipGradNorm_([withGrad(3, -7)], 100, { normType: 1 }).item()).toBe(10);
    expect(nn.utils.clipGradNorm_([], 1).item()).toBe(0);
    expect(() => nn.utils.clipGradNorm_([withGrad(Number.NaN)], 1, { errorIfNonfinite: true })).toThrow('finite');
    expect(nn.clipGradNorm_).toBe(nn.utils.clipGradNorm_);
  });

  it('clipGradValue_ limits each element', () => {
    const p = withGrad(3, -0.5, -9);
    nn.utils.clipGradValue_([p], 2);
    expect(p.grad?.toArray()).toEqual([2, -0.5, -2]);
  });
});
