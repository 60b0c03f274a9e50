import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type DType, nn, ones, tensor, zeros } from '../../src/index.ts';
import { sharedFile } from '../helpers/shared.ts';

interface Case {
  dtype: DType;
  shape: number[];
  data: (number | boolean | string)[];
  requiresGrad: boolean;
  text: string;
}

const file = sharedFile('golden/print.json');
const cases = file === null ? [] : (JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] }).cases;
const special: Record<string, number> = { nan: Number.NaN, inf: Infinity, '-inf': -Infinity };

describe.skipIf(file === null)('PyTorch’s text', () => {
  it.each(cases.map((c, i) => [i, c] as const))('case %i', (_i, { dtype, shape, data, requiresGrad, text }) => {
    const flat = data.map((v) => (typeof v === 'string' ? special[v] : Number(v)));
    const t = zeros(shape, { dtype });
    flat.forEach((v, i) => {
      t.data[i] = v;
    });
    t.requiresGrad = requiresGrad;
    expect(String(t)).toBe(text);
    expect(inspect(t)).toBe(text);
  });
});

describe('text of', () => {
  it.each<[number, string]>([
    [0.03125, 'tensor(0.0312)'],
    [0.09375, 'tensor(0.0938)'],
    [-0.15625, 'tensor(-0.1562)'],
    [2.5, 'tensor(2.5000)'],
    [100005000, 'tensor(1.0000e+08)'],
    [100015000, 'tensor(1.0002e+08)'],
    [-Infinity, 'tensor(-inf)'],
    [0, 'tensor(0.)'],
  ])('%d rounds halves to even', (value, text) => {
    expect(String(tensor(value))).toBe(text);
  });

  it('what was computed names the op', () => {
    const x = ones(2, { requiresGrad: true });
    expect(String(x.mul(2))).toBe('tensor([2., 2.], grad_fn=<MulBackward0>)');
    expect(String(x.sum())).toBe('tensor(2., grad_fn=<SumBackward0>)');
    expect(String(x.detach())).toBe('tensor([1., 1.])');
  });

  it('a parameter says so', () => {
    expect(String(new nn.Parameter(ones(2)))).toBe('Parameter containing:\ntensor([1., 1.], requires_grad=True)');
  });

  it('a suffix that does not fit goes to the next line', () => {
    const t = tensor([1.5, -2.5, 3.25, 4, 5, 6, 7], { dtype: 'float64', requiresGrad: true });
    expect(String(t)).toBe(
      'tensor([ 1.5000, -2.5000,  3.2500,  4.0000,  5.0000,  6.0000,  7.0000],\n       dtype=torch.float64, requires_grad=True)',
    );
  });

  it('empty tensors', () => {
    expect(String(zeros(0, { dtype: 'int32' }))).toBe('tensor([], dtype=torch.int32)');
    expect(String(zeros(2, 0, { dtype: 'bool' }))).toBe('tensor([], size=(2, 0), dtype=torch.bool)');
  });
});
