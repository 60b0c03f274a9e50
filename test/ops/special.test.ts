/** NaN, infinities, signed zeros, the largest and the smallest numbers: float32 gives what float64 gives, rounded. */
import { describe, expect, it } from 'vitest';
import { Tensor, tensor } from '../../src/index.ts';
import { records } from '../samples/index.ts';
import type { OpRecord } from '../samples/record.ts';
import { publicOp, samplesOf } from './calls.ts';

const specials = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, -0.5, 88, -88, 100, -104, 1e10, -1e10, 3.4e38, -3.4e38];
const tiny = [2 ** -126, -(2 ** -126), 2 ** -149, 1e-20, -1e-20];
// more than a vector of any set, so that whole vectors and tails both see every value
const values = Float32Array.from([...specials, ...tiny, ...specials, ...tiny, ...specials]);

/** Functions of one tensor that work on each element. */
const pointwise = (record: OpRecord): boolean =>
  record.dtypes.includes('float32') &&
  record.large !== undefined &&
  samplesOf(record, 'float32').some(([x, ...rest]) => rest.length === 0 && x instanceof Tensor && x.ndim === 0) &&
  !['any', 'all', 'sum', 'mean', 'prod', 'max', 'min', 'amax', 'amin', 'argmax', 'argmin', 'sort', 'argsort'].includes(
    record.name,
  );

/** Same NaN, infinity and zero; else the same number to float32's precision. */
function same(actual: number, expected: number): boolean {
  if (!Number.isFinite(expected) || expected === 0 || actual === 0) {
    // what float32 cannot tell from 0 may be either
    return Object.is(actual, expected) || (Math.abs(expected) < 2 ** -126 && Math.abs(actual) < 2 ** -126);
  }
  return Math.abs(actual - expected) <= 4e-6 * Math.abs(expected) + 2 ** -126;
}

describe('special values', () => {
  for (const record of records.filter(pointwise)) {
    it(record.name, () => {
      const op = publicOp(record.name) as (x: Tensor) => Tensor;
      const narrow = op(tensor(values)).toTypedArray();
      const wide = op(tensor(values, { dtype: 'float64' })).toTypedArray();
      narrow.forEach((v, i) => {
        const expected = Math.fround(wide[i]);
        expect(same(v, expected), `${record.name}(${values[i]}): ${v}, float64 gives ${expected}`).toBe(true);
      });
    });
  }
});
