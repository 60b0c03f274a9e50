import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { io, models } from '../../src/index.ts';
import { gemmule, gemmuleLive, jsonLines } from '../helpers/cli.ts';

let dir: string;
const file = (name: string): string => join(dir, name);
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'gemmule-cli-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const small = ['--train-images', '640', '--test-images', '200', '--batch-size', '32'];

describe('train', () => {
  it('prints one object per epoch with --json, and saves weights with their state-dict keys', () => {
    const out = file('json.safetensors');
    const { code, stdout, stderr } = gemmule(['train', ...small, '--epochs', '2', '--json', '--out', out]);
    expect([code, stderr]).toEqual([0, '']);
    const rows = jsonLines(stdout);
    expect(rows.map(({ epoch }) => epoch)).toEqual([1, 2]);
    for (const row of rows) {
      expect(Object.keys(row)).toEqual([
        'epoch',
        'trainLoss',
        'trainAccuracy',
        'testLoss',
        'testAccuracy',
        'imagesPerSecond',
        'seconds',
      ]);
      expect(Object.values(row).every((value) => typeof value === 'number' && value > 0)).toBe(true);
    }
    expect(rows[1].trainLoss).toBeLessThan(rows[0].trainLoss as number);
    expect(Object.keys(io.loadSafetensors(out)).sort()).toEqual(Object.keys(models.lenet().stateDict()).sort());

    const measured = jsonLines(gemmule(['eval', out, '--test-images', '200', '--json']).stdout);
    expect(measured).toHaveLength(1);
    expect(measured[0]).toMatchObject({ model: 'lenet-relu', dataset: 'digits', images: 200 });
    expect(measured[0].accuracy).toBe(rows[1].testAccuracy);
  });

  it('prints plain lines where there is no terminal, and what to run next', () => {
    const { code, stdout } = gemmule(['train', ...small, '--epochs', '1'], dir);
    expect(code).toBe(0);
    expect(stdout).toContain('lenet-relu on digits: 640 training and 200 test images');
    expect(stdout).toContain('epoch  train loss  train acc  test loss   test acc   images/s   seconds');
    expect(stdout).toMatch(/^ {4}1 {2,}\d\.\d{4} {2,}\d+\.\d\d % /m);
    expect(stdout).toContain('Saved 61,706 parameters in lenet-relu-digits.safetensors. Next:');
    expect(stdout).toMatch(/eval lenet-relu-digits\.safetensors --dataset digits\n/);
    expect(stdout).toMatch(/train --dataset mnist --data DIR --model lenet-relu\n/);
    expect(stdout).not.toContain('\r');
    expect(stdout).not.toContain('\x1b');
    expect(existsSync(file('lenet-relu-digits.safetensors'))).toBe(true);
  });

  it('stops cleanly at Ctrl-C after the step, and saves', async () => {
    const out = file('stopped.safetensors');
    const args = ['train', ...small, '--epochs', '100000', '--json', '--out', out];
    const { code, stdout, stderr } = await gemmuleLive(args, (line, child) => {
      if (JSON.parse(line).epoch === 2) child.kill('SIGINT');
    });
    expect([code, stderr]).toEqual([130, '']);
    const epochs = jsonLines(stdout).length;
    expect(epochs).toBeGreaterThanOrEqual(2);
    expect(epochs).toBeLessThan(1000);
    const { metadata } = io.inspectSafetensors(out);
    expect(metadata.model).toBe('lenet-relu');
    const model = models.lenet({ activation: 'relu', pool: 'max' });
    model.loadStateDict(io.loadSafetensors(out));
    expect(readdirSync(dir).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('gives the same weights for the same seed, and others for another', () => {
    const weights = (seed: string, name: string) => {
      const args = ['train', ...small, '--epochs', '1', '--json', '--seed', seed, '--out', file(name)];
      expect(gemmule(args).code).toBe(0);
      return Object.values(io.loadSafetensors(file(name))).map((t) => t.toArray());
    };
    const first = weights('5', 'a');
    expect(weights('5', 'b')).toEqual(first);
    expect(weights('6', 'c')).not.toEqual(first);
  });

  it.each([
    ['sgd', ['--momentum', '0.9', '--nesterov', '--weight-decay', '1e-4', '--lr', '0.05']],
    ['adam', ['--lr', '0.002', '--weight-decay', '1e-4']],
    ['adamw', ['--lr', '0.002']],
  ])('trains with %s', (optimizer, more) => {
    const args = ['train', ...small, '--epochs', '3', '--json', '--out', file('o'), '--optimizer', optimizer, ...more];
    const rows = jsonLines(gemmule(args).stdout);
    expect(rows).toHaveLength(3);
    expect(rows[2].trainLoss).toBeLessThan(0.97 * (rows[0].trainLoss as number));
    expect(io.inspectSafetensors(file('o')).metadata.optimizer).toBe(optimizer);
  });

  it('says which backend and how many threads it was told to use', () => {
    const { stdout } = gemmule(['train', ...small, '--epochs', '1', '--backend', 'reference', '--out', file('r')]);
    expect(stdout).toContain('reference backend');
  });
});

describe('mistakes end with exit code 2 and name option and value', () => {
  it.each([
    [['bogus'], 'unknown command "bogus"; known are train, eval, predict, inspect, export, doctor'],
    [['train', '--bogus'], 'unknown option --bogus; see gemmule train --help'],
    [['train', '--epochs', '0'], 'option --epochs expected an integer >= 1, got "0"'],
    [['train', '--dataset', 'cifar'], 'option --dataset expected digits or mnist, got "cifar"'],
    [['train', '--dataset', 'mnist'], 'option --dataset mnist needs --data DIR'],
    [['train', '--data', 'x'], 'option --data goes with --dataset mnist, got "x" with digits'],
    [['train', '--momentum', '0.9'], 'option --momentum goes with --optimizer sgd, got "0.9"'],
    [['train', '--nesterov'], 'option --nesterov goes with --optimizer sgd'],
    [['train', '--nesterov', '--optimizer', 'sgd'], 'option --nesterov needs --momentum above 0'],
    [['train', '--threads', '0'], 'option --threads expected an integer >= 1'],
    [
      ['train', '--out', '/no/such/folder/x'],
      'option --out expected a file in a folder that can be written, got "/no/such/folder/x"',
    ],
    [['eval'], 'FILE is missing; see gemmule eval --help'],
  ])('gemmule %j', (args, message) => {
    const { code, stdout, stderr } = gemmule(args);
    expect(stderr).toContain(`gemmule: ${message}`);
    expect([code, stdout]).toEqual([2, '']);
  });

  it('other failures end with exit code 1 and the file’s name', () => {
    const { code, stderr } = gemmule(['eval', file('absent.safetensors')]);
    expect(code).toBe(1);
    expect(stderr).toContain('absent.safetensors');
    expect(stderr).not.toContain('    at ');
    expect(gemmule(['train', '--dataset', 'mnist', '--data', dir, '--out', file('x')])).toMatchObject({
      code: 1,
      stderr: `gemmule: mnist: neither ${file('train-images-idx3-ubyte')} nor ${file('train-images-idx3-ubyte.gz')} exists\n`,
    });
  });
});

describe('other commands', () => {
  const weights = (): string => {
    const out = file('weights.safetensors');
    if (!existsSync(out)) {
      io.saveSafetensors(out, models.lenet().stateDict(), { metadata: { model: 'lenet' } });
    }
    return out;
  };

  it('predict shows an image, its label and the prediction', () => {
    const args = ['predict', weights(), '--test-images', '20', '--index', '3', '--count', '2'];
    const { code, stdout } = gemmule(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/█/);
    expect(stdout).toMatch(/image 3: \d \(\d+\.\d\d %\), label 3\n/);
    const rows = jsonLines(gemmule([...args, '--json']).stdout);
    expect(rows.map(({ index, label }) => [index, label])).toEqual([
      [3, 3],
      [4, 4],
    ]);
    const probabilities = rows[0].probabilities as number[];
    expect(probabilities).toHaveLength(10);
    expect(probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
    expect(rows[0].prediction).toBe(probabilities.indexOf(Math.max(...probabilities)));
    expect(gemmule(['predict', weights(), '--test-images', '20', '--index', '20'])).toMatchObject({ code: 2 });
  });

  it('inspect lists tensors', () => {
    const { stdout } = gemmule(['inspect', weights()]);
    expect(stdout).toMatch(/^0\.weight +F32 +\[6, 1, 5, 5\]$/m);
    expect(stdout).toContain('10 tensors, 61,706 elements, 246,824 bytes');
    const [info] = jsonLines(gemmule(['inspect', weights(), '--json']).stdout);
    expect(info).toMatchObject({ metadata: { model: 'lenet' }, parameters: 61706, bytes: 246824 });
    expect(info.tensors).toHaveLength(10);
  });

  it('eval needs to know the model', () => {
    io.saveSafetensors(file('bare'), models.lenet().stateDict());
    expect(gemmule(['eval', file('bare'), '--test-images', '10'])).toMatchObject({ code: 2 });
    expect(gemmule(['eval', file('bare'), '--test-images', '10', '--model', 'lenet'])).toMatchObject({ code: 0 });
  });

  it('doctor says backend, instruction set and threads', () => {
    const [info] = jsonLines(gemmule(['doctor', '--json']).stdout);
    expect(info).toMatchObject({ name: process.env.GEMMULE_BACKEND, platform: `${process.platform}-${process.arch}` });
    expect(info.threads).toBeGreaterThanOrEqual(1);
    const forced = jsonLines(gemmule(['doctor', '--json', '--backend', 'reference']).stdout)[0];
    expect(forced).toMatchObject({ name: 'reference', isa: 'none', threads: 1 });
    expect(gemmule(['doctor']).stdout).toMatch(/^name +(native|reference)$/m);
  });

  it('help and version', () => {
    for (const args of [[], ['--help'], ['help']]) expect(gemmule(args)).toMatchObject({ code: 0, stderr: '' });
    expect(gemmule(['train', '--help']).stdout).toContain('--batch-size N');
    expect(gemmule(['--version']).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
