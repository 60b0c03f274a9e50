/** Elements and rows by number: gather, scatter, indexSelect, and the pair of ops beneath them. */
import { apply } from '../autograd/apply.ts';
import { describe } from '../backend/descriptors.ts';
import { fail, invalid, show } from '../errors.ts';
import { axis, number, options } from '../options.ts';
import { broadcastShapes, sameShape, sizeOf } from '../tensor/shape.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import { add, mul } from './binary.ts';
import { where } from './compare.ts';
import { dense, elements } from './copy.ts';
import { defineOp, emptyTensor, kernelsFor, type Op } from './define.ts';
import { type Operand, operand } from './pointwise.ts';
import { expand, flatten } from './view.ts';

/** Which rows: numbers in [0, sourceRows), each naming `inner` neighbouring elements of the source. */
export interface Rows {
  readonly index: Int32Array;
  readonly sourceRows: number;
  readonly inner: number;
  /** Shape of the gathered side: index.length · inner elements. */
  readonly shape: readonly number[];
  /** Shape of the other side: sourceRows · inner elements. */
  readonly source: readonly number[];
}

const rowsDesc = (r: Rows): Int32Array =>
  describe('RowsDesc', { rows: r.index.length, sourceRows: r.sourceRows, inner: r.inner });

const takeOp: Op<Rows> = defineOp<Rows>({
  name: 'takeRows',
  run([x], rows) {
    const out = emptyTensor(x.dtype, rows.shape);
    const source = dense(x);
    kernelsFor(x.dtype).takeRows(rowsDesc(rows), elements(source), rows.index, out.data);
    return out;
  },
  grad: (call, g) => [apply(addOp, [g], call.attrs)],
});

const addOp: Op<Rows> = defineOp<Rows>({
  name: 'addRows',
  run([x], rows) {
    const out = emptyTensor(x.dtype, rows.source, true);
    const source = dense(x);
    kernelsFor(x.dtype).addRows(rowsDesc(rows), elements(source), rows.index, out.data);
    return out;
  },
  grad: (call, g) => [apply(takeOp, [g], call.attrs)],
});

/** @internal y[r] = x[index[r]]: gathers rows of a tensor of shape `source`. */
export function takeRows(x: Tensor, rows: Rows): Tensor {
  return apply(takeOp, [x], rows);
}

/** @internal Zeros of shape `source` with row r of x added at index[r]. */
export function addRows(x: Tensor, rows: Rows): Tensor {
  return apply(addOp, [x], rows);
}

/** An index tensor's elements, negative ones refused, each below `size`. */
export function checkIndex(op: string, index: Tensor, size: number): Int32Array {
  checkTensor(op, 'index', index);
  if (index.dtype !== 'int32' && index.dtype !== 'uint8') invalid(op, 'index', 'dtype int32', index.dtype);
  const flat = Int32Array.from(elements(dense(index)).subarray(0, index.size));
  for (let i = 0; i < flat.length; i++) {
    if (flat[i] < 0 || flat[i] >= size) fail(op, `index ${flat[i]} at position ${i} expected in [0, ${size - 1}]`);
  }
  return flat;
}

/** Rows `index` along axis `dim`; `torch.index_select`. index: 1-d int32. */
export function indexSelect(x: Tensor, dim: number, index: Tensor): Tensor {
  checkTensor('indexSelect', 'input', x);
  const d = axis('indexSelect', 'dim', dim, x.ndim);
  if (checkTensor('indexSelect', 'index', index).ndim > 1)
    invalid('indexSelect', 'index', 'at most 1 axis', index.shape);
  const size = x.ndim === 0 ? 1 : x.shape[d];
  return selectRows(x, d, checkIndex('indexSelect', index, size));
}

/** @internal Positions `picks` (in range) along axis d. */
export function selectRows(x: Tensor, d: number, picks: ArrayLike<number>): Tensor {
  return takeRows(x, axisRows(x.shape, d, picks));
}

