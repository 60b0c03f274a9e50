import { describe, expect, it } from 'vitest';
import { referenceKernels as kernels } from '../../../src/backend/reference/index.ts';
import { philox } from '../../../src/backend/reference/random.ts';
import { expectClose, floats } from '../../helpers/naive.ts';

const start = [0.5, -1.25, 2];
const gradients = [
  [0.3, -0.7, 1.1],
  [-0.2, 0.4, 0.9],
  [0.05, -0.6, -1.3],
];

/** Parameters after three steps of torch.optim (PyTorch 1.13, float64) from `start` with `gradients`. */
const sgd: [string, { lr: number; momentum: number; dampening: number; decay: number; nesterov: number }, number[]][] =
  [
    ['plain', { lr: 0.1, momentum: 0, dampening: 0, decay: 0, nesterov: 0 }, [0.485, -1.16, 1.93]],
    [
      'weight decay',
      { lr: 0.1, momentum: 0, dampening: 0, decay: 0.01, nesterov: 0 },
      [0.4835414695, -1.15635367875, 1.924315888],
    ],
    [
      'momentum, dampening and weight decay',
      { lr: 0.1, momentum: 0.9, dampening: 0.2, decay: 0.05, nesterov: 0 },
      [0.43296248, -1.04271228, 1.62094208],
    ],
    ['nesterov', { lr: 0.1, momentum: 0.9, dampening: 0, decay: 0, nesterov: 1 }, [0.44153, -1.00367, 1.62481]],
  ];

const adam: [
  string,
  { decay?: number; decoupled?: number; maximize?: number; eps?: number; betas?: number[] },
  number[],
][] = [
  ['Adam', {}, [0.43285023633220415, -1.1637189472638776, 1.8938549538072793]],
  ['Adam with weight decay', { decay: 0.1 }, [0.4151770189857318, -1.1481306069035544, 1.885786646161014]],
  [
    'Adam that maximizes',
    { maximize: 1, eps: 1e-3, betas: [0.8, 0.95] },
    [0.5622915296112644, -1.3335104694869033, 2.101505065023774],
  ],
  ['AdamW', { decay: 0.1, decoupled: 1 }, [0.425922553946591, -1.1456143828388412, 1.864750916095415]],
];

describe.each(floats)('optimizer steps, $type', ({ Array: Type }) => {
  it.each(sgd)('SGD: %s', (_, o, expected) => {
    const p = Type.from(start);
    const buffer = new Type(3).fill(NaN); // not read by the first step
    gradients.forEach((g, i) => {
      kernels.sgdStep(3, o.lr, o.momentum, o.dampening, o.decay, o.nesterov, i === 0 ? 1 : 0, Type.from(g), p, buffer);
    });
    expectClose(p, expected);
  });

  it.each(adam)('%s', (_, { decay = 0, decoupled = 0, maximize = 0, eps = 1e-8, betas = [0.9, 0.999] }, expected) => {
    const [p, m, v] = [Type.from(start), new Type(3), new Type(3)];
    gradients.forEach((g, i) => {
      kernels.adamStep(3, 0.05, betas[0], betas[1], eps, decay, decoupled, i + 1, 0, maximize, Type.from(g), p, m, v);
    });
    expectClose(p, expected);
  });

  it('AMSGrad divides by the largest second moment so far', () => {
    const [p, m, v] = [Type.of(1), Type.of(0), Type.of(0, 0)];
    const [lr, b1, b2, eps] = [0.05, 0.9, 0.5, 1e-8];
    let [param, mean, square, bound] = [1, 0, 0, 0];
    [3, 0.1, -0.1, 0.2].forEach((g, i) => {
      kernels.adamStep(1, lr, b1, b2, eps, 0, 0, i + 1, 1, 0, Type.of(g), p, m, v);
      mean = b1 * mean + (1 - b1) * g;
      square = b2 * square + (1 - b2) * g * g;
      bound = Math.max(bound, square);
      param -= ((lr / (1 - b1 ** (i + 1))) * mean) / (Math.sqrt(bound) / Math.sqrt(1 - b2 ** (i + 1)) + eps);
    });
    expect(bound).toBe(4.5);
    expectClose(p, [param]);
    expectClose(v, [square, bound]);
  });
});

describe('Philox4x32-10', () => {
  /** Known answers of the Random123 distribution: counter, key, output. */
  const known: [number[], number[], number[]][] = [
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ];

  it.each(known)('counter %j, key %j', ([c0, c1, c2, c3], [k0, k1], expected) => {
    const out = new Uint32Array(4);
    philox(c0, c1, c2, c3, k0, k1, out);
    expect(Array.from(out)).toEqual(expected);
  });

  it('float32: 24 bits of one word each', () => {
    const y = new Float32Array(8).fill(7);
    kernels.randomUniform(7, 0, 0, 0, y);
    const first = known[0][2].map((word) => (word >>> 8) / 2 ** 24);
    expect(Array.from(y.slice(0, 4))).toEqual(first);
    expect(y[7]).toBe(7);
    const later = new Float32Array(3);
    kernels.randomUniform(3, 0, 0, 1, later);
    expect(later).toEqual(y.slice(4, 7));
  });

  it('float64: 53 bits of two words each', () => {
    const y = new Float64Array(2);
    kernels.randomUniform(2, 0, 0, 0, y);
    const bits = (high: number, low: number) => ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
    expect(Array.from(y)).toEqual([bits(0x6627e8d5, 0xe169c58d), bits(0xbc57ac4c, 0x9b00dbd8)]);
  });

  it('counters pass 32 bits', () => {
    const words = new Uint32Array(4);
    const y = new Float32Array(8);
    kernels.randomUniform(8, 5, 6, 2 ** 32 - 1, y);
    philox(0xffffffff, 0, 0, 0, 5, 6, words);
    expect(Array.from(y.slice(0, 4))).toEqual(Array.from(words, (word) => (word >>> 8) / 2 ** 24));
    philox(0, 1, 0, 0, 5, 6, words);
    expect(Array.from(y.slice(4))).toEqual(Array.from(words, (word) => (word >>> 8) / 2 ** 24));
  });

  it('is uniform', () => {
    const y = new Float32Array(100_000);
    kernels.randomUniform(y.length, 12, 34, 0, y);
    const bins = new Array(10).fill(0);
    for (const v of y) bins[Math.floor(v * 10)]++;
    for (const count of bins) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });
});
