/** Each example prints what the course says. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const folder = resolve(import.meta.dirname, '../../examples');
const files = readdirSync(folder).filter((name) => name.endsWith('.mjs'));

/** Without white space, and without the point that PyTorch's printing puts after a whole number. */
const bare = (text: string): string => text.replace(/\s+/g, '').replace(/(\d)\.(?!\d)/g, '$1');

function run(number: string): string {
  const name = files.find((file) => file.startsWith(`${number}-`));
  const { status, stdout, stderr } = spawnSync(process.execPath, [resolve(folder, name as string)], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout;
}

/** Everything an example prints, in order. */
const printed: Record<string, string[]> = {
  '01': [
    'output shifts with the input: true',
    'pixels outside the window change nothing: true',
    'pixels inside it do: true',
  ],
  '02': ['tensor([[19, 25], [37, 43]])'],
  '03': [
    `tensor([${Array(6).fill('[1, 1, 0, 0, 0, 0, 1, 1]').join(', ')}])`,
    `tensor([${Array(6).fill('[0, 1, 0, 0, 0, -1, 0]').join(', ')}])`,
    `tensor([${Array(8).fill('[0, 0, 0, 0, 0]').join(', ')}])`,
  ],
  '04': [
    'kernel 3: output [2, 6, 6, 6], parameters [6, 4, 3, 3] and [6]',
    'kernel 3x5: output [2, 6, 6, 4], parameters [6, 4, 3, 5] and [6]',
    'padding 1: output [2, 6, 8, 8], parameters [6, 4, 3, 3] and [6]',
    'padding 1x2: output [2, 6, 8, 8], parameters [6, 4, 3, 5] and [6]',
    "padding 'same': output [2, 6, 8, 8], parameters [6, 4, 3, 3] and [6]",
    'stride 2: output [2, 6, 4, 4], parameters [6, 4, 3, 3] and [6]',
    'dilation 2: output [2, 6, 4, 4], parameters [6, 4, 3, 3] and [6]',
    'groups 2: output [2, 6, 6, 6], parameters [6, 2, 3, 3] and [6]',
    'reflect padding: output [2, 6, 8, 8], parameters [6, 4, 3, 3] and [6]',
    'replicate padding: output [2, 6, 8, 8], parameters [6, 4, 3, 3] and [6]',
    'circular padding: output [2, 6, 8, 8], parameters [6, 4, 3, 3] and [6]',
    'no bias: output [2, 6, 6, 6], parameters [6, 4, 3, 3]',
  ],
  '06': ['tensor([[5, 11], [23, 29]])', 'tensor([[5, 11], [23, 29]])'],
  '07': [
    'layers: 1, the last one sees 3x3 of the 5x5 image',
    'layers: 2, the last one sees 5x5 of the 5x5 image',
    `tensor([${[0, 0, 1, 1, 1, 1, 1, 0, 0]
      .map((row) => `[0, 0, 0, ${row}, ${row}, ${row}, ${row}, ${row}, 0]`)
      .join(', ')}], dtype=torch.int32)`,
    '0 Conv2d: size 5,5, stride 1,1, offset -2,-2',
    '1 Sigmoid: size 5,5, stride 1,1, offset -2,-2',
    '2 AvgPool2d: size 6,6, stride 2,2, offset -2,-2',
    '3 Conv2d: size 14,14, stride 2,2, offset -2,-2',
    '4 Sigmoid: size 14,14, stride 2,2, offset -2,-2',
    '5 AvgPool2d: size 16,16, stride 4,4, offset -2,-2',
    ...['6 Flatten', '7 Linear', '8 Sigmoid', '9 Linear', '10 Sigmoid', '11 Linear'].map(
      (layer) => `${layer}: size 32,32, stride 0,0, offset -2,-2`,
    ),
  ],
  '08': [
    'tensor([[0, 3, 8, 4], [9, 19, 25, 10], [21, 37, 43, 16], [6, 7, 8, 0]])',
    'kernel 3, no padding: [6, 6]',
    'kernel 3, padding 1: [8, 8]',
    'kernel 5x3, padding 2x1: [8, 8]',
    'same',
    'tensor([[19, 25, 10], [37, 43, 16], [7, 8, 0]])',
    'same_lower',
    'tensor([[0, 3, 8], [9, 19, 25], [21, 37, 43]])',
  ],
  '09': [
    'tensor([[0, 8], [6, 8]])',
    'kernel 3, padding 1, stride 2: [4, 4]',
    'kernel 3x5, padding 0x1, stride 3x4: [2, 2]',
  ],
  '10': ['tensor([[56, 72], [104, 120]])'],
  '11': [
    '[3, 2, 2, 2]',
    'tensor([[[56, 72], [104, 120]], [[76, 100], [148, 172]], [[96, 128], [192, 224]]])',
    'conv2d says the same: true',
  ],
  '12': ['tensor([[4, 5], [7, 8]])', 'tensor([[2, 3], [5, 6]])'],
  '13': [
    'tensor([[[[10]]]])',
    'tensor([[[[5, 7], [13, 15]]]])',
    'tensor([[[[5, 7], [13, 15]]]])',
    'tensor([[[[10, 11], [14, 15]]]])',
    'tensor([[[[1.1111, 2.6667], [5.6667, 10.0000]]]])',
    'tensor([[[[5, 7], [13, 15]]]])',
    'tensor([[[[5, 7], [13, 15]]]], dtype=torch.int32)',
  ],
  '14': ['tensor([[[[5, 7], [13, 15]], [[6, 8], [14, 16]]]])'],
};

describe('examples', () => {
  it('there is one for each point of the course, each tested here', () => {
    const numbers = files.map((name) => name.slice(0, 2)).sort();
    expect(numbers).toEqual(Array.from({ length: 15 }, (_, i) => String(i + 1).padStart(2, '0')));
    expect([...Object.keys(printed), '05', '15'].sort()).toEqual(numbers);
  });

  it.each(Object.entries(printed))('%s', (number, expected) => {
    expect(bare(run(number))).toBe(bare(expected.join('')));
  });

  it('05 learns the kernel: the loss falls every printed round, the weight ends near [1, -1]', () => {
    const text = run('05');
    const losses = Array.from(text.matchAll(/^round (\d+), loss ([\d.]+)$/gm), ([, , loss]) => Number(loss));
    expect(losses).toHaveLength(5);
    for (let i = 1; i < losses.length; i++) expect(losses[i]).toBeLessThan(losses[i - 1]);
    const [, a, b] = /tensor\(\[\[ *([-\d.]+), *([-\d.]+)\]\]\)/.exec(text) ?? [];
    expect(Math.abs(Number(a) - 1)).toBeLessThan(0.1);
    expect(Math.abs(Number(b) + 1)).toBeLessThan(0.1);
  });

  it('15 prints LeNet’s shapes and learns', { timeout: 180_000 }, () => {
    const text = run('15');
    const shapes = Array.from(text.matchAll(/^\d+ +\w+ +\[([\d, ]+)\]/gm), ([, shape]) => shape);
    expect(shapes).toEqual([
      '1, 6, 28, 28',
      '1, 6, 28, 28',
      '1, 6, 14, 14',
      '1, 16, 10, 10',
      '1, 16, 10, 10',
      '1, 16, 5, 5',
      '1, 400',
      '1, 120',
      '1, 120',
      '1, 84',
      '1, 84',
      '1, 10',
    ]);
    const accuracies = Array.from(text.matchAll(/test accuracy ([\d.]+)$/gm), ([, value]) => Number(value));
    expect(accuracies).toHaveLength(6);
    expect(accuracies[5]).toBeGreaterThan(0.85);
    expect(text).toContain('models.lenet() is this net: true');
  });
});
