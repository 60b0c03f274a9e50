/** Copies of elements: contiguous, clone, conversion, and writing into a tensor. */
import { apply } from '../autograd/apply.ts';
import { checkDType, type DType, isFloat } from '../tensor/dtype.ts';
import { Tensor } from '../tensor/tensor.ts';
import { defineOp, emptyTensor, kernelsFor, type Op } from './define.ts';
import { stridedDesc } from './strided.ts';

/** Writes `source`, broadcast and converted, into `target`'s elements. Not recorded. */
export function copyInto(target: Tensor, source: Tensor): void {
  const from = source.dtype === target.dtype ? source : convert(source, target.dtype);
  const shared = from.storage === target.storage ? materialise(from) : from;
  const desc = stridedDesc(target.shape, shared, target, null);
  kernelsFor(target.dtype).copyStrided(desc, shared.data, target.data);
}

function materialise(t: Tensor): Tensor {
  const out = emptyTensor(t.dtype, t.shape);
  kernelsFor(t.dtype).copyStrided(stridedDesc(t.shape, t, out, null), t.data, out.data);
  return out;
}

/** `t` itself where its elements lie in order, else a copy. Not recorded: for kernels. */
export function dense(t: Tensor): Tensor {
  return t.isContiguous ? t : materialise(t);
}

/** The elements of a contiguous tensor as an array that starts at the first of them. */
export function elements(t: Tensor): Tensor['data'] {
  return t.offset === 0 ? t.data : t.data.subarray(t.offset, t.offset + t.size);
}

function convert(t: Tensor, dtype: DType): Tensor {
  const x = dense(t);
  const out = emptyTensor(dtype, t.shape);
  const from = elements(x);
  const to = out.data;
  const n = t.size;
  if (dtype === 'bool') for (let i = 0; i < n; i++) to[i] = from[i] !== 0 ? 1 : 0;
  else to.set(from.length === n ? from : from.subarray(0, n));
  return out;
}

const copyOp = defineOp<null>({
  name: 'clone',
  run: ([x]) => materialise(x),
  grad: (_call, g) => [g],
});

const castOp: Op<DType> = defineOp<DType>({
  name: 'to',
  run: ([x], dtype) => convert(x, dtype),
  grad: (call, g) => [apply(castOp, [g], call.inputDTypes[0] as DType)],
});

/** A contiguous copy with its own memory; `torch.clone`. */
export function clone(x: Tensor): Tensor {
  return apply(copyOp, [x], null);
}

/** The tensor itself where it is contiguous (row-major, no gaps), else a copy; `torch.Tensor.contiguous`. */
export function contiguous(x: Tensor): Tensor {
  return x.isContiguous ? x : clone(x);
}

/**
 * The tensor converted to `dtype`, or itself where it has that dtype; `torch.Tensor.to`. Floats are truncated towards zero
 * on the way to integers; anything but 0 (NaN too) becomes true.
 */
export function to(x: Tensor, dtype: DType): Tensor {
  checkDType('to', 'dtype', dtype);
  if (x.dtype === dtype) return x;
  // integers have no gradient: leave the graph there
  if (!isFloat(dtype)) return convert(x, dtype);
  return apply(castOp, [x], dtype);
}

/** The tensor as float32; `torch.Tensor.float`. */
export function float(x: Tensor): Tensor {
  return to(x, 'float32');
}

/** The tensor as float64; `torch.Tensor.double`. */
export function double(x: Tensor): Tensor {
  return to(x, 'float64');
}

/** The tensor as int32; `torch.Tensor.int`. */
export function int(x: Tensor): Tensor {
  return to(x, 'int32');
}

/** Whether each element is not 0; `torch.Tensor.bool`. */
export function bool(x: Tensor): Tensor {
  return to(x, 'bool');
}

/** The same elements outside the recorded graph; shares memory. `torch.Tensor.detach`. */
export function detach(x: Tensor): Tensor {
  return new Tensor(x.storage, x.shape, x.strides, x.offset, x.isContiguous);
}
