/** Repeats, rolls, diagonals, triangles and pieces. */
import type { Make } from './make.ts';
import { all, type ErrorCase, notATensor, type OpRecord, type Sample } from './record.ts';

const error = (args: ErrorCase['args'], message: string): ErrorCase => ({ args, message });
const entry = (
  name: string,
  samples: (make: Make) => readonly Sample[],
  errors: readonly ErrorCase[],
  rest: Partial<OpRecord> = {},
): OpRecord => ({ name, samples, errors, dtypes: all, precision: 'exact', ...rest });

const triangle = (name: string): OpRecord =>
  entry(
    name,
    (make) => [[make.t([3, 3])], [make.t([2, 3]), 1], [make.t([2, 3, 2]), -1], [make.t([1, 1])], [make.t([0, 3])]],
    [
      notATensor(name, 'input'),
      error((make) => [make.t([3])], `${name}: input expected at least 2 axes, got [3]`),
      error((make) => [make.t([2, 2]), 0.5], `${name}: diagonal expected an integer, got 0.5`),
    ],
  );

const piecewise = (name: string, count: number): ErrorCase[] => [
  notATensor(name, 'input', count),
  error((make) => [make.t([]), count], `${name}: input expected at least 1 axis, got []`),
  error((make) => [make.t([2]), count, { axis: 0 }], `${name}: unknown option "axis"; known options are dim`),
];

