import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseIdx, readIdx } from '../../src/data/idx.ts';

const head = (type: number, ...shape: number[]): number[] => [
  0,
  0,
  type,
  shape.length,
  ...shape.flatMap((n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]),
];
const bytes = (...parts: number[][]): Uint8Array => Uint8Array.from(parts.flat());

describe('parseIdx', () => {
  it('reads bytes with their shape', () => {
    const idx = parseIdx(bytes(head(0x08, 2, 3), [1, 2, 3, 4, 5, 255]), 'f');
    expect(idx.shape).toEqual([2, 3]);
    expect(idx.data).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 255));
  });

  it.each([
    [0x09, [0xff, 0x7f], Int8Array.of(-1, 127)],
    [0x0b, [0xff, 0xfe, 0x01, 0x02], Int16Array.of(-2, 258)],
    [0x0c, [0xff, 0xff, 0xff, 0xfd, 0, 1, 0, 0], Int32Array.of(-3, 65536)],
    [0x0d, [0x3f, 0x80, 0, 0, 0xc0, 0x49, 0x0f, 0xdb], Float32Array.of(1, -3.1415927410125732)],
    [0x0e, [0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0], Float64Array.of(1, -2)],
  ])('reads big-endian elements of type %i', (type, data, expected) => {
    expect(parseIdx(bytes(head(type, 2), data), 'f').data).toEqual(expected);
  });

  it('reads from within a larger buffer', () => {
    const whole = bytes([9, 9, 9], head(0x08, 2), [7, 8]);
    expect(parseIdx(whole.subarray(3), 'f').data).toEqual(Uint8Array.of(7, 8));
  });

  it.each([
    [bytes([0, 0, 8]), 'idx: f: byte 3: the file ends inside the 4-byte magic number'],
    [bytes([0, 1, 8, 1]), 'idx: f: byte 1: magic expected 0x00, got 0x01'],
    [
      bytes(head(0x0a, 1), [1]),
      'idx: f: byte 2: element type expected one of 0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e, got 0x0a',
    ],
    [bytes([0, 0, 8, 0]), 'idx: f: byte 3: number of dimensions expected >= 1, got 0'],
    [bytes([0, 0, 8, 3, 0, 0]), 'idx: f: byte 6: the file ends inside its 3 sizes, 16 bytes expected'],
    [bytes(head(0x08, 4), [1, 2]), 'idx: f: byte 10: the file ends early: shape [4] needs 12 bytes, got 10'],
    [bytes(head(0x08, 1), [1, 2]), 'idx: f: byte 9: data after the last element: shape [1] needs 9 bytes, got 10'],
    [
      bytes(head(0x08, 0xffffffff, 0xffffffff), [1]),
      'idx: f: byte 13: the file ends early: shape [4294967295, 4294967295]',
    ],
  ])('names file and byte of damage %#', (file, message) => {
    expect(() => parseIdx(file, 'f')).toThrow(message);
  });
});

describe('readIdx', () => {
  let dir: string;
  const write = (name: string, data: Uint8Array): string => {
    writeFileSync(join(dir, name), data);
    return join(dir, name);
  };
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'gemmule-idx-'));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  const pixels = Array.from({ length: 5000 }, (_, i) => (i * 7) & 255);

  it('reads plain and gzipped files alike', () => {
    const file = bytes(head(0x08, 50, 100), pixels);
    expect(readIdx(write('plain', file)).data).toEqual(Uint8Array.from(pixels));
    expect(readIdx(write('zipped.gz', gzipSync(file))).data).toEqual(Uint8Array.from(pixels));
  });

  it('reads a gzip file of two members, whose trailer states the second length only', () => {
    const file = bytes(head(0x08, 50, 100), pixels);
    const two = Buffer.concat([gzipSync(file.subarray(0, 4000)), gzipSync(file.subarray(4000))]);
    expect(readIdx(write('two.gz', two)).data).toEqual(Uint8Array.from(pixels));
  });

  it('says which file is not a sound gzip file', () => {
    const zipped = gzipSync(bytes(head(0x08, 50, 100), pixels));
    const cut = write('cut.gz', zipped.subarray(0, zipped.length - 20));
    expect(() => readIdx(cut)).toThrow(`idx: ${cut}: not a sound gzip file: unexpected end of file`);
  });
});
