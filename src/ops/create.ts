/** Tensors from nothing, numbers and arrays. */
import type { NumberArray } from '../backend/kernels.ts';
import { fail, invalid, show } from '../errors.ts';
import { boolean, integer, number, options } from '../options.ts';
import { checkDType, type DType, isFloat, newArray, scalarType } from '../tensor/dtype.ts';
import { checkShape, contiguousStrides, sizeOf } from '../tensor/shape.ts';
import { Storage } from '../tensor/storage.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import { emptyTensor, kernelsFor } from './define.ts';

/** Options of the functions that make tensors. */
export interface TensorOptions {
  /** Element type. Default float32, or what the data is for `tensor`. */
  dtype?: DType;
  /** Whether ops on the result are recorded for backward. Default false. */
  requiresGrad?: boolean;
}
export const tensorOptions = ['dtype', 'requiresGrad'] as const;

/** @inline */
type Shape = readonly (number | readonly number[] | TensorOptions | undefined)[];

/** Splits `zeros(2, 3, {dtype})` or `zeros([2, 3], {dtype})` into shape and options. */
export function shapeAndOptions(op: string, args: Shape, fallback: DType = 'float32'): [number[], DType, boolean] {
  const list = args.slice();
  const last = list[list.length - 1];
  const given = typeof last === 'object' && !Array.isArray(last) ? (list.pop() as TensorOptions) : undefined;
  if (last === undefined && list.length > 0) list.pop();
  const { dtype, requiresGrad } = tensorSettings(op, given, fallback);
  const shape = list.length === 1 && Array.isArray(list[0]) ? list[0].slice() : list;
  return [checkShape(op, 'shape', shape), dtype, requiresGrad];
}

/** Checked dtype and requiresGrad. */
export function tensorSettings(
  op: string,
  given: TensorOptions | undefined,
  fallback: DType = 'float32',
): { dtype: DType; requiresGrad: boolean } {
  const { dtype = fallback, requiresGrad = false } = options(op, given, tensorOptions);
  checkDType(op, 'dtype', dtype);
  boolean(op, 'requiresGrad', requiresGrad);
  if (requiresGrad && !isFloat(dtype)) fail(op, `requiresGrad expected a float dtype, got ${dtype}`);
  return { dtype, requiresGrad };
}

/** Marks a fresh leaf. */
export function leaf(t: Tensor, requiresGrad: boolean): Tensor {
  if (requiresGrad) t.requiresGrad = true;
  return t;
}

const scalars: Partial<Record<DType, Map<number, Tensor>>> = {};
const SCALARS_KEPT = 256;

/**
 * @internal A number as a 0-d operand, shared between calls: never change it. Without a dtype it is bool, int32 or
 * (kept in double precision) a float that takes the type of what it meets.
 */
export function scalarTensor(value: number | boolean, dtype?: DType): Tensor {
  const kind = dtype ?? (scalarType(value) === 'float32' ? 'float64' : scalarType(value));
  scalars[kind] ??= new Map();
  const cache = scalars[kind];
  const known = cache.get(Number(value));
  // -0 and 0 are one key
  if (known !== undefined && value !== 0) return known;
  const data = newArray(kind, 1);
  data[0] = kind === 'bool' ? Number(Boolean(value)) : Number(value);
  const t = new Tensor(new Storage(kind, data), [], [], 0, true, true);
  if (cache.size < SCALARS_KEPT && value !== 0) cache.set(Number(value), t);
  return t;
}

/** What `tensor` takes: a number, a nested array, a typed array or a tensor. */
export type TensorData = number | boolean | readonly TensorData[] | NumberArray | Tensor;

function dtypeOfArray(data: ArrayBufferView): DType | null {
  switch (Object.prototype.toString.call(data)) {
    case '[object Float32Array]':
      return 'float32';
    case '[object Float64Array]':
      return 'float64';
    case '[object Int32Array]':
      return 'int32';
    case '[object Uint8Array]':
    case '[object Uint8ClampedArray]':
      return 'uint8';
    default:
      return null;
  }
}

function shapeOfNested(data: readonly unknown[]): number[] {
  const shape: number[] = [];
  for (let level: unknown = data; Array.isArray(level) || ArrayBuffer.isView(level); level = (level as unknown[])[0]) {
    shape.push((level as unknown[]).length);
  }
  return shape;
}

