/** An op gives the same for a tensor however it lies in memory: transposed, sliced with a step, or stretched. */
import { describe, expect, it } from 'vitest';
import { arange, cat, stack, type Tensor, zerosLike } from '../../src/index.ts';
import { differentBits, notClose } from '../helpers/same.ts';
import { records } from '../samples/index.ts';
import { isConstant } from '../samples/make.ts';
import { tensorsOf } from '../samples/record.ts';
import { describeCall, mapTensors, publicOp, run, samplesOf, tensorsIn } from './calls.ts';

/** The same values, with axes in reverse order in memory. */
const reversed = (t: Tensor): Tensor => {
  if (t.ndim < 2) return t;
  const order = t.shape.map((_, i) => t.ndim - 1 - i);
  return t.permute(order).contiguous().permute(order);
};

/** The same values, every second element of a larger tensor, from an offset on. */
const stepped = (t: Tensor): Tensor => {
  if (t.ndim === 0) return stack([zerosLike(t), t]).select(0, 1);
  return stack([cat([zerosLike(t), t], 0), cat([zerosLike(t), t], 0)], t.ndim)
    .narrow(0, t.shape[0], t.shape[0])
    .select(t.ndim, 1);
};

describe('views give what contiguous tensors give', () => {
  for (const record of records) {
    if (record.valueless) continue;
    it(record.name, () => {
      for (const dtype of record.dtypes) {
        for (const args of samplesOf(record, dtype)) {
          const expected = run(record, args);
          for (const view of [reversed, stepped]) {
            const actual = run(record, args, { view });
            const where = `${view.name} ${describeCall(record, args)}`;
            actual.outputs.forEach((out, i) => {
              expect(differentBits(`output ${i} of ${where}`, out, expected.outputs[i])).toBeNull();
            });
            actual.gradients.forEach((gradient, i) => {
              const other = expected.gradients[i];
              if (gradient === null || other === null) return;
              expect(notClose(`gradient ${i} of ${where}`, gradient, other)).toBeNull();
            });
          }
        }
      }
    });
  }
});

describe('stretched tensors give what their copies give', () => {
  for (const record of records) {
    if (record.valueless) continue;
    it(record.name, () => {
      for (const dtype of record.dtypes) {
        for (const args of samplesOf(record, dtype)) {
          if (!tensorsIn(args).some((t) => t.ndim > 0 && t.size > 0)) continue;
          const stretch = (t: Tensor): Tensor =>
            t.ndim > 0 && t.size > 0 && !isConstant(t) ? t.narrow(0, 0, 1).expand(t.shape) : t;
          const op = publicOp(record.name);
          const actual = tensorsOf(op(...mapTensors(args, stretch)));
          const expected = tensorsOf(op(...mapTensors(args, (t) => stretch(t).clone())));
          actual.forEach((out, i) => {
            expect(differentBits(`output ${i} of ${describeCall(record, args)}`, out, expected[i])).toBeNull();
          });
        }
      }
    });
  }
});

describe('view', () => {
  it('shares memory where the strides allow it', () => {
    const x = zerosLike(arange(6));
    x.view(2, 3).transpose(0, 1).view([3, 2, 1]).select(0, 2).fill_(5);
    expect(x.toArray()).toEqual([0, 0, 5, 0, 0, 5]);
  });

  it('refuses where only a copy would do', () => {
    expect(() => arange(6).view(2, 3).t().view(6)).toThrow(
      new Error('view: shape [6] needs a copy of a tensor of shape [3, 2] and strides [1, 3]; use reshape'),
    );
    expect(() => arange(6).view(4, 2)).toThrow(new Error('view: shape [4, 2] does not fit 6 elements'));
  });
});
