/**
 * Compares with PyTorch's `assert_close` defaults: |actual - expected| <= atol + rtol · |expected|, NaN equal to NaN, shape
 * and dtype the same. `slack` adds to the allowed difference, element by element.
 */
import type { RawTensor } from './format.ts';
import type { TensorLike } from './library.ts';

const tolerances: Record<string, { rtol: number; atol: number } | undefined> = {
  float32: { rtol: 1.3e-6, atol: 1e-5 },
  float64: { rtol: 1e-7, atol: 1e-7 },
};

export const epsilon: Record<string, number> = { float32: 2 ** -23, float64: 2 ** -52 };

/** What differs, in words, or null. `dtype` is the recorded one: bool is stored as uint8. */
export function difference(
  what: string,
  actual: TensorLike,
  expected: RawTensor,
  dtype: string,
  slack: ArrayLike<number> | null = null,
): string | null {
  if (actual.dtype !== dtype) return `${what}: dtype expected ${dtype}, got ${actual.dtype}`;
  if (actual.shape.join() !== expected.shape.join()) {
    return `${what}: shape expected [${expected.shape}], got [${actual.shape}]`;
  }
  const { rtol, atol } = tolerances[dtype] ?? { rtol: 0, atol: 0 };
  const values = actual.toTypedArray();
  let count = 0;
  let worst = -1;
  let worstRatio = 0;
  for (let i = 0; i < expected.data.length; i++) {
    const a = values[i];
    const e = expected.data[i];
    if (a === e || (Number.isNaN(a) && Number.isNaN(e))) continue;
    const allowed = atol + rtol * Math.abs(e) + (slack === null ? 0 : slack[i]);
    const off = Math.abs(a - e);
    if (off <= allowed && Number.isFinite(e)) continue;
    count++;
    const ratio = Number.isFinite(off) && allowed > 0 ? off / allowed : Infinity;
    if (ratio > worstRatio) {
      worst = i;
      worstRatio = ratio;
    }
  }
  if (count === 0) return null;
  return (
    `${what}: ${count} of ${expected.data.length} elements differ; at ${worst} expected ${expected.data[worst]}, ` +
    `got ${values[worst]} (${Number(worstRatio.toPrecision(3))} times what is allowed)`
  );
}
