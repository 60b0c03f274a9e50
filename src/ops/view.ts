/** Views: other shapes and strides over the same memory. */
import { apply } from '../autograd/apply.ts';
import { fail, invalid, show } from '../errors.ts';
import { axis, axisList, integer } from '../options.ts';
import { checkShape, inferShape, sameShape, sizeOf, viewStrides } from '../tensor/shape.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import { clone, copyInto } from './copy.ts';
import { defineOp, emptyTensor, type Op } from './define.ts';

/** A list given as arguments or as one array: `x.permute(1, 0)` or `x.permute([1, 0])`. */
export function spreadArgs(args: readonly (number | readonly number[])[]): number[] {
  return (args.length === 1 && Array.isArray(args[0]) ? args[0].slice() : args.slice()) as number[];
}

const reshapeOp: Op<readonly number[]> = defineOp<readonly number[]>({
  name: 'reshape',
  isView: true,
  run([x], shape) {
    const strides = viewStrides(x.shape, x.strides, shape);
    return new Tensor(x.storage, shape, strides as number[], x.offset);
  },
  grad: (call, g) => [reshape(g, call.inputShapes[0])],
});

/**
 * The same elements in another shape; one size may be -1. A view where the strides allow it, else a copy;
 * `torch.reshape`. `x.reshape(2, 3)` or `x.reshape([2, 3])`.
 */
export function reshape(x: Tensor, ...shape: (number | readonly number[])[]): Tensor {
  const to = inferShape('reshape', x.size, spreadArgs(shape));
  if (sameShape(to, x.shape)) return x;
  const source = viewStrides(x.shape, x.strides, to) === null ? clone(x) : x;
  return apply(reshapeOp, [source], to);
}

/** As reshape, but an error where only a copy could do it; `torch.Tensor.view`. */
export function view(x: Tensor, ...shape: (number | readonly number[])[]): Tensor {
  const to = inferShape('view', x.size, spreadArgs(shape));
  if (viewStrides(x.shape, x.strides, to) === null) {
    fail(
      'view',
      `shape ${show(to)} needs a copy of a tensor of shape ${show(x.shape)} and strides ${show(x.strides)}; use reshape`,
    );
  }
  return apply(reshapeOp, [x], to);
}

/** Merges axes startDim … endDim (inclusive) into one; `torch.flatten`. Defaults: 0 and -1. */
export function flatten(x: Tensor, startDim = 0, endDim = -1): Tensor {
  const start = axis('flatten', 'startDim', startDim, x.ndim);
  const end = axis('flatten', 'endDim', endDim, x.ndim);
  if (x.ndim === 0) return reshape(x, [1]);
  if (start > end) fail('flatten', `startDim ${startDim} comes after endDim ${endDim}`);
  const merged = sizeOf(x.shape.slice(start, end + 1));
  return reshape(x, [...x.shape.slice(0, start), merged, ...x.shape.slice(end + 1)]);
}

/** Splits axis `dim` into `sizes`, one of which may be -1; `torch.unflatten`. */
export function unflatten(x: Tensor, dim: number, sizes: readonly number[]): Tensor {
  const d = axis('unflatten', 'dim', dim, x.ndim);
  const parts = inferShape('unflatten', x.shape[d], sizes);
  return reshape(x, [...x.shape.slice(0, d), ...parts, ...x.shape.slice(d + 1)]);
}

const permuteOp: Op<readonly number[]> = defineOp<readonly number[]>({
  name: 'permute',
  isView: true,
  run: ([x], dims) =>
    new Tensor(
      x.storage,
      dims.map((d) => x.shape[d]),
      dims.map((d) => x.strides[d]),
      x.offset,
    ),
  grad(call, g) {
    const inverse = new Array<number>(call.attrs.length);
    call.attrs.forEach((d, i) => {
      inverse[d] = i;
    });
    return [apply(permuteOp, [g], inverse)];
  },
});

/** Axes in another order; `torch.permute`. */
export function permute(x: Tensor, ...dims: (number | readonly number[])[]): Tensor {
  const order = axisList('permute', 'dims', spreadArgs(dims), x.ndim);
  if (order.length !== x.ndim) invalid('permute', 'dims', `all ${x.ndim} axes`, order);
  return apply(permuteOp, [x], order);
}

