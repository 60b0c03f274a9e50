/** Ops with a trailing underscore: the result of the op without it, written into the tensor, and autograd's rules for that. */
import { describe, expect, it } from 'vitest';
import { noGrad, Tensor, tensor } from '../../src/index.ts';
import { differentBits } from '../helpers/same.ts';
import { records } from '../samples/index.ts';
import { describeCall, publicOp, samplesOf } from './calls.ts';

const methods = Object.getOwnPropertyNames(Tensor.prototype);
/** `add_` for `add`, where both are there. */
const pairs = records
  .map((record) => ({ record, name: `${record.name}_` }))
  .filter(({ name }) => methods.includes(name));

describe('in place', () => {
  it('has ops to test', () => expect(pairs.length).toBeGreaterThan(0));
  for (const { record, name } of pairs) {
    it(`${name} writes what ${record.name} gives`, () => {
      for (const args of samplesOf(record, 'float32')) {
        const [x, ...rest] = args as [Tensor, ...unknown[]];
        const expected = publicOp(record.name)(x, ...rest) as Tensor;
        if (expected.shape.join() !== x.shape.join()) continue;
        const target = x.clone();
        const alias = target.reshape([target.size]);
        const result = publicOp(name)(target, ...rest);
        expect(result).toBe(target);
        expect(differentBits(describeCall(record, args), target, expected.to('float32'))).toBeNull();
        expect(differentBits('the alias', alias, target.reshape([target.size]))).toBeNull();
      }
    });
    it(`${name} refuses a leaf that requires gradients`, () => {
      const [x, ...rest] = samplesOf(record, 'float32').find(([t]) => (t as Tensor).ndim === 2) as [Tensor];
      const leaf = x.clone();
      leaf.requiresGrad = true;
      const before = leaf.detach().clone();
      expect(() => publicOp(name)(leaf, ...rest)).toThrow(/^\w+: .*leaf/);
      expect(differentBits('the leaf', leaf.detach(), before)).toBeNull();
      noGrad(() => publicOp(name)(leaf, ...rest));
      expect(leaf.requiresGrad).toBe(true);
    });
  }
});

describe('into views', () => {
  it('copy_, fill_ and zero_ write into views', () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    x.select(0, 0).fill_(7);
    x.select(1, 1).zero_();
    x.select(0, 1).copy_(tensor([8, 9]));
    expect(x.toArray()).toEqual([
      [7, 0],
      [8, 9],
    ]);
  });
});
