/** Convolutions. */
import type { Make } from './make.ts';
import { type ErrorCase, floats, notATensor, type OpRecord, type Sample } from './record.ts';

const error = (args: ErrorCase['args'], message: string): ErrorCase => ({ args, message });

/** x, weight, bias and options of one convolution. */
const call = (
  make: Make,
  x: readonly number[],
  weight: readonly number[],
  options?: object,
  bias: boolean = true,
): Sample => [make.t(x), make.t(weight), bias ? make.t([weight[0]]) : null, ...(options ? [options] : [])];

const optionErrors = (name: string, x: number[], weight: number[]): ErrorCase[] => [
  error(
    (make) => [make.t(x), make.t(weight), null, { strides: 2 }],
    `${name}: unknown option "strides"; known options are stride, padding, dilation, groups`,
  ),
  error(
    (make) => [make.t(x), make.t(weight), null, { padding: 'full' }],
    `${name}: padding expected 'same', 'same_lower' or 'valid' where it is a word, got "full"`,
  ),
  error((make) => [make.t(x), make.t(weight), null, { groups: 0 }], `${name}: groups expected an integer >= 1, got 0`),
  error((make) => [make.t(x), make.t(weight), make.t([7])], `${name}: bias expected shape [${weight[0]}], got [7]`),
  notATensor(name, 'input'),
];

export const conv: readonly OpRecord[] = [
  {
    name: 'conv2d',
    samples: (make) => [
      call(make, [1, 1, 3, 3], [1, 1, 2, 2]),
      call(make, [2, 1, 3, 4], [2, 1, 2, 3], { stride: [1, 2], padding: 1 }),
      call(make, [1, 2, 4, 3], [2, 1, 2, 2], { groups: 2, dilation: [2, 1] }, false),
      call(make, [1, 1, 3, 3], [1, 1, 2, 2], { padding: 'same' }),
      call(make, [1, 1, 3, 3], [1, 1, 2, 2], { padding: 'same_lower', stride: 2 }),
      call(make, [1, 1, 3, 3], [1, 1, 2, 2], { padding: 'valid' }),
      call(make, [1, 1, 2, 2], [1, 1, 2, 2], {
        padding: [
          [1, 0],
          [0, 2],
        ],
      }),
      call(make, [1, 2, 2], [1, 1, 2, 1]),
      call(make, [1, 1, 1, 1], [1, 1, 1, 1]),
      call(make, [0, 1, 2, 2], [1, 1, 2, 2]),
    ],
    large: (make) => [
      call(make, [3, 1, 28, 28], [6, 1, 5, 5], { padding: 2 }),
      call(make, [2, 6, 14, 14], [16, 6, 5, 5]),
      call(make, [2, 19, 9, 11], [23, 19, 3, 3], { padding: 1 }),
      call(make, [1, 8, 15, 13], [8, 1, 3, 3], { groups: 8, stride: 2, padding: 1 }),
      call(make, [2, 33, 7, 7], [17, 33, 1, 1]),
      call(make, [1, 3, 31, 29], [8, 3, 7, 7], { stride: 2, padding: 3, dilation: [1, 2] }),
    ],
    dtypes: floats,
    precision: 'sum',
    errors: [
      ...optionErrors('conv2d', [1, 1, 3, 3], [1, 1, 2, 2]),
      error(
        (make) => [make.t([1, 2, 3, 3]), make.t([1, 1, 2, 2])],
        'conv2d: input has 2 channels, weight of shape [1, 1, 2, 2] with groups 1 expects 1',
      ),
      error(
        (make) => [make.t([1, 1, 3, 3]), make.t([1, 1, 4, 4])],
        'conv2d: kernel [4, 4] does not fit the padded input of size [3, 3]: the output would be [0, 0]',
      ),
      error(
        (make) => [make.t([1, 2, 2, 2]), make.t([1, 2, 1, 1]), null, { stride: [65536, 65537] }],
        'conv2d: stride expected a product of at most 1048576, got [65536, 65537]',
      ),
      error(
        (make) => [make.t([1, 0, 65537, 65537]), make.t([1, 0, 65536, 65537])],
        'conv2d: input [1, 0, 65537, 65537], weight [1, 0, 65536, 65537], padding [[0, 0], [0, 0]], stride [1, 1], dilation [1, 1], groups 1: a padded row of all channels of a group has 8590065664 values, 1900000000 at most',
      ),
      error(
        (make) => [make.t([1, 60000, 1, 1]), make.t([1, 60000, 1, 1]), null, { padding: [0, 20000] }],
        'conv2d: input [1, 60000, 1, 1], weight [1, 60000, 1, 1], padding [[0, 0], [20000, 20000]], stride [1, 1], dilation [1, 1], groups 1: a padded row of all channels of a group has 2400060000 values, 1900000000 at most',
      ),
      error(
        (make) => [make.t([3, 3]), make.t([1, 1, 2, 2])],
        'conv2d: input expected shape [n, c, h, w] or [c, h, w], got [3, 3]',
      ),
      error(
        (make) => [make.t([1, 1, 3, 3]), make.t([1, 2, 2])],
        'conv2d: weight expected shape [out, in/groups, kh, kw], got [1, 2, 2]',
      ),
      error(
        (make) => [make.t([1, 2, 3, 3]), make.t([3, 1, 2, 2]), null, { groups: 2 }],
        'conv2d: the 3 output channels of weight [3, 1, 2, 2] do not divide into 2 groups',
      ),
      error(
        (make) => [make.t([1, 1, 3, 3]), make.t([1, 1, 2, 2]), null, { stride: 0 }],
        'conv2d: stride expected an integer >= 1, got 0',
      ),
      error(
        (make) => [make.t([1, 1, 3, 3]), make.t([1, 1, 2, 2]), null, { padding: [1, 2, 3] }],
        'conv2d: padding expected an integer or 2 integers >= 0, got [1, 2, 3]',
      ),
    ],
  },
  {
    name: 'conv1d',
    samples: (make) => [
      call(make, [2, 2, 4], [2, 2, 2]),
      call(make, [1, 2, 5], [2, 1, 3], { stride: 2, padding: 1, groups: 2 }, false),
      call(make, [1, 1, 4], [1, 1, 2], { padding: 'same', dilation: 2 }),
      call(make, [1, 3], [1, 1, 2]),
      call(make, [1, 1, 1], [1, 1, 1]),
      call(make, [0, 1, 2], [1, 1, 2]),
    ],
    large: (make) => [call(make, [3, 7, 131], [19, 7, 5], { padding: 2 })],
    dtypes: floats,
    precision: 'sum',
    errors: [
      ...optionErrors('conv1d', [1, 1, 3], [1, 1, 2]),
      error((make) => [make.t([3]), make.t([1, 1, 2])], 'conv1d: input expected shape [n, c, l] or [c, l], got [3]'),
    ],
  },
];
