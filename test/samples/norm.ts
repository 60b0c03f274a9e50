/** Normalisations of nn.functional. */
import { type ErrorCase, floats, notATensor, type OpRecord } from './record.ts';

const error = (args: ErrorCase['args'], message: string): ErrorCase => ({ args, message });
const positive = { low: 0.5, high: 2 };

export const norms: readonly OpRecord[] = [
  {
    name: 'batchNorm',
    samples: (make) => [
      [make.t([3, 2]), null, null, { training: true }],
      [make.t([2, 2, 3]), null, null, { weight: make.t([2]), bias: make.t([2]), training: true, eps: 0.1 }],
      [make.t([2, 2, 1, 2]), make.constant([2]), make.constant([2], positive), { training: true, momentum: 0.3 }],
      [make.t([2, 2, 2]), make.constant([2]), make.constant([2], positive), { weight: make.t([2]), bias: make.t([2]) }],
      [make.t([2, 2]), make.constant([2]), make.constant([2], positive)],
      [make.t([0, 2]), make.constant([2]), make.constant([2], positive)],
    ],
    large: (make) => [[make.t([4, 5, 9, 11]), null, null, { weight: make.t([5]), bias: make.t([5]), training: true }]],
    dtypes: floats,
    errors: [
      notATensor('batchNorm', 'input'),
      error((make) => [make.t([2])], 'batchNorm: input expected shape [n, c, …], got [2]'),
      error((make) => [make.t([2, 2])], 'batchNorm: runningMean and runningVar expected where training is false'),
      error(
        (make) => [make.t([1, 2]), null, null, { training: true }],
        'batchNorm: expected more than 1 value per channel in training, got input of shape [1, 2]',
      ),
      error((make) => [make.t([2, 2]), make.t([3]), make.t([2])], 'batchNorm: runningMean expected shape [2], got [3]'),
      error(
        (make) => [make.t([2, 2]), null, null, { train: true }],
        'batchNorm: unknown option "train"; known options are weight, bias, training, momentum, eps',
      ),
    ],
  },
  {
    name: 'instanceNorm',
    samples: (make) => [
      [make.t([2, 2, 3])],
      [make.t([1, 2, 2, 2]), { weight: make.t([2]), bias: make.t([2]), eps: 0.1 }],
      [
        make.t([2, 2, 3]),
        { runningMean: make.constant([2]), runningVar: make.constant([2], positive), useInputStats: false },
      ],
      [make.t([2, 2, 3]), { runningMean: make.constant([2]), runningVar: make.constant([2], positive) }],
      [make.t([0, 2, 3])],
    ],
    dtypes: floats,
    errors: [
      notATensor('instanceNorm', 'input'),
      error(
        (make) => [make.t([2, 2])],
        'instanceNorm: input expected shape [n, c, …] with at least 3 axes, got [2, 2]',
      ),
      error(
        (make) => [make.t([2, 2, 1])],
        'instanceNorm: expected more than 1 element per channel, got input of shape [2, 2, 1]',
      ),
    ],
  },
  {
    name: 'groupNorm',
    samples: (make) => [
      [make.t([2, 4]), 2],
      [make.t([2, 2, 3]), 1, { weight: make.t([2]), bias: make.t([2]), eps: 0.1 }],
      [make.t([1, 4, 2]), 2, { weight: make.t([4]) }],
      [make.t([0, 4]), 2],
    ],
    dtypes: floats,
    errors: [
      notATensor('groupNorm', 'input', 1),
      error((make) => [make.t([2, 4]), 3], 'groupNorm: numGroups expected a divisor of the 4 channels, got 3'),
      error((make) => [make.t([2, 4]), 0], 'groupNorm: numGroups expected an integer >= 1, got 0'),
    ],
  },
  {
    name: 'layerNorm',
    samples: (make) => [
      [make.t([2, 3]), 3],
      [make.t([2, 2, 2]), [2, 2], { weight: make.t([2, 2]), bias: make.t([2, 2]), eps: 0.1 }],
      [make.t([4]), [4]],
      [make.t([0, 3]), [3]],
    ],
    large: (make) => [[make.t([19, 129]), [129], { weight: make.t([129]), bias: make.t([129]) }]],
    dtypes: floats,
    errors: [
      notATensor('layerNorm', 'input', 1),
      error((make) => [make.t([2, 3]), [2]], 'layerNorm: normalizedShape expected the last sizes of [2, 3], got [2]'),
      error((make) => [make.t([2, 3]), [3], { weight: make.t([2]) }], 'layerNorm: weight expected shape [3], got [2]'),
    ],
  },
  {
    name: 'localResponseNorm',
    samples: (make) => [
      [make.t([1, 3, 2]), 2],
      [make.t([1, 4, 1, 2]), 3, { alpha: 0.5, beta: 0.5, k: 1.25 }],
      [make.t([0, 3, 2]), 2],
    ],
    dtypes: floats,
    errors: [
      notATensor('localResponseNorm', 'input', 1),
      error(
        (make) => [make.t([2, 2]), 1],
        'localResponseNorm: input expected shape [n, c, …] with at least 3 axes, got [2, 2]',
      ),
      error((make) => [make.t([1, 2, 2]), 0], 'localResponseNorm: size expected an integer >= 1, got 0'),
    ],
  },
  {
    name: 'normalize',
    samples: (make) => [
      [make.t([2, 3])],
      [make.t([2, 3]), { p: 3, dim: 0 }],
      [make.t([2, 2], { low: 0.1, high: 0.2 }), { eps: 5 }],
      [make.t([1]), { dim: 0 }],
      [make.t([0, 2])],
    ],
    dtypes: floats,
    errors: [
      notATensor('normalize', 'input'),
      error((make) => [make.t([2])], 'normalize: dim expected an integer in [-1, 0], got 1'),
    ],
  },
  {
    name: 'cosineSimilarity',
    samples: (make) => [
      [make.t([2, 3]), make.t([2, 3])],
      [make.t([2, 3]), make.t([1, 3]), { dim: -1, eps: 0.1 }],
      [make.t([3]), make.t([3]), { dim: 0 }],
      [make.t([0, 2]), make.t([0, 2])],
    ],
    dtypes: floats,
    errors: [
      notATensor('cosineSimilarity', 'x1', 0),
      error((make) => [make.t([2]), make.t([2])], 'cosineSimilarity: dim expected an integer in [-1, 0], got 1'),
    ],
  },
  {
    name: 'pairwiseDistance',
    samples: (make) => [
      [make.t([2, 3]), make.t([2, 3])],
      [make.t([2, 3]), make.t([3]), { p: 1, keepdim: true }],
      [make.t([3]), make.t([3]), { p: 3, eps: 0.1 }],
      [make.t([0, 2]), make.t([0, 2])],
    ],
    dtypes: floats,
    errors: [notATensor('pairwiseDistance', 'x1', 0)],
  },
  {
    name: 'oneHot',
    samples: (make) => [
      [make.index([2, 3], 4)],
      [make.index([2], 3), { numClasses: 5 }],
      [make.index([], 2)],
      [make.index([0], 1), { numClasses: 2 }],
    ],
    dtypes: ['float32', 'float64', 'int32', 'uint8', 'bool'],
    differentiable: false,
    precision: 'exact',
    errors: [
      notATensor('oneHot', 'input'),
      error(
        (make) => [make.index([1], 4, 3), { numClasses: 3 }],
        'oneHot: input expected classes in [0, 2], got 3 at position 0',
      ),
      error((make) => [make.t([2])], 'oneHot: input expected dtype int32, got "float32"'),
    ],
  },
];
