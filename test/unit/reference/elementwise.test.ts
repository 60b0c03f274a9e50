import { describe, expect, it } from 'vitest';
import { describe as descriptor, MAX_AXES } from '../../../src/backend/descriptors.ts';
import type { NumberArray } from '../../../src/backend/kernels.ts';
import { referenceKernels as kernels } from '../../../src/backend/reference/index.ts';
import { between, expectClose, floats, gather, generator, indices, randomFloats } from '../../helpers/naive.ts';

interface Operand {
  strides: number[];
  offset: number;
  length: number;
}

/** A layout of `shape` with gaps, permuted axes and, where allowed, broadcast ones. */
function layout(shape: readonly number[], random: () => number, broadcast: boolean): Operand {
  const order = shape.map((_, axis) => axis).sort(() => random() - 0.5);
  const strides = shape.map(() => 0);
  const offset = between(random, 0, 3);
  let step = between(random, 1, 2);
  for (const axis of order) {
    if (broadcast && random() < 0.3) continue;
    strides[axis] = step;
    step *= shape[axis] + between(random, 0, 1);
  }
  return { strides, offset, length: offset + Math.max(1, step) * 2 };
}

function stridedDesc(shape: readonly number[], ...operands: Operand[]): Int32Array {
  const values: Record<string, number> = { n: shape.reduce((a, b) => a * b, 1), ndim: shape.length };
  shape.forEach((size, axis) => {
    values[`size${axis}`] = size;
  });
  operands.forEach(({ strides, offset }, i) => {
    values[`offset${'ABC'[i]}`] = offset;
    strides.forEach((stride, axis) => {
      values[`${'abc'[i]}${axis}`] = stride;
    });
  });
  return descriptor('StridedDesc', values);
}

function* shapes(random: () => number): Generator<number[]> {
  yield [];
  yield [0];
  yield [3, 0, 2];
  yield [70];
  yield new Array(MAX_AXES).fill(2);
  for (let i = 0; i < 20; i++) yield Array.from({ length: between(random, 1, 5) }, () => between(random, 1, 4));
}

const specials = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  3.75,
  20,
  -20,
  100,
  -100,
  709.78,
  -740,
  1e4,
  -1e4,
  Infinity,
  -Infinity,
  NaN,
  1e-30,
];

const unaries: Record<string, (x: number) => number> = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: (x) => (Number.isNaN(x) ? 0 : Math.sign(x)),
  square: (x) => x * x,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  reciprocal: (x) => x ** -1,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  log2: Math.log2,
  log10: Math.log10,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  floor: Math.floor,
  ceil: Math.ceil,
  trunc: Math.trunc,
  sigmoid: (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
  tanh: Math.tanh,
  relu: (x) => (Number.isNaN(x) ? NaN : Math.max(0, x)),
};

/** Relative to each element, special values exactly. */
function expectEach(y: NumberArray, expected: number[], ulps: number): void {
  const unit = y instanceof Float32Array ? 2 ** -23 : 2 ** -52;
  const smallest = y instanceof Float32Array ? 2 ** -149 : 2 ** -1074;
  expected.forEach((value, i) => {
    const want = y instanceof Float32Array ? Math.fround(value) : value;
    if (y[i] === want || (Number.isNaN(y[i]) && Number.isNaN(want))) return;
    const error = Math.abs(y[i] - want);
    expect(error, `element ${i}: expected ${want}, got ${y[i]}`).toBeLessThanOrEqual(
      ulps * Math.max(unit * Math.abs(want), smallest),
    );
  });
}

