/** ONNX's messages as bytes: the writing side of proto.ts. */
import type { Tensor } from '../../tensor/tensor.ts';
import { AttributeType, ElementType } from './proto.ts';
import { Message } from './wire.ts';

/** A tensor for a file: element type, shape, and the bytes of the elements. */
export interface FileTensor {
  readonly type: number;
  readonly dims: readonly number[];
  readonly raw: Uint8Array;
}

/** An attribute's value: which kind it is decides the attribute's type. */
export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly text: string }
  | { readonly ints: readonly number[] }
  | { readonly tensor: FileTensor };

/** A node, ready to be written. */
export interface FileNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** An input or output: a word in the shape stands for a size that varies, null for one (or a shape) that is left open. */
export interface FileValue {
  readonly name: string;
  readonly type: number;
  readonly shape: readonly (number | string | null)[] | null;
}

/** A whole graph. */
export interface FileGraph {
  readonly name: string;
  readonly nodes: readonly FileNode[];
  readonly initializers: ReadonlyMap<string, FileTensor>;
  readonly inputs: readonly FileValue[];
  readonly outputs: readonly FileValue[];
}

/** A float tensor for a file, contiguous. */
export function fileTensor(t: Tensor): FileTensor {
  const { data, offset, size, shape, dtype } = t.detach().contiguous();
  const bytes = data.BYTES_PER_ELEMENT;
  const raw = new Uint8Array(data.buffer, data.byteOffset + offset * bytes, size * bytes);
  return { type: dtype === 'float64' ? ElementType.DOUBLE : ElementType.FLOAT, dims: shape, raw };
}

/** Integers of 64 bits in one axis. */
export function fileInts(values: readonly number[]): FileTensor {
  const raw = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  return { type: ElementType.INT64, dims: [values.length], raw };
}

function tensorMessage({ type, dims, raw }: FileTensor, name = ''): Message {
  const message = new Message();
  for (const d of dims) message.int(1, d);
  message.int(2, type);
  if (name !== '') message.text(8, name);
  return message.blob(9, raw);
}

function attributeMessage(name: string, value: Attribute): Message {
  const message = new Message().text(1, name);
  if ('int' in value) return message.int(3, value.int).int(20, AttributeType.INT);
  if ('float' in value) return message.float(2, value.float).int(20, AttributeType.FLOAT);
  if ('text' in value) return message.text(4, value.text).int(20, AttributeType.STRING);
  if ('tensor' in value) return message.inner(5, tensorMessage(value.tensor)).int(20, AttributeType.TENSOR);
  for (const v of value.ints) message.int(8, v);
  return message.int(20, AttributeType.INTS);
}

function nodeMessage({ name, op, inputs, outputs, attributes }: FileNode): Message {
  const message = new Message();
  for (const input of inputs) message.text(1, input);
  for (const output of outputs) message.text(2, output);
  message.text(3, name).text(4, op);
  for (const [key, value] of Object.entries(attributes)) message.inner(5, attributeMessage(key, value));
  return message;
}

function valueMessage({ name, type, shape }: FileValue): Message {
  const tensorType = new Message().int(1, type);
  const shapeMessage = new Message();
  for (const size of shape ?? []) {
    const dim = new Message();
    if (typeof size === 'number') dim.int(1, size);
    else if (size !== null) dim.text(2, size);
    shapeMessage.inner(1, dim);
  }
  if (shape !== null) tensorType.inner(2, shapeMessage);
  return new Message().text(1, name).inner(2, new Message().inner(1, tensorType));
}

/** The first version of the file format that has an opset. */
function irVersion(opset: number): number {
  if (opset < 15) return 7;
  if (opset < 19) return 8;
  return opset < 21 ? 9 : 10;
}

/** The bytes of a file with one graph in the operators' own domain. */
export function encodeModel(graph: FileGraph, opset: number): Uint8Array {
  const message = new Message();
  for (const node of graph.nodes) message.inner(1, nodeMessage(node));
  message.text(2, graph.name);
  for (const [name, tensor] of graph.initializers) message.inner(5, tensorMessage(tensor, name));
  for (const value of graph.inputs) message.inner(11, valueMessage(value));
  for (const value of graph.outputs) message.inner(12, valueMessage(value));
  return new Message()
    .int(1, irVersion(opset))
    .text(2, 'gemmule')
    .inner(7, message)
    .inner(8, new Message().text(1, '').int(2, opset))
    .bytes();
}
