import { describe, expect, it } from 'vitest';
import { empty, manualSeed, nn, type Tensor, zeros } from '../../src/index.ts';

const { init } = nn;

function moments(t: Tensor): { mean: number; std: number; low: number; high: number } {
  const values = Array.from(t.toTypedArray());
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const std = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
  return { mean, std, low: Math.min(...values), high: Math.max(...values) };
}

const weights = () => zeros([40, 20, 5, 5]);
const [fanIn, fanOut] = [20 * 25, 40 * 25];

describe('random initialisers', () => {
  it.each<[string, (t: Tensor) => Tensor, number]>([
    ['uniform_', (t) => init.uniform_(t), 1 / Math.sqrt(12)],
    ['uniform_ a b', (t) => init.uniform_(t, { a: -3, b: 1 }), 4 / Math.sqrt(12)],
    ['normal_', (t) => init.normal_(t, { mean: 2, std: 0.5 }), 0.5],
    ['xavierUniform_', (t) => init.xavierUniform_(t), Math.sqrt(2 / (fanIn + fanOut))],
    ['xavierNormal_', (t) => init.xavierNormal_(t, { gain: 3 }), 3 * Math.sqrt(2 / (fanIn + fanOut))],
    ['kaimingUniform_', (t) => init.kaimingUniform_(t), Math.sqrt(2 / fanIn)],
    [
      'kaimingNormal_',
      (t) => init.kaimingNormal_(t, { mode: 'fan_out', nonlinearity: 'tanh' }),
      5 / 3 / Math.sqrt(fanOut),
    ],
    ['truncNormal_', (t) => init.truncNormal_(t), 0.879626],
  ])('%s has its standard deviation', (_, fill, std) => {
    manualSeed(1);
    const t = weights();
    expect(fill(t)).toBe(t);
    expect(Math.abs(moments(t).std / std - 1)).toBeLessThan(0.02);
  });

  it('stays within bounds', () => {
    manualSeed(2);
    const bound = Math.sqrt(6 / (fanIn + fanOut));
    const xavier = moments(init.xavierUniform_(weights()));
    expect(xavier.high).toBeLessThanOrEqual(bound);
    expect(xavier.low).toBeGreaterThanOrEqual(-bound);
    expect(xavier.high).toBeGreaterThan(0.99 * bound);
    const cut = moments(init.truncNormal_(weights(), { mean: 1, std: 2, a: 0, b: 1.5 }));
    expect(cut.low).toBeGreaterThanOrEqual(0);
    expect(cut.high).toBeLessThanOrEqual(1.5);
    // of a normal distribution cut at ±z: -φ/Φ differences, computed once
    expect(cut.mean).toBeCloseTo(0.7612, 2);
  });

  it('repeats itself for a seed, and is not recorded', () => {
    const make = () => {
      manualSeed(3);
      return new nn.Conv2d(3, 4, 3);
    };
    expect(make().weight.toArray()).toEqual(make().weight.toArray());
    const p = new nn.Parameter(zeros([3, 3]));
    init.normal_(p);
    expect(p.isLeaf).toBe(true);
    expect(p.requiresGrad).toBe(true);
  });

  it('gives layers PyTorch’s default', () => {
    manualSeed(4);
    const layer = new nn.Linear(100, 50);
    for (const t of [layer.weight, layer.bias as Tensor]) {
      expect(moments(t).high).toBeLessThanOrEqual(0.1);
      expect(moments(t).high).toBeGreaterThan(0.09);
    }
    const transposed = moments(new nn.ConvTranspose2d(8, 6, 3, { groups: 2 }).weight);
    const bound = 1 / Math.sqrt(3 * 9);
    expect(transposed.high).toBeLessThanOrEqual(bound);
    expect(transposed.high).toBeGreaterThan(0.95 * bound);
  });
});

describe('orthogonal_', () => {
  it.each([[[4, 9]], [[9, 4]], [[5, 5]], [[3, 2, 2, 2]]])('%j', (shape) => {
    const t = init.orthogonal_(empty(shape, { dtype: 'float64' }), { gain: 2 });
    const m = t.reshape(shape[0], -1);
    const product = shape[0] <= m.shape[1] ? m.matmul(m.t()) : m.t().matmul(m);
    const expected = zeros(product.shape, { dtype: 'float64' });
    init.eye_(expected);
    expect(product.div(4).sub(expected).abs().max().item()).toBeLessThan(1e-12);
  });
});

describe('fixed initialisers', () => {
  it('constant_, zeros_, ones_, eye_, dirac_', () => {
    expect(init.constant_(empty([2]), 3).toArray()).toEqual([3, 3]);
    expect(init.zeros_(empty([2])).toArray()).toEqual([0, 0]);
    expect(init.ones_(empty([2])).toArray()).toEqual([1, 1]);
    expect(init.eye_(empty([2, 3])).toArray()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    const conv = new nn.Conv2d(4, 4, 3, { padding: 1, groups: 2, bias: false });
    init.dirac_(conv.weight, { groups: 2 });
    const x = init.uniform_(empty([1, 4, 5, 5]));
    expect(conv.forward(x).toArray()).toEqual(x.toArray());
  });

  it('calculateGain', () => {
    const gains = (['linear', 'conv2d', 'sigmoid', 'tanh', 'relu', 'selu'] as const).map((n) => init.calculateGain(n));
    expect(gains).toEqual([1, 1, 1, 5 / 3, Math.SQRT2, 0.75]);
    expect(init.calculateGain('leaky_relu')).toBeCloseTo(Math.sqrt(2 / 1.0001), 12);
    expect(init.calculateGain('leaky_relu', Math.sqrt(5))).toBeCloseTo(Math.sqrt(1 / 3), 12);
  });

  it('says what is wrong', () => {
    expect(() => init.xavierUniform_(zeros([3]))).toThrow(
      'xavierUniform_: tensor expected a tensor with at least 2 axes, got [3]',
    );
    expect(() => init.kaimingNormal_(zeros([3, 3]), { mode: 'fan' as never })).toThrow('kaimingNormal_: mode expected');
    expect(() => init.normal_(zeros([3]), { sd: 1 } as never)).toThrow('normal_: unknown option "sd"');
    expect(() => init.normal_(zeros([3], { dtype: 'int32' }))).toThrow('normal_: tensor expected float32 or float64');
    expect(() => init.dirac_(zeros([3, 3]))).toThrow('dirac_: tensor expected a tensor with 3, 4 or 5 axes');
    expect(() => init.eye_(zeros([3]))).toThrow('eye_: tensor expected a tensor with 2 axes, got [3]');
    expect(() => init.calculateGain('swish' as never)).toThrow('calculateGain: nonlinearity expected');
  });
});
