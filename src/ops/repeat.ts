/** More of the same elements, or the same ones elsewhere: repeat, roll, rotate. */
import { fail, invalid, show } from '../errors.ts';
import { axis, integer, options } from '../options.ts';
import { sizeOf } from '../tensor/shape.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import { clone } from './copy.ts';
import { flip, selectRows } from './gather.ts';
import { expand, flatten, reshape, spreadArgs, transpose } from './view.ts';

function counts(op: string, x: Tensor, list: readonly number[]): number[] {
  list.forEach((n) => {
    integer(op, 'repeats', n, 0);
  });
  if (list.length < x.ndim) fail(op, `repeats ${show(list)} has fewer entries than shape ${show(x.shape)} has axes`);
  return list.slice();
}

/** x laid out `repeats` times along each axis; more repeats than axes add axes in front; a copy. `torch.Tensor.repeat`. */
export function repeat(x: Tensor, ...repeats: (number | readonly number[])[]): Tensor {
  checkTensor('repeat', 'input', x);
  const times = counts('repeat', x, spreadArgs(repeats));
  const full = reshape(x, [...Array<number>(times.length - x.ndim).fill(1), ...x.shape]);
  const result = times.reduce((t, n, d) => (n === 1 ? t : alongOnce(t, d, n)), full);
  return result.storage === x.storage ? clone(result) : result;
}

/** n copies of x one after the other along axis d. */
function alongOnce(x: Tensor, d: number, n: number): Tensor {
  const outer = sizeOf(x.shape.slice(0, d));
  const inner = sizeOf(x.shape.slice(d));
  const shape = x.shape.map((size, i) => (i === d ? size * n : size));
  return reshape(expand(reshape(x, [outer, 1, inner]), [outer, n, inner]), shape);
}

/** As repeat, but fewer repeats than axes count from the last; `torch.tile`. */
export function tile(x: Tensor, ...dims: (number | readonly number[])[]): Tensor {
  checkTensor('tile', 'input', x);
  const list = spreadArgs(dims);
  return repeat(x, [...Array<number>(Math.max(x.ndim - list.length, 0)).fill(1), ...list]);
}

/** Options of `repeatInterleave`. */
export interface RepeatInterleaveOptions {
  /** The axis; without one x is flattened. */
  dim?: number;
}

/** Position i of an axis of `size` as often as counts[i] (or all as often as its only element) says. */
function repeatedPlaces(counts: Tensor, size: number): number[] {
  const op = 'repeatInterleave';
  if (counts.dtype !== 'int32' && counts.dtype !== 'uint8') invalid(op, 'repeats', 'dtype int32', counts.dtype);
  if (counts.ndim > 1 || (counts.size !== 1 && counts.size !== size)) {
    invalid(op, 'repeats', `shape [${size}] or [1]`, counts.shape);
  }
  const list = Array.from(counts.toTypedArray(), (n) => integer(op, 'repeats', n, 0));
  return Array.from({ length: size }, (_, i) => Array<number>(list[i % list.length]).fill(i)).flat();
}

/**
 * Each element (or slice along `dim`) `n` times in a row; n an integer, or an int32 tensor with one for each element along
 * the axis; `torch.repeat_interleave`.
 */
export function repeatInterleave(x: Tensor, n: number | Tensor, opts?: RepeatInterleaveOptions): Tensor {
  const op = 'repeatInterleave';
  const { dim } = options(op, opts, ['dim']);
  const source = dim === undefined ? flatten(checkTensor(op, 'input', x)) : checkTensor(op, 'input', x);
  const d = axis(op, 'dim', dim ?? 0, source.ndim);
  if (n instanceof Tensor) return selectRows(source, d, repeatedPlaces(n, source.ndim === 0 ? 1 : source.shape[d]));
  integer(op, 'repeats', n, 0);
  const to = source.shape.slice();
  const size = to[d];
  const outer = sizeOf(to.slice(0, d));
  const inner = sizeOf(to.slice(d + 1));
  to[d] = size * n;
  return reshape(expand(reshape(source, [outer * size, 1, inner]), [outer * size, n, inner]), to);
}

/** Options of `roll`. */
export interface RollOptions {
  /** The axes; without them x is rolled as if flat. */
  dims?: number | readonly number[];
}

/** Elements moved on by `shifts` places along axes, the last ones to the front; `torch.roll`. */
export function roll(x: Tensor, shifts: number | readonly number[], opts?: RollOptions): Tensor {
  checkTensor('roll', 'input', x);
  const { dims } = options('roll', opts, ['dims']);
  const steps = [shifts].flat() as number[];
  steps.forEach((s) => {
    integer('roll', 'shifts', s);
  });
  const list = dims === undefined ? [] : ([dims].flat() as number[]);
  if (list.length === 0) {
    if (steps.length !== 1) invalid('roll', 'shifts', 'one number where dims is absent', shifts);
    return x.size === 0 ? clone(x) : reshape(rollAxis(flatten(x), 0, steps[0]), x.shape);
  }
  if (steps.length !== list.length) fail('roll', `shifts ${show(shifts)} and dims ${show(dims)} differ in length`);
  if (x.size === 0 || x.ndim === 0) return clone(x);
  return list.reduce((t, d, i) => rollAxis(t, axis('roll', 'dims', d, t.ndim), steps[i]), x);
}

function rollAxis(x: Tensor, d: number, shift: number): Tensor {
  const size = x.shape[d];
  const first = (((-shift % size) + size) % size) as number;
  return selectRows(
    x,
    d,
    Array.from({ length: size }, (_, i) => (i + first) % size),
  );
}

/** Options of `rot90`. */
export interface Rot90Options {
  /** Quarter turns from the first axis towards the second. Default 1. */
  k?: number;
  /** The plane to turn in. Default [0, 1]. */
  dims?: readonly [number, number];
}

/** Rotation by quarter turns in the plane of two axes; `torch.rot90`. */
export function rot90(x: Tensor, opts?: Rot90Options): Tensor {
  const { k = 1, dims = [0, 1] } = options('rot90', opts, ['k', 'dims']);
  integer('rot90', 'k', k);
  if (!Array.isArray(dims) || dims.length !== 2) invalid('rot90', 'dims', 'two axes', dims);
  const [a, b] = dims.map((d) => axis('rot90', 'dims', d, checkTensor('rot90', 'input', x).ndim));
  if (a === b) invalid('rot90', 'dims', 'distinct axes', dims);
  switch (((k % 4) + 4) % 4) {
    case 0:
      return clone(x);
    case 1:
      return transpose(flip(x, b), a, b);
    case 2:
      return flip(x, [a, b]);
    default:
      return flip(transpose(x, a, b), b);
  }
}

/** Rows of a matrix (axis 0) in reverse order; `torch.flipud`. */
export function flipud(x: Tensor): Tensor {
  if (checkTensor('flipud', 'input', x).ndim < 1) invalid('flipud', 'input', 'at least 1 axis', x.shape);
  return flip(x, 0);
}

/** Columns of a matrix (axis 1) in reverse order; `torch.fliplr`. */
export function fliplr(x: Tensor): Tensor {
  if (checkTensor('fliplr', 'input', x).ndim < 2) invalid('fliplr', 'input', 'at least 2 axes', x.shape);
  return flip(x, 1);
}
