/** onnxruntime, where the bench has it installed, and files made by hand. */
import { createRequire } from 'node:module';
import { type Tensor, tensor } from '../../src/index.ts';
import { type Attribute, encodeModel, type FileTensor, type FileValue } from '../../src/io/onnx/encode.ts';
import { ElementType } from '../../src/io/onnx/proto.ts';

interface Value {
  readonly data: Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;
  readonly dims: readonly number[];
}
interface Ort {
  InferenceSession: {
    create(bytes: Uint8Array, options: object): Promise<{ run(feeds: object): Promise<Record<string, Value>> }>;
  };
  Tensor: new (type: string, data: unknown, dims: readonly number[]) => unknown;
}

function load(): Ort | null {
  const require = createRequire(new URL('../../bench/package.json', import.meta.url));
  try {
    require.resolve('onnxruntime-node');
  } catch {
    return null;
  }
  return require('onnxruntime-node') as Ort;
}

/** Null where it is not installed. */
export const ort = load();

/** The outputs that onnxruntime computes; int64 as int32. */
export async function ortRun(bytes: Uint8Array, inputs: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  const { InferenceSession, Tensor: OrtTensor } = ort as Ort;
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const feeds = Object.entries(inputs).map(([name, t]) => [name, new OrtTensor(t.dtype, t.toTypedArray(), t.shape)]);
  const outputs = await session.run(Object.fromEntries(feeds));
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { data, dims }]) => {
      const flat = data instanceof BigInt64Array ? Int32Array.from(data, Number) : data;
      return [name, tensor(flat).reshape([...dims])];
    }),
  );
}

const rawTypes = [
  [ElementType.FLOAT, Float32Array],
  [ElementType.DOUBLE, Float64Array],
  [ElementType.INT32, Int32Array],
  [ElementType.INT64, BigInt64Array],
  [ElementType.UINT8, Uint8Array],
] as const;

/** A tensor of a file from a typed array. */
export function fileOf(
  data: Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array,
  dims = [data.length],
): FileTensor {
  const [type] = rawTypes.find(([, kind]) => data instanceof kind) as (typeof rawTypes)[number];
  return { type, dims, raw: new Uint8Array(data.buffer) };
}

/** Integers of 64 bits. */
export const int64s = (...values: (number | bigint)[]): FileTensor => fileOf(BigInt64Array.from(values, BigInt));
/** Floats in one axis. */
export const float32s = (...values: number[]): FileTensor => fileOf(Float32Array.from(values));

export interface NodeSpec {
  op: string;
  /** In one text; `_` is one that is left out. */
  inputs: string;
  outputs: string;
  attributes: Record<string, Attribute>;
}

/** A node; attributes that are whole numbers or lists are integers, words strings. */
export function node(
  op: string,
  inputs = 'x',
  attributes: Record<string, number | string | number[] | Attribute> = {},
  outputs = '',
): NodeSpec {
  const typed = Object.entries(attributes).map(([name, v]): [string, Attribute] => {
    if (typeof v === 'number') return [name, { int: v }];
    if (typeof v === 'string') return [name, { text: v }];
    return [name, Array.isArray(v) ? { ints: v } : v];
  });
  return { op, inputs, outputs, attributes: Object.fromEntries(typed) };
}

export interface FileOptions {
  inputs?: readonly FileValue[];
  opset?: number;
  /** Element type of `y`. */
  type?: number;
}

const words = (text: string): string[] =>
  text
    .split(' ')
    .filter((w) => w !== '')
    .map((w) => (w === '_' ? '' : w));

/** A file of nodes in order; they make v0, v1, … and the last one y. Inputs and outputs have any shape. */
export function fileWith(
  nodes: readonly NodeSpec[],
  initializers: Record<string, FileTensor> = {},
  { inputs = [value('x')], opset = 17, type = ElementType.FLOAT }: FileOptions = {},
): Uint8Array {
  const last = nodes.length - 1;
  const graph = {
    name: 'test',
    nodes: nodes.map(({ op, inputs: from, outputs, attributes }, i) => ({
      name: `n${i}`,
      op,
      inputs: words(from),
      outputs: words(outputs || (i === last ? 'y' : `v${i}`)),
      attributes,
    })),
    initializers: new Map(Object.entries(initializers)),
    inputs,
    outputs: [value('y', null, type)],
  };
  return encodeModel(graph, opset);
}

/** An input or output; a null shape is left open. */
export function value(
  name: string,
  shape: readonly (number | string | null)[] | null = null,
  type: number = ElementType.FLOAT,
): FileValue {
  return { name, type, shape };
}
