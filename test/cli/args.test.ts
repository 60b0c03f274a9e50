import { describe, expect, it } from 'vitest';
import { choice, flag, helpText, numeric, readArgs, text, UsageError } from '../../src/cli/args.ts';

const usage = {
  summary: 'Does it.',
  words: ['FILE'],
  options: {
    kind: choice(['a', 'b'], 'which', 'a'),
    'batch-size': numeric({ min: 1, integer: true }, 'how many'),
    lr: numeric({ min: 0, above: true, max: 10 }, 'how fast', 0.5),
    out: text('FILE', 'where'),
    json: flag('lines'),
    help: flag('help'),
  },
} as const;
const read = (...argv: string[]) => readArgs('go', usage, argv);

describe('readArgs', () => {
  it('gives values, defaults and words', () => {
    const { values, words } = read('in.txt', '--kind=b', '--batch-size', '32', '--lr', '1e-3', '--json');
    expect(words).toEqual(['in.txt']);
    expect(values).toEqual({ kind: 'b', 'batch-size': 32, lr: 1e-3, out: undefined, json: true, help: false });
    expect(read('x').values).toMatchObject({ kind: 'a', 'batch-size': undefined, lr: 0.5, json: false });
  });

  it.each([
    [['x', '--kind', 'c'], 'option --kind expected a or b, got "c"'],
    [['x', '--batch-size', '0'], 'option --batch-size expected an integer >= 1, got "0"'],
    [['x', '--batch-size', '2.5'], 'option --batch-size expected an integer >= 1, got "2.5"'],
    [['x', '--batch-size='], 'option --batch-size expected an integer >= 1, got ""'],
    [['x', '--lr', '-1'], 'option --lr expected a number > 0 and <= 10, got "-1"'],
    [['x', '--lr', 'NaN'], 'option --lr expected a number > 0 and <= 10, got "NaN"'],
    [['x', '--lr', 'Infinity'], 'option --lr expected a number > 0 and <= 10, got "Infinity"'],
    [['x', '--lr'], 'option --lr expected a value: X'],
    [['x', '--out', '--json'], 'option --out expected a value: FILE'],
    [['x', '--out='], 'option --out expected some text, got ""'],
    [['x', '--json=no'], 'option --json takes no value, got "no"'],
    [['x', '--bogus', '1'], 'unknown option --bogus; see gemmule go --help'],
    [['x', '--constructor'], 'unknown option --constructor; see gemmule go --help'],
    [['x', '-k'], 'unknown option -k; see gemmule go --help'],
    [['x', '--no-json'], 'unknown option --no-json; see gemmule go --help'],
    [['x', 'y'], 'unexpected "y"; see gemmule go --help'],
    [[], 'FILE is missing; see gemmule go --help'],
  ])('refuses %j', (argv, message) => {
    expect(() => read(...argv)).toThrow(new UsageError(message));
  });

  it('needs no words to give help', () => {
    expect(read('--help').values.help).toBe(true);
  });
});

it('helpText lists every option with its default', () => {
  expect(helpText('go', usage)).toBe(
    [
      'gemmule go FILE [options]',
      '',
      'Does it.',
      '',
      '  --kind a|b      which (default a)',
      '  --batch-size N  how many',
      '  --lr X          how fast (default 0.5)',
      '  --out FILE      where',
      '  --json          lines',
      '  --help          help',
    ].join('\n'),
  );
});
