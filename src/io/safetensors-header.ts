/** The head of a safetensors file: 8 bytes with its length, then JSON that says where each tensor lies. Checked whole. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { fail, show } from '../errors.ts';

/** Element types of the format that gemmule reads, with their size in bytes. */
export const elementBytes = { F64: 8, F32: 4, I64: 8, I32: 4, U8: 1, BOOL: 1 } as const;
/** An element type of the format. */
export type ElementType = keyof typeof elementBytes;

/** As the format's own library: a longer header is taken for a broken file. */
const MAX_HEADER_BYTES = 100_000_000;

/** A tensor of the file. */
export interface SafetensorsEntry {
  /** Its key. */
  name: string;
  /** Element type, by the format's name. */
  dtype: ElementType;
  /** Size along each axis. */
  shape: number[];
  /** First byte, counted from the start of the file. */
  begin: number;
  /** Length in bytes. */
  bytes: number;
}

/** What the head of a file says. */
export interface SafetensorsHeader {
  /** The words under `__metadata__`; empty where there are none. */
  metadata: Record<string, string>;
  /** In the order in which they lie in the file. */
  entries: SafetensorsEntry[];
}

/** Runs `use` on an open file with its checked header. */
export function withSafetensors<T>(file: string, use: (fd: number, header: SafetensorsHeader) => T): T {
  const fd = openSync(file, 'r');
  try {
    return use(fd, readHeader(fd, file));
  } finally {
    closeSync(fd);
  }
}

/** What a safetensors file holds, without reading the tensors. Errors name the file and the entry. */
export function inspectSafetensors(file: string): SafetensorsHeader {
  return withSafetensors(file, (_fd, header) => header);
}

/** Reads exactly `bytes.length` bytes at `position`. */
export function readExactly(fd: number, bytes: Uint8Array, position: number, file: string): void {
  let done = 0;
  while (done < bytes.length) {
    const n = readSync(fd, bytes, done, bytes.length - done, position + done);
    if (n === 0) fail('safetensors', `${file}: the file ends at byte ${position + done}`);
    done += n;
  }
}

function readHeader(fd: number, file: string): SafetensorsHeader {
  const wrong = (message: string): never => fail('safetensors', `${file}: ${message}`);
  const { size } = fstatSync(fd);
  if (size < 8) wrong(`the file ends inside the 8-byte header length, it has ${size} bytes`);
  const lengthBytes = new Uint8Array(8);
  readExactly(fd, lengthBytes, 0, file);
  const length = new DataView(lengthBytes.buffer).getBigUint64(0, true);
  if (length > BigInt(Math.min(size - 8, MAX_HEADER_BYTES))) {
    wrong(`header length expected at most ${Math.min(size - 8, MAX_HEADER_BYTES)} bytes, got ${length}`);
  }
  const bytes = new Uint8Array(Number(length));
  readExactly(fd, bytes, 8, file);

  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    wrong(`the header is not JSON: ${(error as Error).message}`);
  }
  if (!isObject(json)) return wrong('the header expected a JSON object');

  const { __metadata__: metadata = {}, ...tensors } = json;
  if (!isObject(metadata) || Object.values(metadata).some((value) => typeof value !== 'string')) {
    wrong('__metadata__ expected an object of strings');
  }
  const start = 8 + bytes.length;
  const entries = Object.entries(tensors).map(([name, value]) => readEntry(name, value, start, wrong));
  entries.sort((a, b) => a.begin - b.begin || a.bytes - b.bytes);
  checkLayout(entries, start, size, wrong);
  return { metadata: metadata as Record<string, string>, entries };
}

function readEntry(name: string, value: unknown, start: number, wrong: (message: string) => never): SafetensorsEntry {
  const bad = (what: string, expected: string, got: unknown): never =>
    wrong(`entry ${show(name)}: ${what} expected ${expected}, got ${show(got)}`);
  if (!isObject(value)) return bad('description', 'an object', value);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string' || !Object.hasOwn(elementBytes, dtype)) {
    bad('dtype', `one of ${Object.keys(elementBytes).join(', ')}`, dtype);
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) return bad('shape', 'a list of integers >= 0', shape);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount) || offsets[0] > offsets[1]) {
    return bad('data_offsets', 'two ascending integers >= 0', offsets);
  }
  const bytes = offsets[1] - offsets[0];
  const expected = shape.reduce((a: number, b: number) => a * b, elementBytes[dtype as ElementType]);
  if (bytes !== expected) {
    wrong(`entry ${show(name)}: ${dtype} of shape ${show(shape)} needs ${expected} bytes, data_offsets hold ${bytes}`);
  }
  return { name, dtype: dtype as ElementType, shape, begin: start + offsets[0], bytes };
}

/** The tensors must fill the rest of the file, one after the other. */
function checkLayout(
  entries: SafetensorsEntry[],
  start: number,
  size: number,
  wrong: (message: string) => never,
): void {
  let end = start;
  let previous = 'the header';
  for (const { name, begin, bytes } of entries) {
    if (begin < end) wrong(`entry ${show(name)}: overlaps ${previous}, it begins at byte ${begin}, before ${end}`);
    if (begin > end) wrong(`entry ${show(name)}: begins at byte ${begin}, leaving a gap after ${previous} at ${end}`);
    end = begin + bytes;
    previous = `entry ${show(name)}`;
  }
  if (end !== size) wrong(`${previous} ends at byte ${end}, the file at ${size}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
