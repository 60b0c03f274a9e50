import { describe, expect, it } from 'vitest';
import { nn, noGrad, type Tensor, tensor } from '../../src/index.ts';
import { camelOptions, draw, expectNear, fixture } from '../helpers/fixtures.ts';

type Input = number[] | 'sign' | 'positive' | 'probability' | 'class';
interface Case {
  name: string;
  args: unknown[];
  options: Record<string, unknown>;
  inputs: Input[];
  text: string;
  shapes: Record<string, number[]>;
  shape: number[];
  output: number[];
  gradInput?: number[];
  gradParams?: number[][];
  buffers?: Record<string, number[]>;
  eval?: number[];
}
const { cases } = fixture<{ cases: Case[] }>('layers');

type AnyLayer = nn.Module & { forward(...inputs: Tensor[]): Tensor };
type LayerClass = new (...args: unknown[]) => AnyLayer;

function make({ name, args, options }: Case): AnyLayer {
  const camel = camelOptions(options);
  for (const key of ['weight', 'posWeight']) if (key in camel) camel[key] = tensor(camel[key] as number[]);
  const given = Object.keys(camel).length > 0 ? [...args, camel] : args;
  const layer = new (nn as unknown as Record<string, LayerClass>)[name](...given);
  noGrad(() => {
    layer.parameters().forEach((p, i) => {
      p.copy_(
        tensor(draw(p.size, i + 1))
          .mul(0.5)
          .reshape(p.shape),
      );
    });
  });
  return layer;
}

const count = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

function makeInput(kind: Input, seed: number, first: number[]): Tensor {
  const shape = Array.isArray(kind) ? kind : kind === 'probability' ? [4, 3] : first;
  const rows = draw(count(shape), seed);
  if (Array.isArray(kind))
    return tensor(rows.map((v) => 2 * v))
      .reshape(kind)
      .clone();
  if (kind === 'probability') return tensor(rows).add(1).div(2).reshape(shape);
  if (kind === 'positive') return tensor(rows).add(1.5).reshape(shape);
  const column = rows.slice(0, shape[0]);
  if (kind === 'sign') return tensor(column.map((v) => (v > 0 ? 1 : -1)));
  return tensor(
    column.map((v) => Math.floor((v + 1) * 1.5)),
    { dtype: 'int32' },
  );
}

const RTOL = 1e-5;
const near = (got: Tensor | null | undefined, expected: number[]) => {
  expectNear((got as Tensor).toTypedArray(), expected, RTOL, RTOL);
};

describe('layers, as torch.nn', () => {
  it.each(cases.map((c) => [c.text, c] as const))('%s', (_, c) => {
    const layer = make(c);
    expect(String(layer)).toBe(c.text);
    const state = layer.stateDict();
    expect(Object.fromEntries(Object.entries(state).map(([key, t]) => [key, t.shape]))).toEqual(c.shapes);
    expect(Object.keys(state)).toEqual(Object.keys(c.shapes));

    const first = Array.isArray(c.inputs[0]) ? c.inputs[0] : [4, 3];
    const inputs = c.inputs.map((kind, i) => makeInput(kind, 100 + i, first));
    const x = inputs[0];
    x.requiresGrad = true;
    if (c.name.includes('Dropout')) layer.eval();
    const y = layer.forward(...inputs);
    expect(y.shape).toEqual(c.shape);
    near(y.detach(), c.output);
    if (c.gradInput === undefined) return;
    y.backward(tensor(draw(y.size, 7)).reshape(y.shape));
    near(x.grad, c.gradInput);
    layer.parameters().forEach((p, i) => {
      near(p.grad, (c.gradParams as number[][])[i]);
    });
    if (c.buffers === undefined) return;
    layer.forward(x.detach().mul(0.5).add(1));
    const buffers = Object.fromEntries(layer.namedBuffers());
    for (const [key, expected] of Object.entries(c.buffers)) near(buffers[key], expected);
    layer.eval();
    near(layer.forward(x.detach()), c.eval as number[]);
  });
});
