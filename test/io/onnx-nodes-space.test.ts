import { fileOf, float32s, node } from '../helpers/onnx.ts';
import { type Case, f, floats, of, runCases, scalar } from '../helpers/onnx-cases.ts';

const MANY = 2n ** 63n - 1n;
const six = [
  [0, 1, 2],
  [3, 4, 5],
];
const square = [
  [
    [
      [0, 1],
      [2, 3],
    ],
  ],
];

const shapes: Case[] = [
  of(
    node('Reshape', 'x s'),
    six,
    [
      [[0], [1], [2]],
      [[3], [4], [5]],
    ],
    { s: [0n, -1n, 1n] },
  ),
  of(
    node('Flatten', 'x', { axis: -1 }),
    [square[0][0]],
    [
      [0, 1],
      [2, 3],
    ],
  ),
  of(node('Flatten', 'x', { axis: 0 }), six, [[0, 1, 2, 3, 4, 5]]),
  of(node('Transpose'), six, [
    [0, 3],
    [1, 4],
    [2, 5],
  ]),
  of(
    node('Transpose', 'x', { perm: [1, 0, 2] }),
    [
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [[[1, 2]], [[3, 4]]],
  ),
  of(
    node('Concat', 'x x', { axis: -1 }),
    [[1], [2]],
    [
      [1, 1],
      [2, 2],
    ],
  ),
  of(
    [node('Split', 'x s', { axis: 1 }, 'a b'), node('Identity', 'b')],
    six,
    [
      [1, 2],
      [4, 5],
    ],
    { s: [1n, 2n] },
  ),
  of(
    [node('Split', 'x', { axis: 1, num_outputs: 2 }, 'a b'), node('Identity', 'b')],
    six,
    [[2], [5]],
    {},
    { opset: 18 },
  ),
  of([node('Split', 'x', { split: [1, 1] }, 'a b'), node('Identity', 'a')], six, [[0, 1, 2]], {}, { opset: 11 }),
  of(node('Slice', 'x a b c d'), [0, 1, 2, 3, 4, 5], [1, 3, 5], { a: [1n], b: [MANY], c: [-1n], d: [2n] }),
  of(node('Slice', 'x a b c d'), [0, 1, 2, 3, 4, 5], [4, 2, 0], { a: [-2n], b: [-MANY], c: [0n], d: [-2n] }),
  of(node('Slice', 'x a b'), [0, 1, 2, 3], [], { a: [3n], b: [2n] }),
  of(
    node('Slice', 'x', { starts: [-2], ends: [9], axes: [1] }),
    six,
    [
      [1, 2],
      [4, 5],
    ],
    {},
    { opset: 9 },
  ),
  of(node('Gather', 'x i', { axis: 1 }), six, [[[2, 0]], [[5, 3]]], { i: fileOf(BigInt64Array.of(-1n, 0n), [1, 2]) }),
  of([node('Unsqueeze', 'x a'), node('Squeeze', 'v0 b')], [1, 2], [[1], [2]], { a: [0n, -1n], b: [0n] }),
  of(node('Unsqueeze', 'x', { axes: [1] }), [1, 2], [[1], [2]], {}, { opset: 11 }),
  of(node('Squeeze'), [[[1], [2]]], [1, 2]),
  // the shape that PyTorch writes for a flatten
  of(
    [
      node('Shape'),
      node('Gather', 'v0 i'),
      node('Unsqueeze', 'v1 a'),
      node('Concat', 'v2 r', { axis: 0 }),
      node('Reshape', 'x v3'),
    ],
    [
      [[1], [2]],
      [[3], [4]],
    ],
    [
      [1, 2],
      [3, 4],
    ],
    { i: fileOf(BigInt64Array.of(0n), []), a: [0n], r: [-1n] },
  ),
  of(
    [
      node('Shape', 'x', { start: -1 }),
      node('ConstantOfShape', 'v0', { value: { tensor: float32s(7) } }),
      node('Add', 'x v1'),
    ],
    [1, 2],
    [8, 9],
  ),
  of([node('Constant', '', { value: { tensor: float32s(1, 2) } }), node('Mul', 'x v0')], [3, 4], [3, 8]),
  of([node('Constant', '', { value_float: f(0.5) }), node('Mul', 'x v0')], [3, 4], [1.5, 2]),
  of([node('Constant', '', { value_ints: [-1, 1] }), node('Reshape', 'x v0')], [3, 4], [[3], [4]]),
  of(
    node('Expand', 'x s'),
    [1, 2],
    [
      [1, 2],
      [1, 2],
    ],
    { s: [2n, 1n] },
  ),
  of(
    node('Pad', 'x p v'),
    [[1, 2]],
    [
      [9, 1, 2],
      [9, 9, 9],
    ],
    { p: [0n, 1n, 1n, 0n], v: scalar(9) },
  ),
  of(node('Pad', 'x', { pads: [0, 2, 0, 1], mode: 'reflect' }), [[1, 2, 3]], [[3, 2, 1, 2, 3, 2]], {}, { opset: 9 }),
  of(node('Pad', 'x p _ a', { mode: 'edge' }), [[1, 2]], [[1, 1, 2]], { p: [1n, 0n], a: [-1n] }, { opset: 18 }),
  of(node('DepthToSpace', 'x', { blocksize: 2 }), [[[[0]], [[1]], [[2]], [[3]]]], square),
  of(
    node('DepthToSpace', 'x', { blocksize: 2 }),
    [[0, 1, 2, 3, 4, 5, 6, 7].map((v) => [[v]])],
    [
      [
        [
          [0, 2],
          [4, 6],
        ],
        [
          [1, 3],
          [5, 7],
        ],
      ],
    ],
  ),
  of(node('SpaceToDepth', 'x', { blocksize: 2 }), square, [[[[0]], [[1]], [[2]], [[3]]]]),
];

const kernel = { w: floats([1, 1, 2, 2], 1, 1, 1, 1) };
const nine = [
  [
    [
      [0, 1, 2],
      [3, 4, 5],
      [6, 7, 8],
    ],
  ],
];
const windows: Case[] = [
  of(
    node('Conv', 'x w', { kernel_shape: [2, 2] }),
    nine,
    [
      [
        [
          [8, 12],
          [20, 24],
        ],
      ],
    ],
    kernel,
  ),
  of(
    node('Conv', 'x w', { auto_pad: 'SAME_UPPER', strides: [2, 2] }),
    nine,
    [
      [
        [
          [8, 7],
          [13, 8],
        ],
      ],
    ],
    kernel,
  ),
  of(
    node('Conv', 'x w', { auto_pad: 'SAME_LOWER' }),
    square,
    [
      [
        [
          [0, 1],
          [2, 6],
        ],
      ],
    ],
    kernel,
  ),
  of(node('Conv', 'x w', { auto_pad: 'VALID', dilations: [2, 2] }), nine, [[[[16]]]], kernel),
  of(
    node('ConvTranspose', 'x w', { pads: [1, 0, 0, 0], strides: [1, 2] }),
    square,
    [
      [
        [
          [2, 2, 4, 4],
          [2, 2, 3, 3],
        ],
      ],
    ],
    kernel,
  ),
  of(node('MaxPool', 'x', { kernel_shape: [2], pads: [1, 0], strides: [2] }), [[[-1, -2, -3]]], [[[-1, -2]]]),
  of(
    node('MaxPool', 'x', { kernel_shape: [2], pads: [1, 0], strides: [2], ceil_mode: 1 }),
    [[[-1, -2, -3, -4]]],
    [[[-1, -2, -4]]],
  ),
  of(node('MaxPool', 'x', { kernel_shape: [2], strides: [2], ceil_mode: 1 }), [[[1, 2, 3]]], [[[2, 3]]]),
  of(node('AveragePool', 'x', { kernel_shape: [2], pads: [1, 0], strides: [2] }), [[[2, 4, 6]]], [[[2, 5]]]),
  of(
    node('AveragePool', 'x', { kernel_shape: [2], pads: [1, 0], strides: [2], count_include_pad: 1 }),
    [[[2, 4, 6]]],
    [[[1, 5]]],
  ),
  of(node('AveragePool', 'x', { kernel_shape: [3], auto_pad: 'SAME_UPPER' }), [[[3, 6, 9]]], [[[4.5, 6, 7.5]]]),
  of(node('GlobalAveragePool'), square, [[[[1.5]]]]),
  of(node('GlobalMaxPool'), square, [[[[3]]]]),
  of(node('LRN', 'x', { size: 1, alpha: f(1), beta: f(1) }), [[[[1, 2]]]], [[[[0.5, 0.4]]]]),
  of(node('Resize', 'x _ _ s'), [[[0, 1]]], [[[0, 0, 1, 1]]], { s: [1n, 1n, 4n] }),
  of(
    node('Resize', 'x _ _ s', { nearest_mode: 'ceil', coordinate_transformation_mode: 'align_corners' }),
    [[[0, 1, 2, 3]]],
    [[[0, 2, 3]]],
    { s: [1n, 1n, 3n] },
  ),
  of(node('Resize', 'x _ s', { mode: 'linear' }), [[[0, 4]]], [[[0, 1, 3, 4]]], { s: [1, 1, 2] }),
  of(node('Resize', 'x s'), [[[0, 1]]], [[[0, 0, 1]]], { s: [1, 1, 1.5] }, { opset: 10 }),
];

runCases('shapes', shapes);
runCases('windows', windows);
