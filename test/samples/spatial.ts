/** Convolutions and poolings in one and three axes, transposed, adaptive and inverse ones, windows and resizing. */
import { conv } from './conv.ts';
import type { Make } from './make.ts';
import { type ErrorCase, floats, notATensor, type OpRecord, type Sample } from './record.ts';

const error = (args: ErrorCase['args'], message: string): ErrorCase => ({ args, message });
const axesNames = ['l', 'h, w', 'd, h, w'];
/** [n, c, …] with these sizes along the first spatial axes and 2 along the others. */
const image = (n: number, c: number, axes: number, ...sizes: number[]): number[] => [
  n,
  c,
  ...Array.from({ length: axes }, (_, i) => sizes[i] ?? 2),
];
const notAnImage = (name: string, axes: number, ...rest: unknown[]): ErrorCase =>
  error(
    (make) => [make.t([3]), ...rest],
    `${name}: input expected shape [n, c, ${axesNames[axes - 1]}] or [c, ${axesNames[axes - 1]}], got [3]`,
  );

const transposed = (axes: number): OpRecord => {
  const name = `convTranspose${axes}d`;
  const call = (make: Make, x: number[], weight: number[], groups: number, options?: object): Sample => [
    make.t(x),
    make.t(weight),
    make.t([weight[1] * groups]),
    ...(options ? [{ groups, ...options }] : []),
  ];
  const kernel = (cin: number, cout: number): number[] => [cin, cout, ...Array<number>(axes).fill(2)];
  return {
    name,
    samples: (make) => [
      call(make, image(1, 1, axes, 3), kernel(1, 2), 1),
      call(make, image(2, 2, axes), kernel(2, 1), 2, { stride: 2, padding: 1, outputPadding: 1 }),
      call(make, image(1, 1, axes, 3), kernel(1, 1), 1, { dilation: 2, stride: 1, padding: 1 }),
      [make.t(image(1, 1, axes).slice(1)), make.t(kernel(1, 1))],
      call(make, image(0, 1, axes), kernel(1, 1), 1),
    ],
    large: (make) => [call(make, image(2, 8, axes, 5, 7, 3), kernel(8, 6), 1, { stride: 2 })],
    dtypes: floats,
    precision: 'sum',
    errors: [
      notATensor(name, 'input'),
      error(
        (make) => [make.t(image(1, 2, axes)), make.t(kernel(1, 1))],
        `${name}: input has 2 channels, weight of shape [${kernel(1, 1).join(', ')}] expects 1`,
      ),
      error(
        (make) => [make.t(image(1, 1, axes)), make.t(kernel(1, 1)), null, { outputPadding: 1 }],
        `${name}: outputPadding expected less than stride 1 or dilation 1, got 1`,
      ),
      error(
        (make) => [make.t(image(1, 1, axes)), make.t(kernel(1, 1)), null, { padding: 'same' }],
        `${name}: padding expected an integer or ${axes} integers >= 0, got "same"`,
      ),
    ],
  };
};

const maxPool = (axes: number): OpRecord => {
  const name = `maxPool${axes}d`;
  return {
    name,
    samples: (make) => [
      [make.distinct(image(1, 2, axes, 4)), 2],
      [make.distinct(image(1, 1, axes, 5, 3)), 2, { stride: 1, padding: 1, ceilMode: true }],
      [make.distinct(image(1, 1, axes, 5, 3, 3).slice(1)), 2, { dilation: [2, 1, 1].slice(0, axes), stride: 2 }],
      [make.distinct(image(1, 1, axes, 4)), 2, { returnIndices: true }],
      [make.distinct(image(0, 1, axes, 4)), 2],
    ],
    dtypes: floats,
    precision: 'exact',
    errors: [notATensor(name, 'input', 2), notAnImage(name, axes, 2)],
  };
};

const avgPool = (axes: number): OpRecord => {
  const name = `avgPool${axes}d`;
  return {
    name,
    samples: (make) => [
      [make.t(image(1, 2, axes, 4)), 2],
      [make.t(image(1, 1, axes, 5, 3)), 2, { stride: 1, padding: 1, ceilMode: true }],
      [make.t(image(1, 1, axes, 4, 4, 4).slice(1)), 3, { padding: 1, countIncludePad: false }],
      ...(axes === 3 ? [[make.t(image(1, 1, 3)), 2, { divisorOverride: 3 }]] : []),
      [make.t(image(0, 1, axes, 4)), 2],
    ],
    dtypes: floats,
    errors: [notATensor(name, 'input', 2), notAnImage(name, axes, 2)],
  };
};

