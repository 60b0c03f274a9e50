/** `x.at(…)` and `x.set([…], value)`: NumPy's and PyTorch's indexing. */
import { apply } from '../autograd/apply.ts';
import { assign, checkInPlace } from '../autograd/inplace.ts';
import { describe } from '../backend/descriptors.ts';
import { fail, invalid, show } from '../errors.ts';
import { parseSlice, Slice, sliceRange } from '../tensor/indexing.ts';
import { broadcastShapes, broadcastStrides, contiguousStrides, sameShape, sizeOf } from '../tensor/shape.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import { dense, elements } from './copy.ts';
import { fromFlat, scalarTensor, tensor } from './create.ts';
import { defineOp, emptyTensor, kernelsFor, type Op } from './define.ts';
import { type Rows, takeRows } from './gather.ts';
import { copy_ } from './inplace.ts';
import { type Operand, operand } from './pointwise.ts';
import { expand, permute, range, reshape, unsqueeze } from './view.ts';

/** A nested array of places or truth values. */
export type NestedIndex = readonly (number | boolean | NestedIndex)[];
/**
 * One entry of an index: a place; `'a:b:c'` or a slice; `'...'` for all axes that are not named; null for a new axis;
 * places as an int32 tensor or nested array; a bool tensor or array that picks where it is true.
 */
export type Index = number | string | Slice | null | Tensor | boolean | NestedIndex;

/** An axis that index tensors pick from. */
interface Picked {
  readonly dim: number;
  readonly index: Tensor;
}

/** Places where a bool tensor is true: one int32 list per axis. */
function trueplaces(mask: Tensor): Tensor[] {
  const flags = elements(dense(mask));
  const places: number[][] = mask.shape.map(() => []);
  const strides = contiguousStrides(mask.shape);
  for (let i = 0; i < mask.size; i++) {
    if (flags[i]) for (let d = 0; d < mask.ndim; d++) places[d].push(Math.floor(i / strides[d]) % mask.shape[d]);
  }
  return places.map((list) => fromFlat(list, [list.length], 'int32'));
}

/** An entry in the forms that the walk below knows. */
type Entry = number | Slice | null | Tensor | '...';

function entryOf(op: string, value: unknown): Entry {
  if (value === null || value instanceof Slice) return value;
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) invalid(op, 'index', 'an integer', value);
    return value;
  }
  if (typeof value === 'string') return value === '...' ? value : parseSlice(op, value);
  if (typeof value === 'boolean') return fromFlat([value ? 1 : 0], [], 'bool');
  if (Array.isArray(value)) {
    const flat = value.flat(Infinity);
    if (flat.length > 0 && flat.every((v) => typeof v === 'boolean')) return tensor(value);
    if (!flat.every((v) => Number.isInteger(v))) invalid(op, 'index', 'an array of integers or of booleans', value);
    return tensor(value, { dtype: 'int32' });
  }
  if (!(value instanceof Tensor)) {
    return invalid(op, 'index', "integers, slices, '...', null, index arrays or index tensors", value);
  }
  if (value.dtype !== 'int32' && value.dtype !== 'uint8' && value.dtype !== 'bool') {
    fail(op, `index expected a tensor of dtype int32 or bool, got ${value.dtype}`);
  }
  return value.ndim === 0 && value.dtype !== 'bool' ? value.item() : value;
}

const axesOf = (entry: Entry): number =>
  entry === null || entry === '...' ? 0 : entry instanceof Tensor && entry.dtype === 'bool' ? entry.ndim : 1;

/** The view that the entries other than index tensors describe, and what the index tensors pick from it. */
function basic(op: string, x: Tensor, index: readonly unknown[]): { view: Tensor; picked: Picked[] } {
  const entries = index.map((value) => entryOf(op, value));
  const used = entries.reduce((sum: number, entry) => sum + axesOf(entry), 0);
  if (used > x.ndim) fail(op, `index of ${used} axes does not fit a tensor of shape ${show(x.shape)}`);
  if (entries.filter((entry) => entry === '...').length > 1) fail(op, "index expected '...' at most once");
  let view = x;
  let dim = 0;
  const picked: Picked[] = [];
  for (const entry of entries) {
    if (entry === '...') dim += x.ndim - used;
    else if (entry === null) view = unsqueeze(view, dim++);
    else if (typeof entry === 'number') view = place(op, view, dim, entry);
    else if (entry instanceof Slice) {
      const { start, length, step } = sliceRange(entry, view.shape[dim]);
      if (length !== view.shape[dim] || step !== 1) view = range(view, dim, start, length, step);
      dim++;
    } else if (entry.dtype === 'bool') {
      dim = pickMasked(op, view, dim, entry, picked);
      if (entry.ndim === 0) view = unsqueeze(view, dim - 1);
    } else picked.push({ dim: dim++, index: entry });
  }
  return { view, picked };
}

function pickMasked(op: string, view: Tensor, dim: number, mask: Tensor, picked: Picked[]): number {
  if (mask.ndim === 0) {
    // a single truth: a new axis of which all or nothing is taken
    picked.push({ dim, index: fromFlat([0], [mask.item()], 'int32') });
    return dim + 1;
  }
  const covered = view.shape.slice(dim, dim + mask.ndim);
  if (!sameShape(mask.shape, covered))
    invalid(op, 'index', `a mask of shape ${show(covered)} at axis ${dim}`, mask.shape);
  for (const index of trueplaces(mask)) picked.push({ dim: dim++, index });
  return dim;
}