function flattenNested(data: unknown, shape: readonly number[], depth: number, out: (number | boolean)[]): void {
  if (depth === shape.length) {
    if (typeof data !== 'number' && typeof data !== 'boolean') invalid('tensor', 'data', 'numbers or booleans', data);
    out.push(data);
    return;
  }
  const row = data as unknown[];
  if (!(Array.isArray(row) || ArrayBuffer.isView(row)) || row.length !== shape[depth]) {
    fail(
      'tensor',
      `data expected equal lengths, ${shape[depth]} at depth ${depth}, got ${Array.isArray(row) ? `length ${row.length}` : show(row)}`,
    );
  }
  for (let i = 0; i < row.length; i++) flattenNested(row[i], shape, depth + 1, out);
}

/**
 * A tensor of given data, copied: a number, nested arrays, a typed array (1-d) or a tensor; `torch.tensor`.
 * Numbers in arrays become float32 (also whole ones, unlike PyTorch: JavaScript has one number type), booleans bool,
 * typed arrays keep their type (Uint8Array is uint8). `dtype` overrides.
 */
export function tensor(data: TensorData, opts?: TensorOptions): Tensor {
  if (data instanceof Tensor) {
    const { dtype, requiresGrad } = tensorSettings('tensor', opts, data.dtype);
    const copy = data.detach();
    return leaf(copy.dtype === dtype ? copy.clone() : copy.to(dtype), requiresGrad);
  }
  if (ArrayBuffer.isView(data)) {
    const own = dtypeOfArray(data);
    if (own === null) {
      return invalid(
        'tensor',
        'data',
        'a Float32Array, Float64Array, Int32Array, Uint8Array or Uint8ClampedArray',
        data,
      );
    }
    const { dtype, requiresGrad } = tensorSettings('tensor', opts, own);
    return leaf(fromFlat(data as NumberArray, [(data as NumberArray).length], dtype), requiresGrad);
  }
  if (!Array.isArray(data) && typeof data !== 'number' && typeof data !== 'boolean') {
    invalid('tensor', 'data', 'a number, nested arrays, a typed array or a Tensor', data);
  }
  const shape = Array.isArray(data) ? shapeOfNested(data) : [];
  const flat: (number | boolean)[] = [];
  flattenNested(data, shape, 0, flat);
  const allBool = flat.length > 0 && flat.every((v) => typeof v === 'boolean');
  const { dtype, requiresGrad } = tensorSettings('tensor', opts, allBool ? 'bool' : 'float32');
  return leaf(fromFlat(flat as number[], shape, dtype), requiresGrad);
}

/** @internal A tensor of `shape` with these elements, converted. */
export function fromFlat(flat: ArrayLike<number>, shape: readonly number[], dtype: DType): Tensor {
  const out = emptyTensor(dtype, shape);
  const n = out.size;
  if (flat.length < n) fail('tensor', `data of length ${flat.length} is too short for shape ${show(shape)}`);
  if (dtype === 'bool') for (let i = 0; i < n; i++) out.data[i] = flat[i] ? 1 : 0;
  else for (let i = 0; i < n; i++) out.data[i] = flat[i];
  return out;
}

function filled(shape: readonly number[], value: number, dtype: DType, requiresGrad: boolean): Tensor {
  const out = emptyTensor(dtype, shape, value === 0);
  if (value !== 0) kernelsFor(dtype).fill(out.size, value, out.data);
  return leaf(out, requiresGrad);
}

/** Zeros of a shape; `torch.zeros`. `zeros(2, 3)`, `zeros([2, 3], {dtype, requiresGrad})`. */
export function zeros(...args: Shape): Tensor {
  const [shape, dtype, requiresGrad] = shapeAndOptions('zeros', args);
  return filled(shape, 0, dtype, requiresGrad);
}

/** Ones of a shape; `torch.ones`. */
export function ones(...args: Shape): Tensor {
  const [shape, dtype, requiresGrad] = shapeAndOptions('ones', args);
  return filled(shape, 1, dtype, requiresGrad);
}

/** Elements of arbitrary value; `torch.empty`. */
export function empty(...args: Shape): Tensor {
  const [shape, dtype, requiresGrad] = shapeAndOptions('empty', args);
  return leaf(emptyTensor(dtype, shape), requiresGrad);
}

/** One value everywhere; `torch.full`. A boolean makes a bool tensor. */
export function full(shape: readonly number[], value: number | boolean, opts?: TensorOptions): Tensor {
  if (typeof value !== 'number' && typeof value !== 'boolean') invalid('full', 'value', 'a number', value);
  const fallback = typeof value === 'boolean' ? 'bool' : 'float32';
  const { dtype, requiresGrad } = tensorSettings('full', opts, fallback);
  return filled(
    checkShape('full', 'shape', shape),
    dtype === 'bool' ? (value ? 1 : 0) : Number(value),
    dtype,
    requiresGrad,
  );
}