export const rearrange: readonly OpRecord[] = [
  entry(
    'repeat',
    (make) => [
      [make.t([2, 3]), [2, 1]],
      [make.t([2]), 2, 1, 3],
      [make.t([1]), [1]],
      [make.t([]), [2]],
      [make.t([2]), [0]],
      [make.t([0]), [3]],
    ],
    [
      notATensor('repeat', 'input', [1]),
      error((make) => [make.t([2, 2]), [2]], 'repeat: repeats [2] has fewer entries than shape [2, 2] has axes'),
      error((make) => [make.t([2]), [-1]], 'repeat: repeats expected an integer >= 0, got -1'),
    ],
  ),
  entry(
    'tile',
    (make) => [
      [make.t([2, 3]), [2]],
      [make.t([2]), 2, 2],
      [make.t([]), [2]],
      [make.t([0, 2]), [2]],
    ],
    [notATensor('tile', 'input', [1])],
  ),
  entry(
    'repeatInterleave',
    (make) => [
      [make.t([2, 3]), 2],
      [make.t([2, 3]), 2, { dim: -1 }],
      [make.t([1]), 1],
      [make.t([2, 3]), make.index([3], 3), { dim: 1 }],
      [make.t([2]), make.index([1], 3, 2)],
      [make.t([0]), 3],
    ],
    [
      notATensor('repeatInterleave', 'input', 1),
      error((make) => [make.t([2]), -1], 'repeatInterleave: repeats expected an integer >= 0, got -1'),
      error(
        (make) => [make.t([2]), make.index([3], 2)],
        'repeatInterleave: repeats expected shape [2] or [1], got [3]',
      ),
    ],
  ),
  entry(
    'roll',
    (make) => [
      [make.t([2, 3]), 1],
      [make.t([2, 3]), 4, { dims: 1 }],
      [make.t([2, 3]), [1, -1], { dims: [0, 1] }],
      [make.t([1]), 1, { dims: 0 }],
      [make.t([0, 2]), 1, { dims: 1 }],
    ],
    [
      notATensor('roll', 'input', 1),
      error((make) => [make.t([2]), [1, 2], { dims: [0] }], 'roll: shifts [1, 2] and dims [0] differ in length'),
      error((make) => [make.t([2]), [1, 2]], 'roll: shifts expected one number where dims is absent, got [1, 2]'),
      error((make) => [make.t([2]), 1, { dims: 1 }], 'roll: dims expected an integer in [-1, 0], got 1'),
    ],
  ),
  entry(
    'rot90',
    (make) => [
      [make.t([2, 3])],
      ...[0, 2, 3, -1].map((k): Sample => [make.t([2, 3]), { k, dims: [1, 0] }]),
      [make.t([0, 2])],
    ],
    [
      notATensor('rot90', 'input'),
      error((make) => [make.t([2, 2]), { dims: [0, 0] }], 'rot90: dims expected distinct axes, got [0, 0]'),
    ],
  ),
  entry('flipud', (make) => [[make.t([2, 3])], [make.t([1])], [make.t([0, 2])]], [
    error((make) => [make.t([])], 'flipud: input expected at least 1 axis, got []'),
  ]),
  entry('fliplr', (make) => [[make.t([2, 3])], [make.t([1, 1])], [make.t([2, 0])]], [
    error((make) => [make.t([2])], 'fliplr: input expected at least 2 axes, got [2]'),
  ]),
  entry(
    'diagonal',
    (make) => [
      [make.t([2, 3])],
      [make.t([3, 3]), { offset: -1 }],
      [make.t([2, 3, 2]), { offset: 1, dim1: 0, dim2: -1 }],
      [make.t([1, 1])],
      [make.t([2, 2]), { offset: 5 }],
      [make.t([0, 2])],
    ],
    [
      notATensor('diagonal', 'input'),
      error((make) => [make.t([3])], 'diagonal: input expected at least 2 axes, got [3]'),
      error((make) => [make.t([2, 2]), { dim1: 1 }], 'diagonal: dim2 expected an axis other than dim1 1, got 1'),
    ],
  ),
  entry(
    'diag',
    (make) => [
      [make.t([3])],
      [make.t([2]), { diagonal: 1 }],
      [make.t([2, 3]), { diagonal: -1 }],
      [make.t([1])],
      [make.t([0])],
    ],
    [
      notATensor('diag', 'input'),
      error((make) => [make.t([1, 2, 3])], 'diag: input expected 1 or 2 axes, got [1, 2, 3]'),
    ],
  ),
  triangle('tril'),
  triangle('triu'),
  entry(
    'split',
    (make) => [
      [make.t([5]), 2],
      [make.t([2, 3]), [1, 2], 1],
      [make.t([2, 3]), 2, { dim: -1 }],
      [make.t([1]), 1],
      [make.t([0]), 2],
    ],
    [
      ...piecewise('split', 1),
      error((make) => [make.t([2]), [1, 2]], 'split: sizes [1, 2] expected to add up to 2, the size of axis 0'),
      error((make) => [make.t([2]), 0], 'split: splitSize expected an integer >= 1, got 0'),
    ],
  ),
  entry(
    'chunk',
    (make) => [
      [make.t([5]), 2],
      [make.t([2, 3]), 2, 1],
      [make.t([2]), 5],
      [make.t([1]), 1],
      [make.t([0]), 2],
    ],
    [...piecewise('chunk', 1), error((make) => [make.t([2]), 0], 'chunk: chunks expected an integer >= 1, got 0')],
  ),
  entry('unbind', (make) => [[make.t([2, 3])], [make.t([2, 3]), -1], [make.t([1])], [make.t([2, 0]), 0]], [
    notATensor('unbind', 'input'),
    error((make) => [make.t([2]), 1], 'unbind: dim expected an integer in [-1, 0], got 1'),
  ]),
  entry(
    'meshgrid',
    (make) => [
      [[make.t([2]), make.t([3])]],
      [[make.t([2]), make.t([3])], { indexing: 'xy' }],
      [[make.t([1])]],
      [[make.t([0]), make.t([2])]],
    ],
    [],
  ),
  entry(
    'takeAlongDim',
    (make) => [
      [make.t([2, 3]), make.index([2, 1], 3), 1],
      [make.t([2, 3]), make.index([4], 6)],
      [make.t([1]), make.index([1], 1), 0],
      [make.t([2]), make.index([0], 1), 0],
    ],
    [notATensor('takeAlongDim', 'input', 0)],
  ),
  entry(
    'indexAdd',
    (make) => [
      [make.t([3, 2]), 0, make.index([4], 3), make.t([4, 2])],
      [make.t([2, 3]), -1, make.index([2], 3), make.t([2, 2]), { alpha: 2 }],
      [make.t([1]), 0, make.index([1], 1), make.t([1])],
      [make.t([2]), 0, make.index([0], 1), make.t([0])],
    ],
    [notATensor('indexAdd', 'input', 0, 0, 0)],
    { precision: 'close' },
  ),
  entry(
    'broadcastTo',
    (make) => [
      [make.t([2, 1]), [2, 3]],
      [make.t([1]), [1]],
      [make.t([1]), [0]],
      [make.t([0]), [2, 0]],
    ],
    [],
  ),
  entry('ravel', (make) => [[make.t([2, 3])], [make.t([])], [make.t([0, 2])]], []),
  entry(
    'swapaxes',
    (make) => [
      [make.t([2, 3]), 0, 1],
      [make.t([1]), 0, 0],
      [make.t([0, 2]), 0, 1],
    ],
    [],
  ),
  entry(
    'reshapeAs',
    (make) => [
      [make.t([2, 3]), make.constant([3, 2])],
      [make.t([0]), make.constant([0, 2])],
    ],
    [],
  ),
  entry(
    'viewAs',
    (make) => [
      [make.t([]), make.constant([1, 1])],
      [make.t([0]), make.constant([0, 2])],
    ],
    [],
  ),
];
