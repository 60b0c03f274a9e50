/** What an element of a feature map can see of the input. */
import { traceOps } from '../autograd/apply.ts';
import { type KernelName, kernelRoles } from '../backend/kernels.ts';
import { fail, invalid, show } from '../errors.ts';
import type { Module } from '../nn/module.ts';
import { type Padding, resolvePadding } from '../ops/window.ts';
import { Tensor } from '../tensor/tensor.ts';
import { visitLayers } from './summary.ts';

/** @inline */
type Pair = [number, number];

/** What one layer's output elements see of the model's input. */
export interface ReceptiveField {
  /** Path of the layer in the model. */
  name: string;
  /** Class of the layer. */
  type: string;
  /** Rows and columns of the input that one output element can see. */
  size: Pair;
  /** Input rows and columns between the fields of neighbouring elements; 0 where all elements see the same. */
  stride: Pair;
  /** First input row and column that element (0, 0) can see; negative where its field begins in the padding. */
  offset: Pair;
}

/** One axis: element i sees input positions offset + i·stride … offset + i·stride + size - 1. */
interface Span {
  size: number;
  stride: number;
  offset: number;
}
type Field = [Span, Span];

/** A layer that slides a window: a convolution or a pooling. */
interface Sliding {
  kernelSize: number | readonly number[];
  stride: number | readonly number[];
  padding: Padding;
  dilation?: number | readonly number[];
}

/** Ops whose result at a place depends on their operands at that place. */
const placewise = new Set<string>([
  'cat',
  'clamp',
  'clone',
  'to',
  ...(Object.keys(kernelRoles) as KernelName[]).filter((name) => /^(n x y|StridedDesc .*)$/.test(kernelRoles[name])),
]);

const isSliding = (layer: object): layer is Sliding => 'kernelSize' in layer && 'stride' in layer && 'padding' in layer;

/**
 * The receptive field of every layer of `model`, for an input of `inputShape` ([batch, channels, height, width]): in the
 * order in which the layers run, containers left out. A layer after flattening sees what all positions before it see.
 *
 * Knows sliding windows, elementwise layers, sums and concatenations of branches, and flattening; another layer or op is an
 * error that names it.
 */
export function receptiveField(model: Module<unknown>, inputShape: readonly number[]): ReceptiveField[] {
  const op = 'receptiveField';
  if (!Array.isArray(inputShape) || inputShape.length !== 4) invalid(op, 'inputShape', '4 sizes', inputShape);
  const fields = new WeakMap<Tensor, Field>();
  const found: ReceptiveField[] = [];
  let unknown = '';

  const traced = (
    name: string,
    inputs: readonly (Tensor | null)[],
    run: () => Tensor | Tensor[],
  ): Tensor | Tensor[] => {
    const result = run();
    const known = inputs.flatMap((x) => (x !== null && fields.has(x) ? [[x, fields.get(x)] as [Tensor, Field]] : []));
    if (known.length === 0) return result;
    for (const y of Array.isArray(result) ? result : [result]) {
      if (placewise.has(name))
        fields.set(
          y,
          join(
            op,
            known.map(([, field]) => field),
          ),
        );
      else if (y.ndim !== 4)
        fields.set(
          y,
          join(
            op,
            known.map(([x, field]) => whole(field, x.shape)),
          ),
        );
      else unknown = name;
    }
    return result;
  };

  const seen = (name: string, layer: Module<unknown>, inputs: readonly unknown[], output: unknown): void => {
    const type = layer.constructor.name;
    const y = output instanceof Tensor ? output : (output as { values?: unknown } | null)?.values;
    const x = inputs[0];
    if (!(x instanceof Tensor && y instanceof Tensor))
      fail(op, `layer ${show(name)} (${type}) has no tensor in and out`);
    const before = fields.get(x);
    if (!before)
      fail(op, `the input of layer ${show(name)} (${type}) comes from op ${show(unknown)}, for which there is no rule`);
    if (isSliding(layer) && x.ndim === 4 && y.ndim === 4 && !type.includes('Transpose'))
      fields.set(y, slide(before, layer));
    const field = fields.get(y);
    if (!field) fail(op, `layer ${show(name)} (${type}) has no rule`);
    const pick = (key: keyof Span): Pair => [field[0][key], field[1][key]];
    found.push({ name, type, size: pick('size'), stride: pick('stride'), offset: pick('offset') });
  };

  const start = (input: Tensor): void => {
    const pixel: Span = { size: 1, stride: 1, offset: 0 };
    fields.set(input, [pixel, pixel]);
  };
  traceOps(traced, () => visitLayers(op, model, inputShape, seen, start));
  return found;
}

/** The field of a window's result, from that of its input. */
function slide(before: Field, layer: Sliding): Field {
  const both = (value: number | readonly number[]): readonly number[] =>
    typeof value === 'number' ? [value, value] : value;
  const kernel = both(layer.kernelSize);
  const stride = both(layer.stride);
  const dilation = both(layer.dilation ?? 1);
  const sides = resolvePadding('receptiveField', layer.padding, kernel, dilation);
  return before.map((span, axis) => ({
    size: span.size + (kernel[axis] - 1) * dilation[axis] * span.stride,
    stride: span.stride * stride[axis],
    offset: span.offset - sides[axis][0] * span.stride,
  })) as Field;
}

/** All that the positions of a map see together. */
function whole(field: Field, shape: readonly number[]): Field {
  if (shape.length !== 4) return field;
  return field.map(({ size, stride, offset }, axis) => ({
    size: size + (shape[2 + axis] - 1) * stride,
    stride: 0,
    offset,
  })) as Field;
}

/** What branches see together. */
function join(op: string, fields: readonly Field[]): Field {
  return [0, 1].map((axis) => {
    const spans = fields.map((field) => field[axis]);
    const [{ stride }] = spans;
    if (spans.some((span) => span.stride !== stride)) {
      fail(op, `branches with strides ${show(spans.map((span) => span.stride))} are joined`);
    }
    const offset = Math.min(...spans.map((span) => span.offset));
    return { stride, offset, size: Math.max(...spans.map((span) => span.offset + span.size)) - offset };
  }) as Field;
}