function place(op: string, x: Tensor, dim: number, i: number): Tensor {
  const size = x.shape[dim];
  if (i < -size || i >= size)
    fail(op, `index ${i} expected in [${-size}, ${size - 1}] for axis ${dim} of shape ${show(x.shape)}`);
  const one = range(x, dim, i < 0 ? i + size : i, 1);
  return reshape(one, [...x.shape.slice(0, dim), ...x.shape.slice(dim + 1)]);
}

/** How index tensors pick from a view: the order of axes that puts the picked ones together, and the rows then taken. */
interface Plan {
  readonly order: readonly number[];
  readonly rows: Rows;
}

function planOf(op: string, view: Tensor, picked: readonly Picked[]): Plan {
  const shape = picked.map((p) => p.index.shape).reduce((a, b) => broadcastShapes(op, a, b));
  const dims = picked.map((p) => p.dim);
  const adjacent = dims.every((d, i) => i === 0 || d === dims[i - 1] + 1);
  const rest = view.shape.map((_, d) => d).filter((d) => !dims.includes(d));
  const before = adjacent ? rest.filter((d) => d < dims[0]) : [];
  const after = rest.slice(before.length);
  const sizes = (list: readonly number[]) => list.map((d) => view.shape[d]);
  const places = flatPlaces(op, view, picked, shape);
  const outer = sizeOf(sizes(before));
  const chosen = sizeOf(sizes(dims));
  const index = new Int32Array(outer * places.length);
  for (let o = 0, at = 0; o < outer; o++) for (let i = 0; i < places.length; i++) index[at++] = o * chosen + places[i];
  return {
    order: [...before, ...dims, ...after],
    rows: {
      index,
      sourceRows: outer * chosen,
      inner: sizeOf(sizes(after)),
      shape: [...sizes(before), ...shape, ...sizes(after)],
      source: [...sizes(before), ...sizes(dims), ...sizes(after)],
    },
  };
}

/** Row-major positions within the picked axes, for index tensors broadcast to `shape`. */
function flatPlaces(op: string, view: Tensor, picked: readonly Picked[], shape: readonly number[]): Int32Array {
  const places = new Int32Array(sizeOf(shape));
  for (const { dim, index } of picked) {
    const size = view.shape[dim];
    const wide = dense(
      new Tensor(index.storage, shape, broadcastStrides(index.shape, index.strides, shape), index.offset),
    );
    const values = elements(wide);
    for (let i = 0; i < places.length; i++) {
      const v = values[i];
      if (v < -size || v >= size)
        fail(op, `index ${v} expected in [${-size}, ${size - 1}] for axis ${dim} of shape ${show(view.shape)}`);
      places[i] = places[i] * size + (v < 0 ? v + size : v);
    }
  }
  return places;
}

/**
 * Part of a tensor: `x.at(1, '2:6')`, `x.at('...', -1)`, `x.at(mask)`, `x.at([0, 2])`. Places and slices give a view,
 * index tensors and arrays a copy. `x[…]` in PyTorch, with its rules for mixed index tensors.
 */
export function at(x: Tensor, ...index: Index[]): Tensor {
  const { view, picked } = basic('at', checkTensor('at', 'input', x), index);
  if (picked.length === 0) return view;
  const { order, rows } = planOf('at', view, picked);
  return takeRows(permute(view, order), rows);
}

/** x with rows replaced; of equal indices the last counts. */
const putOp: Op<Rows> = defineOp<Rows>({
  name: 'indexPut',
  run([x, value], rows) {
    const out = emptyTensor(x.dtype, x.shape);
    const kernels = kernelsFor(x.dtype);
    const [source, values] = [dense(x), dense(value)];
    out.data.set(elements(source).subarray(0, x.size));
    const desc = describe('RowsDesc', { rows: rows.index.length, sourceRows: rows.sourceRows, inner: rows.inner });
    kernels.putRows(desc, elements(values), rows.index, out.data);
    return out;
  },
  grad: (call, g) => [
    call.needs(0) ? apply(putOp, [g, expand(scalarTensor(0, g.dtype), call.inputShapes[1])], call.attrs) : null,
    call.needs(1) ? takeRows(g, call.attrs) : null,
  ],
});

/** @internal x with `values` written to rows; of equal rows the last counts. */
export function putRows(x: Tensor, values: Tensor, rows: Rows): Tensor {
  return apply(putOp, [x, values], rows);
}

/** `value` in the shape of what it is written to; axes of size 1 in front are dropped, as in PyTorch. */
function fit(value: Tensor, shape: readonly number[], dtype: Tensor['dtype']): Tensor {
  let source = value;
  while (source.ndim > shape.length && source.shape[0] === 1) source = reshape(source, source.shape.slice(1));
  if (source.ndim > shape.length || !sameShape(broadcastShapes('set', source.shape, shape), shape)) {
    fail('set', `value of shape ${show(value.shape)} does not broadcast to the indexed shape ${show(shape)}`);
  }
  return source.to(dtype);
}

/**
 * Writes `value` (a number or tensor, broadcast) into part of a tensor, in place: `x.set([':', '2:6'], 0)`. The index is
 * a list of what `at` takes, or one entry that is not an array. `x[…] = value` in PyTorch.
 */
export function set(x: Tensor, index: Index | readonly Index[], value: Operand): Tensor {
  checkInPlace('set', checkTensor('set', 'input', x));
  const from = operand('set', 'value', value);
  const { view, picked } = basic('set', x, Array.isArray(index) ? index : [index]);
  if (picked.length === 0) {
    copy_(view, fit(from, view.shape, x.dtype));
    return x;
  }
  const { order, rows } = planOf('set', view, picked);
  const values = expand(fit(from, rows.shape, x.dtype), rows.shape);
  const source = permute(view, order);
  const inverse = order.map((_, i) => order.indexOf(i));
  assign(view, permute(putRows(source, values, rows), inverse));
  return x;
}