/** Two axes swapped; `torch.transpose`. */
export function transpose(x: Tensor, dim0: number, dim1: number): Tensor {
  const a = axis('transpose', 'dim0', dim0, x.ndim);
  const b = axis('transpose', 'dim1', dim1, x.ndim);
  const order = x.shape.map((_, i) => (i === a ? b : i === b ? a : i));
  return apply(permuteOp, [x], order);
}

/** The transpose of a matrix; vectors and scalars as they are. `torch.t`. */
export function t(x: Tensor): Tensor {
  if (x.ndim > 2) invalid('t', 'input', 'at most 2 axes', x.shape);
  return x.ndim < 2 ? x : transpose(x, 0, 1);
}

/** Axes moved to other places, the rest kept in order; `torch.movedim`. */
export function movedim(
  x: Tensor,
  source: number | readonly number[],
  destination: number | readonly number[],
): Tensor {
  const from = axisList('movedim', 'source', source, x.ndim);
  const dest = axisList('movedim', 'destination', destination, x.ndim);
  if (from.length !== dest.length)
    fail('movedim', `source ${show(source)} and destination ${show(destination)} differ in length`);
  const order = new Array<number>(x.ndim).fill(-1);
  dest.forEach((d, i) => {
    order[d] = from[i];
  });
  const rest = x.shape.map((_, i) => i).filter((i) => !from.includes(i));
  return apply(
    permuteOp,
    [x],
    order.map((d) => (d < 0 ? (rest.shift() as number) : d)),
  );
}

/** A new axis of size 1 at `dim`; `torch.unsqueeze`. */
export function unsqueeze(x: Tensor, dim: number): Tensor {
  const d = axis('unsqueeze', 'dim', dim, x.ndim + 1);
  return apply(reshapeOp, [x], [...x.shape.slice(0, d), 1, ...x.shape.slice(d)]);
}

/** Without axes of size 1: all of them, or those among `dim` that have size 1; `torch.squeeze`. */
export function squeeze(x: Tensor, dim?: number | readonly number[]): Tensor {
  const drop = axisList('squeeze', 'dim', dim, x.ndim);
  const shape = x.shape.filter((size, i) => size !== 1 || !drop.includes(i));
  return apply(reshapeOp, [x], shape);
}

const expandOp = defineOp<readonly number[]>({
  name: 'expand',
  isView: true,
  run([x], shape) {
    const skip = shape.length - x.ndim;
    const strides = shape.map((size, i) =>
      i < skip || (x.shape[i - skip] === 1 && size !== 1) ? 0 : x.strides[i - skip],
    );
    return new Tensor(x.storage, shape, strides, x.offset);
  },
  grad: (_call, g) => [g],
});

/** Axes of size 1 stretched without copying; -1 keeps a size; new axes come in front. `torch.Tensor.expand`. */
export function expand(x: Tensor, ...shape: (number | readonly number[])[]): Tensor {
  const to = spreadArgs(shape);
  const skip = to.length - x.ndim;
  if (skip < 0) fail('expand', `shape ${show(to)} has fewer axes than the tensor's ${show(x.shape)}`);
  const full = to.map((size, i) => {
    integer('expand', 'shape', size, -1);
    const own = i < skip ? 1 : x.shape[i - skip];
    if (size === -1 && i >= skip) return own;
    if (size === -1 || (own !== 1 && own !== size))
      fail('expand', `shape ${show(x.shape)} does not expand to ${show(to)}`);
    return size;
  });
  checkShape('expand', 'shape', full);
  return sameShape(full, x.shape) ? x : apply(expandOp, [x], full);
}

/** `x` broadcast to the shape of `other`; `torch.Tensor.expand_as`. */
export function expandAs(x: Tensor, other: Tensor): Tensor {
  return expand(x, other.shape);
}

