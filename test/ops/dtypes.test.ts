/** Every claimed dtype works, every other throws and says which op it was. */
import { describe, expect, it } from 'vitest';
import { records } from '../samples/index.ts';
import { all, tensorsOf } from '../samples/record.ts';
import { describeCall, publicOp, samplesOf } from './calls.ts';

describe('dtypes', () => {
  for (const record of records) {
    const op = (...args: unknown[]): unknown => publicOp(record.name)(...args);
    it(`${record.name} takes ${record.dtypes.join(', ')}`, () => {
      for (const dtype of record.dtypes) {
        for (const args of samplesOf(record, dtype)) {
          for (const out of tensorsOf(op(...args))) expect(all, describeCall(record, args)).toContain(out.dtype);
        }
      }
    });
    const others = all.filter((dtype) => !record.dtypes.includes(dtype));
    if (others.length === 0) continue;
    it(`${record.name} refuses ${others.join(', ')}`, () => {
      for (const dtype of others) {
        const [args] = samplesOf(record, dtype);
        expect(() => op(...args), describeCall(record, args)).toThrow(/^\w+: /);
      }
    });
  }
});