describe.each(floats)('elementwise kernels, $type', ({ Array: Type }) => {
  const random = generator(1);
  const x = Type.from([...specials, ...Array.from({ length: 500 }, () => 40 * random() - 20)]);

  it.each(Object.keys(unaries))('%s', (name) => {
    const kernel = kernels[name as 'exp'];
    const y = new Type(x.length + 1).fill(7);
    kernel(x.length, x, y);
    expectEach(y, Array.from(x, unaries[name]), 2);
    expect(y[x.length]).toBe(7);
    const inPlace = x.slice();
    kernel(x.length, inPlace, inPlace);
    expect(inPlace).toEqual(y.slice(0, x.length));
  });

  it('round takes halves to even and keeps the sign of zero', () => {
    const from = [0.5, 1.5, 2.5, -0.5, -1.5, -0.2, 0.49999997, 8388609, 1e30, -1e30, Infinity, NaN, -0, 2.6, -2.4];
    const to = [0, 2, 2, -0, -2, -0, 0, 8388609, 1e30, -1e30, Infinity, NaN, -0, 3, -2];
    const y = new Type(from.length);
    kernels.round(from.length, Type.from(from), y);
    expect(y).toEqual(Type.from(to));
  });

  it('erf', () => {
    // by the C library of glibc 2.36
    const table = [
      [1e-300, 1.1283791670955126e-300],
      [1e-8, 1.1283791670955126e-8],
      [0.1, 0.1124629160182849],
      [0.5, 0.5204998778130465],
      [0.84375, 0.7672256612323416],
      [1, 0.8427007929497149],
      [1.25, 0.9229001282564582],
      [1.999, 0.9953015566513705],
      [2.5, 0.999593047982555],
      [2.999, 0.9999777698314002],
      [3, 0.9999779095030014],
      [3.5, 0.9999992569016276],
      [4.4, 0.999999999510829],
      [5.5, 0.9999999999999927],
      [6, 1],
      [Infinity, 1],
      [NaN, NaN],
      [0, 0],
    ];
    const input = Float64Array.from([...table.map(([v]) => v), ...table.map(([v]) => -v)]);
    const y = new Float64Array(input.length);
    kernels.erf(input.length, input, y);
    expectEach(y, [...table.map(([, v]) => v), ...table.map(([, v]) => -v)], 4.5);
    const narrow = new Type(input.length);
    kernels.erf(input.length, Type.from(input), narrow);
    expectClose(
      narrow,
      Array.from(input, (_, i) => y[i]),
    );
  });

  it('gradients of activations', () => {
    const n = 200;
    const g = randomFloats(Type, n, random);
    const s = randomFloats(Type, n, random);
    s[0] = 0;
    const y = new Type(n);
    const list = [...g.keys()];
    kernels.sigmoidBackward(n, g, s, y);
    expectClose(
      y,
      list.map((i) => g[i] * s[i] * (1 - s[i])),
    );
    kernels.tanhBackward(n, g, s, y);
    expectClose(
      y,
      list.map((i) => g[i] * (1 - s[i] * s[i])),
    );
    kernels.reluBackward(n, g, s, y);
    expectClose(
      y,
      list.map((i) => (s[i] > 0 ? g[i] : 0)),
    );
  });

  const floorDivide = (a: number, b: number) => Math.floor(a / b);
  const binaries: Record<string, (a: number, b: number) => number> = {
    add: (a, b) => a + b,
    sub: (a, b) => a - b,
    mul: (a, b) => a * b,
    div: (a, b) => a / b,
    pow: (a, b) => a ** b,
    maximum: (a, b) => (Number.isNaN(a) || a > b ? a : b),
    minimum: (a, b) => (Number.isNaN(a) || a < b ? a : b),
    floorDivide,
    truncDivide: (a, b) => Math.trunc(a / b),
    remainder: (a, b) => (a % b !== 0 && a % b < 0 !== b < 0 ? (a % b) + b : a % b),
    fmod: (a, b) => a % b,
    atan2: Math.atan2,
  };

  it.each(Object.keys(binaries))('%s over strided and broadcast operands', (name) => {
    for (const shape of shapes(random)) {
      const [a, b] = [layout(shape, random, true), layout(shape, random, true)];
      const xa = randomFloats(Type, a.length, random);
      const xb = randomFloats(Type, b.length, random);
      if (random() < 0.5) xa[a.offset] = NaN;
      if (random() < 0.5) xb[b.offset] = NaN;
      const n = [...indices(shape)].length;
      const y = new Type(n + 1).fill(7);
      kernels[name as 'add'](stridedDesc(shape, a, b), xa, xb, y);
      const va = gather(xa, shape, a.strides, a.offset);
      const vb = gather(xb, shape, b.strides, b.offset);
      expectEach(
        y,
        va.map((v, i) => binaries[name](v, vb[i])),
        2,
      );
      expect(y[n]).toBe(7);
    }
  });

  it('division and remainder agree with PyTorch at the edges', () => {
    const a = Type.from([1, -0, -1, 5, 7, -7, 7, -7, -1, 5]);
    const b = Type.from([0.1, 3, Infinity, 0, 2, 2, -2, -2, Infinity, -Infinity]);
    const y = new Type(10);
    const d = stridedDesc([10], { strides: [1], offset: 0, length: 10 }, { strides: [1], offset: 0, length: 10 });
    kernels.floorDivide(d, a, b, y);
    expect(Array.from(y)).toEqual([9, -0, -1, Infinity, 3, -4, -4, 3, -1, -1]);
    kernels.remainder(d, a, b, y);
    expect(Array.from(y.slice(4))).toEqual([1, 1, -1, -1, Infinity, -Infinity]);
    kernels.truncDivide(d, a, b, y);
    expect(Array.from(y.slice(4))).toEqual([3, -3, -3, 3, -0, -0]);
    kernels.fmod(d, a, b, y);
    expect(Array.from(y.slice(4))).toEqual([1, -1, 1, -1, -1, 5]);
  });

  it('pow follows C where JavaScript does not', () => {
    const a = Type.from([1, 1, -1, -1, 0, -2, -2, NaN]);
    const b = Type.from([NaN, Infinity, Infinity, -Infinity, 0, 3, 0.5, 0]);
    const y = new Type(8);
    const dense = { strides: [1], offset: 0, length: 8 };
    kernels.pow(stridedDesc([8], dense, dense), a, b, y);
    expect(Array.from(y)).toEqual([1, 1, 1, 1, 1, -8, NaN, 1]);
  });

  const comparisons: Record<string, (a: number, b: number) => boolean> = {
    eq: (a, b) => a === b,
    ne: (a, b) => a !== b,
    lt: (a, b) => a < b,
    le: (a, b) => a <= b,
    gt: (a, b) => a > b,
    ge: (a, b) => a >= b,
  };

  it.each(Object.keys(comparisons))('%s', (name) => {
    for (const shape of shapes(random)) {
      const [a, b] = [layout(shape, random, true), layout(shape, random, true)];
      const pick = () => [0, -0, 1, 2, NaN][between(random, 0, 4)];
      const xa = new Type(a.length).map(pick);
      const xb = new Type(b.length).map(pick);
      const va = gather(xa, shape, a.strides, a.offset);
      const vb = gather(xb, shape, b.strides, b.offset);
      const y = new Uint8Array(va.length);
      kernels[name as 'eq'](stridedDesc(shape, a, b), xa, xb, y);
      expect(Array.from(y)).toEqual(va.map((v, i) => Number(comparisons[name](v, vb[i]))));
    }
  });

  it('where', () => {
    for (const shape of shapes(random)) {
      const [c, a, b] = [layout(shape, random, true), layout(shape, random, true), layout(shape, random, true)];
      const condition = new Uint8Array(c.length).map(() => (random() < 0.5 ? 0 : between(random, 1, 255)));
      const xa = randomFloats(Type, a.length, random);
      const xb = randomFloats(Type, b.length, random);
      const chosen = gather(condition, shape, c.strides, c.offset);
      const y = new Type(chosen.length);
      kernels.where(stridedDesc(shape, c, a, b), condition, xa, xb, y);
      const va = gather(xa, shape, a.strides, a.offset);
      const vb = gather(xb, shape, b.strides, b.offset);
      expect(Array.from(y)).toEqual(chosen.map((v, i) => (v !== 0 ? va[i] : vb[i])));
    }
  });

  it('copyStrided writes its elements and no others', () => {
    for (const shape of shapes(random)) {
      const [a, b] = [layout(shape, random, true), layout(shape, random, false)];
      const from = randomFloats(Type, a.length, random);
      const to = new Type(b.length).fill(7);
      kernels.copyStrided(stridedDesc(shape, a, b), from, to);
      const values = gather(from, shape, a.strides, a.offset);
      expect(gather(to, shape, b.strides, b.offset)).toEqual(values);
      expect(to.filter((v) => v === 7).length).toBe(b.length - values.length);
    }
  });

  it('fill', () => {
    const y = new Type(5);
    kernels.fill(3, 2.5, y);
    expect(Array.from(y)).toEqual([2.5, 2.5, 2.5, 0, 0]);
  });
});

