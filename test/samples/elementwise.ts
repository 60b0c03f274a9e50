/** Arithmetic, functions of one number, comparison and choice. */
import type { DType } from '../../src/index.ts';
import type { Make } from './make.ts';
import { all, notATensor, numbers, type OpRecord, type Sample } from './record.ts';

interface Domain {
  low?: number;
  high?: number;
  apart?: number;
  grid?: number;
}

const shapes = [[], [1], [5], [2, 3], [2, 1, 3], [0], [3, 0, 2]];
const largeShapes = [[1027], [3, 37, 53]];

/** A function of one number. */
const unary = (name: string, domain: Domain = {}, rest: Partial<OpRecord> = {}): OpRecord => ({
  name,
  samples: (make) => shapes.map((shape) => [make.t(shape, domain)]),
  large: (make) => largeShapes.map((shape) => [make.t(shape, domain)]),
  dtypes: all,
  errors: [notATensor(name, 'input')],
  ...rest,
});

/** Pairs of shapes: equal, broadcast both ways, 0-d, one element, none. */
const pairs: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], []],
  [[1], [1]],
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3], [3]],
  [
    [2, 1],
    [1, 3],
  ],
  [[], [4]],
  [[0], [1]],
  [
    [2, 0],
    [1, 1],
  ],
];

interface Binary extends Partial<OpRecord> {
  left?: Domain;
  right?: Domain;
  /** Whether it takes a plain number on the right. */
  scalar?: number;
  options?: readonly object[];
}

/** A function of two numbers, with broadcasting. */
function binary(name: string, { left = {}, right = {}, scalar, options = [], ...rest }: Binary = {}): OpRecord {
  return {
    name,
    samples: (make) => {
      const calls: Sample[] = pairs.map(([a, b]) => [make.t(a, left), make.t(b, right)]);
      if (scalar !== undefined) calls.push([make.t([2, 3], left), scalar]);
      for (const option of options) calls.push([make.t([2, 3], left), make.t([3], right), option]);
      return calls;
    },
    large: (make) => [
      [make.t([1027], left), make.t([1027], right)],
      [make.t([3, 1, 53], left), make.t([5, 1], right)],
    ],
    dtypes: numbers,
    errors: [
      {
        args: (make) => [make.t([2, 3]), make.t([2])],
        message: `${name}: shapes [2, 3] and [2] do not broadcast: sizes 3 and 2 at axis -1`,
      },
      notATensor(name, 'input', 1),
    ],
    ...rest,
  };
}

const refusesBool = (name: string): Partial<OpRecord> => ({
  dtypes: numbers,
  errors: [
    notATensor(name, 'input'),
    {
      args: (make) => [make.mask([2])],
      message: `${name}: input expected a dtype of numbers, got bool`,
    },
  ],
});
const noOption = (name: string, option: string, known: string): OpRecord['errors'][number] => ({
  args: (make: Make) => [make.t([2]), make.t([2]), { [option]: 1 }],
  message: `${name}: unknown option "${option}"; known options are ${known}`,
});
const compared = { dtypes: all as readonly DType[], differentiable: false, precision: 'exact' as const };

