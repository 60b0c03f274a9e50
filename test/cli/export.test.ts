import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { io, models, noGrad, randn } from '../../src/index.ts';
import { gemmule, jsonLines } from '../helpers/cli.ts';
import { notClose } from '../helpers/same.ts';

let dir: string;
const file = (name: string): string => join(dir, name);
const model = models.lenet({ activation: 'relu', pool: 'max' });
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'gemmule-export-'));
  io.saveSafetensors(file('net.safetensors'), model.stateDict(), { metadata: { model: 'lenet-relu' } });
});
afterAll(() => rmSync(dir, { recursive: true }));

describe('gemmule export', () => {
  it('writes a file that gives what the model gives', () => {
    const out = file('chosen.onnx');
    const { code, stdout, stderr } = gemmule(['export', '--weights', file('net.safetensors'), '--out', out, '--json']);
    expect([code, stderr]).toEqual([0, '']);
    const bytes = readFileSync(out);
    expect(jsonLines(stdout)).toEqual([
      {
        file: out,
        model: 'lenet-relu',
        opset: 17,
        inputs: [{ name: 'input', dtype: 'float32', shape: ['batch', 1, 28, 28] }],
        outputs: [{ name: 'output', dtype: 'float32', shape: ['batch', 10] }],
        parameters: 61706,
        bytes: bytes.length,
      },
    ]);
    const x = randn(3, 1, 28, 28);
    noGrad(() => {
      const { output } = io.importOnnx(bytes).run({ input: x });
      expect(notClose('logits', output, model.forward(x))).toBeNull();
    });
  });

  it('names the file after the weights, and fixes the batch where asked to', () => {
    const args = [
      'export',
      '--weights',
      file('net.safetensors'),
      '--model',
      'lenet-relu',
      '--batch',
      '4',
      '--opset',
      '13',
    ];
    const { code, stdout } = gemmule(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Wrote lenet-relu to .*net\.onnx: 61,706 parameters, \d{3},\d{3} bytes, opset 13\n/);
    expect(stdout).toContain('input "input": float32 [4, 1, 28, 28]\noutput "output": float32 [4, 10]\n');
    const { opset, inputs } = io.importOnnx(readFileSync(file('net.onnx')));
    expect([opset, inputs[0].shape]).toEqual([13, [4, 1, 28, 28]]);
  });

  it.each<[string[], number, string]>([
    [[], 2, 'option --weights FILE is missing; see gemmule export --help'],
    [['--weights', 'x', '--opset', '12'], 2, 'option --opset expected an integer >= 13 and <= 21, got "12"'],
    [
      ['--weights', 'absent', '--out', '/no/such/folder/x'],
      2,
      'option --out expected a file in a folder that can be written',
    ],
    [['--weights', 'absent'], 1, 'absent'],
  ])('refuses %j', (args, code, message) => {
    const result = gemmule(['export', ...args], dir);
    expect([result.code, result.stdout]).toEqual([code, '']);
    expect(result.stderr).toContain(message);
    expect(existsSync(file('absent.onnx'))).toBe(false);
  });
});