describe('integer arithmetic', () => {
  const dense = { strides: [1], offset: 0, length: 4 };
  const d = stridedDesc([4], dense, dense);

  it('wraps as int32', () => {
    const a = Int32Array.of(2147483647, 65537, -5, 123456789);
    const b = Int32Array.of(1, 65537, 3, 987654321);
    const y = new Int32Array(4);
    kernels.add(d, a, b, y);
    expect(Array.from(y)).toEqual([-2147483648, 131074, -2, 1111111110]);
    kernels.mul(d, a, b, y);
    expect(Array.from(y)).toEqual([2147483647, 131073, -15, Math.imul(123456789, 987654321)]);
    kernels.floorDivide(d, a, b, y);
    expect(Array.from(y)).toEqual([2147483647, 1, -2, 0]);
    kernels.remainder(d, a, b, y);
    expect(Array.from(y)).toEqual([0, 0, 1, 123456789]);
    kernels.sub(d, b, a, y);
    expect(Array.from(y)).toEqual([-2147483646, 0, 8, 864197532]);
  });

  it('pow of integers', () => {
    const y = new Int32Array(4);
    kernels.pow(d, Int32Array.of(3, -2, -1, 7), Int32Array.of(13, 3, -3, 40), y);
    expect(Array.from(y)).toEqual([1594323, -8, -1, Number(BigInt.asIntN(32, 7n ** 40n))]);
  });

  it('wraps as uint8', () => {
    const y = new Uint8Array(4);
    kernels.add(d, Uint8Array.of(250, 1, 2, 3), Uint8Array.of(10, 1, 1, 1), y);
    expect(Array.from(y)).toEqual([4, 2, 3, 4]);
    kernels.neg(4, Uint8Array.of(1, 0, 255, 2), y);
    expect(Array.from(y)).toEqual([255, 0, 1, 254]);
  });
});
