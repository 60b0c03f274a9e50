import { expect, it } from 'vitest';
import { io, tensor } from '../../src/index.ts';
import { ElementType } from '../../src/io/onnx/proto.ts';
import { fileWith, int64s, node, value } from '../helpers/onnx.ts';
import { type Case, f, floats, of, runCases, scalar } from '../helpers/onnx-cases.ts';

const six = [
  [0, 1, 2],
  [3, 4, 5],
];

const unary: Record<string, (v: number) => number> = {
  Abs: Math.abs,
  Ceil: Math.ceil,
  Cos: Math.cos,
  Exp: Math.exp,
  Floor: Math.floor,
  HardSwish: (v) => (v * Math.min(Math.max(v + 3, 0), 6)) / 6,
  Identity: (v) => v,
  Mish: (v) => v * Math.tanh(Math.log1p(Math.exp(v))),
  Neg: (v) => -v,
  Reciprocal: (v) => 1 / v,
  Relu: (v) => Math.max(v, 0),
  Sigmoid: (v) => 1 / (1 + Math.exp(-v)),
  Sign: Math.sign,
  Sin: Math.sin,
  Softplus: (v) => Math.log1p(Math.exp(v)),
  Softsign: (v) => v / (1 + Math.abs(v)),
  Tan: Math.tan,
  Tanh: Math.tanh,
};

const elementwise: Case[] = [
  ...Object.entries(unary).map(([op, fn]) => {
    const x = [1, -2.25, 0.3];
    return of(node(op), x, x.map(fn), {}, { opset: 18 });
  }),
  of(node('Round'), [0.5, 1.5, -2.5], [0, 2, -2]),
  of(node('Erf'), [1, -2.5], [0.8427007929497149, -0.9995930479825551]),
  of(node('Sqrt'), [4, 2], [2, Math.SQRT2]),
  of(node('Log'), [1, 10], [0, Math.LN10]),
  of(node('Add', 'x b'), [1, -2], [3, 0], { b: [2] }),
  of(node('Sub', 'b x'), [1, -2], [1, 4], { b: [2] }),
  of(
    node('Mul', 'x b'),
    [1, -2],
    [
      [2, -4],
      [3, -6],
    ],
    { b: floats([2, 1], 2, 3) },
  ),
  of(node('Div', 'x b'), [1, -2], [0.5, -1], { b: [2] }),
  of(node('Pow', 'x b'), [3, -2], [9, -8], { b: [2, 3] }),
  of(node('Max', 'x a b'), [1, 3], [2, 5], { a: [2], b: [0, 5] }),
  of(node('Min', 'x a b'), [1, 3], [0, 2], { a: [2], b: [0, 5] }),
  of(node('Sum', 'x x x'), [1, 3], [3, 9]),
  of(node('Clip', 'x _ max'), [1, 3], [1, 2], { max: scalar(2) }),
  of(node('Clip', 'x min max'), [-9, 1, 3], [-1, 1, 2], { min: scalar(-1), max: scalar(2) }),
  of(node('Clip', 'x', { min: f(0) }), [-1, 3], [0, 3], {}, { opset: 7 }),
  of(node('LeakyRelu'), [1, -2], [1, -0.02]),
  of(node('Elu', 'x', { alpha: f(2) }), [1, -1], [1, 2 * Math.expm1(-1)]),
  of(node('Celu', 'x', { alpha: f(2) }), [1, -1], [1, 2 * Math.expm1(-0.5)]),
  of(node('Selu', 'x', { alpha: f(2), gamma: f(3) }), [1, -1], [3, 6 * Math.expm1(-1)]),
  of(node('Gelu'), [1, -1], [0.8413447460685429, -0.15865525393145707], {}, { opset: 20 }),
  of(node('HardSigmoid'), [1, -5], [0.7, 0]),
  of(node('Shrink', 'x', { bias: f(1) }), [0.25, 2, -2], [0, 1, -1]),
  of(
    node('PRelu', 'x s'),
    [
      [1, -1],
      [-1, 1],
    ],
    [
      [1, -1],
      [-2, 1],
    ],
    { s: floats([2, 1], 1, 2) },
  ),
  of([node('Greater', 'x a'), node('Where', 'v0 x a')], [1, 3], [2, 3], { a: [2] }),
  of(
    [node('GreaterOrEqual', 'x a'), node('LessOrEqual', 'x a'), node('And', 'v0 v1'), node('Cast', 'v2', { to: 1 })],
    [1, 2, 3],
    [0, 1, 0],
    { a: [2] },
  ),
  of(
    [node('Less', 'x a'), node('Equal', 'x a'), node('Or', 'v0 v1'), node('Not', 'v2'), node('Cast', 'v3', { to: 1 })],
    [1, 2, 3],
    [0, 0, 1],
    { a: [2] },
  ),
  of(node('Cast', 'x', { to: ElementType.INT64 }), [1.9, -1.9], [1, -1], {}, { type: ElementType.INT64 }),
  of(node('Dropout', 'x r', { seed: 3 }), [1, 2], [1, 2], { r: scalar(0.9) }),
  of(
    node('Softmax'),
    [
      [0, 0],
      [0, Math.log(3)],
    ],
    [
      [0.5, 0.5],
      [0.25, 0.75],
    ],
  ),
  of(
    node('Softmax'),
    [
      [
        [0, 0],
        [0, 0],
      ],
    ],
    [
      [
        [0.25, 0.25],
        [0.25, 0.25],
      ],
    ],
    {},
    { opset: 11 },
  ),
  of(node('LogSoftmax', 'x', { axis: 0 }), [[0], [0]], [[-Math.LN2], [-Math.LN2]]),
];

