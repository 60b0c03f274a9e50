/** Gradients, and gradients of gradients, against finite differences in float64. */
import { describe, expect, it } from 'vitest';
import { type Tensor, testing } from '../../src/index.ts';
import { records } from '../samples/index.ts';
import { isConstant } from '../samples/make.ts';
import { type OpRecord, type Sample, tensorsOf } from '../samples/record.ts';
import { describeCall, isDifferentiated, mapTensors, publicOp, samplesOf, tensorsIn } from './calls.ts';

/** The op as a function of its differentiated inputs, and these as leaves. */
function asFunction(record: OpRecord, args: Sample): [(...inputs: Tensor[]) => Tensor[], Tensor[]] {
  const inputs = tensorsIn(args)
    .filter(isDifferentiated)
    .map((t) => {
      const leaf = t.clone();
      leaf.requiresGrad = true;
      return leaf;
    });
  const call = (...given: Tensor[]): Tensor[] => {
    let next = 0;
    const all = mapTensors(args, (t) => (isDifferentiated(t) ? given[next++] : isConstant(t) ? t.clone() : t));
    return tensorsOf(publicOp(record.name)(...all));
  };
  return [call, inputs];
}

const differentiable = records.filter((record) => record.differentiable !== false);

describe.each([
  ['first', testing.gradcheck],
  ['second', testing.gradgradcheck],
] as const)('%s gradients', (_, check) => {
  for (const record of differentiable) {
    it(record.name, () => {
      let checked = 0;
      for (const args of samplesOf(record, 'float64')) {
        const [call, inputs] = asFunction(record, args);
        if (inputs.every((t) => t.size === 0)) continue;
        expect(check(call, inputs), describeCall(record, args)).toBe(true);
        checked++;
      }
      expect(checked).toBeGreaterThan(0);
    });
  }
});

describe('what has no gradient says so', () => {
  for (const record of records) {
    if (record.differentiable !== false || !record.dtypes.includes('float32')) continue;
    it(record.name, () => {
      for (const args of samplesOf(record, 'float32')) {
        const leaves = mapTensors(args, (t) => {
          const leaf = t.clone();
          if (isDifferentiated(t)) leaf.requiresGrad = true;
          return leaf;
        });
        for (const out of tensorsOf(publicOp(record.name)(...leaves))) expect(out.requiresGrad).toBe(false);
      }
    });
  }
});
