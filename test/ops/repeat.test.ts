/** The same call gives the same bits: twice, with any number of threads, inside a scope, with and without recording. */
import { afterAll, describe, expect, it } from 'vitest';
import { getNumThreads, noGrad, scope, setNumThreads } from '../../src/index.ts';
import { differentBits } from '../helpers/same.ts';
import { records } from '../samples/index.ts';
import { type OpRecord, tensorsOf } from '../samples/record.ts';
import { describeCall, mapTensors, type Outcome, publicOp, run, samplesOf } from './calls.ts';

const before = getNumThreads();
afterAll(() => setNumThreads(before));

function expectSame(where: string, actual: Outcome, expected: Outcome): void {
  const lists = [
    [actual.outputs, expected.outputs],
    [actual.gradients, expected.gradients],
  ];
  for (const [a, e] of lists) {
    a.forEach((t, i) => {
      const other = e[i];
      if (t === null || other === null) expect(t, where).toBe(other);
      else expect(differentBits(where, t, other)).toBeNull();
    });
  }
}

const compared = (record: OpRecord): boolean => !record.valueless;

describe('same bits', () => {
  for (const record of records.filter(compared)) {
    it(record.name, () => {
      for (const dtype of record.dtypes) {
        for (const args of samplesOf(record, dtype, true)) {
          setNumThreads(1);
          const first = run(record, args);
          for (const threads of [1, 2, 3]) {
            setNumThreads(threads);
            expectSame(`${threads} threads: ${describeCall(record, args)}`, run(record, args), first);
          }
          const op = publicOp(record.name);
          const fresh = (): unknown[] => mapTensors(args, (t) => t.clone());
          const unrecorded = noGrad(() => tensorsOf(op(...fresh())));
          for (const t of unrecorded) expect(t.requiresGrad).toBe(false);
          const scoped = scope(() => tensorsOf(op(...fresh())));
          expectSame(`unrecorded: ${describeCall(record, args)}`, { outputs: unrecorded, gradients: [] }, first);
          expectSame(`in a scope: ${describeCall(record, args)}`, { outputs: scoped, gradients: [] }, first);
        }
      }
    });
  }
});
