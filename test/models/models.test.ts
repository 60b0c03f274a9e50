import { describe, expect, it } from 'vitest';
import {
  corr2d,
  corr2dMultiIn,
  corr2dMultiInOut,
  manualSeed,
  models,
  nn,
  pool2d,
  rand,
  randn,
  receptiveField,
  summary,
  type Tensor,
  tensor,
} from '../../src/index.ts';

const close = (a: Tensor, b: Tensor) => a.sub(b).abs().max().item();

describe('lenet', () => {
  it.each([
    [undefined, ['Sigmoid', 'AvgPool2d']],
    [{ activation: 'relu', pool: 'max' }, ['ReLU', 'MaxPool2d']],
    [{ activation: 'tanh' }, ['Tanh', 'AvgPool2d']],
  ] as const)('%j has the course’s layers', (options, [activation, pool]) => {
    const types = [...models.lenet(options)].map((layer) => layer.constructor.name);
    expect(types).toEqual(
      ['Conv2d', activation, pool, 'Conv2d', activation, pool, 'Flatten'].concat(
        ['Linear', activation, 'Linear', activation, 'Linear'], // prettier-ignore
      ),
    );
  });

  it('starts Xavier-uniform, with relu PyTorch’s default', () => {
    manualSeed(0);
    const largest = (layer: nn.Module) => (layer as nn.Linear).weight.abs().max().item();
    const sigmoid = models.lenet();
    expect(largest(sigmoid[7])).toBeLessThanOrEqual(Math.sqrt(6 / (400 + 120)));
    expect(largest(sigmoid[7])).toBeGreaterThan(0.99 * Math.sqrt(6 / (400 + 120)));
    const relu = models.lenet({ activation: 'relu' });
    expect(largest(relu[7])).toBeLessThanOrEqual(1 / Math.sqrt(400));
    expect(largest(relu[7])).toBeGreaterThan(0.99 / Math.sqrt(400));
  });

  it('takes another number of classes and refuses what it does not know', () => {
    expect(models.lenet({ classes: 3 }).forward(rand(2, 1, 28, 28)).shape).toEqual([2, 3]);
    expect(() => models.lenet({ activation: 'gelu' as never })).toThrow(
      'lenet: activation expected "sigmoid" or "relu" or "tanh", got "gelu"',
    );
    expect(() => models.lenet({ pooling: 'max' } as never)).toThrow('lenet: unknown option "pooling"');
    expect(() => models.lenet({ classes: 0 })).toThrow('lenet: classes expected an integer >= 1, got 0');
  });
});

describe('summary', () => {
  it('lists LeNet’s shapes as the course does', () => {
    const model = models.lenet();
    const { rows, parameters } = summary(model, [1, 1, 28, 28]);
    expect(rows.map(({ outputShape }) => outputShape.join())).toEqual([
      '1,6,28,28',
      '1,6,28,28',
      '1,6,14,14',
      '1,16,10,10',
      '1,16,10,10',
      '1,16,5,5',
      '1,400',
      '1,120',
      '1,120',
      '1,84',
      '1,84',
      '1,10',
    ]);
    expect(rows.map((row) => row.parameters)).toEqual([156, 0, 0, 2416, 0, 0, 0, 48120, 0, 10164, 0, 850]);
    expect(parameters).toBe(61706);
    const text = String(summary(model, [1, 1, 28, 28])).split('\n');
    expect(text[0]).toBe('layer  type       output shape     parameters');
    expect(text[1]).toBe('0      Conv2d     [1, 6, 28, 28]          156');
    expect(text.at(-1)).toBe('61,706 parameters');
  });

  it('leaves mode, generator and gradients alone, and counts a shared layer once', () => {
    const shared = new nn.Linear(4, 4);
    const model = new nn.Sequential(shared, new nn.ReLU(), shared);
    manualSeed(2);
    const expected = rand(1).item();
    manualSeed(2);
    const { rows, parameters } = summary(model, [1, 4]);
    expect(rand(1).item()).toBe(expected);
    expect([rows.map((row) => row.parameters), parameters]).toEqual([[20, 0, 0], 20]);
    expect(model.training).toBe(true);
    expect(() => summary(model, [1, 3])).toThrow('linear');
    expect(model.training).toBe(true);
    expect(summary(model, [1, 4]).rows).toHaveLength(3);
  });
});

/** Rows and columns of the input that element (row, column) of the output depends on, by the gradient. */
function seen(model: nn.Module, shape: number[], row: number, column: number): number[][] {
  manualSeed(3);
  const x = randn(shape);
  x.requiresGrad = true;
  const y = model.forward(x);
  y.narrow(2, row, 1).narrow(3, column, 1).sum().backward();
  const touched = (x.grad as Tensor).abs().sum([0, 1]);
  return [1, 0].map((dim) => (touched.sum(dim).toArray() as number[]).flatMap((v, i) => (v > 0 ? [i] : [])));
}