const lpPool = (axes: number): OpRecord => {
  const name = `lpPool${axes}d`;
  return {
    name,
    samples: (make) => [
      [make.t(image(1, 2, axes, 4), { low: 0.2, high: 2 }), 2, 2],
      [make.t(image(1, 1, axes, 5, 3), { low: 0.2, high: 2 }), 3, 2, { stride: 1, ceilMode: true }],
      [make.t(image(0, 1, axes, 4)), 2, 2],
    ],
    dtypes: floats,
    errors: [
      notATensor(name, 'input', 2, 2),
      error((make) => [make.t(image(1, 1, axes)), 0, 2], `${name}: normType expected a number other than 0, got 0`),
    ],
  };
};

const adaptive = (kind: 'Avg' | 'Max', axes: number): OpRecord => {
  const name = `adaptive${kind}Pool${axes}d`;
  const of = (make: Make, shape: number[]): unknown => (kind === 'Max' ? make.distinct(shape) : make.t(shape));
  return {
    name,
    samples: (make) => [
      [of(make, image(1, 2, axes, 5)), 2],
      [of(make, image(1, 1, axes, 4, 3).slice(1)), [3, null, 1].slice(0, axes)],
      [of(make, image(1, 1, axes, 1, 1, 1)), 2],
      ...(kind === 'Max' ? [[of(make, image(1, 1, axes, 4)), 1, { returnIndices: true }]] : []),
      [of(make, image(0, 1, axes)), 1],
    ],
    dtypes: floats,
    precision: kind === 'Max' ? 'exact' : 'close',
    errors: [
      notATensor(name, 'input', 1),
      notAnImage(name, axes, 1),
      error(
        (make) => [make.t(image(1, 1, axes)), [1, 1, 1, 1]],
        `${name}: outputSize expected an integer or ${axes} of integers and null, got [1, 1, 1, 1]`,
      ),
    ],
  };
};

const unpool = (axes: number): OpRecord => {
  const name = `maxUnpool${axes}d`;
  /** Places 2·i along the first axis: no two alike. */
  const places = (make: Make, n: number, count: number): unknown =>
    make.index([n, 1, ...Array<number>(axes - 1).fill(1), count], 1);
  return {
    name,
    samples: (make) => [
      [make.t([1, 1, ...Array<number>(axes).fill(1)]), places(make, 1, 1), 2],
      [
        make.t([2, 1, ...Array<number>(axes).fill(1)]),
        places(make, 2, 1),
        2,
        { stride: 2, outputSize: Array(axes).fill(3) },
      ],
      [make.t([0, 1, ...Array<number>(axes).fill(1)]), places(make, 0, 1), 2],
    ],
    dtypes: floats,
    precision: 'exact',
    errors: [
      error(
        (make) => [make.t(image(1, 1, axes)), make.index([1], 1), 2],
        `${name}: indices expected the input's shape [${image(1, 1, axes).join(', ')}], got [1]`,
      ),
    ],
  };
};

const conv2 = conv[0];

