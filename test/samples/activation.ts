/** Activations of nn.functional. */
import { type ErrorCase, floats, notATensor, type OpRecord, type Sample } from './record.ts';

const error = (args: ErrorCase['args'], message: string): ErrorCase => ({ args, message });
const notFloat = (name: string, ...rest: unknown[]): ErrorCase =>
  error((make) => [make.index([2], 3), ...rest], `${name}: input expected float32 or float64, got int32`);
const unknown = (name: string, known: string): ErrorCase =>
  error((make) => [make.t([2]), { inplace: true }], `${name}: unknown option "inplace"; known options are ${known}`);

interface Kink {
  apart?: number;
  grid?: number;
  low?: number;
  high?: number;
}

/** A function of each element, tried with each set of options; `known` are its options' names. */
const activation = (
  name: string,
  range: Kink = {},
  options: readonly object[] = [],
  known?: string,
  more: readonly ErrorCase[] = [],
): OpRecord => ({
  name,
  samples: (make) => [
    [make.t([2, 3], range)],
    [make.t([1], range)],
    [make.t([], range)],
    [make.t([0])],
    ...options.map((option): Sample => [make.t([2, 3], range), option]),
  ],
  large: (make) => [[make.t([37, 53], { low: -30, high: 30, ...range })]],
  dtypes: floats,
  errors: [notATensor(name, 'input'), notFloat(name), ...(known ? [unknown(name, known)] : []), ...more],
});

const kink = { apart: 0.1 };

export const activations: readonly OpRecord[] = [
  activation('leakyRelu', kink, [{ negativeSlope: 0.2 }], 'negativeSlope'),
  activation('elu', kink, [{ alpha: 2 }], 'alpha'),
  activation('celu', kink, [{ alpha: 2 }], 'alpha', [
    error((make) => [make.t([2]), { alpha: 0 }], 'celu: alpha expected a number other than 0, got 0'),
  ]),
  activation('selu', kink),
  activation('gelu', {}, [{ approximate: 'tanh' }], 'approximate', [
    error((make) => [make.t([2]), { approximate: 'erf' }], 'gelu: approximate expected "none" or "tanh", got "erf"'),
  ]),
  activation('silu'),
  activation('mish'),
  activation('hardtanh', { apart: 0.1, grid: 0.5 }, [{ minVal: -0.5, maxVal: 0.5 }], 'minVal, maxVal'),
  activation('relu6', { apart: 0.1, grid: 6, low: -3, high: 9 }),
  activation('hardsigmoid', { apart: 0.1, grid: 3, low: -5, high: 5 }),
  activation('hardswish', { apart: 0.1, grid: 3, low: -5, high: 5 }),
  activation('softplus', {}, [{ beta: 2 }, { beta: 3, threshold: 0.3 }], 'beta, threshold', [
    error((make) => [make.t([2]), { beta: 0 }], 'softplus: beta expected a number other than 0, got 0'),
  ]),
  activation('softsign', kink),
  activation('logsigmoid', kink),
  activation('tanhshrink'),
  activation('softshrink', { apart: 0.1, grid: 0.5 }, [{ lambd: 1 }], 'lambd'),
  activation('hardshrink', { apart: 0.1, grid: 0.5 }, [{ lambd: 1 }], 'lambd'),
  {
    ...activation('threshold'),
    samples: (make) => [
      [make.t([2, 3], kink), 0, -7],
      [make.t([1], kink), 0.05, 20],
      [make.t([0]), 0, 0],
    ],
    large: undefined,
    dtypes: ['float32', 'float64', 'int32', 'uint8', 'bool'],
    errors: [
      notATensor('threshold', 'input', 0, 0),
      error((make) => [make.t([2]), 'low', 0], 'threshold: threshold expected a number, got "low"'),
    ],
  },
  {
    ...activation('prelu'),
    samples: (make) => [
      [make.t([2, 3], kink), make.t([3])],
      [make.t([2, 3, 2], kink), make.t([1])],
      [make.t([4], kink), make.t([1])],
      [make.t([0, 2]), make.t([2])],
    ],
    large: undefined,
    errors: [
      notATensor('prelu', 'input'),
      notFloat('prelu'),
      error((make) => [make.t([2, 3]), make.t([2])], 'prelu: weight expected shape [1] or [3], got [2]'),
    ],
  },
  {
    ...activation('glu'),
    samples: (make) => [[make.t([2, 4])], [make.t([2, 3]), { dim: 0 }], [make.t([2])], [make.t([0, 2])]],
    large: undefined,
    errors: [
      notATensor('glu', 'input'),
      notFloat('glu'),
      error((make) => [make.t([2, 3])], 'glu: input expected an even size along axis -1, got 3'),
      error((make) => [make.t([])], 'glu: input expected at least 1 axis, got []'),
    ],
  },
  {
    ...activation('softmin'),
    samples: (make) => [
      [make.t([2, 3]), 0],
      [make.t([2, 3]), -1],
      [make.t([1]), 0],
      [make.t([0, 3]), 1],
      [make.t([3]), 0, { dtype: 'float64' }],
    ],
    large: (make) => [[make.t([37, 53]), 1]],
    dtypes: ['float32', 'float64', 'int32', 'uint8'],
    errors: [
      notATensor('softmin', 'input', 0),
      error((make) => [make.t([2]), 1], 'softmin: dim expected an integer in [-1, 0], got 1'),
    ],
  },
  ...['dropout', 'dropout1d', 'dropout2d', 'dropout3d', 'alphaDropout', 'featureAlphaDropout'].map((name): OpRecord => {
    const shape = { dropout1d: [2, 2, 2], dropout2d: [2, 2, 1, 2], dropout3d: [1, 2, 1, 2, 2] }[name] ?? [2, 3];
    return {
      name,
      // with nothing dropped; test/ops/random.test.ts sees to the rest
      samples: (make) => [
        [make.t(shape), { training: false }],
        [make.t(shape), { p: 0, training: true }],
        [make.t(shape.map((size, i) => (i === 0 ? 0 : size))), { training: true }],
      ],
      dtypes: floats,
      precision: 'exact',
      errors: [
        notATensor(name, 'input'),
        notFloat(name),
        error((make) => [make.t(shape), { p: 1.5 }], `${name}: p expected a number in [0, 1], got 1.5`),
        error(
          (make) => [make.t(shape), { rate: 0.5 }],
          `${name}: unknown option "rate"; known options are p, training`,
        ),
      ],
    };
  }),
];
