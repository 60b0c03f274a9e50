/** Elementwise ops made of others. */
import { all, type ErrorCase, floats, notATensor, numbers, type OpRecord } from './record.ts';

const error = (args: ErrorCase['args'], message: string): ErrorCase => ({ args, message });
const notFloat = (name: string, ...rest: unknown[]): ErrorCase =>
  error((make) => [make.index([2], 3), ...rest], `${name}: input expected float32 or float64, got int32`);

const unary = (name: string, range: object = {}, rest: Partial<OpRecord> = {}): OpRecord => ({
  name,
  samples: (make) => [[make.t([2, 3], range)], [make.t([1], range)], [make.t([], range)], [make.t([0])]],
  large: (make) => [[make.t([37, 53], range)]],
  dtypes: all,
  errors: [notATensor(name, 'input')],
  ...rest,
});

/** Three tensors and a factor: addcmul, addcdiv. */
const addc = (name: string, range: object = {}): OpRecord => ({
  name,
  samples: (make) => [
    [make.t([2, 3]), make.t([3]), make.t([2, 1], range)],
    [make.t([1]), make.t([1]), make.t([1], range), { value: 0.5 }],
    [make.t([0]), make.t([0]), make.t([1], range)],
  ],
  dtypes: all,
  errors: [
    notATensor(name, 'input', 0, 0),
    error((make) => [make.t([2]), 1, make.t([2])], `${name}: tensor1 expected a Tensor, got number 1`),
    error(
      (make) => [make.t([2]), make.t([2]), make.t([2]), { alpha: 1 }],
      `${name}: unknown option "alpha"; known options are value`,
    ),
  ],
});

export const composed: readonly OpRecord[] = [
  unary('acosh', { low: 1.2, high: 4 }),
  unary('asinh'),
  unary('atanh', { low: -0.9, high: 0.9 }),
  unary('erfc'),
  unary('exp2'),
  unary('frac', { apart: 0.1, grid: 1 }, { dtypes: floats }),
  unary('positive', {}, { precision: 'exact', dtypes: numbers }),
  {
    ...unary('logit', { low: 0.1, high: 0.9 }),
    samples: (make) => [
      [make.t([2, 3], { low: 0.1, high: 0.9 })],
      [make.t([1], { low: 0.3, high: 0.7 }), { eps: 0.2 }],
      [make.t([0])],
    ],
    dtypes: floats,
    errors: [notATensor('logit', 'input'), notFloat('logit')],
  },
  {
    ...unary('nanToNum'),
    samples: (make) => [[make.t([2, 3])], [make.t([1]), { nan: 1, posinf: 2, neginf: 3 }], [make.t([0])]],
    precision: 'exact',
    errors: [
      notATensor('nanToNum', 'input'),
      error(
        (make) => [make.t([2]), { inf: 1 }],
        'nanToNum: unknown option "inf"; known options are nan, posinf, neginf',
      ),
    ],
  },
  {
    name: 'hypot',
    samples: (make) => [
      [make.t([2, 3], { apart: 0.2 }), make.t([3], { apart: 0.2 })],
      [make.t([1], { apart: 0.2 }), make.t([1], { apart: 0.2 })],
      [make.t([0]), make.t([0])],
    ],
    dtypes: floats,
    errors: [notATensor('hypot', 'input', 0), notFloat('hypot', 0)],
  },
  ...['fmax', 'fmin'].map(
    (name): OpRecord => ({
      name,
      samples: (make) => [
        [make.t([2, 3]), make.t([3])],
        [make.t([1]), 0.1],
        [make.t([0]), make.t([1])],
      ],
      dtypes: all,
      precision: 'exact',
      errors: [notATensor(name, 'input', 0)],
    }),
  ),
  {
    name: 'lerp',
    samples: (make) => [
      [make.t([2, 3]), make.t([3]), 0.25],
      [make.t([2, 3]), make.t([2, 3]), 0.75],
      [make.t([2]), make.t([2]), make.t([2], { low: 0.6, high: 2 })],
      [make.t([1]), make.t([1]), make.t([], { low: -0.4, high: 0.4 })],
      [make.t([0]), make.t([0]), 0.5],
    ],
    dtypes: floats,
    errors: [
      notATensor('lerp', 'input', 0, 0),
      error((make) => [make.t([2]), 1, 0], 'lerp: end expected a Tensor, got number 1'),
    ],
  },
  addc('addcmul'),
  addc('addcdiv', { low: 0.5, high: 2 }),
  {
    name: 'maskedFill',
    samples: (make) => [
      [make.t([2, 3]), make.mask([2, 3]), 1],
      [make.t([2, 3]), make.mask([3]), make.t([])],
      [make.t([3]), make.mask([2, 1]), 0],
      [make.t([1]), make.mask([1]), 1],
      [make.t([0]), make.mask([0]), 1],
    ],
    dtypes: all,
    precision: 'exact',
    errors: [
      notATensor('maskedFill', 'input', 0, 0),
      error((make) => [make.t([2]), make.index([2], 2), 0], 'maskedFill: mask expected dtype bool, got "int32"'),
      error(
        (make) => [make.index([2], 3), make.mask([2]), 0.5],
        'maskedFill: value expected one that int32 can hold, got 0.5',
      ),
      error(
        (make) => [make.t([2]), make.mask([2]), make.t([2])],
        'maskedFill: value expected a number or a 0-d tensor, got Tensor of shape [2]',
      ),
    ],
  },
  {
    name: 'maskedSelect',
    samples: (make) => [
      [make.t([2, 3]), make.mask([2, 3])],
      [make.t([2, 3]), make.mask([3])],
      [make.t([1]), make.mask([1])],
      [make.t([0]), make.mask([0])],
    ],
    dtypes: all,
    precision: 'exact',
    errors: [
      error((make) => [make.t([2]), make.index([2], 2)], 'maskedSelect: mask expected dtype bool, got "int32"'),
      error(
        (make) => [make.t([2]), make.mask([3])],
        'maskedSelect: shapes [2] and [3] do not broadcast: sizes 2 and 3 at axis -1',
      ),
    ],
  },
  {
    name: 'isclose',
    samples: (make) => [
      [make.t([2, 3]), make.t([3])],
      [make.t([1]), make.t([1]), { rtol: 1, atol: 1, equalNan: true }],
      [make.t([0]), make.t([0])],
    ],
    dtypes: all,
    differentiable: false,
    precision: 'exact',
    errors: [
      error(
        (make) => [make.t([2]), make.index([2], 3)],
        "isclose: other expected the input's dtype float32, got int32",
      ),
      error(
        (make) => [make.t([2]), make.t([2]), { rtol: -1 }],
        'isclose: rtol expected a number in [0, Infinity], got -1',
      ),
    ],
  },
  unary('double', {}, { precision: 'exact', errors: [] }),
];
