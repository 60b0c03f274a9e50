/** Tensors in ONNX files: element types and data. */
import { fail, show } from '../../errors.ts';
import { emptyTensor } from '../../ops/define.ts';
import { type DType, isFloat } from '../../tensor/dtype.ts';
import { MAX_ELEMENTS, sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { ElementType, type TensorProto } from './proto.ts';

const dtypes: Readonly<Record<number, DType>> = {
  [ElementType.FLOAT]: 'float32',
  [ElementType.DOUBLE]: 'float64',
  [ElementType.INT32]: 'int32',
  [ElementType.INT64]: 'int32',
  [ElementType.UINT8]: 'uint8',
  [ElementType.BOOL]: 'bool',
};

const MAX_INT = 2 ** 31 - 1;
const MIN_INT = -(2 ** 31);

/** An element type as the format calls it. */
export function elementName(type: number): string {
  return Object.entries(ElementType).find(([, code]) => code === type)?.[0] ?? `type ${type}`;
}

/** The dtype that holds an element type; int64 becomes int32. Others are an error that begins with `what`. */
export function dtypeOf(type: number, what: string): DType {
  if (!Object.hasOwn(dtypes, type)) {
    const known = Object.keys(dtypes).map((code) => elementName(Number(code)));
    fail('importOnnx', `${what}: element type expected one of ${known.join(', ')}, got ${elementName(type)}`);
  }
  return dtypes[type];
}

/** Bytes of one element in `raw_data`. */
const rawBytes: Readonly<Record<number, number>> = {
  [ElementType.FLOAT]: 4,
  [ElementType.DOUBLE]: 8,
  [ElementType.INT32]: 4,
  [ElementType.INT64]: 8,
  [ElementType.UINT8]: 1,
  [ElementType.BOOL]: 1,
};

/** The list that holds an element type where there is no `raw_data`. */
function listed(t: TensorProto): ArrayLike<number | bigint> {
  if (t.dataType === ElementType.FLOAT) return t.floats;
  if (t.dataType === ElementType.DOUBLE) return t.doubles;
  return t.dataType === ElementType.INT64 ? t.int64s : t.int32s;
}

function rawElements(raw: Uint8Array, type: number): ArrayLike<number | bigint> {
  // a copy begins where elements may begin; slice would give a view of a Buffer
  const { buffer } = new Uint8Array(raw);
  if (type === ElementType.FLOAT) return new Float32Array(buffer);
  if (type === ElementType.DOUBLE) return new Float64Array(buffer);
  if (type === ElementType.INT32) return new Int32Array(buffer);
  return type === ElementType.INT64 ? new BigInt64Array(buffer) : new Uint8Array(buffer);
}

/**
 * The tensor of a message. int64 becomes int32: a value that does not fit is an error, or with `saturates` the nearest that
 * does.
 */
export function toTensor(t: TensorProto, what: string, saturates = false): Tensor {
  const wrong = (message: string): never => fail('importOnnx', `${what}: ${message}`);
  const dtype = dtypeOf(t.dataType, what);
  if (t.isExternal) wrong('data in another file is not supported');
  if (t.dims.some((d) => !Number.isSafeInteger(d) || d < 0)) wrong(`dims expected integers >= 0, got ${show(t.dims)}`);
  const size = sizeOf(t.dims);
  if (size > MAX_ELEMENTS) wrong(`dims ${show(t.dims)} have more than ${MAX_ELEMENTS} elements`);
  const bytes = size * rawBytes[t.dataType];
  if (t.raw !== null && t.raw.length !== bytes) {
    wrong(`${elementName(t.dataType)} of dims ${show(t.dims)} needs ${bytes} bytes, raw_data has ${t.raw.length}`);
  }
  const source = t.raw === null ? listed(t) : rawElements(t.raw, t.dataType);
  if (source.length !== size) wrong(`dims ${show(t.dims)} need ${size} elements, got ${source.length}`);
  const tensor = emptyTensor(dtype, [...t.dims]).keep();
  const { data } = tensor;
  if (isFloat(dtype)) {
    data.set(source as ArrayLike<number>);
    return tensor;
  }
  for (let i = 0; i < size; i++) {
    const value = Number(source[i]);
    const isSmall = dtype !== 'int32' || (value >= MIN_INT && value <= MAX_INT);
    if (!isSmall && !saturates) wrong(`element ${i} expected a 32-bit integer, got ${source[i]}`);
    if (dtype === 'bool' && value !== 0 && value !== 1) wrong(`element ${i} expected 0 or 1, got ${value}`);
    if (dtype === 'uint8' && (value < 0 || value > 255)) wrong(`element ${i} expected 0 to 255, got ${value}`);
    data[i] = isSmall ? value : Math.min(Math.max(value, MIN_INT), MAX_INT);
  }
  return tensor;
}
