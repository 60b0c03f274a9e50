/** float32 on the backend of this run against float64, which the reference backend computes: results and gradients. */
import { describe, expect, it } from 'vitest';
import { onesLike, type Tensor } from '../../src/index.ts';
import { c } from '../golden/slack.ts';
import { differentBits, notClose } from '../helpers/same.ts';
import { records } from '../samples/index.ts';
import type { OpRecord, Sample } from '../samples/record.ts';
import { describeCall, mapTensors, type Outcome, run, samplesOf } from './calls.ts';

const rounded = (t: Tensor): Tensor => (t.dtype === 'float64' ? t.to('float32') : t);

/** What a sum of K terms may be off: c·√K·ε·Σ|terms|; terms from the call on absolute values, K from that on ones. */
function slackOf(record: OpRecord, args: Sample): Outcome | null {
  if (record.precision !== 'sum') return null;
  const changed = (f: (t: Tensor) => Tensor): Outcome => run(record, mapTensors(args, f), { cotangent: f });
  const terms = changed((t) => (t.dtype === 'float64' ? t.abs() : t));
  const counts = changed((t) => (t.dtype === 'float64' ? onesLike(t) : t));
  const slack = (t: Tensor | null, n: Tensor | null): Tensor | null =>
    t === null || n === null
      ? null
      : n
          .detach()
          .clamp({ min: 1 })
          .sqrt()
          .mul(t.detach())
          .mul(c * 2 ** -23);
  return {
    outputs: terms.outputs.map((t, i) => slack(t, counts.outputs[i]) as Tensor),
    gradients: terms.gradients.map((t, i) => slack(t, counts.gradients[i])),
  };
}

describe('float32 results are those of float64', () => {
  for (const record of records) {
    if (record.valueless || !(record.dtypes.includes('float32') && record.dtypes.includes('float64'))) continue;
    it(record.name, () => {
      const expectations = samplesOf(record, 'float64', true);
      samplesOf(record, 'float32', true).forEach((args, i) => {
        const actual = run(record, args);
        const expected = run(record, expectations[i]);
        const slack = slackOf(record, expectations[i]);
        const where = describeCall(record, args);
        actual.outputs.forEach((out, j) => {
          const what = `output ${j} of ${where}`;
          const [a, e] = [rounded(out), rounded(expected.outputs[j])];
          const difference =
            record.precision === 'exact'
              ? differentBits(what, a, e)
              : notClose(what, a, e, slack?.outputs[j].toTypedArray());
          expect(difference).toBeNull();
        });
        expect(actual.gradients.map((g) => g === null)).toEqual(expected.gradients.map((g) => g === null));
        actual.gradients.forEach((gradient, j) => {
          const other = expected.gradients[j];
          if (gradient === null || other === null) return;
          const more = slack?.gradients[j]?.toTypedArray() ?? null;
          expect(notClose(`gradient ${j} of ${where}`, rounded(gradient), rounded(other), more)).toBeNull();
        });
      });
    });
  }
});
