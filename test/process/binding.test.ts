/** What the native binding promises beside the kernels' values: messages, lists that agree, weak tracking, threads. */
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { describe as descriptor, descriptorFields } from '../../src/backend/descriptors.ts';
import { kernelRoles } from '../../src/backend/kernels.ts';
import { addon as maybeAddon } from '../../src/backend/native/index.ts';

const addon = maybeAddon!;
const binary = fileURLToPath(new URL('../../build/Release/gemmule.node', import.meta.url));

/** What `code` posts to its `parentPort`, run with an `addon` of its own. */
function inWorker<T>(code: string): Promise<T> {
  const head = `
    const { parentPort, workerData } = require('node:worker_threads');
    const addon = require(workerData);`;
  const worker = new Worker(head + code, { eval: true, workerData: binary });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

describe.skipIf(maybeAddon === null)('native binding', () => {
  const kernels =
    maybeAddon === null ? {} : (addon.kernels(addon.info().isas[0]) as Record<string, (...args: unknown[]) => void>);
  const f = (...values: number[]) => Float32Array.from(values);

  it('has the names, roles and descriptor fields of the TypeScript lists', () => {
    const { roles, fields } = addon.info();
    for (const [name, text] of Object.entries(roles))
      expect(text, name).toBe((kernelRoles as Record<string, string>)[name]);
    expect(fields).toEqual(descriptorFields);
  });

  const reduce = descriptor('ReduceDesc', { outer: 2, n: 3, inner: 1 });
  const rows = descriptor('RowsDesc', { rows: 2, sourceRows: 3, inner: 1 });
  const strided = descriptor('StridedDesc', { n: 6, ndim: 2, size0: 2, size1: 3, a0: 3, a1: 1, b0: 1, b1: 2 });
  const x = f(1, 2, 3, 4, 5, 6);
  const shared = new Float32Array(8);
  it.each<[name: string, args: unknown[], message: string]>([
    ['exp', [6, x], 'exp: expected 3 arguments, got 2'],
    ['exp', ['6', x, f()], 'exp: argument 1 (n) expected a number, got a string'],
    ['exp', [6.5, x, f()], 'exp: argument 1 (n): n must be an integer in [0, 2147483647]; got 6.5'],
    ['exp', [6, x, f(0)], 'exp: argument 3 (y) expected at least 6 elements, got 1'],
    ['exp', [6, new Float64Array(6), f()], 'exp: argument 2 (x) expected a Float32Array, got Float64Array'],
    ['exp', [6, null, f()], 'exp: argument 2 (x) expected a Float32Array, got null'],
    ['sum', [[2, 3, 1], x, f(0, 0)], 'sum: argument 1 (ReduceDesc) expected an Int32Array of 3 fields, got an object'],
    [
      'sum',
      [Int32Array.of(2, -3, 1), x, f(0, 0)],
      'sum: argument 1 (ReduceDesc): sizes must not be negative; got outer 2, n -3, inner 1',
    ],
    ['sum', [reduce, x, shared.subarray(0, 1)], 'sum: argument 3 (y) expected at least 2 elements, got 1'],
    ['sum', [reduce, shared, shared.subarray(5)], 'sum: argument 3 (y) must not overlap argument 2 (x)'],
    [
      'takeRows',
      [rows, x, Int32Array.of(0, 3), f(0, 0)],
      'takeRows: argument 3 (i) expected indices in [0, 3), got 3 at position 1',
    ],
    [
      'takeRows',
      [rows, x, Int32Array.of(-1, 0), f(0, 0)],
      'takeRows: argument 3 (i) expected indices in [0, 3), got -1 at position 0',
    ],
    [
      'takeRows',
      [rows, x, new Int32Array(new SharedArrayBuffer(8)), f(0, 0)],
      'takeRows: argument 3 (i) expected indices that are not in shared memory',
    ],
    [
      'add',
      [strided, x, x.slice(0, 5), new Float32Array(6)],
      'add: argument 3 (x) expected at least 6 elements, got 5',
    ],
  ])('%s refuses bad arguments (%#)', (name, args, message) => {
    expect(() => kernels[name](...args)).toThrow(message);
  });

  it('refuses a matmul without the bias that its descriptor names', () => {
    const desc = descriptor('GemmDesc', { batch: 1, m: 2, n: 2, k: 2, lda: 2, ldb: 2, bias: 2 });
    expect(() => kernels.matmul(desc, f(1, 2, 3, 4), f(1, 0, 0, 1), null, new Float32Array(4))).toThrow(
      'matmul: argument 4 (x?) expected an array, got null',
    );
  });

  it('refuses convolutions whose padded rows would not fit', () => {
    const row = { n: 1, c: 60000, h: 1, w: 1, k: 1, kh: 1, kw: 3, oh: 1, ow: 39999, strideH: 1, strideW: 1 };
    const wide = descriptor('ConvDesc', { ...row, padLeft: 20000, dilationH: 1, dilationW: 1, groups: 1 });
    const back = { ...row, c: 1, k: 60000, w: 39999, ow: 1, dilationH: 1, dilationW: 19999, groups: 1 };
    const message = 'the padded rows of all channels are too large';
    const [x, weights, y] = [f(1), f(1), f(1)];
    expect(addon.packers(addon.info().isas[0]).conv2d.ask(wide)).toEqual([0, 0]);
    expect(() => kernels.conv2d(wide, x, weights, null, y)).toThrow(message);
    const far = descriptor('ConvDesc', { ...back, k: 1, w: 1, kw: 1, strideH: 65536, strideW: 65537 });
    expect(() => kernels.conv2dInputGrad(far, y, weights, x)).toThrow('strideH * strideW must be at most 1048576');
    expect(() => kernels.conv2dWeightGrad(wide, x, y, weights)).toThrow(message);
    expect(() => kernels.conv2dInputGrad(descriptor('ConvDesc', back), y, weights, x)).toThrow(message);
  });

  it('takes packed operands of the size that it names, and no others', () => {
    const { conv2d, matmul } = addon.packers(addon.info().isas[0]);
    const shape = { n: 1, c: 6, h: 8, w: 8, k: 16, kh: 5, kw: 5, oh: 4, ow: 4, strideH: 1, strideW: 1 };
    const fields = { ...shape, dilationH: 1, dilationW: 1, groups: 1 };
    const desc = descriptor('ConvDesc', fields);
    const packedDesc = descriptor('ConvDesc', { ...fields, packed: 1 });
    const [size, layout] = conv2d.ask(desc);
    expect(size).toBeGreaterThanOrEqual(16 * 6 * 25);
    expect(layout).toBeGreaterThan(0);
    const weights = new Float32Array(16 * 6 * 25);
    const [image, result] = [new Float32Array(6 * 64), new Float32Array(16 * 16)];
    expect(() => conv2d.pack(desc, weights, new Float32Array(size - 1))).toThrow(`expected at least ${size} elements`);
    expect(() => conv2d.pack(desc, weights.subarray(1), new Float32Array(size))).toThrow(
      'packConv2d: argument 2 (x) expected at least 2400 elements, got 2399',
    );
    expect(() => conv2d.pack(packedDesc, weights, new Float32Array(size))).toThrow('packed must be 0');
    expect(() => kernels.conv2d(packedDesc, image, new Float32Array(size - 1), null, result)).toThrow(
      `conv2d: argument 3 (x) expected at least ${size} elements, got ${size - 1}`,
    );
    const pointwise = { ...fields, kh: 1, kw: 1, oh: 8, ow: 8 };
    expect(conv2d.ask(descriptor('ConvDesc', pointwise))).toEqual([0, 0]);
    expect(() =>
      kernels.conv2d(descriptor('ConvDesc', { ...pointwise, packed: 1 }), image, weights, null, result),
    ).toThrow('packed must be 0: nothing is packed for these sizes');
    expect(() => kernels.conv2dWeightGrad(packedDesc, image, result, weights)).toThrow('packed must be 0');
    expect(conv2d.ask(descriptor('ConvDesc', { ...fields, h: -1 }))).toEqual([0, 0]);
    expect(conv2d.ask(descriptor('ConvDesc', { ...fields, oh: 0 }))).toEqual([0, 0]);
    expect(() => conv2d.ask([] as unknown as Int32Array)).toThrow('conv2dPacking: argument 1 (ConvDesc) expected');

    const product = { batch: 1, m: 40, n: 30, k: 20, transB: 1, lda: 20, ldb: 20 };
    const [floats] = matmul.ask(descriptor('GemmDesc', product));
    expect(floats).toBeGreaterThanOrEqual(600);
    const operands = [new Float32Array(800), new Float32Array(floats), null, new Float32Array(1200)];
    const call = (more: object) =>
      kernels.matmul(descriptor('GemmDesc', { ...product, packed: 1, ...more }), ...operands);
    expect(() => call({ batch: 2 })).toThrow('packed needs batch 1 and offsetB 0');
    expect(() => call({ offsetB: 1 })).toThrow('packed needs batch 1 and offsetB 0');
    expect(() => call({ packed: 2 })).toThrow('packed must be 0 or 1');
    expect(() => call({ n: 500 })).toThrow('matmul: argument 3 (x) expected at least');
    expect(() => addon.packers('sse9')).toThrow('packers: isa expected an instruction set of this machine, got "sse9"');
  });

  it('refuses a detached array and takes a shared one', () => {
    const detached = new Float32Array(6);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    expect(() => kernels.neg(6, detached, new Float32Array(6))).toThrow('expected at least 6 elements, got 0');
    const y = new Float32Array(new SharedArrayBuffer(24));
    kernels.neg(6, x, y);
    expect(Array.from(y)).toEqual([-1, -2, -3, -4, -5, -6]);
  });

  it('works in place where the contract allows it', () => {
    const a = f(1, 2, 3);
    kernels.neg(3, a, a);
    expect(Array.from(a)).toEqual([-1, -2, -3]);
    expect(() => kernels.neg(2, a, a.subarray(1))).toThrow('must not overlap');
  });

  it('refuses kernels of an unknown instruction set', () => {
    expect(() => addon.kernels('sse9')).toThrow('isa expected an instruction set of this machine, got "sse9"');
    expect(() => addon.setNumThreads(0)).toThrow('[1, 256]');
  });

  it('aligns and advises within a buffer', () => {
    for (const size of [0, 1, 100, 1 << 23]) {
      const buffer = new ArrayBuffer(size);
      const offset = addon.alignOffset(buffer);
      expect(offset >= 0 && offset < 64 && Number.isInteger(offset)).toBe(true);
      addon.adviseHuge(buffer);
    }
    for (const bad of [null, {}, new Float32Array(4), 1]) {
      expect(() => addon.alignOffset(bad as ArrayBuffer)).toThrow('alignOffset: buffer expected an ArrayBuffer');
      expect(() => addon.adviseHuge(bad as ArrayBuffer)).toThrow('adviseHuge: buffer expected an ArrayBuffer');
    }
  });

  it('tells which tracked objects were collected, inside a synchronous loop', async () => {
    // in an environment of its own: the library tracks its storages in this one
    const { messages, ids } = await inWorker<{ messages: string[]; ids: number[] }>(`
      const messages = [];
      const attempt = (fn) => {
        try {
          fn();
        } catch (error) {
          messages.push(error.message);
        }
      };
      const alive = { name: 'alive' };
      addon.track(alive, 0);
      attempt(() => addon.track({}, 0));
      attempt(() => addon.track(1, 1));
      attempt(() => addon.track({}, -1));
      attempt(() => addon.untrack(5));
      for (let id = 1; id <= 2000; id++) addon.track({ id }, id);
      addon.untrack(7);
      const ids = [];
      const waste = [];
      for (let round = 0; round < 3000 && ids.length < 1900; round++) {
        waste[round % 4] = new Array(20_000).fill(round);
        ids.push(...(addon.collectDead() ?? []));
      }
      addon.untrack(0);
      addon.track(alive, 0);
      addon.untrack(0);
      parentPort.postMessage({ messages, ids });`);
    const expected = ['id is in use', 'object expected an object', 'id expected', 'not tracked'];
    expect(messages).toHaveLength(expected.length);
    expected.forEach((text, i) => {
      expect(messages[i]).toContain(text);
    });
    expect(ids.length).toBeGreaterThanOrEqual(1900);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.includes(0) || ids.includes(7)).toBe(false);
  });

  it('serves several worker threads at once, the same bits in each', async () => {
    const code = `
      const { matmul } = addon.kernels(addon.info().isas[0]);
      const size = 96, a = new Float32Array(size * size).map((_, i) => Math.sin(i)), y = new Float32Array(size * size);
      const desc = Int32Array.of(1, size, size, size, 0, 0, size, size, 0, 0, 0, 0, 0, 0, 0);
      for (let i = 0; i < 200; i++) matmul(desc, a, a, null, y);
      parentPort.postMessage(Buffer.from(y.buffer).toString('base64'));`;
    const results = await Promise.all(Array.from({ length: 3 }, () => inWorker<string>(code)));
    expect(new Set(results).size).toBe(1);
    expect(results[0].length).toBeGreaterThan(1000);
  });
});
