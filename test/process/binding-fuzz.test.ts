/** Thousands of wrong and right calls of every native kernel: each throws or works, none crashes or writes elsewhere. */
import { describe, expect, it } from 'vitest';
import { descriptorFields } from '../../src/backend/descriptors.ts';
import { addon } from '../../src/backend/native/index.ts';

const CALLS = 600;
const GUARD = 64;
const pattern = Buffer.alloc(GUARD + 8, 0xa5);

/** mulberry32: the same calls in every run; a failing case names its seed. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

type Make = 'x' | 'i' | 'b';
const constructors = { x: Float32Array, i: Int32Array, b: Uint8Array };
const elementOf: Record<string, Make> = { x: 'x', 'x?': 'x', y: 'x', i: 'i', j: 'i', b: 'b', c: 'b' };

/** An array of exactly `length` elements inside a larger buffer of a known pattern. */
class Guarded {
  readonly bytes: Uint8Array;
  readonly array: Float32Array | Int32Array | Uint8Array;

  constructor(kind: Make, length: number, random: () => number) {
    const size = constructors[kind].BYTES_PER_ELEMENT * length;
    this.bytes = new Uint8Array(GUARD + Math.ceil(size / 8) * 8 + GUARD).fill(0xa5);
    this.array = new constructors[kind](this.bytes.buffer as ArrayBuffer, GUARD, length);
    for (let i = 0; i < length; i++) this.array[i] = kind === 'x' ? random() * 4 - 2 : Math.floor(random() * 3);
  }

  get intact(): boolean {
    const end = GUARD + this.array.byteLength;
    const after = this.bytes.subarray(end);
    return (
      pattern.compare(this.bytes, 0, GUARD, 0, GUARD) === 0 &&
      pattern.compare(after, 0, after.length, 0, after.length) === 0
    );
  }
}

class Fuzzer {
  readonly random: () => number;
  guarded: Guarded[] = [];

  constructor(seed: number) {
    this.random = generator(seed);
  }
  pick<T>(...choices: T[]): T {
    return choices[Math.floor(this.random() * choices.length)];
  }
  chance(p: number): boolean {
    return this.random() < p;
  }

  field(name: string): number {
    if (this.chance(0.04)) return this.pick(-1, -2147483648, 2147483647, 65536, 46341);
    if (/^(stride[HW]|dilation|groups|k[hw]$)/.test(name)) return this.pick(1, 1, 1, 2, 3);
    if (/^(pad|offset|trans|countInclude|divisor)/.test(name)) return this.pick(0, 0, 1, 1, 2);
    if (name === 'ndim') return this.pick(0, 1, 2, 3, 8, 9);
    if (name === 'bias' || name === 'activation') return this.pick(0, 1, 2, 3);
    return this.pick(0, 1, 2, 3, 4, 5, 8, 17);
  }

  descriptor(name: keyof typeof descriptorFields): Int32Array {
    const fields = descriptorFields[name] as readonly string[];
    const d = Int32Array.from(fields, (field) => this.field(field));
    if (name === 'StridedDesc' && this.chance(0.9)) {
      const ndim = this.pick(0, 1, 2, 3);
      d[1] = ndim;
      d[0] = 1;
      for (let i = 0; i < ndim; i++) d[0] *= d[5 + i] = this.pick(0, 1, 2, 3, 7, 20);
    }
    return d;
  }

  wrong(): unknown {
    const detached = new Float32Array(16);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    return this.pick<unknown>(
      undefined,
      null,
      true,
      'text',
      Symbol('x'),
      {},
      [1, 2, 3],
      () => 1,
      10n,
      Number.NaN,
      new Float64Array(64),
      new Uint16Array(64),
      new BigInt64Array(8),
      new DataView(new ArrayBuffer(64)),
      new ArrayBuffer(64),
      new Float32Array(new SharedArrayBuffer(256)),
      new Int32Array(new SharedArrayBuffer(256)),
      new Int32Array(0),
      new Proxy(new Float32Array(4), {}),
      Object.create(Float32Array.prototype),
      detached,
    );
  }

  array(kind: Make, length: number): unknown {
    const guarded = new Guarded(kind, length, this.random);
    this.guarded.push(guarded);
    return guarded.array;
  }

  argument(role: string, earlier: unknown[]): unknown {
    if (this.chance(0.03)) return this.wrong();
    if (role === 'n')
      return this.chance(0.05) ? this.pick(-1, 0.5, Number.NaN, 1e300, 2 ** 31, 2 ** 53) : this.pick(0, 1, 5, 33);
    if (role in descriptorFields) return this.descriptor(role as keyof typeof descriptorFields);
    if (role === 'x?' && this.chance(0.5)) return null;
    const twin = earlier[earlier.length - 1];
    if (this.chance(0.05) && this.guarded.some((g) => g.array === twin && g.array.length > 0)) {
      return (twin as Float32Array).subarray(this.pick(0, 1));
    }
    return this.array(elementOf[role], this.pick(0, 1, 4, 16, 64));
  }

  /** Calls once; where an array was too short, again with one of the length that the error asks for. */
  call(name: string, kernel: (...args: unknown[]) => void, roles: string[]): 'ran' | 'threw' {
    const args: unknown[] = [];
    for (const role of roles) args.push(this.argument(role, args));
    if (this.chance(0.02)) args.pop();
    if (this.chance(0.02)) args.push(this.wrong());
    for (let attempt = 0; ; attempt++) {
      try {
        kernel(...args);
        return 'ran';
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
        const { message } = error as Error;
        expect(message.startsWith(`${name}: `), message).toBe(true);
        const short = /argument (\d+) \((\S+)\) expected at least (\d+) elements/.exec(message);
        if (short === null || Number(short[3]) > 1e5 || attempt > roles.length) return 'threw';
        args[Number(short[1]) - 1] = this.array(elementOf[short[2]], Number(short[3]));
      }
    }
  }
}

describe.skipIf(addon === null)('native binding', () => {
  const { isas, roles } = addon?.info() ?? { isas: [], roles: {} as Record<string, string> };
  for (const isa of isas) {
    const kernels = (addon?.kernels(isa) ?? {}) as Record<string, (...args: unknown[]) => void>;
    it.each(Object.keys(roles))(`${isa} %s survives any call`, (name) => {
      let ran = 0;
      for (let seed = 0; seed < CALLS; seed++) {
        const fuzzer = new Fuzzer(seed * 977 + name.length);
        if (fuzzer.call(name, kernels[name], roles[name].split(' ')) === 'ran') ran++;
        const broken = fuzzer.guarded.findIndex((g) => !g.intact);
        expect(broken, `seed ${seed}: array ${broken} was written outside`).toBe(-1);
      }
      // The generator must reach the kernels, not only their checks.
      expect(ran).toBeGreaterThan(CALLS / 50);
      expect(ran).toBeLessThan(CALLS);
    });
  }
});