/** Slices `picks` along axis d of a tensor of shape `source`, as rows. */
function axisRows(source: readonly number[], d: number, picks: ArrayLike<number>): Rows {
  const size = source.length === 0 ? 1 : source[d];
  const outer = sizeOf(source.slice(0, d));
  const index = new Int32Array(outer * picks.length);
  for (let o = 0, at = 0; o < outer; o++) for (let i = 0; i < picks.length; i++) index[at++] = o * size + picks[i];
  return {
    index,
    sourceRows: outer * size,
    inner: sizeOf(source.slice(d + 1)),
    shape: source.map((s, i) => (i === d ? picks.length : s)),
    source,
  };
}

/** Elements in reverse order along the given axes; a copy. `torch.flip`. */
export function flip(x: Tensor, ...dims: (number | readonly number[])[]): Tensor {
  checkTensor('flip', 'input', x);
  const list = dims.flat().map((d) => axis('flip', 'dims', d, x.ndim));
  if (new Set(list).size !== list.length) invalid('flip', 'dims', 'distinct axes', dims.flat());
  if (x.ndim === 0 || list.length === 0) return x.clone();
  return list.reduce(
    (t, d) =>
      selectRows(
        t,
        d,
        Array.from({ length: t.shape[d] }, (_, i) => t.shape[d] - 1 - i),
      ),
    x,
  );
}

/** For gather and scatter: the flat position in `x` that each element of `index` names along axis d. */
function positions(op: string, x: Tensor, d: number, index: Tensor): Int32Array {
  if (x.ndim === 0 && index.ndim === 1) return checkIndex(op, index, 1);
  if (index.ndim !== x.ndim)
    fail(op, `index of shape ${show(index.shape)} and input of shape ${show(x.shape)} differ in axes`);
  index.shape.forEach((size, i) => {
    if (i !== d && size > x.shape[i])
      fail(op, `index of shape ${show(index.shape)} exceeds shape ${show(x.shape)} at axis ${i}`);
  });
  const flat = checkIndex(op, index, x.ndim === 0 ? 1 : x.shape[d]);
  const counters = new Array<number>(x.ndim).fill(0);
  const strides = x.shape.map((_, i) => sizeOf(x.shape.slice(i + 1)));
  for (let at = 0; at < flat.length; at++) {
    let position = 0;
    for (let i = 0; i < x.ndim; i++) position += strides[i] * (i === d ? flat[at] : counters[i]);
    flat[at] = position;
    for (let i = x.ndim - 1; i >= 0 && ++counters[i] === index.shape[i]; i--) counters[i] = 0;
  }
  return flat;
}

/** y[i][j] = x[index[i][j]][j] for dim 0, and so on; `torch.gather`. */
export function gather(x: Tensor, dim: number, index: Tensor): Tensor {
  checkTensor('gather', 'input', x);
  checkTensor('gather', 'index', index);
  const d = axis('gather', 'dim', dim, x.ndim);
  const flat = positions('gather', x, d, index);
  return takeRows(x, { index: flat, sourceRows: x.size, inner: 1, shape: index.shape, source: x.shape });
}

function part(op: string, source: Operand, index: Tensor, like: Tensor): Tensor {
  const t = operand(op, 'source', source).to(like.dtype);
  if (t.ndim === 0) return expand(t, index.shape);
  if (t.ndim !== index.ndim || t.shape.some((size, i) => size < index.shape[i])) {
    fail(op, `source of shape ${show(t.shape)} is smaller than index of shape ${show(index.shape)}`);
  }
  return index.shape.reduce(
    (narrowed, size, i) => (narrowed.shape[i] === size ? narrowed : narrowed.narrow(i, 0, size)),
    t,
  );
}

/** x with source[i][j] added at [index[i][j]][j] for dim 0, and so on; `torch.scatter_add`. */
export function scatterAdd(x: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
  checkTensor('scatterAdd', 'input', x);
  checkTensor('scatterAdd', 'index', index);
  const flat = positions('scatterAdd', x, axis('scatterAdd', 'dim', dim, x.ndim), index);
  const rows = { index: flat, sourceRows: x.size, inner: 1, shape: index.shape, source: x.shape };
  return x.add(addRows(part('scatterAdd', source, index, x), rows));
}

