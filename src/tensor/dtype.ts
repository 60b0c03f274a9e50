/** Element types and PyTorch's promotion rules for them. */
import type { NumberArray } from '../backend/kernels.ts';
import { invalid, show } from '../errors.ts';

/** The element types: `torch.float32` and so on. int64 is not among them: int32 takes its place. */
export type DType = 'float32' | 'float64' | 'int32' | 'uint8' | 'bool';
export const dtypes: readonly DType[] = ['float32', 'float64', 'int32', 'uint8', 'bool'];

const constructors = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const;

export const bytesPerElement: Record<DType, number> = { float32: 4, float64: 8, int32: 4, uint8: 1, bool: 1 };

/** A fresh zeroed array of `length` elements. */
export function newArray(dtype: DType, length: number): NumberArray {
  return new constructors[dtype](length);
}

/** A window on a buffer. */
export function arrayOver(dtype: DType, buffer: ArrayBuffer, byteOffset: number, length: number): NumberArray {
  return new constructors[dtype](buffer, byteOffset, length);
}

export function isFloat(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64';
}

export function checkDType(op: string, name: string, value: unknown): DType {
  if (!dtypes.includes(value as DType)) invalid(op, name, `one of ${dtypes.map(show).join(', ')}`, value);
  return value as DType;
}

const rank: Record<DType, number> = { bool: 0, uint8: 1, int32: 2, float32: 3, float64: 4 };
const category: Record<DType, number> = { bool: 0, uint8: 1, int32: 1, float32: 2, float64: 2 };

/** The smaller dtype that both convert to: bool < uint8 < int32 < float32 < float64. */
export function promoteTypes(a: DType, b: DType): DType {
  return rank[a] >= rank[b] ? a : b;
}

/** What an operand brings to promotion: its dtype, and whether it is a tensor with axes, a 0-d tensor or a plain number. */
export interface Operand {
  readonly dtype: DType;
  readonly ndim: number;
  /** Made from a JavaScript number or boolean. */
  readonly isWrapped: boolean;
}

const level = (t: Operand): number => (t.isWrapped ? 0 : t.ndim === 0 ? 1 : 2);

/**
 * PyTorch's result type: tensors with axes decide, then 0-d tensors, then numbers; a lower group counts only when its
 * category (bool, integer, float) is higher than what the groups above have. A whole JavaScript number is an integer,
 * any other a float32.
 */
export function resultType(a: Operand, b: Operand): DType {
  if (a.dtype === b.dtype) return a.dtype;
  const la = level(a);
  const lb = level(b);
  if (la === lb) return promoteTypes(a.dtype, b.dtype);
  const [high, low] = la > lb ? [a.dtype, b.dtype] : [b.dtype, a.dtype];
  if (category[low] <= category[high]) return high;
  return promoteTypes(high, low === 'float64' && Math.min(la, lb) === 0 ? 'float32' : low);
}

/** The dtype of a number or boolean as an operand, by itself: bool, int32, or float32 for what is neither. */
export function scalarType(value: number | boolean): DType {
  if (typeof value === 'boolean') return 'bool';
  return Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? 'int32' : 'float32';
}

/** The result type of a tensor's dtype and a number. */
export function resultTypeWithScalar(dtype: DType, value: number | boolean): DType {
  const scalar = scalarType(value);
  return category[scalar] <= category[dtype] ? dtype : promoteTypes(dtype, scalar);
}
