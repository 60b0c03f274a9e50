/** Reads recorded cases: PREFIX.json names them, PREFIX.safetensors holds their tensors. */
import { readFileSync } from 'node:fs';

export type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array;

export interface RawTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: Numbers;
}

export interface TensorRef {
  readonly t: string;
  readonly dtype: string;
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface Case {
  readonly id: string;
  readonly op: string;
  readonly variant: string;
  readonly args: readonly Json[];
  readonly kwargs: { readonly [name: string]: Json };
  readonly out: readonly TensorRef[];
  readonly gradOut: readonly (TensorRef | null)[];
  readonly grads: { readonly [input: string]: string };
}

export interface Recording {
  readonly cases: readonly Case[];
  readonly tensors: ReadonlyMap<string, RawTensor>;
}

const arrays = { F32: Float32Array, F64: Float64Array, I32: Int32Array, U8: Uint8Array, BOOL: Uint8Array } as const;
const names = { F32: 'float32', F64: 'float64', I32: 'int32', U8: 'uint8', BOOL: 'bool' } as const;

/** A reader of its own, so that a fault in the library's cannot hide one in its ops. */
export function readSafetensors(path: string): Map<string, RawTensor> {
  const bytes = readFileSync(path);
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerLength)) as Record<
    string,
    { dtype: keyof typeof arrays; shape: number[]; data_offsets: [number, number] }
  >;
  const tensors = new Map<string, RawTensor>();
  for (const [name, { dtype, shape, data_offsets: ends }] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const copy = new Uint8Array(bytes.subarray(8 + headerLength + ends[0], 8 + headerLength + ends[1]));
    tensors.set(name, { dtype: names[dtype], shape, data: new arrays[dtype](copy.buffer) });
  }
  return tensors;
}

export function readRecording(prefix: string): Recording {
  const { cases } = JSON.parse(readFileSync(`${prefix}.json`, 'utf8')) as { cases: Case[] };
  return { cases, tensors: readSafetensors(`${prefix}.safetensors`) };
}

export function isTensorRef(value: unknown): value is TensorRef {
  return value !== null && typeof value === 'object' && 't' in value;
}