const like =
  (op: string, value: number | null) =>
  (t: Tensor, opts?: TensorOptions): Tensor => {
    checkTensor(op, 'input', t);
    const { dtype, requiresGrad } = tensorSettings(op, opts, t.dtype);
    return value === null
      ? leaf(emptyTensor(dtype, t.shape), requiresGrad)
      : filled(t.shape, value, dtype, requiresGrad);
  };

/** Zeros in the shape and dtype of another tensor; `torch.zeros_like`. */
export const zerosLike = like('zerosLike', 0);
/** Ones in the shape and dtype of another tensor; `torch.ones_like`. */
export const onesLike = like('onesLike', 1);
/** Arbitrary elements in the shape and dtype of another tensor; `torch.empty_like`. */
export const emptyLike = like('emptyLike', null);

/** One value in the shape and dtype of another tensor; `torch.full_like`. */
export function fullLike(t: Tensor, value: number | boolean, opts?: TensorOptions): Tensor {
  checkTensor('fullLike', 'input', t);
  return full(t.shape, value, { ...opts, dtype: opts?.dtype ?? t.dtype });
}

/**
 * start, start + step, … below (for a negative step above) end; `torch.arange`. `arange(end)`, `arange(start, end, step)`,
 * options last. float32 unless a dtype is given.
 */
export function arange(...args: readonly (number | TensorOptions | undefined)[]): Tensor {
  const list = args.filter((v) => v !== undefined);
  const last = list[list.length - 1];
  const opts = typeof last === 'object' ? (list.pop() as TensorOptions) : undefined;
  if (list.length < 1 || list.length > 3)
    fail('arange', `expected (end), (start, end) or (start, end, step), got ${list.length} numbers`);
  const [start, end] = list.length === 1 ? [0, list[0] as number] : (list as number[]);
  const step = list.length === 3 ? (list[2] as number) : 1;
  const { dtype, requiresGrad } = tensorSettings('arange', opts);
  for (const [name, v] of Object.entries({ start, end, step })) {
    if (typeof v !== 'number' || !Number.isFinite(v)) invalid('arange', name, 'a finite number', v);
  }
  if (step === 0 || (end - start) / step < 0) fail('arange', `no step of ${step} leads from ${start} to ${end}`);
  const out = emptyTensor(dtype, [Math.ceil((end - start) / step)]);
  for (let i = 0; i < out.size; i++) out.data[i] = start + i * step;
  return leaf(out, requiresGrad);
}

/** `steps` numbers from start to end, both included, evenly spaced; `torch.linspace`. */
export function linspace(start: number, end: number, steps: number, opts?: TensorOptions): Tensor {
  const { dtype, requiresGrad } = tensorSettings('linspace', opts);
  number('linspace', 'start', start);
  number('linspace', 'end', end);
  integer('linspace', 'steps', steps, 0);
  const out = emptyTensor(dtype, [steps]);
  const step = steps > 1 ? (end - start) / (steps - 1) : 0;
  // from both ends, so that the last one is exact
  for (let i = 0; i < steps; i++) out.data[i] = i < steps / 2 ? start + i * step : end - (steps - 1 - i) * step;
  return leaf(out, requiresGrad);
}

/** Ones on the diagonal of an n×m matrix, zeros elsewhere; `torch.eye`. m defaults to n. */
export function eye(n: number, m?: number | TensorOptions, opts?: TensorOptions): Tensor {
  const rows = integer('eye', 'n', n, 0);
  const columns = typeof m === 'number' ? integer('eye', 'm', m, 0) : rows;
  const { dtype, requiresGrad } = tensorSettings('eye', typeof m === 'object' ? m : opts);
  const out = emptyTensor(dtype, [rows, columns], true);
  for (let i = 0; i < Math.min(rows, columns); i++) out.data[i * columns + i] = 1;
  return leaf(out, requiresGrad);
}

/** @internal A tensor over memory that the caller gives up; no copy. */
export function adopt(data: NumberArray, shape: readonly number[], dtype: DType): Tensor {
  if (data.length < sizeOf(shape))
    fail('tensor', `data of length ${data.length} is too short for shape ${show(shape)}`);
  const storage = new Storage(dtype, data);
  storage.kept = true;
  return new Tensor(storage, shape, contiguousStrides(shape), 0, true);
}
