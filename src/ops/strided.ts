/** Fills the StridedDesc of a call: axes of size 1 are dropped and axes that all operands walk in one go are merged. */
import { at, descriptorFields, MAX_AXES } from '../backend/descriptors.ts';
import { fail, show } from '../errors.ts';
import { broadcastStrides, sameShape, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

const { n, ndim, offsetA, offsetB, offsetC, size0, a0, b0, c0 } = at.StridedDesc;

// One descriptor serves all calls: kernels read it before they return.
const desc = new Int32Array(descriptorFields.StridedDesc.length);

function stridesOf(t: Tensor, shape: readonly number[]): readonly number[] {
  return sameShape(t.shape, shape) ? t.strides : broadcastStrides(t.shape, t.strides, shape);
}

function isFlat(t: Tensor | null, shape: readonly number[]): boolean {
  return t === null || (t.isContiguous && sameShape(t.shape, shape));
}

/** The descriptor for operands a, b and c read as `shape`. It is overwritten by the next call. */
export function stridedDesc(shape: readonly number[], a: Tensor, b: Tensor | null, c: Tensor | null): Int32Array {
  const size = sizeOf(shape);
  desc[n] = size;
  desc[offsetA] = a.offset;
  desc[offsetB] = b === null ? 0 : b.offset;
  desc[offsetC] = c === null ? 0 : c.offset;
  if (size === 0 || (isFlat(a, shape) && isFlat(b, shape) && isFlat(c, shape))) {
    desc[ndim] = 1;
    desc[size0] = size;
    desc[a0] = 1;
    desc[b0] = 1;
    desc[c0] = 1;
    return desc;
  }
  const sa = stridesOf(a, shape);
  const sb = b === null ? sa : stridesOf(b, shape);
  const sc = c === null ? sa : stridesOf(c, shape);
  let axes = 0;
  for (let i = 0; i < shape.length; i++) {
    const s = shape[i];
    if (s === 1) continue;
    const last = axes - 1;
    if (axes > 0 && desc[a0 + last] === sa[i] * s && desc[b0 + last] === sb[i] * s && desc[c0 + last] === sc[i] * s) {
      desc[size0 + last] *= s;
    } else {
      if (axes === MAX_AXES) fail('tensor', `shape ${show(shape)} with these strides needs more than ${MAX_AXES} axes`);
      desc[size0 + axes] = s;
      axes++;
    }
    desc[a0 + axes - 1] = sa[i];
    desc[b0 + axes - 1] = sb[i];
    desc[c0 + axes - 1] = sc[i];
  }
  if (axes === 0) {
    desc[size0] = 1;
    desc[a0] = 1;
    desc[b0] = 1;
    desc[c0] = 1;
    axes = 1;
  }
  desc[ndim] = axes;
  return desc;
}
