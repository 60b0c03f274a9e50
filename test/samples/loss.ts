/** Losses of nn.functional. */
import type { Make } from './make.ts';
import { all, type ErrorCase, floats, notATensor, type OpRecord, type Sample } from './record.ts';

const error = (args: ErrorCase['args'], message: string): ErrorCase => ({ args, message });
const reductions = ['mean', 'sum', 'none'] as const;

const badReduction = (name: string, args: (make: Make) => Sample): ErrorCase =>
  error(
    (make) => [...args(make), { reduction: 'max' }],
    `${name}: reduction expected "mean" or "sum" or "none", got "max"`,
  );

/** A loss of two tensors of one shape. */
function paired(
  name: string,
  known: string,
  {
    options = [],
    target = {},
    input = {},
    ...rest
  }: Partial<OpRecord> & {
    options?: readonly object[];
    input?: object;
    target?: object;
  } = {},
): OpRecord {
  const pair = (make: Make, shape: readonly number[]): Sample => [make.t(shape, input), make.t(shape, target)];
  return {
    name,
    samples: (make) => [
      pair(make, [2, 3]),
      pair(make, [1]),
      ...reductions.map((reduction): Sample => [...pair(make, [2, 3]), { reduction }]),
      ...options.map((option): Sample => [...pair(make, [2, 3]), option]),
      [...pair(make, [0]), { reduction: 'sum' }],
    ],
    large: (make) => [pair(make, [37, 53])],
    dtypes: floats,
    ...rest,
    errors: [
      error((make) => [make.t([2, 3]), make.t([3])], `${name}: target expected the input's shape [2, 3], got [3]`),
      error(
        (make) => [...pair(make, [2]), { sizeAverage: true }],
        `${name}: unknown option "sizeAverage"; known options are ${known}`,
      ),
      badReduction(name, (make) => pair(make, [2])),
      ...(rest.errors ?? []),
    ],
  };
}

/** 1 or -1, not differentiated. */
const signs = (make: Make, shape: readonly number[]) => make.constant(shape, { apart: 0.1 }, Math.sign);

const apart = { input: { low: 0, high: 0.8 }, target: { low: 1.3, high: 3 } };

const classErrors = (name: string, known: string): ErrorCase[] => [
  error((make) => [make.t([2, 3]), make.index([3], 3)], `${name}: target expected shape [2], got [3]`),
  error(
    (make) => [make.t([1, 3]), make.index([1], 4, 3)],
    `${name}: target expected classes in [0, 2] or -100, got 3 at position 0`,
  ),
  error(
    (make) => [make.t([2, 3]), make.index([2], 3), { weight: make.t([2]) }],
    `${name}: weight expected shape [3], got [2]`,
  ),
  error((make) => [make.t([2, 3]), make.mask([2])], `${name}: target expected dtype int32, got "bool"`),
  error(
    (make) => [make.t([2, 3]), make.index([2], 3), { weights: 1 }],
    `${name}: unknown option "weights"; known options are ${known}`,
  ),
  badReduction(name, (make) => [make.t([2, 3]), make.index([2], 3)]),
];

const logits = paired('binaryCrossEntropyWithLogits', 'weight, reduction, posWeight', {
  input: { apart: 0.1 },
  target: { low: 0, high: 1 },
});