/** x with source[i][j] written at [index[i][j]][j] for dim 0, and so on; of equal indices the last counts. `torch.scatter`. */
export function scatter(x: Tensor, dim: number, index: Tensor, source: Operand): Tensor {
  checkTensor('scatter', 'input', x);
  checkTensor('scatter', 'index', index);
  const flat = positions('scatter', x, axis('scatter', 'dim', dim, x.ndim), index);
  // for each element of the result the element of source that it takes, if any
  const taken = new Int32Array(x.size).fill(-1);
  for (let i = 0; i < flat.length; i++) taken[flat[i]] = i;
  const hit = emptyTensor('bool', x.shape);
  for (let i = 0; i < taken.length; i++) {
    hit.data[i] = taken[i] >= 0 ? 1 : 0;
    if (taken[i] < 0) taken[i] = 0;
  }
  if (flat.length === 0) return x.clone();
  const values = part('scatter', source, index, x);
  return where(
    hit,
    takeRows(values, { index: taken, sourceRows: flat.length, inner: 1, shape: x.shape, source: values.shape }),
    x,
  );
}

/** x[index] element by element along `dim`, x and index broadcast beside it; flattened without `dim`; `torch.take_along_dim`. */
export function takeAlongDim(x: Tensor, index: Tensor, dim?: number | null): Tensor {
  const op = 'takeAlongDim';
  checkTensor(op, 'input', x);
  checkTensor(op, 'indices', index);
  if (dim === undefined || dim === null) return gather(flatten(x), 0, flatten(index));
  if (x.ndim !== index.ndim)
    fail(op, `indices of shape ${show(index.shape)} and input of shape ${show(x.shape)} differ in axes`);
  const d = axis(op, 'dim', dim, x.ndim);
  const beside = (t: Tensor) => t.shape.map((size, i) => (i === d ? 1 : size));
  const shape = broadcastShapes(op, beside(x), beside(index));
  const wide = (t: Tensor) =>
    expand(
      t,
      shape.map((size, i) => (i === d ? t.shape[d] : size)),
    );
  return gather(wide(x), d, wide(index));
}

/** Options of `indexAdd`. */
export interface IndexAddOptions {
  /** Factor of the source. Default 1. */
  alpha?: number;
}

/** x with alpha·source[i] added to slice index[i] along `dim`; `torch.index_add`. index: 1-d int32. */
export function indexAdd(x: Tensor, dim: number, index: Tensor, source: Tensor, opts?: IndexAddOptions): Tensor {
  const op = 'indexAdd';
  const { alpha = 1 } = options(op, opts, ['alpha']);
  number(op, 'alpha', alpha);
  const d = axis(op, 'dim', dim, checkTensor(op, 'input', x).ndim);
  if (checkTensor(op, 'index', index).ndim > 1) invalid(op, 'index', 'at most 1 axis', index.shape);
  const places = checkIndex(op, index, x.ndim === 0 ? 1 : x.shape[d]);
  const shape = x.shape.map((size, i) => (i === d ? places.length : size));
  if (!sameShape(checkTensor(op, 'source', source).shape, shape))
    invalid(op, 'source', `shape ${show(shape)}`, source.shape);
  const rows = axisRows(x.shape, d, places);
  return add(x, addRows(alpha === 1 ? source.to(x.dtype) : mul(source, alpha).to(x.dtype), rows));
}

/** @internal The adjoint of selectRows: zeros with `size` slices along axis d, slice i of x added to slice picks[i]. */
export function spreadRows(x: Tensor, d: number, picks: ArrayLike<number>, size: number): Tensor {
  const source = x.shape.map((s, i) => (i === d ? size : s));
  return addRows(x, axisRows(source, d, picks));
}
