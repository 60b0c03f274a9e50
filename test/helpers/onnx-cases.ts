/** Cases of ONNX's operators: a file, an input and the result. */
import { describe, expect, it } from 'vitest';
import { io, noGrad, tensor } from '../../src/index.ts';
import type { FileTensor } from '../../src/io/onnx/encode.ts';
import { type FileOptions, fileOf, fileWith, float32s, int64s, type NodeSpec, ort, ortRun } from './onnx.ts';
import { notClose } from './same.ts';

type Nested = number | readonly Nested[];
type Given = Record<string, FileTensor | readonly number[] | readonly bigint[]>;
export interface Case {
  what: string;
  nodes: NodeSpec[];
  x: Nested;
  y: Nested;
  given: Given;
  options: FileOptions;
}

/** A file, an input, and the result worked out by hand from the operators' definitions. */
export function of(
  nodes: NodeSpec | NodeSpec[],
  x: Nested,
  y: Nested,
  given: Given = {},
  options: FileOptions = {},
): Case {
  const list = [nodes].flat();
  const texts = list.map(({ op, inputs, attributes }) => `${op}(${inputs}) ${JSON.stringify(attributes)}`);
  const what = `${texts.join('; ')} opset ${options.opset ?? 17} of ${JSON.stringify(x)}`;
  return { what, nodes: list, x, y, given, options };
}

/** A float without axes. */
export const scalar = (v: number): FileTensor => fileOf(Float32Array.of(v), []);
/** Floats of a shape. */
export const floats = (dims: number[], ...v: number[]): FileTensor => fileOf(Float32Array.from(v), dims);
/** A float attribute. */
export const f = (float: number) => ({ float });

const toFile = (v: Given[string]): FileTensor => {
  if (!Array.isArray(v)) return v as FileTensor;
  return typeof v[0] === 'bigint' ? int64s(...v) : float32s(...v);
};

/** Runs each case here and, where it is installed, in onnxruntime. */
export function runCases(group: string, cases: readonly Case[]): void {
  describe(group, () => {
    it.each(cases.map((c) => [c.what, c] as const))('%s', async (_what, { nodes, x, y, given, options }) => {
      const initializers = Object.fromEntries(Object.entries(given).map(([name, v]) => [name, toFile(v)]));
      const bytes = fileWith(nodes, initializers, options);
      const input = tensor(x as number[]);
      const result = noGrad(() => io.importOnnx(bytes).run({ x: input })).y;
      expect(notClose('by hand', result, tensor(y as number[], { dtype: result.dtype }))).toBeNull();
      if (ort !== null) expect(notClose('onnxruntime', result, (await ortRun(bytes, { x: input })).y)).toBeNull();
    });
  });
}
