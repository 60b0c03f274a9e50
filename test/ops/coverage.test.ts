/** Nothing that is public goes untested: every op has a record, both languages agree on every kernel. */
import { describe, expect, it } from 'vitest';
// @ts-expect-error a plain script without types
import { instructionSets } from '../../scripts/lib.mjs';
import { descriptorFields } from '../../src/backend/descriptors.ts';
import { kernelRoles } from '../../src/backend/kernels.ts';
import { addon } from '../../src/backend/native/index.ts';
import { referenceKernels } from '../../src/backend/reference/index.ts';
import * as gemmule from '../../src/index.ts';
import { Tensor } from '../../src/index.ts';
import { records } from '../samples/index.ts';
import { Make } from '../samples/make.ts';
import { tensorsIn } from './calls.ts';

/** Public functions that are no ops of tensors; the file named tests them. */
const elsewhere: Record<string, readonly string[]> = {
  'test/autograd': `enableGrad isGradEnabled noGrad scope`.split(/\s+/),
  'test/ops/repeat.test.ts': `setNumThreads getNumThreads`.split(/\s+/),
  'test/ops/indexing.test.ts': ['slice'],
  'test/ops/views.test.ts': ['view'],
  'test/ops/compare.test.ts': ['allclose', 'equal'],
  'test/ops/random.test.ts': `manualSeed rand randn randLike randnLike randint randperm bernoulli
    normal`.split(/\s+/),
  'test/ops/create.test.ts': `tensor zeros ones empty full arange linspace eye zerosLike onesLike emptyLike
    fullLike float int bool`.split(/\s+/),
  'test/models': ['summary', 'receptiveField'],
  'test/chapter': 'corr2d corr2dMultiIn corr2dMultiInOut pool2d'.split(/\s+/),
};
/** Methods of Tensor that are no ops of their own. */
const methods =
  `constructor keep backward toString toJSON item toArray toTypedArray registerHook requiresGrad_ retainGrad
  at set`.split(/\s+/);

const isOp = ([name, value]: [string, unknown]): boolean => typeof value === 'function' && /^[a-z]/.test(name);
const publicNames = new Set<string>([
  ...Object.entries(gemmule)
    .filter(isOp)
    .map(([name]) => name),
  ...Object.entries(gemmule.nn.functional)
    .filter(isOp)
    .map(([name]) => name),
  ...Object.entries(Object.getOwnPropertyDescriptors(Tensor.prototype))
    .filter(([name, { value }]) => isOp([name, value]) && !methods.includes(name))
    .map(([name]) => name),
]);
const recorded = new Set(records.map((record) => record.name));

describe('the table of ops', () => {
  it('has a record for every public op', () => {
    const known = new Set([...recorded, ...Object.values(elsewhere).flat()]);
    const inPlace = (name: string): boolean =>
      /^(\w+)_$/.test(name) && (known.has(name.slice(0, -1)) || /^(copy|fill|zero)_$/.test(name));
    const missing = [...publicNames].filter((name) => !known.has(name) && !inPlace(name));
    expect(missing.join(' ')).toBe('');
  });

  it('has no record of what is not there, and none twice', () => {
    expect([...recorded].filter((name) => !publicNames.has(name))).toEqual([]);
    expect(records.length).toBe(recorded.size);
  });

  for (const record of records) {
    it(`${record.name} is tried without elements, or refuses that`, () => {
      const make = new Make(record.dtypes[0]);
      const calls = [...record.samples(make), ...record.errors.map(({ args }) => args(make))];
      expect(calls.flatMap(tensorsIn).some((t) => t.size === 0)).toBe(true);
    });
  }
});

describe('kernels', () => {
  it('are all in the reference backend', () => {
    expect(Object.keys(referenceKernels).sort()).toEqual(Object.keys(kernelRoles).sort());
  });

  it.runIf(addon !== null)('have the same names, roles and descriptor fields in both languages', () => {
    const info = addon?.info();
    for (const [name, roles] of Object.entries(info?.roles ?? {})) {
      expect(`${name}: ${roles}`).toBe(`${name}: ${kernelRoles[name as keyof typeof kernelRoles]}`);
    }
    expect(info?.fields).toEqual(descriptorFields);
  });

  it.runIf(addon !== null)('run on the instruction sets that the tests are run on', () => {
    expect([...(addon?.info().isas ?? [])].sort()).toEqual([...(instructionSets() as string[])].sort());
  });
});
