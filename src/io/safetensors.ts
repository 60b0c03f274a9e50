/** Tensors in files of the safetensors format, as PyTorch's tools read and write them. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import type { NumberArray } from '../backend/kernels.ts';
import { fail, invalid, show } from '../errors.ts';
import { emptyTensor } from '../ops/define.ts';
import { options } from '../options.ts';
import type { DType } from '../tensor/dtype.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import {
  type ElementType,
  elementBytes,
  readExactly,
  type SafetensorsEntry,
  withSafetensors,
} from './safetensors-header.ts';

export { inspectSafetensors } from './safetensors-header.ts';

const toFile: Record<DType, ElementType> = { float32: 'F32', float64: 'F64', int32: 'I32', uint8: 'U8', bool: 'BOOL' };
const fromFile: Record<ElementType, DType> = {
  F32: 'float32',
  F64: 'float64',
  I32: 'int32',
  I64: 'int32',
  U8: 'uint8',
  BOOL: 'bool',
};

/** Options of `saveSafetensors`. */
export interface SaveSafetensorsOptions {
  /** Strings kept in the file's `__metadata__`. */
  metadata?: Record<string, string>;
}

/**
 * Writes named tensors to `file` (safetensors format). The file appears whole or not at all: it is written beside its
 * place, then renamed.
 */
export function saveSafetensors(file: string, tensors: Record<string, Tensor>, given?: SaveSafetensorsOptions): void {
  const { metadata = {} } = options('saveSafetensors', given, ['metadata']);
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') invalid('saveSafetensors', `metadata.${key}`, 'a string', value);
  }
  const names = Object.keys(tensors);
  if (names.includes('__metadata__')) fail('saveSafetensors', 'the name "__metadata__" is taken by the format');
  const parts = names.map((name) => ({ name, tensor: checkTensor('saveSafetensors', show(name), tensors[name]) }));
  // wide elements first, so that each tensor lies at a multiple of its element's size
  parts.sort((a, b) => width(b.tensor) - width(a.tensor));

  const header: [string, unknown][] = Object.keys(metadata).length > 0 ? [['__metadata__', metadata]] : [];
  let end = 0;
  for (const { name, tensor } of parts) {
    const begin = end;
    end += tensor.size * width(tensor);
    header.push([name, { dtype: toFile[tensor.dtype], shape: tensor.shape, data_offsets: [begin, end] }]);
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const length = Math.ceil(json.length / 8) * 8;
  const head = Buffer.alloc(8 + length, ' ');
  head.writeBigUInt64LE(BigInt(length));
  json.copy(head, 8);
  replaceFile(file, (fd) => {
    writeAll(fd, head);
    for (const { tensor } of parts) {
      const flat = tensor.detach().contiguous();
      writeAll(fd, bytesOf(flat.data, flat.offset, flat.size));
    }
  });
}

/**
 * Reads all tensors of a safetensors file by name. I64 becomes int32; a value outside its range is an error. A damaged file
 * is an error that names the file and the entry.
 */
export function loadSafetensors(file: string): Record<string, Tensor> {
  return withSafetensors(file, (fd, header) => {
    const tensors: Record<string, Tensor> = Object.create(null);
    for (const entry of header.entries) tensors[entry.name] = readTensor(fd, entry, file);
    return { ...tensors };
  });
}

function readTensor(fd: number, entry: SafetensorsEntry, file: string): Tensor {
  const dtype = fromFile[entry.dtype];
  const tensor = emptyTensor(dtype, entry.shape);
  const wrong = (i: number, expected: string, got: unknown): never =>
    fail('safetensors', `${file}: entry ${show(entry.name)}: element ${i} expected ${expected}, got ${got}`);
  if (entry.dtype === 'I64') {
    const wide = new BigInt64Array(tensor.size);
    readExactly(fd, new Uint8Array(wide.buffer), entry.begin, file);
    for (let i = 0; i < wide.length; i++) {
      tensor.data[i] = Number(wide[i]);
      if (BigInt(tensor.data[i]) !== wide[i]) wrong(i, 'a 32-bit integer', wide[i]);
    }
    return tensor;
  }
  readExactly(fd, bytesOf(tensor.data, 0, tensor.size), entry.begin, file);
  if (dtype === 'bool') {
    const bad = tensor.data.subarray(0, tensor.size).findIndex((value) => value > 1);
    if (bad >= 0) wrong(bad, '0 or 1', tensor.data[bad]);
  }
  return tensor;
}

function width(tensor: Tensor): number {
  return elementBytes[toFile[tensor.dtype]];
}

function bytesOf(data: NumberArray, offset: number, count: number): Uint8Array {
  const bytes = data.BYTES_PER_ELEMENT;
  return new Uint8Array(data.buffer, data.byteOffset + offset * bytes, count * bytes);
}

function replaceFile(file: string, write: (fd: number) => void): void {
  const partial = `${file}.${process.pid}.partial`;
  try {
    const fd = openSync(partial, 'w');
    try {
      write(fd);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(partial, file);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(fd, bytes, done);
}