const reductions: Case[] = [
  of(node('ReduceMean', 'x', { axes: [-1], keepdims: 0 }), six, [1, 4]),
  of(node('ReduceMean', 'x a'), six, [[1.5, 2.5, 3.5]], { a: [0n] }, { opset: 18 }),
  of(node('ReduceSum', 'x', { keepdims: 0 }), six, 15),
  of(node('ReduceSum', 'x', { noop_with_empty_axes: 1 }), [1, 2], [1, 2]),
  of(node('ReduceMax', 'x', { axes: [0, 1] }), six, [[5]]),
  of(node('ReduceMin', 'x', { axes: [0] }), six, [[0, 1, 2]]),
  of(
    node('ArgMax', 'x', { axis: 1, keepdims: 0 }),
    [
      [1, 3, 2],
      [4, 0, 4],
    ],
    [1, 0],
    {},
    { type: ElementType.INT64 },
  ),
  of(
    node('ArgMin', 'x', { axis: 0 }),
    [
      [1, 3],
      [0, 5],
    ],
    [[1, 0]],
    {},
    { type: ElementType.INT64 },
  ),
  of(
    node('Gemm', 'x b c', { alpha: f(2), beta: f(0.5), transA: 1 }),
    [
      [0, 1],
      [3, 4],
    ],
    [[14], [20]],
    { b: floats([2, 1], 1, 2), c: [4] },
  ),
  of(node('Gemm', 'x b c', { transB: 1 }), [[1, 1]], [[13, 17]], { b: floats([2, 2], 1, 2, 3, 4), c: scalar(10) }),
  of(node('Gemm', 'x b', {}), [[1, 1]], [[4, 6]], { b: floats([2, 2], 1, 2, 3, 4) }),
  of(node('MatMul', 'x b'), [[[0, 1]], [[2, 3]]], [[[2]], [[8]]], { b: floats([2, 1], 1, 2) }),
  of(node('BatchNormalization', 'x s b m v', { epsilon: f(0) }), [[1], [5]], [[2], [10]], {
    s: [2],
    b: [3],
    m: [1.5],
    v: [1],
  }),
];

runCases('element by element', elementwise);
runCases('reductions and products', reductions);

it('integers divide towards zero', () => {
  const type = ElementType.INT64;
  const bytes = fileWith([node('Div', 'x b')], { b: int64s(2) }, { inputs: [value('x', null, type)], type });
  expect(
    io
      .importOnnx(bytes)
      .run({ x: tensor([-3, 3], { dtype: 'int32' }) })
      .y.toArray(),
  ).toEqual([-1, 1]);
});