/** What a view op does to a tensor's geometry, so that its gradient can lay a tensor of zeros out the same way. */
interface Region {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

/** Zeros of shape `to`, contiguous, with x written at a region of it: the gradient of taking that region. */
const spreadOp: Op<Region & { to: readonly number[] }> = defineOp<Region & { to: readonly number[] }>({
  name: 'spread',
  run([x], { to, shape, strides, offset }) {
    const out = emptyTensor(x.dtype, to, true);
    copyInto(new Tensor(out.storage, shape, strides, offset), x);
    return out;
  },
  grad: (call, g) => [asStrided(g.contiguous(), call.attrs.shape, call.attrs.strides, call.attrs.offset)],
});

/** @internal The adjoint of asStrided on a contiguous tensor of shape `to`; the region must not overlap itself. */
export function spread(
  x: Tensor,
  to: readonly number[],
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
): Tensor {
  return apply(spreadOp, [x], { to, shape, strides, offset });
}

const asStridedOp = defineOp<Region>({
  name: 'asStrided',
  isView: true,
  run: ([x], { shape, strides, offset }) => new Tensor(x.storage, shape, strides, x.offset + offset),
  grad: (call, g) => [spread(g, call.inputShapes[0], call.attrs.shape, call.attrs.strides, call.attrs.offset)],
});

/** @internal A region of a contiguous tensor, offset counted from its first element. */
export function asStrided(x: Tensor, shape: readonly number[], strides: readonly number[], offset: number): Tensor {
  return apply(asStridedOp, [x], { shape, strides, offset });
}

/** Start, count and step of a slice along one axis. */
interface Range {
  readonly dim: number;
  readonly start: number;
  readonly length: number;
  readonly step: number;
}

const rangeOp = defineOp<Range>({
  name: 'slice',
  isView: true,
  run([x], { dim, start, length, step }) {
    const shape = x.shape.map((size, i) => (i === dim ? length : size));
    const strides = x.strides.map((s, i) => (i === dim ? s * step : s));
    return new Tensor(x.storage, shape, strides, x.offset + (length === 0 ? 0 : start * x.strides[dim]));
  },
  grad(call, g) {
    const { dim, start, length, step } = call.attrs;
    const whole = call.inputShapes[0];
    const inner = sizeOf(whole.slice(dim + 1));
    let stride = 1;
    const strides = new Array<number>(whole.length);
    for (let i = whole.length - 1; i >= 0; i--) {
      strides[i] = i === dim ? stride * step : stride;
      stride *= whole[i];
    }
    const shape = whole.map((size, i) => (i === dim ? length : size));
    return [spread(g, whole, shape, strides, length === 0 ? 0 : start * inner)];
  },
});

/** @internal Elements start, start + step, … along an axis; arguments are in range. */
export function range(x: Tensor, dim: number, start: number, length: number, step = 1): Tensor {
  return apply(rangeOp, [x], { dim, start, length, step });
}

/** `length` elements along `dim` from `start`, a number or a 0-d tensor; `torch.narrow`. */
export function narrow(x: Tensor, dim: number, start: number | Tensor, length: number): Tensor {
  if (x.ndim === 0) fail('narrow', 'a 0-d tensor has no axis to narrow');
  const d = axis('narrow', 'dim', dim, x.ndim);
  const size = x.shape[d];
  const from = integer('narrow', 'start', start instanceof Tensor ? start.item() : start, -size);
  const first = from < 0 ? from + size : from;
  integer('narrow', 'length', length, 0);
  if (first + length > size) fail('narrow', `start ${from} and length ${length} exceed size ${size} of axis ${dim}`);
  return range(x, d, first, length);
}

/** One index along `dim`, the axis dropped; `torch.select`. */
export function select(x: Tensor, dim: number, index: number): Tensor {
  if (x.ndim === 0) fail('select', 'a 0-d tensor has no axis to select from');
  const d = axis('select', 'dim', dim, x.ndim);
  const size = x.shape[d];
  if (typeof index !== 'number' || !Number.isInteger(index) || index < -size || index >= size) {
    invalid('select', 'index', `an integer in [${-size}, ${size - 1}] for axis ${dim}`, index);
  }
  const one = range(x, d, index < 0 ? index + size : index, 1);
  return apply(reshapeOp, [one], [...x.shape.slice(0, d), ...x.shape.slice(d + 1)]);
}

/** x in the shape of another tensor; `torch.Tensor.reshape_as`. */
export function reshapeAs(x: Tensor, other: Tensor): Tensor {
  return reshape(x, checkTensor('reshapeAs', 'other', other).shape);
}

/** A view of x in the shape of another tensor; `torch.Tensor.view_as`. */
export function viewAs(x: Tensor, other: Tensor): Tensor {
  return view(x, checkTensor('viewAs', 'other', other).shape);
}

/** x expanded to a shape; `torch.broadcast_to`. */
export function broadcastTo(x: Tensor, ...shape: (number | readonly number[])[]): Tensor {
  return expand(x, ...shape);
}

/** x as one axis; `torch.ravel`. */
export function ravel(x: Tensor): Tensor {
  return reshape(x, [-1]);
}