export const losses: readonly OpRecord[] = [
  paired('mseLoss', 'reduction'),
  paired('l1Loss', 'reduction', apart),
  paired('smoothL1Loss', 'reduction, beta', {
    ...apart,
    options: [{ beta: 0.1 }, { beta: 5 }, { beta: 0 }],
    errors: [
      error(
        (make) => [make.t([2]), make.t([2]), { beta: -1 }],
        'smoothL1Loss: beta expected a number in [0, Infinity], got -1',
      ),
    ],
  }),
  paired('huberLoss', 'reduction, delta', { ...apart, options: [{ delta: 0.1 }, { delta: 5 }] }),
  paired('binaryCrossEntropy', 'weight, reduction', {
    input: { low: 0.1, high: 0.9 },
    target: { low: 0.1, high: 0.9 },
    errors: [
      error(
        (make) => [make.values(2.5), make.values(1)],
        'binaryCrossEntropy: input expected probabilities in [0, 1], got 2.5',
      ),
    ],
  }),
  {
    ...logits,
    samples: (make) => [
      ...logits.samples(make),
      [
        make.t([2, 3], { apart: 0.1 }),
        make.t([2, 3], { low: 0, high: 1 }),
        { posWeight: make.t([3]), weight: make.t([2, 1]) },
      ],
    ],
  },
  ...(
    [
      ['klDiv', 'reduction, logTarget', [{ logTarget: true }, { reduction: 'batchmean' }], { low: 0.1, high: 1 }],
      ['poissonNllLoss', 'logInput, full, eps, reduction', [{ full: true }], { low: 1.5, high: 4 }],
      ['hingeEmbeddingLoss', 'margin, reduction', [], null],
      ['softMarginLoss', 'reduction', [], null],
    ] as const
  ).map(
    ([name, known, options, target]): OpRecord => ({
      name,
      samples: (make) => {
        const y = (shape: number[]) => (target ? make.t(shape, target) : signs(make, shape));
        return [
          [make.t([2, 3], { apart: 0.1, grid: 1 }), y([2, 3])],
          [make.t([1], { apart: 0.1 }), y([1])],
          ...['sum', 'none'].map(
            (reduction): Sample => [make.t([2, 3], { apart: 0.1, grid: 1 }), y([2, 3]), { reduction }],
          ),
          ...options.map((option): Sample => [make.t([2, 3]), y([2, 3]), option]),
          [make.t([0]), y([0]), { reduction: 'sum' }],
        ];
      },
      dtypes: name === 'poissonNllLoss' ? all : floats,
      errors: [
        notATensor(name, 'input', 0),
        error(
          (make) => [make.t([2]), make.t([2]), { sizeAverage: true }],
          `${name}: unknown option "sizeAverage"; known options are ${known}`,
        ),
      ],
    }),
  ),
  {
    name: 'gaussianNllLoss',
    samples: (make) => [
      [make.t([2, 3]), make.t([2, 3]), make.t([2, 3], { low: 0.5, high: 2 })],
      [make.t([2, 3]), make.t([2, 3]), make.t([2, 1], { low: 0.5, high: 2 }), { full: true, reduction: 'sum' }],
      [make.t([1]), make.t([1]), make.t([1], { low: 0.5, high: 2 })],
      [make.t([0, 2]), make.t([0, 2]), make.t([0, 2]), { reduction: 'sum' }],
    ],
    dtypes: floats,
    errors: [
      notATensor('gaussianNllLoss', 'input', 0, 0),
      error(
        (make) => [make.t([2, 3]), make.t([2, 3]), make.t([3])],
        'gaussianNllLoss: var expected shape [2, 3], [2, 1] or [2], got [3]',
      ),
    ],
  },
  {
    name: 'cosineEmbeddingLoss',
    samples: (make) => [
      [make.t([3, 4]), make.t([3, 4]), signs(make, [3])],
      [make.t([4]), make.t([4]), signs(make, []), { margin: -1.5, reduction: 'sum' }],
      [make.t([0, 4]), make.t([0, 4]), make.constant([0]), { reduction: 'sum' }],
    ],
    dtypes: floats,
    errors: [
      notATensor('cosineEmbeddingLoss', 'input1', 0, 0),
      error(
        (make) => [make.t([2]), make.t([2]), make.t([2])],
        'cosineEmbeddingLoss: expected inputs [n, d] with target [n], or [d] with [], got [2], [2] and [2]',
      ),
    ],
  },
  {
    name: 'tripletMarginLoss',
    samples: (make) => [
      [make.t([3, 4]), make.t([3, 4]), make.t([3, 4])],
      [make.t([3, 4]), make.t([3, 4]), make.t([3, 4]), { margin: 5, p: 3, swap: true, reduction: 'none' }],
      [make.t([4]), make.t([4]), make.t([4]), { reduction: 'sum' }],
      [make.t([0, 4]), make.t([0, 4]), make.t([0, 4]), { reduction: 'sum' }],
    ],
    dtypes: floats,
    errors: [
      notATensor('tripletMarginLoss', 'anchor', 0, 0),
      error(
        (make) => [make.t([2]), make.t([2]), make.t([1, 2])],
        'tripletMarginLoss: anchor, positive and negative differ in axes: shapes [2], [2], [1, 2]',
      ),
    ],
  },
  {
    name: 'marginRankingLoss',
    samples: (make) => [
      [make.t([4]), make.t([4]), signs(make, [4])],
      [make.t([2, 3]), make.t([2, 3]), signs(make, [2, 3]), { margin: 0.5, reduction: 'none' }],
      [make.t([0]), make.t([0]), make.constant([0]), { reduction: 'sum' }],
    ],
    dtypes: floats,
    errors: [notATensor('marginRankingLoss', 'input1', 0, 0)],
  },
  {
    name: 'nllLoss',
    samples: (make) => [
      [make.t([3, 4]), make.index([3], 4)],
      [make.t([4]), make.index([], 4)],
      [make.t([2, 3, 2]), make.index([2, 2], 3)],
      ...reductions.map((reduction): Sample => [make.t([3, 4]), make.index([3], 4), { reduction }]),
      [make.t([3, 2]), make.index([3], 2), { weight: make.constant([2], { low: 0.5, high: 2 }) }],
      [make.t([4, 2]), make.index([4], 2), { ignoreIndex: 1, reduction: 'sum' }],
      [make.t([0, 2]), make.index([0], 2), { reduction: 'sum' }],
    ],
    dtypes: floats,
    errors: classErrors('nllLoss', 'weight, ignoreIndex, reduction'),
  },
  {
    name: 'crossEntropy',
    samples: (make) => [
      [make.t([3, 4]), make.index([3], 4)],
      [make.t([4]), make.index([], 4)],
      [make.t([2, 3, 2]), make.index([2, 2], 3)],
      ...reductions.map(
        (reduction): Sample => [make.t([3, 4]), make.index([3], 4), { reduction, labelSmoothing: 0.1 }],
      ),
      [make.t([3, 2]), make.index([3], 2), { weight: make.constant([2], { low: 0.5, high: 2 }), labelSmoothing: 0.2 }],
      [make.t([4, 2]), make.index([4], 2), { ignoreIndex: 1, reduction: 'sum' }],
      [make.t([2, 3]), make.t([2, 3], { low: 0, high: 1 })],
      [make.t([2, 3]), make.t([2, 3], { low: 0, high: 1 }), { labelSmoothing: 0.3, weight: make.constant([3]) }],
      [make.t([0, 2]), make.index([0], 2), { reduction: 'sum' }],
    ],
    large: (make) => [[make.t([256, 10], { low: -9, high: 9 }), make.index([256], 10)]],
    dtypes: floats,
    errors: [
      ...classErrors('crossEntropy', 'weight, ignoreIndex, reduction, labelSmoothing'),
      error(
        (make) => [make.t([2, 3]), make.t([2, 2])],
        'crossEntropy: target expected int32 classes, or probabilities of shape [2, 3], got [2, 2]',
      ),
      error(
        (make) => [make.t([2, 3]), make.index([2], 3), { labelSmoothing: 2 }],
        'crossEntropy: labelSmoothing expected a number in [0, 1], got 2',
      ),
    ],
  },
];
