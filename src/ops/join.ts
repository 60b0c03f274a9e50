/** Joining tensors: cat and stack. */
import { apply } from '../autograd/apply.ts';
import { fail, invalid, show } from '../errors.ts';
import { axis } from '../options.ts';
import { promoteTypes } from '../tensor/dtype.ts';
import { contiguousStrides, sameShape } from '../tensor/shape.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import { copyInto } from './copy.ts';
import { defineOp, emptyTensor, type Op } from './define.ts';
import { range, unsqueeze } from './view.ts';

const catOp: Op<number> = defineOp<number>({
  name: 'cat',
  run(tensors, dim) {
    const shape = tensors[0].shape.slice();
    shape[dim] = tensors.reduce((total, t) => total + t.shape[dim], 0);
    const out = emptyTensor(tensors[0].dtype, shape);
    const strides = contiguousStrides(shape);
    let start = 0;
    for (const t of tensors) {
      copyInto(new Tensor(out.storage, t.shape, strides, start * strides[dim]), t);
      start += t.shape[dim];
    }
    return out;
  },
  grad(call, g) {
    let start = 0;
    return call.inputShapes.map((shape, i) => {
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
export function cat(tensors: readonly Tensor[], dim = 0): Tensor {
  checkList('cat', tensors);
  const full = tensors.filter((t) => !(t.ndim === 1 && t.size === 0));
  const list = full.length > 0 ? full : tensors.slice(0, 1);
  const first = list[0];
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
    list.map((t) => t.to(dtype)),
    d,
  );
}

/** Tensors of one shape joined along a new axis (default 0); `torch.stack`. */
export function stack(tensors: readonly Tensor[], dim = 0): Tensor {
  checkList('stack', tensors);
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
