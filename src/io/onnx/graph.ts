/** A graph while a model is written into it, layer by layer. */
import { fail, show } from '../../errors.ts';
import type { Module } from '../../nn/module.ts';
import { type DType, newArray } from '../../tensor/dtype.ts';
import { sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { type Attribute, type FileNode, type FileTensor, fileInts, fileTensor } from './encode.ts';
import { ElementType } from './proto.ts';

/** Sizes along each axis; null for one that varies with the batch. */
export type Dims = readonly (number | null)[];

/** An attribute as a layer gives it: whole numbers and lists of them are integers, `{float}` is a float. */
export type Setting = number | string | readonly number[] | { readonly float: number };

function attributeOf(value: Setting): Attribute {
  if (typeof value === 'number') return { int: value };
  if (typeof value === 'string') return { text: value };
  return 'float' in value ? value : { ints: value };
}

/** Nodes and weights so far. */
export class GraphBuilder {
  readonly opset: number;
  readonly dtype: DType;
  readonly nodes: FileNode[] = [];
  readonly initializers = new Map<string, FileTensor>();
  private readonly names = new Map<Tensor, string>();
  private readonly taken: Set<string>;

  constructor(opset: number, dtype: DType, taken: readonly string[]) {
    this.opset = opset;
    this.dtype = dtype;
    this.taken = new Set(taken);
  }

  /** The code of the elements' type. */
  get elementType(): number {
    return this.dtype === 'float64' ? ElementType.DOUBLE : ElementType.FLOAT;
  }

  private fresh(stem: string): string {
    for (let i = this.nodes.length; ; i++) {
      const name = `${stem}_${i}`;
      if (this.taken.has(name)) continue;
      this.taken.add(name);
      return name;
    }
  }

  /** Adds a node; the result is the name of its output. An empty name among the inputs is one that is left out. */
  node(path: string, op: string, inputs: readonly string[], settings: Readonly<Record<string, Setting>> = {}): string {
    return this.nodeOf(path, op, inputs, settings, 1)[0];
  }

  /** As `node`, with several outputs. */
  nodeOf(
    path: string,
    op: string,
    inputs: readonly string[],
    settings: Readonly<Record<string, Setting>>,
    count: number,
  ): string[] {
    const attributes = Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, attributeOf(value)]));
    return this.push(path, op, inputs, attributes, count);
  }

  private push(
    path: string,
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    count = 1,
  ): string[] {
    const name = this.fresh(`/${path}${path === '' ? '' : '/'}${op}`);
    const outputs = Array.from({ length: count }, (_, i) => (i === 0 ? name : this.fresh(name)));
    this.nodes.push({ name, op, inputs, outputs, attributes });
    return outputs;
  }

  /** Gives the value called `name` the name of the graph's output. */
  finish(name: string, output: string): void {
    const isMade = this.nodes.some(({ outputs }) => outputs.includes(name));
    const last = isMade ? name : this.node('', 'Identity', [name]);
    const rename = (names: readonly string[]): string[] => names.map((n) => (n === last ? output : n));
    this.nodes.forEach((node, i) => {
      this.nodes[i] = { ...node, inputs: rename(node.inputs), outputs: rename(node.outputs) };
    });
  }

  /** A tensor of the state dict under its key; one that is used twice is written once. */
  weight(key: string, t: Tensor): string {
    const known = this.names.get(t);
    if (known !== undefined) return known;
    if (this.taken.has(key)) fail('exportOnnx', `the name ${show(key)} of a weight is taken by an input or output`);
    this.taken.add(key);
    this.names.set(t, key);
    this.initializers.set(key, fileTensor(t));
    return key;
  }

  private constant(path: string, value: FileTensor): string {
    return this.push(path, 'Constant', [], { value: { tensor: value } })[0];
  }

  /** Integers that are part of the model's structure. */
  ints(path: string, values: readonly number[]): string {
    return this.constant(path, fileInts(values));
  }

  /** Numbers that are part of the model's structure, in the model's precision unless another is asked for. */
  floats(path: string, values: readonly number[], dims: readonly number[] = [], dtype = this.dtype): string {
    const data = newArray(dtype, values.length);
    data.set(values);
    const type = dtype === 'float64' ? ElementType.DOUBLE : ElementType.FLOAT;
    return this.constant(path, { type, dims, raw: new Uint8Array(data.buffer) });
  }
}

/** What the writer of a layer sees. */
export class LayerContext {
  readonly graph: GraphBuilder;
  /** The layer's name in the model. */
  readonly path: string;
  readonly layer: Module<unknown>;
  /** Name of the layer's input. */
  readonly x: string;
  readonly inputDims: Dims;
  readonly outputDims: Dims;

  constructor(graph: GraphBuilder, path: string, layer: Module<unknown>, x: string, inputDims: Dims, outputDims: Dims) {
    this.graph = graph;
    this.path = path;
    this.layer = layer;
    this.x = x;
    this.inputDims = inputDims;
    this.outputDims = outputDims;
  }

  node(op: string, inputs: readonly string[], settings?: Readonly<Record<string, Setting>>): string {
    return this.graph.node(this.path, op, inputs, settings);
  }

  /** A parameter or buffer of the layer, by the key it has in the layer's own state dict. */
  weight(key: string, t: Tensor): string {
    return this.graph.weight(this.path === '' ? key : `${this.path}.${key}`, t);
  }

  ints(values: readonly number[]): string {
    return this.graph.ints(this.path, values);
  }

  /** A number without axes. */
  float(value: number): string {
    return this.graph.floats(this.path, [value]);
  }

  /** The same number everywhere. */
  fill(dims: readonly number[], value: number): string {
    return this.graph.floats(this.path, new Array<number>(sizeOf(dims)).fill(value), dims);
  }

  /** Throws: this layer, with these settings, has no form in ONNX that would give the same results. */
  unsupported(why: string): never {
    const { path, layer } = this;
    fail('exportOnnx', `layer ${show(path)} (${layer.constructor.name}): ${why}`);
  }

  /** Throws unless the operators' version is at least `opset`. */
  needs(opset: number, what: string): void {
    if (this.graph.opset < opset) this.unsupported(`${what} needs opset ${opset}, got ${this.graph.opset}`);
  }

  /** Sizes of the spatial axes of the input, which must have a batch. */
  spatial(axes: number): number[] {
    const { inputDims } = this;
    if (inputDims.length !== axes + 2) {
      this.unsupported(`input expected ${axes + 2} axes, batch and channels first, got ${inputDims.length}`);
    }
    return inputDims.slice(2).map((size) => size ?? this.unsupported('spatial sizes that vary are not supported'));
  }

  /** `x` in another shape, of which at most one size may vary. */
  reshape(x: string, to: Dims): string {
    const open = to.indexOf(null);
    if (to.indexOf(null, open + 1) > open && open >= 0) this.unsupported(`shape ${show(to)} varies along two axes`);
    if (to.includes(0)) this.unsupported('an axis of size 0 is not supported');
    return this.node('Reshape', [x, this.ints(to.map((size) => size ?? -1))]);
  }
}

/** Writes a layer's nodes; the result is the name of its output. */
export type LayerWriter = (c: LayerContext) => string;

/** A class of layers with its writer. */
export type LayerRow = readonly [type: unknown, write: LayerWriter];

/** Types a row: the writer sees a layer of the class. */
export function row<M>(type: new (...args: never[]) => M, write: (layer: M, c: LayerContext) => string): LayerRow {
  return [type, (c) => write(c.layer as M, c)];
}