export const spatial: readonly OpRecord[] = [
  {
    name: 'conv3d',
    samples: (make) => [
      [make.t([1, 1, 3, 2, 2]), make.t([1, 1, 2, 2, 2]), make.t([1])],
      [make.t([1, 2, 3, 3, 2]), make.t([2, 1, 2, 2, 1]), null, { groups: 2, stride: [2, 1, 1], padding: [1, 0, 0] }],
      [make.t([1, 3, 2, 2]), make.t([1, 1, 2, 1, 1]), null, { dilation: [2, 1, 1], padding: 'same' }],
      [make.t([0, 1, 2, 2, 2]), make.t([1, 1, 1, 1, 1])],
    ],
    large: (make) => [[make.t([1, 4, 7, 9, 8]), make.t([6, 4, 3, 3, 3]), make.t([6]), { padding: 1 }]],
    dtypes: floats,
    precision: conv2.precision,
    errors: [
      notATensor('conv3d', 'input'),
      error(
        (make) => [make.t([1, 2, 2, 2, 2]), make.t([1, 1, 1, 1, 1])],
        'conv3d: input has 2 channels, weight of shape [1, 1, 1, 1, 1] with groups 1 expects 1',
      ),
    ],
  },
  ...[1, 2, 3].map(transposed),
  ...[1, 3].map(maxPool),
  ...[1, 3].map(avgPool),
  ...[1, 2].map(lpPool),
  ...[1, 2, 3].flatMap((axes) => [adaptive('Avg', axes), adaptive('Max', axes)]),
  ...[1, 2, 3].map(unpool),
  {
    name: 'unfold',
    samples: (make) => [
      [make.t([1, 2, 3, 3]), 2],
      [make.t([1, 3, 4]), [2, 1], { dilation: [1, 2], padding: 1, stride: 2 }],
      [make.t([1, 1, 1, 1]), 1],
      [make.t([0, 1, 2, 2]), 1],
    ],
    large: (make) => [[make.t([2, 3, 17, 19]), 3, { padding: 1 }]],
    dtypes: floats,
    precision: 'exact',
    errors: [
      notATensor('unfold', 'input', 1),
      error((make) => [make.t([2, 2]), 1], 'unfold: input expected shape [n, c, h, w] or [c, h, w], got [2, 2]'),
    ],
  },
  {
    name: 'fold',
    samples: (make) => [
      [make.t([1, 8, 4]), 3, 2],
      [make.t([2, 3]), [2, 3], [2, 1], { stride: [1, 1], padding: 0 }],
      [make.t([0, 1, 4]), 2, 1],
    ],
    dtypes: floats,
    precision: 'sum',
    errors: [
      notATensor('fold', 'input', 1, 1),
      error(
        (make) => [make.t([1, 3, 4]), 3, 2],
        'fold: input has 3 rows, not a multiple of the 4 elements of kernelSize',
      ),
      error(
        (make) => [make.t([1, 4, 3]), 3, 2],
        'fold: input has 3 windows, outputSize [3, 3] with these options has 4',
      ),
    ],
  },
  {
    name: 'interpolate',
    samples: (make) => [
      [make.t([1, 1, 3]), { size: 5 }],
      [make.t([1, 1, 3]), { scaleFactor: 1.7, mode: 'linear' }],
      [make.t([1, 2, 2, 3]), { size: [3, 2], mode: 'bilinear', alignCorners: true }],
      [make.t([1, 1, 3, 2]), { scaleFactor: [2, 1.5], mode: 'bicubic' }],
      [make.t([1, 1, 4, 3]), { size: 2, mode: 'area' }],
      [make.t([1, 1, 2, 2, 2]), { scaleFactor: 1.5, mode: 'trilinear' }],
      [make.t([1, 1, 4]), { size: 3, mode: 'nearest-exact' }],
      [make.t([0, 1, 3]), { size: 2 }],
    ],
    large: (make) => [[make.t([2, 3, 17, 19]), { scaleFactor: 2, mode: 'bilinear' }]],
    dtypes: floats,
    errors: [
      notATensor('interpolate', 'input', { size: 1 }),
      error((make) => [make.t([1, 1, 2])], 'interpolate: expected either size or scaleFactor'),
      error(
        (make) => [make.t([1, 1, 2]), { size: 2, mode: 'bilinear' }],
        'interpolate: mode "bilinear" expected 2 spatial axes, got shape [1, 1, 2]',
      ),
      error(
        (make) => [make.t([1, 1, 2]), { size: 2, antialias: true }],
        'interpolate: unknown option "antialias"; known options are size, scaleFactor, mode, alignCorners, recomputeScaleFactor',
      ),
      error(
        (make) => [make.t([1, 1, 2]), { size: 2, alignCorners: true }],
        'interpolate: alignCorners does not apply to mode "nearest"',
      ),
    ],
  },
  ...['pixelShuffle', 'pixelUnshuffle', 'channelShuffle'].map(
    (name): OpRecord => ({
      name,
      samples: (make) => [
        [make.t([1, 4, 2, 4]), 2],
        [make.t([1, 1, 1, 1]), 1],
        [make.t([0, 4, 2, 2]), 2],
      ],
      dtypes: ['float32', 'float64', 'int32', 'uint8', 'bool'],
      precision: 'exact',
      errors: [
        notATensor(name, 'input', 1),
        {
          pixelShuffle: error(
            (make) => [make.t([1, 3, 2, 2]), 2],
            'pixelShuffle: input expected a multiple of 4 channels, got 3',
          ),
          pixelUnshuffle: error(
            (make) => [make.t([1, 1, 3, 2]), 2],
            'pixelUnshuffle: input expected sizes that 2 divides, got shape [1, 1, 3, 2]',
          ),
          channelShuffle: error(
            (make) => [make.t([1, 3, 2]), 2],
            'channelShuffle: groups expected a divisor of the 3 channels, got 2',
          ),
        }[name] as ErrorCase,
      ],
    }),
  ),
];
