/** Reductions, extremes and their positions. */
import type { Tensor } from '../../src/index.ts';
import type { Make } from './make.ts';
import { all, floats, notATensor, type OpRecord, type Sample } from './record.ts';

interface Reduction extends Partial<OpRecord> {
  /** How the input is made. Default: numbers in [-2, 2). */
  input?: (make: Make, shape: readonly number[]) => Tensor;
  /** What a dim may be beside one axis. Default: several, all. */
  dims?: 'one' | 'several';
  /** Nothing to reduce is an error. */
  refusesEmpty?: boolean;
  extra?: (make: Make) => readonly Sample[];
}

const outside = (name: string): OpRecord['errors'][number] => ({
  args: (make) => [make.t([2, 3]), 2],
  message: `${name}: dim expected an integer in [-2, 1], got 2`,
});

function reduction(name: string, { input, dims, refusesEmpty = false, extra, ...rest }: Reduction = {}): OpRecord {
  const of = input ?? ((make: Make, shape: readonly number[]) => make.t(shape));
  return {
    name,
    samples: (make) => {
      const calls: Sample[] = [
        [of(make, [2, 3])],
        [of(make, [2, 3]), 0],
        [of(make, [2, 3]), -1, { keepdim: true }],
        [of(make, [2, 1, 3]), 1],
        [of(make, [1])],
        [of(make, [])],
        [of(make, [0, 3]), 1],
      ];
      if (dims !== 'one') calls.push([of(make, [2, 2, 3]), [0, 2]], [of(make, [2, 2, 3]), [2, 1], { keepdim: true }]);
      if (!refusesEmpty) calls.push([of(make, [0, 3]), 0], [of(make, [0])]);
      return [...calls, ...(extra?.(make) ?? [])];
    },
    large: (make) => [
      [of(make, [5, 67, 19]), 1],
      [of(make, [5, 67, 19])],
      [of(make, [40, 129]), -1],
      [of(make, [129, 40]), 0],
    ],
    dtypes: all,
    ...rest,
    errors: [
      notATensor(name, 'input'),
      outside(name),
      { args: (make) => [make.t([2]), 0.5], message: `${name}: dim expected an integer in [-1, 0], got 0.5` },
      {
        args: (make) => [make.t([2]), 0, { keepDim: true }],
        message: `${name}: unknown option "keepDim"; known options are keepdim${name === 'sum' || name === 'prod' || name === 'mean' ? ', dtype' : ''}`,
      },
      ...(rest.errors ?? []),
    ],
  };
}

const twice = (name: string): OpRecord['errors'][number] => ({
  args: (make) => [make.t([2, 3]), [0, -2]],
  message: `${name}: dim expected distinct axes, got [0, -2]`,
});
const distinct = (make: Make, shape: readonly number[]): Tensor => make.distinct(shape);
const nothing = (name: string, dim: number): OpRecord['errors'][number] => ({
  args: (make) => [make.t([0, 3]), dim],
  message: `${name}: shape [0, 3] has no elements along dim: it has no ${name}`,
});

export const reduce: readonly OpRecord[] = [
  reduction('sum', {
    extra: (make) => [[make.t([2, 3]), 1, { dtype: 'float64' }]],
    errors: [
      twice('sum'),
      {
        args: (make) => [make.t([2]), 0, { dtype: 'int64' }],
        message: 'sum: dtype expected one of "float32", "float64", "int32", "uint8", "bool", got "int64"',
      },
    ],
  }),
  reduction('mean', {
    dtypes: floats,
    extra: (make) => [[make.t([2, 3]), 1, { dtype: 'float64' }]],
    errors: [
      twice('mean'),
      { args: (make) => [make.index([2], 3)], message: 'mean: input expected float32 or float64, got int32' },
    ],
  }),
  reduction('prod', { errors: [twice('prod')], dims: 'one' }),
  reduction('amax', {
    input: distinct,
    refusesEmpty: true,
    dtypes: all,
    precision: 'exact',
    errors: [nothing('amax', 0)],
  }),
  reduction('amin', {
    input: distinct,
    refusesEmpty: true,
    dtypes: all,
    precision: 'exact',
    errors: [nothing('amin', 0)],
  }),
  ...['max', 'min'].map((name) =>
    reduction(name, {
      input: distinct,
      dims: 'one',
      refusesEmpty: true,
      precision: 'exact',
      extra: (make) => [[make.distinct([2, 3]), make.distinct([3]).sub(0.125).to(make.dtype)]],
      errors: [
        {
          args: (make) => [make.t([0, 3]), 0],
          message: `${name}: axis 0 of shape [0, 3] is empty: it has no ${name}`,
        },
      ],
    }),
  ),
  ...['argmax', 'argmin'].map((name) =>
    reduction(name, {
      input: distinct,
      dims: 'one',
      refusesEmpty: true,
      differentiable: false,
      precision: 'exact',
      errors: [nothing(name, 0)],
    }),
  ),
  ...['any', 'all'].map((name) =>
    reduction(name, { differentiable: false, precision: 'exact', errors: [twice(name)] }),
  ),
];

export const softmaxes: readonly OpRecord[] = ['softmax', 'logSoftmax'].map((name) => ({
  name,
  samples: (make) => [
    [make.t([2, 3]), 0],
    [make.t([2, 3]), -1],
    [make.t([2, 2, 2]), 1],
    [make.t([1]), 0],
    [make.t([]), 0],
    [make.t([0, 3]), 1],
    [make.t([2, 0]), 1],
    [make.t([3]), 0, { dtype: 'float64' }],
  ],
  large: (make) => [
    [make.t([37, 129], { low: -20, high: 20 }), 1],
    [make.t([5, 33, 17]), 1],
  ],
  dtypes: all,
  errors: [
    notATensor(name, 'input', 0),
    outside(name),
    { args: (make) => [make.t([2])], message: `${name}: dim expected an integer in [-1, 0], got undefined` },
    {
      args: (make) => [make.t([2]), 0, { axis: 1 }],
      message: `${name}: unknown option "axis"; known options are dtype`,
    },
  ],
}));
