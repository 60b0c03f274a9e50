/** Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011). */
import type { NumberArray } from '../kernels.ts';

const MULTIPLIER0 = 0xd2511f53;
const MULTIPLIER1 = 0xcd9e8d57;
const WEYL0 = 0x9e3779b9;
const WEYL1 = 0xbb67ae85;

/** Upper 32 bits of the product of two unsigned 32-bit numbers. */
function mulHigh(a: number, b: number): number {
  const al = a & 0xffff;
  const ah = a >>> 16;
  const bl = b & 0xffff;
  const bh = b >>> 16;
  const low = al * bl;
  const middle = ah * bl + (low >>> 16);
  const cross = al * bh + (middle & 0xffff);
  // middle and cross may pass 2³¹, never 2³²
  return (ah * bh + (middle >>> 16) + (cross >>> 16)) | 0;
}

/** The block of counter (c0, c1, c2, c3) under (key0, key1): four 32-bit words, into out. */
export function philox(
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  key0: number,
  key1: number,
  out: Uint32Array,
): void {
  let a = c0 | 0;
  let b = c1 | 0;
  let c = c2 | 0;
  let d = c3 | 0;
  let k0 = key0 | 0;
  let k1 = key1 | 0;
  for (let round = 0; round < 10; round++) {
    const high0 = mulHigh(MULTIPLIER0, a);
    const high1 = mulHigh(MULTIPLIER1, c);
    const low0 = Math.imul(MULTIPLIER0, a);
    const low1 = Math.imul(MULTIPLIER1, c);
    a = high1 ^ b ^ k0;
    b = low1;
    c = high0 ^ d ^ k1;
    d = low0;
    k0 = (k0 + WEYL0) | 0;
    k1 = (k1 + WEYL1) | 0;
  }
  out[0] = a;
  out[1] = b;
  out[2] = c;
  out[3] = d;
}

const words = new Uint32Array(4);

/**
 * Uniform in [0, 1): 24 bits of one word per float32, 53 bits of two words per float64. Counters are 64-bit, in words 0
 * and 1; words 2 and 3 are zero.
 */
export function randomUniform(n: number, key0: number, key1: number, first: number, y: NumberArray): void {
  const isDouble = y instanceof Float64Array;
  const perBlock = isDouble ? 2 : 4;
  for (let i = 0, counter = first; i < n; i += perBlock, counter++) {
    philox(counter >>> 0, Math.floor(counter / 2 ** 32), 0, 0, key0, key1, words);
    const count = Math.min(perBlock, n - i);
    if (isDouble) {
      for (let k = 0; k < count; k++) y[i + k] = ((words[2 * k] >>> 5) * 2 ** 26 + (words[2 * k + 1] >>> 6)) * 2 ** -53;
    } else {
      for (let k = 0; k < count; k++) y[i + k] = (words[k] >>> 8) * 2 ** -24;
    }
  }
}
