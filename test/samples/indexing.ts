/** Elements by number, running sums, and padding. */
import type { Make } from './make.ts';
import { all, type ErrorCase, notATensor, type OpRecord, type Sample } from './record.ts';

const error = (args: ErrorCase['args'], message: string): ErrorCase => ({ args, message });

/** What gather, scatter and scatterAdd refuse alike; `source` is what follows the index. */
const indexErrors = (name: string, source: (make: Make) => Sample): ErrorCase[] => [
  notATensor(name, 'input', 0, 0),
  error(
    (make) => [make.t([2, 3]), 2, make.index([2, 3], 2), ...source(make)],
    `${name}: dim expected an integer in [-2, 1], got 2`,
  ),
  error(
    (make) => [make.t([2, 3]), 0, make.index([3], 2), ...source(make)],
    `${name}: index of shape [3] and input of shape [2, 3] differ in axes`,
  ),
  error(
    (make) => [make.t([2, 3]), 0, make.index([2, 4], 2), ...source(make)],
    `${name}: index of shape [2, 4] exceeds shape [2, 3] at axis 1`,
  ),
  error(
    (make) => [make.t([2, 3]), 0, make.index([1, 1], 3, 2), ...source(make)],
    `${name}: index 2 at position 0 expected in [0, 1]`,
  ),
  error((make) => [make.t([2]), 0, make.mask([2]), ...source(make)], `${name}: index expected dtype int32, got "bool"`),
];