export const elementwise: readonly OpRecord[] = [
  unary('neg', {}, { ...refusesBool('neg'), precision: 'exact' }),
  unary('abs', { apart: 0.1 }, { ...refusesBool('abs'), precision: 'exact' }),
  unary('sign', { apart: 0.1 }, { ...refusesBool('sign'), precision: 'exact' }),
  unary('square', {}, { ...refusesBool('square'), precision: 'exact' }),
  unary('floor', { apart: 0.1, grid: 1 }, { ...refusesBool('floor'), precision: 'exact' }),
  unary('ceil', { apart: 0.1, grid: 1 }, { ...refusesBool('ceil'), precision: 'exact' }),
  unary('trunc', { apart: 0.1, grid: 1 }, { ...refusesBool('trunc'), precision: 'exact' }),
  unary('sqrt', { low: 0.2, high: 4 }, { precision: 'exact' }),
  unary('rsqrt', { low: 0.2, high: 4 }),
  unary('reciprocal', { low: 0.2, high: 4 }, { precision: 'exact' }),
  unary('exp'),
  unary('expm1'),
  unary('log', { low: 0.2, high: 4 }),
  unary('log1p', { low: -0.8, high: 4 }),
  unary('log2', { low: 0.2, high: 4 }),
  unary('log10', { low: 0.2, high: 4 }),
  unary('sin'),
  unary('cos'),
  unary('tan', { low: -1.3, high: 1.3 }),
  unary('asin', { low: -0.9, high: 0.9 }),
  unary('acos', { low: -0.9, high: 0.9 }),
  unary('atan'),
  unary('sinh'),
  unary('cosh'),
  unary('erf'),
  unary('sigmoid'),
  unary('tanh'),
  unary('relu', { apart: 0.1 }, { ...refusesBool('relu'), precision: 'exact' }),
  {
    ...unary('round', { apart: 0.1, grid: 0.5 }, refusesBool('round')),
    samples: (make) => [
      [make.t([2, 3], { apart: 0.1, grid: 0.5 })],
      [make.t([0])],
      [make.t([1], { apart: 0.1, grid: 0.5 }), { decimals: 0 }],
    ],
  },
  unary('isnan', {}, compared),
  unary('isinf', {}, compared),
  unary('isfinite', {}, compared),
  unary('logicalNot', {}, compared),

  binary('add', {
    scalar: 1.5,
    options: [{ alpha: 2 }],
    dtypes: all,
    errors: [...binary('add').errors, noOption('add', 'beta', 'alpha')],
  }),
  binary('sub', {
    scalar: 1.5,
    options: [{ alpha: 2 }],
    errors: [...binary('sub').errors, noOption('sub', 'beta', 'alpha')],
  }),
  binary('rsub', { scalar: 1.5 }),
  binary('mul', { scalar: 1.5, dtypes: all, precision: 'exact' }),
  binary('div', {
    right: { low: 0.5, high: 3 },
    left: { apart: 0.2, grid: 1 },
    scalar: 1.75,
    dtypes: all,
    errors: [
      ...binary('div').errors,
      noOption('div', 'rounding', 'roundingMode'),
      {
        args: (make) => [make.t([2]), make.t([2]), { roundingMode: 'ceil' }],
        message: 'div: roundingMode expected "trunc" or "floor", got "ceil"',
      },
    ],
  }),
  binary('pow', { left: { low: 0.3, high: 3 }, right: { low: -2, high: 2 }, scalar: 3 }),
  binary('maximum', { dtypes: all, precision: 'exact' }),
  binary('minimum', { dtypes: all, precision: 'exact' }),
  binary('atan2', { left: { apart: 0.3 }, right: { apart: 0.3 }, dtypes: all }),
  binary('floorDivide', { left: { low: 2.2, high: 2.8 }, right: { low: 1.2, high: 1.3 } }),
  binary('remainder', { left: { low: 2.2, high: 2.8 }, right: { low: 1.2, high: 2 } }),
  binary('fmod', { left: { low: 2.2, high: 2.8 }, right: { low: 1.2, high: 2 } }),
  ...['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'logicalAnd', 'logicalOr', 'logicalXor'].map((name) =>
    binary(name, { ...compared, scalar: 1 }),
  ),

  {
    name: 'where',
    samples: (make) => [
      [make.mask([2, 3]), make.t([2, 3]), make.t([3])],
      [make.mask([3]), make.t([2, 1]), make.t([])],
      [make.mask([1]), make.t([1]), 2],
      [make.mask([0]), make.t([0]), make.t([1])],
    ],
    large: (make) => [[make.mask([37, 53]), make.t([37, 53]), make.t([53])]],
    dtypes: all,
    precision: 'exact',
    errors: [
      {
        args: (make) => [make.index([2], 2), make.t([2]), make.t([2])],
        message: 'where: condition expected dtype bool, got "int32"',
      },
      {
        args: (make) => [make.mask([2]), make.t([3]), make.t([3])],
        message: 'where: shapes [2] and [3] do not broadcast: sizes 2 and 3 at axis -1',
      },
    ],
  },
  {
    name: 'clamp',
    samples: (make) => [
      [make.t([2, 3], { apart: 0.2, grid: 1 }), { min: -1, max: 1 }],
      [make.t([5], { apart: 0.2, grid: 1 }), { min: 0 }],
      [make.t([1], { apart: 0.2, grid: 1 }), { max: 1 }],
      [
        make.t([2, 3], { low: 0, high: 0.5 }),
        { min: make.t([3], { low: 1, high: 2 }), max: make.t([2, 1], { low: 3, high: 4 }) },
      ],
      [make.t([0]), { min: 0, max: 1 }],
    ],
    large: (make) => [[make.t([1027], { apart: 0.2, grid: 1 }), { min: -1, max: 1 }]],
    dtypes: all,
    precision: 'exact',
    errors: [
      { args: (make) => [make.t([2]), {}], message: 'clamp: min and max are both absent' },
      {
        args: (make) => [make.t([2]), { minimum: 0 }],
        message: 'clamp: unknown option "minimum"; known options are min, max',
      },
    ],
  },
];