describe('receptiveField', () => {
  const stacks: [string, () => nn.Sequential][] = [
    ['one 3×3', () => new nn.Sequential(new nn.Conv2d(1, 2, 3))],
    ['two 3×3', () => new nn.Sequential(new nn.Conv2d(1, 2, 3), new nn.Sigmoid(), new nn.Conv2d(2, 2, 3))],
    [
      'strides, dilation, padding, both poolings',
      () =>
        new nn.Sequential(
          new nn.Conv2d(1, 3, [3, 5], { stride: [2, 1], padding: [1, 0] }),
          new nn.Tanh(),
          new nn.AvgPool2d(2),
          new nn.Conv2d(3, 2, 2, { dilation: [2, 1], padding: 'same' }),
        ),
    ],
    [
      'same_lower',
      () =>
        new nn.Sequential(
          new nn.Conv2d(1, 1, 4, { padding: 'same_lower' }),
          new nn.AvgPool2d(3, { stride: 1, padding: 1 }),
        ),
    ],
  ];
  it.each(stacks)('agrees with where the gradient is not zero: %s', (_name, build) => {
    const model = build();
    const shape = [1, 1, 24, 25];
    const field = receptiveField(model, shape).at(-1)!;
    const [, , rows, columns] = model.forward(rand(shape)).shape;
    for (const [i, j] of [
      [0, 0],
      [2, 3],
      [rows - 1, columns - 1],
    ]) {
      const expected = [i, j].map((k, axis) => {
        const first = field.offset[axis] + k * field.stride[axis];
        const all = Array.from({ length: field.size[axis] }, (_, n) => first + n);
        return all.filter((p) => p >= 0 && p < shape[2 + axis]);
      });
      const touched = seen(model, shape, i, j);
      for (const axis of [0, 1]) for (const p of touched[axis]) expect(expected[axis]).toContain(p);
      // near the border a part of the field may be reached through padding only; elsewhere its ends are seen
      if (i === 2)
        expect(touched.map((list) => [list[0], list.at(-1)])).toEqual(expected.map((list) => [list[0], list.at(-1)]));
    }
  });

  it('gives LeNet’s', () => {
    const rows = receptiveField(models.lenet(), [1, 1, 28, 28]);
    expect(rows.map(({ type, size, stride, offset }) => `${type} ${size[0]} ${stride[0]} ${offset[0]}`)).toEqual([
      'Conv2d 5 1 -2',
      'Sigmoid 5 1 -2',
      'AvgPool2d 6 2 -2',
      'Conv2d 14 2 -2',
      'Sigmoid 14 2 -2',
      'AvgPool2d 16 4 -2',
      'Flatten 32 0 -2',
      'Linear 32 0 -2',
      'Sigmoid 32 0 -2',
      'Linear 32 0 -2',
      'Sigmoid 32 0 -2',
      'Linear 32 0 -2',
    ]);
  });

  it('joins branches', () => {
    class Residual extends nn.Module {
      a = new nn.Conv2d(1, 1, 3, { padding: 1 });
      b = new nn.Conv2d(1, 1, 3, { padding: 1 });
      override forward(x: Tensor): Tensor {
        return x.add(this.b.forward(this.a.forward(x).relu()));
      }
    }
    const rows = receptiveField(new nn.Sequential(new Residual(), new nn.MaxPool2d(2)), [1, 1, 8, 8]);
    expect(rows.at(-1)).toMatchObject({ name: '1', size: [6, 6], stride: [2, 2], offset: [-2, -2] });
  });

  it('names what it has no rule for', () => {
    class Rolled extends nn.Module {
      conv = new nn.Conv2d(1, 1, 1);
      override forward(x: Tensor): Tensor {
        return this.conv.forward(x.flip([2]));
      }
    }
    expect(() => receptiveField(new Rolled(), [1, 1, 8, 8])).toThrow(
      'receptiveField: the input of layer "conv" (Conv2d) comes from op ',
    );
    expect(() => receptiveField(models.lenet(), [28, 28])).toThrow(
      'receptiveField: inputShape expected 4 sizes, got [28, 28]',
    );
  });
});

describe('by hand', () => {
  const x = tensor([
    [0, 1, 2],
    [3, 4, 5],
    [6, 7, 8],
  ]);
  const k = tensor([
    [0, 1],
    [2, 3],
  ]);

  it('agrees with the layers', () => {
    manualSeed(1);
    const images = rand(3, 7, 6);
    const kernels = rand(4, 3, 2, 3);
    const expected = nn.functional.conv2d(images.unsqueeze(0), kernels).squeeze(0);
    expect(close(corr2dMultiInOut(images, kernels), expected)).toBeLessThan(1e-5);
    expect(close(corr2dMultiIn(images, kernels.select(0, 0)), expected.select(0, 0))).toBeLessThan(1e-5);
    const plane = images.select(0, 0);
    expect(
      close(
        pool2d(plane, [2, 3]),
        nn.functional.maxPool2d(plane.reshape(1, 1, 7, 6), [2, 3], { stride: 1 }).reshape(6, 4),
      ),
    ).toBe(0);
    expect(
      close(
        pool2d(plane, 2, 'avg'),
        nn.functional.avgPool2d(plane.reshape(1, 1, 7, 6), 2, { stride: 1 }).reshape(6, 5),
      ),
    ).toBeLessThan(1e-6);
  });

  it('refuses what does not fit', () => {
    expect(() => corr2d(k, x)).toThrow('corr2d: a window of [3, 3] does not fit into an input of [2, 2]');
    expect(() => corr2d(x.reshape(9), k)).toThrow('corr2d: x expected a tensor with 2 axes, got Tensor of shape [9]');
    expect(() => corr2dMultiIn(rand(2, 3, 3), rand(1, 2, 2))).toThrow('corr2dMultiIn: k expected 2 channels as x');
    expect(() => pool2d(x, 2, 'mean' as never)).toThrow('pool2d: mode expected "max" or "avg", got "mean"');
  });
});
