import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arange, tensor, zeros } from '../../src/index.ts';
import { inspectSafetensors, loadSafetensors, saveSafetensors } from '../../src/io/index.ts';

let dir: string;
const path = (name: string) => join(dir, name);
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'gemmule-io-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

/** A file of the format from a header (object or text) and data bytes. */
function write(header: unknown, data: number[] = [], length?: bigint): string {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(length ?? BigInt(json.length));
  writeFileSync(path('made'), Buffer.concat([head, json, Buffer.from(data)]));
  return path('made');
}

describe('saveSafetensors and loadSafetensors', () => {
  it('keep names, dtypes, shapes and values', () => {
    const tensors = {
      bytes: tensor(Uint8Array.of(1, 2, 255)),
      'a.weight': arange(6).reshape(2, 3),
      double: tensor([Math.PI, -0, Infinity], { dtype: 'float64' }),
      int: tensor(Int32Array.of(-(2 ** 31), 2 ** 31 - 1)),
      flags: tensor([true, false]),
      scalar: tensor(4),
      none: zeros(0, 5),
      view: arange(6).reshape(2, 3).transpose(0, 1).narrow(0, 1, 2),
      __proto: tensor(1),
    };
    saveSafetensors(path('all'), tensors, { metadata: { format: 'pt', note: 'ä' } });
    const back = loadSafetensors(path('all'));
    expect(Object.keys(back).sort()).toEqual(Object.keys(tensors).sort());
    for (const [name, t] of Object.entries(tensors)) {
      expect([back[name].dtype, back[name].shape, back[name].toArray()], name).toEqual([t.dtype, t.shape, t.toArray()]);
    }
    expect(inspectSafetensors(path('all')).metadata).toEqual({ format: 'pt', note: 'ä' });
    expect(readdirSync(dir).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('write what the format asks for: aligned header, tensors at multiples of their element size', () => {
    saveSafetensors(path('aligned'), { b: tensor([true]), f: tensor([1]), d: tensor([1], { dtype: 'float64' }) });
    const file = readFileSync(path('aligned'));
    const length = Number(file.readBigUInt64LE());
    expect(length % 8).toBe(0);
    expect(JSON.parse(file.subarray(8, 8 + length).toString())).toEqual({
      d: { dtype: 'F64', shape: [1], data_offsets: [0, 8] },
      f: { dtype: 'F32', shape: [1], data_offsets: [8, 12] },
      b: { dtype: 'BOOL', shape: [1], data_offsets: [12, 13] },
    });
    expect(file.length).toBe(8 + length + 13);
  });

  it('read 64-bit integers as int32 where they fit', () => {
    const header = { n: { dtype: 'I64', shape: [2], data_offsets: [0, 16] } };
    const bytes = (a: bigint, b: bigint) => [...new Uint8Array(BigInt64Array.of(a, b).buffer)];
    const t = loadSafetensors(write(header, bytes(-5n, 7n))).n;
    expect([t.dtype, t.toArray()]).toEqual(['int32', [-5, 7]]);
    expect(() => loadSafetensors(write(header, bytes(0n, 2n ** 31n)))).toThrow(
      `safetensors: ${path('made')}: entry "n": element 1 expected a 32-bit integer, got 2147483648`,
    );
  });

  it('leave the old file where saving fails', () => {
    saveSafetensors(path('old'), { x: tensor([1, 2]) });
    expect(() => saveSafetensors(path('old'), { x: tensor([3]), y: 5 as never })).toThrow(
      'saveSafetensors: "y" expected a Tensor, got number 5',
    );
    expect(loadSafetensors(path('old')).x.toArray()).toEqual([1, 2]);
    expect(() => saveSafetensors(path('no/such/folder'), { x: tensor([3]) })).toThrow('ENOENT');
    expect(() => saveSafetensors(path('old'), {}, { metadata: { a: 1 } } as never)).toThrow(
      'saveSafetensors: metadata.a expected a string, got 1',
    );
  });
});

const f32 = (begin: number, end: number, shape: unknown = [(end - begin) / 4]) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});
const eight = [0, 0, 0, 0, 0, 0, 0, 0];

describe('loadSafetensors names file and entry of', () => {
  it.each<[string, unknown, number[], string]>([
    ['a header that is not JSON', '{"a"', [], 'the header is not JSON'],
    ['a header that is a list', '[]', [], 'the header expected a JSON object'],
    ['metadata that is not strings', { __metadata__: { a: 1 } }, [], '__metadata__ expected an object of strings'],
    ['an entry that is no object', { a: 3 }, [], 'entry "a": description expected an object, got 3'],
    [
      'an unknown dtype',
      { a: { ...f32(0, 4), dtype: 'BF16' } },
      eight,
      'entry "a": dtype expected one of F64, F32, I64, I32, U8, BOOL, got "BF16"',
    ],
    ['a dtype from the prototype', { a: { ...f32(0, 4), dtype: 'toString' } }, eight, 'got "toString"'],
    ['a negative size', { a: f32(0, 4, [-1]) }, eight, 'entry "a": shape expected a list of integers >= 0, got [-1]'],
    [
      'a size that is no number',
      { a: f32(0, 4, ['1']) },
      eight,
      'entry "a": shape expected a list of integers >= 0, got ["1"]',
    ],
    [
      'offsets in the wrong order',
      { a: { ...f32(0, 4), data_offsets: [4, 0] } },
      eight,
      'entry "a": data_offsets expected two ascending integers >= 0, got [4, 0]',
    ],
    [
      'a shape that does not fit',
      { a: f32(0, 8, [3]) },
      eight,
      'entry "a": F32 of shape [3] needs 12 bytes, data_offsets hold 8',
    ],
    ['an overlap', { a: f32(0, 8), b: f32(4, 8) }, eight, 'entry "b": overlaps entry "a"'],
    ['a gap', { a: f32(4, 8) }, eight, 'leaving a gap after the header'],
    ['a file that is too short', { a: f32(0, 12) }, eight, 'entry "a" ends at byte'],
    ['a file that is too long', { a: f32(0, 4) }, eight, 'entry "a" ends at byte'],
  ])('%s', (_what, header, data, message) => {
    const file = write(header, data);
    expect(() => loadSafetensors(file)).toThrow(`safetensors: ${file}: `);
    expect(() => loadSafetensors(file)).toThrow(message);
  });

  it('a header length beyond the file', () => {
    const file = write({}, [], 2n ** 63n);
    expect(() => loadSafetensors(file)).toThrow(
      `${file}: header length expected at most 2 bytes, got 9223372036854775808`,
    );
    writeFileSync(path('short'), Buffer.from([1, 2, 3]));
    expect(() => loadSafetensors(path('short'))).toThrow(
      'the file ends inside the 8-byte header length, it has 3 bytes',
    );
    expect(() => loadSafetensors(path('absent'))).toThrow('ENOENT');
  });

  it('a boolean that is neither 0 nor 1', () => {
    const file = write({ b: { dtype: 'BOOL', shape: [2], data_offsets: [0, 2] } }, [1, 2]);
    expect(() => loadSafetensors(file)).toThrow(`${file}: entry "b": element 1 expected 0 or 1, got 2`);
  });
});
