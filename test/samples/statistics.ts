/** Variance, norms, sorting and other reductions made of simpler ones. */
import { all, type ErrorCase, floats, notATensor, type OpRecord, type Sample } from './record.ts';

const error = (args: ErrorCase['args'], message: string): ErrorCase => ({ args, message });
const outside = (name: string): ErrorCase =>
  error((make) => [make.t([2, 3]), 2], `${name}: dim expected an integer in [-2, 1], got 2`);

const spread = (name: string): OpRecord => ({
  name,
  samples: (make) => [
    [make.t([2, 3])],
    [make.t([2, 3]), 0],
    [make.t([2, 2, 3]), [0, 2], { keepdim: true }],
    [make.t([2, 3]), -1, { unbiased: false }],
    [make.t([2, 3]), 1, { correction: 0, keepdim: true }],
    [make.t([4]), undefined, { correction: 2 }],
    [make.t([1]), undefined, { unbiased: false }],
    [make.t([0, 3]), 1],
  ],
  large: (make) => [[make.t([5, 67, 19]), 1]],
  dtypes: floats,
  errors: [
    notATensor(name, 'input'),
    outside(name),
    error(
      (make) => [make.t([2]), 0, { unbiased: true, correction: 1 }],
      `${name}: correction expected nothing beside unbiased, got 1`,
    ),
    error(
      (make) => [make.t([2]), 0, { ddof: 1 }],
      `${name}: unknown option "ddof"; known options are unbiased, correction, keepdim`,
    ),
  ],
});

const sorting = (name: string, known: string): OpRecord => ({
  name,
  samples: (make) => [
    [make.distinct([2, 3])],
    [make.distinct([2, 3]), 0],
    [make.distinct([2, 2, 2]), 1, { descending: true }],
    [make.distinct([3]), undefined, { stable: true }],
    [make.distinct([1])],
    [make.distinct([])],
    [make.distinct([0, 2])],
  ],
  large: (make) => [[make.distinct([7, 23]), 0]],
  dtypes: all,
  precision: 'exact',
  errors: [
    notATensor(name, 'input'),
    outside(name),
    error(
      (make) => [make.t([2]), 0, { reverse: true }],
      `${name}: unknown option "reverse"; known options are ${known}`,
    ),
  ],
});

export const statistics: readonly OpRecord[] = [
  ...['var', 'std', 'varMean', 'stdMean'].map(spread),
  {
    name: 'norm',
    samples: (make) => {
      const x = (shape: number[]) => make.t(shape, { apart: 0.2 });
      return [
        [x([2, 3])],
        ...[0.5, 1, 1.5, 2, 3, Infinity, -Infinity, 'fro'].map(
          (p): Sample => [make.distinct([2, 2]).add(0.1).to(make.dtype), { p, dim: 1 }],
        ),
        [x([2, 2, 2]), { dim: [0, 2], keepdim: true }],
        [x([3]), { dtype: 'float64' }],
        [x([1]), { p: 1 }],
        [x([0, 2]), { dim: 1 }],
      ];
    },
    large: (make) => [[make.t([37, 53]), { dim: 1 }]],
    dtypes: floats,
    errors: [
      notATensor('norm', 'input'),
      error((make) => [make.t([2]), { p: 'nuc' }], 'norm: p expected a number or \'fro\', got "nuc"'),
      error(
        (make) => [make.t([2]), { ord: 1 }],
        'norm: unknown option "ord"; known options are p, dim, keepdim, dtype',
      ),
    ],
  },
  {
    name: 'logsumexp',
    samples: (make) => [
      [make.t([2, 3]), 0],
      [make.t([2, 2, 2]), [0, -1], { keepdim: true }],
      [make.t([1]), 0],
      [make.t([]), 0],
      [make.t([0, 3]), 1],
    ],
    large: (make) => [[make.t([37, 53], { low: -50, high: 50 }), 1]],
    dtypes: floats,
    errors: [
      notATensor('logsumexp', 'input', 0),
      outside('logsumexp'),
      error((make) => [make.t([2])], 'logsumexp: dim expected an axis or a list of axes, got undefined'),
    ],
  },
  {
    name: 'nansum',
    samples: (make) => [[make.t([2, 3])], [make.t([2, 3]), [1], { keepdim: true }], [make.t([1])], [make.t([0, 2]), 0]],
    dtypes: all,
    errors: [notATensor('nansum', 'input')],
  },
  {
    name: 'countNonzero',
    samples: (make) => [[make.t([2, 3])], [make.t([2, 3]), 1], [make.t([1])], [make.t([0, 2]), 0]],
    dtypes: all,
    differentiable: false,
    precision: 'exact',
    errors: [notATensor('countNonzero', 'input')],
  },
  sorting('sort', 'descending, stable'),
  { ...sorting('argsort', 'descending, stable'), differentiable: false },
  {
    name: 'topk',
    samples: (make) => [
      [make.distinct([2, 4]), 2],
      [make.distinct([3, 2]), 2, { dim: 0, largest: false }],
      [make.distinct([4]), 4, { sorted: true }],
      [make.distinct([]), 1],
      [make.distinct([1]), 0],
      [make.distinct([0, 2]), 1],
    ],
    dtypes: all,
    precision: 'exact',
    errors: [
      notATensor('topk', 'input', 1),
      error((make) => [make.t([2]), 3], 'topk: k expected at most 2, the size of axis -1, got 3'),
      error(
        (make) => [make.t([2]), 1, { descending: true }],
        'topk: unknown option "descending"; known options are dim, largest, sorted',
      ),
    ],
  },
];
