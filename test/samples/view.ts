/** Views, joining and copies: the same elements elsewhere. */
import type { Make } from './make.ts';
import { all, type ErrorCase, type OpRecord, type Sample } from './record.ts';

const exact = { dtypes: all, precision: 'exact' as const };
const entry = (
  name: string,
  samples: (make: Make) => readonly Sample[],
  errors: readonly ErrorCase[],
  rest: Partial<OpRecord> = {},
): OpRecord => ({ name, samples, errors, ...exact, ...rest });
const error = (args: ErrorCase['args'], message: string): ErrorCase => ({ args, message });
const range = (name: string, argument: string, ndim: number, got: unknown, ...rest: unknown[]): ErrorCase =>
  error(
    (make) => [make.t(new Array(ndim).fill(2)), ...rest],
    `${name}: ${argument} expected an integer in [${-ndim}, ${ndim - 1}], got ${got}`,
  );

export const view: readonly OpRecord[] = [
  entry(
    'reshape',
    (make) => [
      [make.t([2, 3]), [3, 2]],
      [make.t([2, 3]), [-1]],
      [make.t([4]), 2, -1],
      [make.t([1]), []],
      [make.t([]), [1, 1]],
      [make.t([2, 0]), [0, 5]],
    ],
    [
      error((make) => [make.t([2, 3]), [4, 2]], 'reshape: shape [4, 2] does not fit 6 elements'),
      error((make) => [make.t([2, 3]), [4, -1]], 'reshape: shape [4, -1] does not fit 6 elements'),
      error(
        (make) => [make.t([2, 3]), [-1, -1]],
        'reshape: shape expected integers >= 0, at most one of them -1, got [-1, -1]',
      ),
    ],
  ),
  entry(
    'flatten',
    (make) => [[make.t([2, 3])], [make.t([2, 1, 3]), 1], [make.t([2, 2, 3]), 0, 1], [make.t([])], [make.t([0, 2])]],
    [
      range('flatten', 'startDim', 2, 2, 2),
      error((make) => [make.t([2, 2]), 1, 0], 'flatten: startDim 1 comes after endDim 0'),
    ],
  ),
  entry(
    'unflatten',
    (make) => [
      [make.t([6]), 0, [2, 3]],
      [make.t([2, 4]), -1, [2, -1]],
      [make.t([1]), 0, [1, 1]],
      [make.t([0]), 0, [0, 2]],
    ],
    [
      range('unflatten', 'dim', 1, 1, 1, [1]),
      error((make) => [make.t([6]), 0, [4, 2]], 'unflatten: shape [4, 2] does not fit 6 elements'),
    ],
  ),
  entry(
    'permute',
    (make) => [
      [make.t([2, 3]), [1, 0]],
      [make.t([2, 1, 3]), 2, 0, -2],
      [make.t([]), []],
      [make.t([2, 0]), [1, 0]],
    ],
    [
      error((make) => [make.t([2, 3]), [1]], 'permute: dims expected all 2 axes, got [1]'),
      error((make) => [make.t([2, 3]), [1, 1]], 'permute: dims expected distinct axes, got [1, 1]'),
      range('permute', 'dims', 2, 2, [0, 2]),
    ],
  ),
  entry(
    'transpose',
    (make) => [
      [make.t([2, 3]), 0, 1],
      [make.t([2, 1, 3]), -1, 0],
      [make.t([1]), 0, 0],
      [make.t([0, 2]), 0, 1],
    ],
    [range('transpose', 'dim0', 2, 2, 2, 0), range('transpose', 'dim1', 2, -3, 0, -3)],
  ),
  entry('t', (make) => [[make.t([2, 3])], [make.t([3])], [make.t([])], [make.t([0, 1])]], [
    error((make) => [make.t([1, 2, 3])], 't: input expected at most 2 axes, got [1, 2, 3]'),
  ]),
  entry(
    'movedim',
    (make) => [
      [make.t([2, 1, 3]), 0, 2],
      [make.t([2, 1, 3]), [0, 1], [-1, 0]],
      [make.t([0, 1]), 1, 0],
    ],
    [
      range('movedim', 'source', 2, 2, 2, 0),
      range('movedim', 'destination', 2, 5, 0, 5),
      error((make) => [make.t([2, 2]), [0, 1], [0]], 'movedim: source [0, 1] and destination [0] differ in length'),
    ],
  ),
  entry(
    'unsqueeze',
    (make) => [
      [make.t([2, 3]), 0],
      [make.t([2]), -1],
      [make.t([]), 0],
      [make.t([0]), 1],
    ],
    [error((make) => [make.t([2]), 2], 'unsqueeze: dim expected an integer in [-2, 1], got 2')],
  ),
  entry(
    'squeeze',
    (make) => [
      [make.t([2, 1, 3])],
      [make.t([1, 2, 1]), 0],
      [make.t([1, 1]), [0, 1]],
      [make.t([2]), 0],
      [make.t([1, 0])],
    ],
    [range('squeeze', 'dim', 2, 2, 2)],
  ),
  entry(
    'expand',
    (make) => [
      [make.t([2, 1]), [2, 3]],
      [make.t([3]), 2, -1],
      [make.t([]), [2]],
      [make.t([1]), [0]],
      [make.t([0, 1]), [0, 2]],
      [make.t([2]), [2]],
    ],
    [
      error((make) => [make.t([2, 3]), [3]], "expand: shape [3] has fewer axes than the tensor's [2, 3]"),
      error((make) => [make.t([2]), [3]], 'expand: shape [2] does not expand to [3]'),
      error((make) => [make.t([2]), [-1, 2]], 'expand: shape [2] does not expand to [-1, 2]'),
    ],
  ),
  entry(
    'expandAs',
    (make) => [
      [make.t([2, 1]), make.constant([2, 3])],
      [make.t([]), make.constant([0])],
    ],
    [error((make) => [make.t([2]), make.t([3])], 'expand: shape [2] does not expand to [3]')],
  ),
  entry(
    'narrow',
    (make) => [
      [make.t([4]), 0, 1, 2],
      [make.t([2, 3]), -1, -2, 2],
      [make.t([1]), 0, 0, 1],
      [make.t([3]), 0, 3, 0],
      [make.t([0, 2]), 1, 1, 1],
    ],
    [
      error((make) => [make.t([3]), 0, 2, 2], 'narrow: start 2 and length 2 exceed size 3 of axis 0'),
      error((make) => [make.t([]), 0, 0, 0], 'narrow: a 0-d tensor has no axis to narrow'),
      range('narrow', 'dim', 1, 1, 1, 0, 0),
    ],
  ),
  entry(
    'select',
    (make) => [
      [make.t([2, 3]), 0, 1],
      [make.t([2, 3]), -1, -3],
      [make.t([1]), 0, 0],
      [make.t([0, 2]), 1, 0],
    ],
    [
      error((make) => [make.t([2]), 0, 2], 'select: index expected an integer in [-2, 1] for axis 0, got 2'),
      error((make) => [make.t([]), 0, 0], 'select: a 0-d tensor has no axis to select from'),
    ],
  ),
  entry(
    'cat',
    (make) => [
      [[make.t([2, 3]), make.t([1, 3])]],
      [[make.t([2, 1]), make.t([2, 2]), make.t([2, 0])], -1],
      [[make.t([3])], 0],
      [[make.t([0]), make.t([0])]],
    ],
    [
      error(() => [[]], 'cat: tensors expected a list of at least one Tensor, got []'),
      error(() => [[1]], 'cat: tensors[0] expected a Tensor, got number 1'),
      error((make) => [[make.t([]), make.t([])]], 'cat: 0-d tensors cannot be joined; use stack'),
      error(
        (make) => [[make.t([2, 3]), make.t([2, 2])]],
        'cat: shapes [2, 3] and [2, 2] differ in an axis other than 0',
      ),
    ],
    { large: (make) => [[[make.t([19, 37]), make.t([19, 5])], 1]] },
  ),
  entry(
    'stack',
    (make) => [
      [[make.t([2]), make.t([2])]],
      [[make.t([2]), make.t([2])], -1],
      [[make.t([])], 0],
      [[make.t([0]), make.t([0])], 1],
    ],
    [
      error((make) => [[make.t([2]), make.t([3])]], 'stack: shapes [2] and [3] differ'),
      error((make) => [[make.t([2])], 2], 'stack: dim expected an integer in [-2, 1], got 2'),
    ],
  ),
  entry('clone', (make) => [[make.t([2, 3])], [make.t([])], [make.t([0])]], []),
  entry('contiguous', (make) => [[make.t([2, 3])], [make.t([])], [make.t([0])]], []),
  entry(
    'to',
    (make) => [
      [make.t([2, 3]), 'float64'],
      [make.t([0]), 'float64'],
    ],
    [
      error(
        (make) => [make.t([2]), 'float16'],
        'to: dtype expected one of "float32", "float64", "int32", "uint8", "bool", got "float16"',
      ),
    ],
    {
      large: (make) => [
        [make.t([37, 29]), 'float32'],
        [make.t([5], { low: 0, high: 9 }), 'int32'],
      ],
    },
  ),
  entry('detach', (make) => [[make.t([2, 3])], [make.t([1])], [make.t([0])]], [], { differentiable: false }),
];