export const indexing: readonly OpRecord[] = [
  {
    name: 'gather',
    samples: (make) => [
      [make.t([2, 3]), 0, make.index([1, 3], 2)],
      [make.t([2, 3]), -1, make.index([2, 5], 3)],
      [make.t([2, 2, 2]), 1, make.index([1, 3, 2], 2)],
      [make.t([1]), 0, make.index([1], 1)],
      [make.t([]), 0, make.index([], 1)],
      [make.t([3]), 0, make.index([0], 1)],
    ],
    large: (make) => [[make.t([37, 53]), 1, make.index([37, 90], 53)]],
    dtypes: all,
    precision: 'exact',
    errors: indexErrors('gather', () => []),
  },
  {
    name: 'scatter',
    samples: (make) => [
      [make.t([3, 3]), 0, make.index([1, 3], 3), make.t([1, 3])],
      [make.t([2, 3]), 1, make.index([2, 1], 3), make.t([2, 3])],
      [make.t([4]), 0, make.index([2], 4), 1],
      [make.t([1]), 0, make.index([1], 1), make.t([])],
      [make.t([3]), 0, make.index([0], 3), make.t([0])],
    ],
    dtypes: all,
    precision: 'exact',
    errors: [
      ...indexErrors('scatter', (make) => [make.t([2, 4])]),
      error(
        (make) => [make.t([3]), 0, make.index([2], 3), make.t([1])],
        'scatter: source of shape [1] is smaller than index of shape [2]',
      ),
    ],
  },
  {
    name: 'scatterAdd',
    samples: (make) => [
      [make.t([3, 3]), 0, make.index([2, 3], 3), make.t([2, 3])],
      [make.t([2, 3]), 1, make.index([2, 4], 3), make.t([2, 4])],
      [make.t([1]), 0, make.index([1], 1), make.t([1])],
      [make.t([3]), 0, make.index([0], 3), make.t([0])],
    ],
    large: (make) => [[make.t([9]), 0, make.index([1000], 9), make.t([1000])]],
    dtypes: all,
    precision: 'sum',
    errors: indexErrors('scatterAdd', (make) => [make.t([2, 4])]),
  },
  {
    name: 'indexSelect',
    samples: (make) => [
      [make.t([3, 2]), 0, make.index([4], 3)],
      [make.t([2, 3]), -1, make.index([2], 3)],
      [make.t([1]), 0, make.index([], 1)],
      [make.t([]), 0, make.index([1], 1)],
      [make.t([3]), 0, make.index([0], 3)],
    ],
    large: (make) => [[make.t([37, 53]), 0, make.index([90], 37)]],
    dtypes: all,
    precision: 'exact',
    errors: [
      notATensor('indexSelect', 'input', 0, 0),
      error(
        (make) => [make.t([2]), 0, make.index([1, 1], 1)],
        'indexSelect: index expected at most 1 axis, got [1, 1]',
      ),
      error((make) => [make.t([2]), 0, make.index([1], 3, 2)], 'indexSelect: index 2 at position 0 expected in [0, 1]'),
    ],
  },
  {
    name: 'flip',
    samples: (make) => [
      [make.t([2, 3]), [0]],
      [make.t([2, 3]), 0, -1],
      [make.t([2, 1, 2]), [2]],
      [make.t([]), []],
      [make.t([0, 2]), [1]],
    ],
    large: (make) => [[make.t([37, 53]), [1]]],
    dtypes: all,
    precision: 'exact',
    errors: [
      notATensor('flip', 'input', [0]),
      error((make) => [make.t([2]), [1]], 'flip: dims expected an integer in [-1, 0], got 1'),
      error((make) => [make.t([2, 2]), [0, -2]], 'flip: dims expected distinct axes, got [0, -2]'),
    ],
  },
  ...['cumsum', 'cumprod'].map(
    (name): OpRecord => ({
      name,
      samples: (make) => [
        [make.t([2, 3]), 0],
        [make.t([2, 3]), -1],
        [make.t([1]), 0],
        [make.t([]), 0],
        [make.t([0, 2]), 1],
        [make.t([2, 0]), 1],
        [make.t([3]), 0, { dtype: 'float64' }],
      ],
      large: (make) => [[make.t([5, 67, 9], { low: -1, high: 1 }), 1]],
      dtypes: all,
      errors: [
        notATensor(name, 'input', 0),
        error((make) => [make.t([2]), 1], `${name}: dim expected an integer in [-1, 0], got 1`),
        error((make) => [make.t([2]), 0, { axis: 0 }], `${name}: unknown option "axis"; known options are dtype`),
      ],
    }),
  ),
  {
    name: 'pad',
    samples: (make) => [
      [make.t([2, 3]), [1, 2]],
      [make.t([2, 3]), [0, 1, 2, 0], { value: 3 }],
      [make.t([3, 4]), [-1, 1, 0, -1]],
      [make.t([1, 2, 3]), [2, 1], { mode: 'reflect' }],
      [make.t([1, 2, 2, 3]), [1, 2, 0, 1], { mode: 'replicate' }],
      [make.t([1, 2, 3]), [3, 1], { mode: 'circular' }],
      [make.t([1]), [0, 0]],
      [make.t([0, 2]), [1, 1]],
    ],
    large: (make) => [
      [make.t([2, 3, 17, 19]), [3, 2, 1, 4]],
      [make.t([2, 3, 17, 19]), [3, 2, 1, 4], { mode: 'reflect' }],
    ],
    dtypes: all,
    precision: 'exact',
    errors: [
      notATensor('pad', 'input', [0, 0]),
      error(
        (make) => [make.t([2]), [1]],
        'pad: pad expected pairs [before, after], last axis first, for at most 1 axes, got [1]',
      ),
      error(
        (make) => [make.t([1, 2]), [2, 0], { mode: 'reflect' }],
        'pad: pad expected at most 1 elements a side with mode "reflect" for size 2, got [2, 0]',
      ),
      error(
        (make) => [make.t([2]), [0, 0], { mode: 'mirror' }],
        'pad: mode expected "constant" or "reflect" or "replicate" or "circular", got "mirror"',
      ),
      error((make) => [make.t([2]), [-3, 0]], 'pad: pad [-3, 0] takes more than the 2 elements of axis 0 of shape [2]'),
      error(
        (make) => [make.t([1, 2]), [1, 0], { mode: 'reflect', value: 1 }],
        'pad: value expected to be absent with mode "reflect", got 1',
      ),
    ],
  },
];
