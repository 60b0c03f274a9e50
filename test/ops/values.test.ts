/** float32 on the backend of this run against float64, which the reference backend computes: results and gradients. */
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../src/index.ts';
import { differentBits, notClose } from '../helpers/same.ts';
import { records } from '../samples/index.ts';
import { describeCall, run, samplesOf } from './calls.ts';

const rounded = (t: Tensor): Tensor => (t.dtype === 'float64' ? t.to('float32') : t);

describe('float32 results are those of float64', () => {
  for (const record of records) {
    if (record.valueless || !(record.dtypes.includes('float32') && record.dtypes.includes('float64'))) continue;
    it(record.name, () => {
      const same = record.precision === 'exact' ? differentBits : notClose;
      const expectations = samplesOf(record, 'float64', true);
      samplesOf(record, 'float32', true).forEach((args, i) => {
        const actual = run(record, args);
        const expected = run(record, expectations[i]);
        const where = describeCall(record, args);
        actual.outputs.forEach((out, j) => {
          expect(same(`output ${j} of ${where}`, rounded(out), rounded(expected.outputs[j]))).toBeNull();
        });
        expect(actual.gradients.map((g) => g === null)).toEqual(expected.gradients.map((g) => g === null));
        actual.gradients.forEach((gradient, j) => {
          const other = expected.gradients[j];
          if (gradient === null || other === null) return;
          expect(notClose(`gradient ${j} of ${where}`, rounded(gradient), rounded(other))).toBeNull();
        });
      });
    });
  }
});
