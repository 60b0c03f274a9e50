/** Tensors from nothing, numbers and arrays. */
import { describe, expect, it } from 'vitest';
import {
  arange,
  empty,
  emptyLike,
  eye,
  full,
  fullLike,
  linspace,
  ones,
  onesLike,
  type Tensor,
  tensor,
  zeros,
  zerosLike,
} from '../../src/index.ts';

/** dtype, shape and elements in one line. */
const text = (t: Tensor): string => `${t.dtype}[${t.shape}] ${Array.from(t.toTypedArray())}`;

describe('tensor', () => {
  it.each([
    [3.5, 'float32[] 3.5'],
    [true, 'bool[] 1'],
    [[1, 2], 'float32[2] 1,2'],
    [[[1], [2]], 'float32[2,1] 1,2'],
    [[true, false], 'bool[2] 1,0'],
    [[true, 2], 'float32[2] 1,2'],
    [[], 'float32[0] '],
    [[[], []], 'float32[2,0] '],
    [new Float64Array([1.5]), 'float64[1] 1.5'],
    [new Int32Array([-1]), 'int32[1] -1'],
    [new Uint8Array([255]), 'uint8[1] 255'],
    [new Uint8ClampedArray([7]), 'uint8[1] 7'],
  ])('of %j', (data, expected) => {
    expect(text(tensor(data as never))).toBe(expected);
  });

  it('converts to a dtype', () => {
    expect(text(tensor([1.9, -1.9], { dtype: 'int32' }))).toBe('int32[2] 1,-1');
    expect(text(tensor([0, 0.5], { dtype: 'bool' }))).toBe('bool[2] 0,1');
    expect(text(tensor([0.1], { dtype: 'float64' }))).toBe('float64[1] 0.1');
  });

  it('copies', () => {
    const data = new Float32Array([1, 2]);
    const a = tensor(data);
    data[0] = 9;
    const b = tensor(a);
    a.zero_();
    expect(text(b)).toBe('float32[2] 1,2');
    const out = b.toTypedArray();
    out[0] = 5;
    expect(text(b)).toBe('float32[2] 1,2');
  });

  it.each([
    [() => tensor([[1], [2, 3]]), 'tensor: data expected equal lengths, 1 at depth 1, got length 2'],
    [() => tensor([[1], 2]), 'tensor: data expected equal lengths, 1 at depth 1, got 2'],
    [() => tensor('1' as never), 'tensor: data expected a number, nested arrays, a typed array or a Tensor, got "1"'],
    [() => tensor([1, 'x'] as never), 'tensor: data expected numbers or booleans, got "x"'],
    [
      () => tensor(new Int16Array(1) as never),
      'tensor: data expected a Float32Array, Float64Array, Int32Array, Uint8Array or Uint8ClampedArray, got Int16Array of length 1',
    ],
    [
      () => tensor([1], { dtype: 'half' as never }),
      'tensor: dtype expected one of "float32", "float64", "int32", "uint8", "bool", got "half"',
    ],
    [
      () => tensor([1], { device: 'gpu' } as never),
      'tensor: unknown option "device"; known options are dtype, requiresGrad',
    ],
    [
      () => tensor([1], { dtype: 'int32', requiresGrad: true }),
      'tensor: requiresGrad expected a float dtype, got int32',
    ],
  ])('refuses what is no data (%#)', (make, message) => {
    expect(make).toThrow(new Error(message));
  });
});

describe('filled', () => {
  it.each([
    [zeros([2, 3]), 'float32[2,3] 0,0,0,0,0,0'],
    [zeros(2, 2, { dtype: 'int32' }), 'int32[2,2] 0,0,0,0'],
    [zeros([]), 'float32[] 0'],
    [ones([0, 3]), 'float32[0,3] '],
    [ones([2], { dtype: 'bool' }), 'bool[2] 1,1'],
    [full([2], 7), 'float32[2] 7,7'],
    [full([2], 2.5, { dtype: 'float64' }), 'float64[2] 2.5,2.5'],
    [zerosLike(ones([2], { dtype: 'uint8' })), 'uint8[2] 0,0'],
    [onesLike(zeros([1, 2]), { dtype: 'float64' }), 'float64[1,2] 1,1'],
    [fullLike(zeros([2]), 4), 'float32[2] 4,4'],
    [eye(2), 'float32[2,2] 1,0,0,1'],
    [eye(2, 3, { dtype: 'int32' }), 'int32[2,3] 1,0,0,0,1,0'],
  ])('%s', (t, expected) => {
    expect(text(t)).toBe(expected);
  });

  it('empty has a shape and a dtype', () => {
    expect(empty([2, 3]).shape).toEqual([2, 3]);
    expect(emptyLike(zeros([4], { dtype: 'int32' })).dtype).toBe('int32');
  });

  it.each([
    [() => zeros([-1]), 'zeros: shape expected a list of integers >= 0, got [-1]'],
    [() => zeros([1.5]), 'zeros: shape expected a list of integers >= 0, got [1.5]'],
    [() => ones([65536, 65536]), 'ones: shape [65536, 65536] has more than 2147483647 elements'],
  ])('refuses (%#)', (make, message) => {
    expect(make).toThrow(new Error(message));
  });
});

describe('ranges', () => {
  it.each([
    [arange(4), 'float32[4] 0,1,2,3'],
    [arange(1, 4, { dtype: 'int32' }), 'int32[3] 1,2,3'],
    [arange(0, 1, 0.25), 'float32[4] 0,0.25,0.5,0.75'],
    [arange(3, 0, -1), 'float32[3] 3,2,1'],
    [arange(0), 'float32[0] '],
    [linspace(0, 1, 5), 'float32[5] 0,0.25,0.5,0.75,1'],
    [linspace(2, 3, 1), 'float32[1] 2'],
    [linspace(0, 1, 0), 'float32[0] '],
  ])('%s', (t, expected) => {
    expect(text(t)).toBe(expected);
  });
});

describe('conversion', () => {
  it.each([
    ['float', 'float32[3] 1.5,0,-2'],
    ['int', 'int32[3] 1,0,-2'],
    ['bool', 'bool[3] 1,0,1'],
  ] as const)('%s()', (name, expected) => {
    expect(text(tensor([1.5, 0, -2], { dtype: 'float64' })[name]())).toBe(expected);
  });

  it('passes gradients between float dtypes only', () => {
    const x = tensor([1.5, 2], { dtype: 'float64', requiresGrad: true });
    x.float().mul(3).sum().backward();
    expect(x.grad && text(x.grad)).toBe('float64[2] 3,3');
    expect([x.int().requiresGrad, x.bool().requiresGrad]).toEqual([false, false]);
  });
});
