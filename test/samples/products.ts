/** Products of matrices and vectors. */
import { all, type ErrorCase, notATensor, numbers, type OpRecord } from './record.ts';

const error = (args: ErrorCase['args'], message: string): ErrorCase => ({ args, message });

export const products: readonly OpRecord[] = [
  {
    name: 'matmul',
    samples: (make) => [
      [make.t([2, 3]), make.t([3, 2])],
      [make.t([3]), make.t([3])],
      [make.t([3]), make.t([3, 2])],
      [make.t([2, 3]), make.t([3])],
      [make.t([2, 2, 3]), make.t([3, 2])],
      [make.t([2, 2, 3]), make.t([2, 3, 1])],
      [make.t([2, 1, 1, 3]), make.t([2, 3, 2])],
      [make.t([1, 1]), make.t([1, 1])],
      [make.t([2, 0]), make.t([0, 3])],
      [make.t([0, 2]), make.t([2, 3])],
    ],
    large: (make) => [
      [make.t([67, 129]), make.t([129, 35])],
      [make.t([3, 17, 33]), make.t([3, 33, 9])],
      [make.t([1, 300]), make.t([300, 5])],
    ],
    dtypes: numbers,
    precision: 'sum',
    errors: [
      notATensor('matmul', 'input'),
      error(
        (make) => [make.t([2, 3]), make.t([2, 3])],
        'matmul: shapes [2, 3] and [2, 3] do not multiply: 3 columns, 2 rows',
      ),
      error((make) => [make.t([]), make.t([2])], 'matmul: expected at least 1 axis, got shapes [] and [2]'),
      error(
        (make) => [make.t([2, 2, 3]), make.t([3, 3, 2])],
        'matmul: shapes [2] and [3] do not broadcast: sizes 2 and 3 at axis -1',
      ),
      error((make) => [make.mask([2, 2]), make.t([2, 2])], 'matmul: expected tensors of numbers, got bool and float32'),
    ],
  },
  {
    name: 'mm',
    samples: (make) => [
      [make.t([2, 3]), make.t([3, 2])],
      [make.t([1, 1]), make.t([1, 1])],
      [make.t([2, 0]), make.t([0, 2])],
    ],
    dtypes: numbers,
    precision: 'sum',
    errors: [
      error((make) => [make.t([2]), make.t([2, 2])], 'mm: input expected 2 axes, got [2]'),
      error((make) => [make.t([2, 2]), make.t([2])], 'mm: other expected 2 axes, got [2]'),
    ],
  },
  {
    name: 'bmm',
    samples: (make) => [
      [make.t([2, 2, 3]), make.t([2, 3, 1])],
      [make.t([0, 2, 3]), make.t([0, 3, 1])],
    ],
    dtypes: numbers,
    precision: 'sum',
    errors: [
      error((make) => [make.t([2, 2]), make.t([2, 2, 2])], 'bmm: input expected 3 axes, got [2, 2]'),
      error((make) => [make.t([2, 2, 2]), make.t([1, 2, 2])], 'bmm: batches of [2, 2, 2] and [1, 2, 2] differ'),
    ],
  },
  {
    name: 'mv',
    samples: (make) => [
      [make.t([2, 3]), make.t([3])],
      [make.t([2, 0]), make.t([0])],
    ],
    dtypes: numbers,
    precision: 'sum',
    errors: [error((make) => [make.t([2, 2]), make.t([2, 2])], 'mv: vec expected 1 axes, got [2, 2]')],
  },
  {
    name: 'dot',
    samples: (make) => [
      [make.t([3]), make.t([3])],
      [make.t([1]), make.t([1])],
      [make.t([0]), make.t([0])],
    ],
    large: (make) => [[make.t([1027]), make.t([1027])]],
    dtypes: numbers,
    precision: 'sum',
    errors: [error((make) => [make.t([2, 2]), make.t([2])], 'dot: input expected 1 axes, got [2, 2]')],
  },
  {
    name: 'outer',
    samples: (make) => [
      [make.t([3]), make.t([2])],
      [make.t([1]), make.t([0])],
    ],
    dtypes: all,
    precision: 'sum',
    errors: [error((make) => [make.t([2]), make.t([2, 2])], 'outer: vec2 expected 1 axes, got [2, 2]')],
  },
  {
    name: 'addmm',
    samples: (make) => [
      [make.t([2, 2]), make.t([2, 3]), make.t([3, 2])],
      [make.t([2]), make.t([2, 3]), make.t([3, 2]), { beta: 0.5, alpha: 2 }],
      [make.t([1]), make.t([2, 0]), make.t([0, 2])],
    ],
    dtypes: numbers,
    precision: 'sum',
    errors: [
      error((make) => [make.t([2, 2]), make.t([2]), make.t([2, 2])], 'addmm: mat1 expected 2 axes, got [2]'),
      error(
        (make) => [make.t([2, 2]), make.t([2, 2]), make.t([2, 2]), { gamma: 1 }],
        'addmm: unknown option "gamma"; known options are beta, alpha',
      ),
    ],
  },
  {
    name: 'baddbmm',
    samples: (make) => [
      [make.t([2, 2, 2]), make.t([2, 2, 3]), make.t([2, 3, 2])],
      [make.t([1, 2]), make.t([1, 2, 1]), make.t([1, 1, 2]), { beta: 0, alpha: 2 }],
      [make.t([1]), make.t([0, 2, 1]), make.t([0, 1, 2])],
    ],
    dtypes: numbers,
    precision: 'sum',
    errors: [
      error((make) => [make.t([2, 2]), make.t([2, 2]), make.t([2, 2])], 'baddbmm: batch1 expected 3 axes, got [2, 2]'),
    ],
  },
  {
    name: 'linear',
    samples: (make) => [
      [make.t([2, 3]), make.t([2, 3])],
      [make.t([2, 3]), make.t([2, 3]), make.t([2])],
      [make.t([3]), make.t([2, 3]), make.t([2])],
      [make.t([2, 1, 3]), make.t([1, 3]), make.t([1])],
      [make.t([2, 3]), make.t([3])],
      [make.t([0, 3]), make.t([2, 3]), make.t([2])],
    ],
    large: (make) => [[make.t([64, 400]), make.t([120, 400]), make.t([120])]],
    dtypes: numbers,
    precision: 'sum',
    errors: [
      notATensor('linear', 'input'),
      error(
        (make) => [make.t([2, 3]), make.t([2, 2])],
        'linear: input of shape [2, 3] does not fit weight of shape [2, 2]',
      ),
      error((make) => [make.t([2, 3]), make.t([2, 3]), make.t([3])], 'linear: bias expected shape [2], got [3]'),
      error((make) => [make.t([]), make.t([2, 3])], 'linear: input expected at least 1 axis, got shape []'),
    ],
  },
  {
    name: 'addbmm',
    samples: (make) => [
      [make.t([2, 2]), make.t([2, 2, 3]), make.t([2, 3, 2])],
      [make.t([1]), make.t([1, 2, 1]), make.t([1, 1, 2]), { beta: 0.5, alpha: 2 }],
      [make.t([2, 2]), make.t([0, 2, 1]), make.t([0, 1, 2])],
    ],
    dtypes: numbers,
    precision: 'sum',
    errors: [
      error((make) => [make.t([2, 2]), make.t([2, 2]), make.t([2, 2])], 'addbmm: batch1 expected 3 axes, got [2, 2]'),
    ],
  },
  {
    name: 'addmv',
    samples: (make) => [
      [make.t([2]), make.t([2, 3]), make.t([3])],
      [make.t([1]), make.t([2, 1]), make.t([1]), { beta: 0.5, alpha: 2 }],
      [make.t([2]), make.t([2, 0]), make.t([0])],
    ],
    dtypes: numbers,
    precision: 'sum',
    errors: [error((make) => [make.t([2]), make.t([2]), make.t([2])], 'addmv: mat expected 2 axes, got [2]')],
  },
  {
    name: 'inner',
    samples: (make) => [
      [make.t([2, 3]), make.t([2, 3])],
      [make.t([3]), make.t([3])],
      [make.t([2, 0]), make.t([1, 0])],
    ],
    dtypes: numbers,
    precision: 'sum',
    errors: [notATensor('inner', 'input', 0)],
  },
];
