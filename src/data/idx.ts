/** The IDX format of MNIST's files: magic `0 0 type ndim`, then the sizes, then the elements, all big-endian. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { fail, show } from '../errors.ts';

export type IdxArray = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

export interface Idx {
  shape: number[];
  data: IdxArray;
}

const types = new Map<number, { new (buffer: ArrayBuffer): IdxArray; readonly BYTES_PER_ELEMENT: number }>([
  [0x08, Uint8Array],
  [0x09, Int8Array],
  [0x0b, Int16Array],
  [0x0c, Int32Array],
  [0x0d, Float32Array],
  [0x0e, Float64Array],
]);

const hex = (byte: number): string => `0x${byte.toString(16).padStart(2, '0')}`;

/**
 * The array in the bytes of an IDX file. `name` stands in errors, which say at which byte the file is wrong.
 * A Uint8Array result shares the memory of `bytes`.
 */
export function parseIdx(bytes: Uint8Array, name: string): Idx {
  const wrong = (byte: number, message: string): never => fail('idx', `${name}: byte ${byte}: ${message}`);
  if (bytes.length < 4) wrong(bytes.length, `the file ends inside the 4-byte magic number`);
  for (const i of [0, 1]) if (bytes[i] !== 0) wrong(i, `magic expected 0x00, got ${hex(bytes[i])}`);
  const Type = types.get(bytes[2]);
  if (!Type)
    return wrong(2, `element type expected one of ${[...types.keys()].map(hex).join(', ')}, got ${hex(bytes[2])}`);
  const ndim = bytes[3];
  if (ndim === 0) wrong(3, 'number of dimensions expected >= 1, got 0');
  const header = 4 + 4 * ndim;
  if (bytes.length < header) wrong(bytes.length, `the file ends inside its ${ndim} sizes, ${header} bytes expected`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const shape = Array.from({ length: ndim }, (_, i) => view.getUint32(4 + 4 * i));
  const width = Type.BYTES_PER_ELEMENT;
  const expected = header + shape.reduce((a, b) => a * b, 1) * width;
  if (bytes.length !== expected) {
    const what = bytes.length < expected ? 'the file ends early' : 'data after the last element';
    wrong(
      Math.min(bytes.length, expected),
      `${what}: shape ${show(shape)} needs ${expected} bytes, got ${bytes.length}`,
    );
  }
  if (Type === Uint8Array) {
    return { shape, data: new Uint8Array(bytes.buffer, bytes.byteOffset + header, bytes.length - header) };
  }
  const data = new Type(bytes.slice(header).buffer as ArrayBuffer);
  const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
  if (littleEndian && width > 1) {
    const swap = Buffer.from(data.buffer);
    if (width === 2) swap.swap16();
    else if (width === 4) swap.swap32();
    else swap.swap64();
  }
  return { shape, data };
}

/** Reads an IDX file, gzipped or not. */
export function readIdx(file: string): Idx {
  return parseIdx(maybeGunzip(readFileSync(file), file), file);
}

/** Decompressed into one block of the size that the gzip trailer states, so that a large file is held once. */
function maybeGunzip(bytes: Buffer, file: string): Uint8Array {
  if (bytes.length < 18 || bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  // deflate shrinks by 1032 at most: a trailer that claims more is not believed
  const stated = Math.min(bytes.readUInt32LE(bytes.length - 4), 1032 * bytes.length);
  try {
    return gunzipSync(bytes, { chunkSize: Math.max(64, stated + 1) });
  } catch (error) {
    return fail('idx', `${file}: not a sound gzip file: ${(error as Error).message}`);
  }
}
