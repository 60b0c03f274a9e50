/** Pooling. */
import { type ErrorCase, floats, notATensor, type OpRecord } from './record.ts';

const error = (args: ErrorCase['args'], message: string): ErrorCase => ({ args, message });

const windowErrors = (name: string): ErrorCase[] => [
  notATensor(name, 'input', 2),
  error((make) => [make.t([3, 3]), 2], `${name}: input expected shape [n, c, h, w] or [c, h, w], got [3, 3]`),
  error((make) => [make.t([1, 3, 3]), 0], `${name}: kernelSize expected an integer >= 1, got 0`),
  error((make) => [make.t([1, 3, 3]), 2, { stride: 0 }], `${name}: stride expected an integer >= 1, got 0`),
  error(
    (make) => [make.t([1, 3, 3]), 2, { padding: 2 }],
    `${name}: padding expected at most half of kernelSize 2, got 2`,
  ),
  error(
    (make) => [make.t([1, 3, 3]), 4],
    `${name}: kernel [4, 4] does not fit the padded input of size [3, 3]: the output would be [0, 0]`,
  ),
];

export const pool: readonly OpRecord[] = [
  {
    name: 'maxPool2d',
    samples: (make) => [
      [make.distinct([1, 2, 4, 4]), 2],
      [make.distinct([1, 5, 4]), [3, 2], { stride: [2, 1], padding: 1 }],
      [make.distinct([1, 1, 5, 5]), 2, { dilation: 2, stride: 1 }],
      [make.distinct([1, 1, 5, 5]), 2, { ceilMode: true }],
      [make.distinct([1, 1, 3, 3]), 2, { stride: 1, returnIndices: true }],
      [make.distinct([1, 1, 1, 1]), 1],
      [make.distinct([0, 1, 4, 4]), 2],
    ],
    large: (make) => [
      [make.distinct([2, 3, 28, 28]), 2],
      [make.distinct([1, 5, 31, 33]), 3, { stride: 2, padding: 1 }],
      [make.distinct([1, 2, 17, 40]), 3, { stride: 1 }],
    ],
    dtypes: floats,
    precision: 'exact',
    errors: [
      ...windowErrors('maxPool2d'),
      error(
        (make) => [make.t([1, 3, 3]), 2, { ceil: true }],
        'maxPool2d: unknown option "ceil"; known options are stride, padding, dilation, ceilMode, returnIndices',
      ),
      error((make) => [make.t([1, 3, 3]), 2, { ceilMode: 1 }], 'maxPool2d: ceilMode expected true or false, got 1'),
    ],
  },
  {
    name: 'avgPool2d',
    samples: (make) => [
      [make.t([1, 2, 4, 4]), 2],
      [make.t([1, 5, 4]), [3, 2], { stride: [2, 1], padding: 1 }],
      [make.t([1, 1, 5, 5]), 2, { ceilMode: true, padding: 1 }],
      [make.t([1, 1, 4, 4]), 3, { padding: 1, countIncludePad: false, stride: 2 }],
      [make.t([1, 1, 4, 4]), 2, { divisorOverride: 3 }],
      [make.t([1, 1, 1, 1]), 1],
      [make.t([0, 1, 4, 4]), 2],
    ],
    large: (make) => [
      [make.t([2, 3, 28, 28]), 2],
      [make.t([1, 5, 31, 33]), 3, { stride: 2, padding: 1 }],
      [make.t([1, 2, 17, 40]), 3, { stride: 1 }],
    ],
    dtypes: floats,
    errors: [
      ...windowErrors('avgPool2d'),
      error(
        (make) => [make.t([1, 3, 3]), 2, { dilation: 2 }],
        'avgPool2d: unknown option "dilation"; known options are stride, padding, ceilMode, countIncludePad, divisorOverride',
      ),
      error(
        (make) => [make.t([1, 3, 3]), 2, { divisorOverride: 0 }],
        'avgPool2d: divisorOverride expected an integer other than 0, got 0',
      ),
    ],
  },
];
