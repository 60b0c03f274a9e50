/** Joining tensors: cat and stack. */
import { apply } from '../autograd/apply.ts';
import { fail, invalid, show } from '../errors.ts';
import { axis, type DimOption, dimOption, oneOf, options } from '../options.ts';
import { promoteTypes } from '../tensor/dtype.ts';
import { contiguousStrides, sameShape } from '../tensor/shape.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import { copyInto } from './copy.ts';
import { zeros } from './create.ts';
import { defineOp, emptyTensor, type Op } from './define.ts';
import { expand, range, reshape, transpose, unsqueeze } from './view.ts';

/** Shape [0] joins with anything, for the sake of old code; PyTorch keeps this too. */
const isNothing = (shape: readonly number[]): boolean => shape.length === 1 && shape[0] === 0;

const catOp: Op<number> = defineOp<number>({
  name: 'cat',
  run(tensors, dim) {
    const joined = tensors.filter((t) => !isNothing(t.shape));
    const shape = (joined[0] ?? tensors[0]).shape.slice();
    shape[dim] = joined.reduce((total, t) => total + t.shape[dim], 0);
    const out = emptyTensor(tensors[0].dtype, shape);
    const strides = contiguousStrides(shape);
    let start = 0;
    for (const t of tensors) {
      if (isNothing(t.shape)) continue;
      copyInto(new Tensor(out.storage, t.shape, strides, start * strides[dim]), t);
      start += t.shape[dim];
    }
    return out;
  },
  grad(call, g) {
    let start = 0;
    return call.inputShapes.map((shape, i) => {
      if (isNothing(shape)) return call.needs(i) ? zeros(shape, { dtype: g.dtype }) : null;
      const from = start;
      start += shape[call.attrs];
      return call.needs(i) ? range(g, call.attrs, from, shape[call.attrs]) : null;
    });
  },
});

function checkList(op: string, tensors: readonly Tensor[]): void {
  if (!Array.isArray(tensors) || tensors.length === 0) invalid(op, 'tensors', 'a list of at least one Tensor', tensors);
  tensors.forEach((t, i) => {
    checkTensor(op, `tensors[${i}]`, t);
  });
}

/**
 * Tensors joined along an existing axis (default 0); the other sizes must agree. dtypes are promoted; a 1-d tensor of
 * size 0 is skipped, as in PyTorch. `torch.cat`.
 */
export function cat(tensors: readonly Tensor[], given?: DimOption): Tensor {
  checkList('cat', tensors);
  const dim = dimOption('cat', given, 0);
  const list = tensors.filter((t) => !isNothing(t.shape));
  const first = list[0] ?? tensors[0];
  if (first.ndim === 0) fail('cat', '0-d tensors cannot be joined; use stack');
  const d = axis('cat', 'dim', dim, first.ndim);
  for (const t of list) {
    if (t.ndim !== first.ndim || t.shape.some((size, i) => i !== d && size !== first.shape[i])) {
      fail('cat', `shapes ${show(first.shape)} and ${show(t.shape)} differ in an axis other than ${dim}`);
    }
  }
  const dtype = tensors.map((t) => t.dtype).reduce(promoteTypes);
  return apply(
    catOp,
    tensors.map((t) => t.to(dtype)),
    d,
  );
}

/** Tensors of one shape joined along a new axis (default 0); `torch.stack`. */
export function stack(tensors: readonly Tensor[], given?: DimOption): Tensor {
  checkList('stack', tensors);
  const dim = dimOption('stack', given, 0);
  const first = tensors[0];
  const d = axis('stack', 'dim', dim, first.ndim + 1);
  for (const t of tensors) {
    if (!sameShape(t.shape, first.shape)) fail('stack', `shapes ${show(first.shape)} and ${show(t.shape)} differ`);
  }
  return cat(
    tensors.map((t) => unsqueeze(t, d)),
    d,
  );
}

/** Options of `meshgrid`. */
export interface MeshgridOptions {
  /** 'ij': the first tensor runs along the first axis; 'xy': along the second. Default 'ij'. */
  indexing?: 'ij' | 'xy';
}

/** Grids of coordinates from vectors (or 0-d tensors), as views; `torch.meshgrid`. */
export function meshgrid(tensors: readonly Tensor[], opts?: MeshgridOptions): Tensor[] {
  const { indexing = 'ij' } = options('meshgrid', opts, ['indexing']);
  oneOf('meshgrid', 'indexing', indexing, ['ij', 'xy']);
  checkList('meshgrid', tensors);
  tensors.forEach((t, i) => {
    if (t.ndim > 1) invalid('meshgrid', `tensors[${i}]`, 'at most 1 axis', t.shape);
  });
  const swapped = indexing === 'xy' && tensors.length > 1;
  const list = swapped ? [tensors[1], tensors[0], ...tensors.slice(2)] : tensors;
  const shape = list.map((t) => t.size);
  const grids = list.map((t, i) =>
    expand(
      reshape(
        t,
        shape.map((size, d) => (d === i ? size : 1)),
      ),
      shape,
    ),
  );
  return swapped
    ? [transpose(grids[1], 0, 1), transpose(grids[0], 0, 1), ...grids.slice(2).map((g) => transpose(g, 0, 1))]
    : grids;
}
