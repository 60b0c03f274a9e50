/** ONNX's messages (onnx.proto) as objects, read from a file's bytes. Names and numbers are the format's. */
import { Cursor } from './wire.ts';

/** Element types of tensors in files. */
export const ElementType = {
  FLOAT: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  STRING: 8,
  BOOL: 9,
  FLOAT16: 10,
  DOUBLE: 11,
  UINT32: 12,
  UINT64: 13,
} as const;

/** Types of attributes. */
export const AttributeType = {
  FLOAT: 1,
  INT: 2,
  STRING: 3,
  TENSOR: 4,
  GRAPH: 5,
  FLOATS: 6,
  INTS: 7,
  STRINGS: 8,
} as const;

/** A tensor as it stands in the file: `raw`, or one of the lists. */
export interface TensorProto {
  name: string;
  dims: number[];
  dataType: number;
  raw: Uint8Array | null;
  floats: number[];
  doubles: number[];
  int32s: number[];
  int64s: bigint[];
  /** Whether the elements lie in another file. */
  isExternal: boolean;
}

/** A setting of a node. */
export interface AttributeProto {
  name: string;
  /** 0 where the file does not say. */
  type: number;
  f: number;
  i: number;
  s: string;
  t: TensorProto | null;
  floats: number[];
  ints: number[];
}

/** One operator of the graph. */
export interface NodeProto {
  name: string;
  op: string;
  domain: string;
  inputs: string[];
  outputs: string[];
  attributes: AttributeProto[];
}

/** Name, element type and shape of an input or output; the shape is null where it is not known. */
export interface ValueProto {
  name: string;
  elementType: number;
  /** A size, the name of one that varies, or null for one that is not known. */
  shape: (number | string | null)[] | null;
}

export interface GraphProto {
  name: string;
  nodes: NodeProto[];
  initializers: TensorProto[];
  /** Whether there are initializers that list only elements other than 0. */
  hasSparse: boolean;
  inputs: ValueProto[];
  outputs: ValueProto[];
}

export interface ModelProto {
  irVersion: number;
  /** Version of the operators, by domain. */
  opsets: { domain: string; version: number }[];
  graph: GraphProto | null;
}

/** Puts what is read into a field of `target`. */
function to<T, K extends keyof T>(target: T, key: K, read: (cursor: Cursor) => T[K]): (cursor: Cursor) => void {
  return (cursor) => {
    target[key] = read(cursor);
  };
}

const int = (c: Cursor): number => c.int();
const float = (c: Cursor): number => c.float();
const text = (c: Cursor): string => c.text();
const blob = (c: Cursor): Uint8Array => c.blob();

function readTensor(cursor: Cursor): TensorProto {
  const t: TensorProto = {
    name: '',
    dims: [],
    dataType: 0,
    raw: null,
    floats: [],
    doubles: [],
    int32s: [],
    int64s: [],
    isExternal: false,
  };
  cursor.read({
    1: ['dims', (c) => c.ints(t.dims)],
    2: ['data_type', to(t, 'dataType', int)],
    4: ['float_data', (c) => c.floats(t.floats)],
    5: ['int32_data', (c) => c.ints(t.int32s)],
    7: ['int64_data', (c) => c.int64s(t.int64s)],
    8: ['name', to(t, 'name', text)],
    9: ['raw_data', to(t, 'raw', blob)],
    10: ['double_data', (c) => c.doubles(t.doubles)],
    14: ['data_location', to(t, 'isExternal', (c) => c.int() === 1)],
  });
  return t;
}

function readAttribute(cursor: Cursor): AttributeProto {
  const a: AttributeProto = { name: '', type: 0, f: 0, i: 0, s: '', t: null, floats: [], ints: [] };
  cursor.read({
    1: ['name', to(a, 'name', text)],
    2: ['f', to(a, 'f', float)],
    3: ['i', to(a, 'i', int)],
    4: ['s', to(a, 's', text)],
    5: ['t', to(a, 't', (c) => readTensor(c.inner()))],
    7: ['floats', (c) => c.floats(a.floats)],
    8: ['ints', (c) => c.ints(a.ints)],
    20: ['type', to(a, 'type', int)],
  });
  return a;
}

function readNode(cursor: Cursor): NodeProto {
  const node: NodeProto = { name: '', op: '', domain: '', inputs: [], outputs: [], attributes: [] };
  cursor.read({
    1: ['input', (c) => node.inputs.push(c.text())],
    2: ['output', (c) => node.outputs.push(c.text())],
    3: ['name', to(node, 'name', text)],
    4: ['op_type', to(node, 'op', text)],
    5: ['attribute', (c) => node.attributes.push(readAttribute(c.inner(node.attributes.length)))],
    7: ['domain', to(node, 'domain', text)],
  });
  return node;
}

function readValue(cursor: Cursor): ValueProto {
  const value: ValueProto = { name: '', elementType: 0, shape: null };
  const readDim = (c: Cursor): number | string | null => {
    const dim: { size: number | string | null } = { size: null };
    c.read({ 1: ['dim_value', to(dim, 'size', int)], 2: ['dim_param', to(dim, 'size', (d) => d.text() || null)] });
    return dim.size;
  };
  const readShape = (c: Cursor): void => {
    const shape: (number | string | null)[] = [];
    value.shape = shape;
    c.read({ 1: ['dim', (d) => shape.push(readDim(d.inner(shape.length)))] });
  };
  const readTensorType = (c: Cursor): void =>
    c.read({
      1: ['elem_type', to(value, 'elementType', int)],
      2: ['shape', (d) => readShape(d.inner())],
    });
  cursor.read({
    1: ['name', to(value, 'name', text)],
    2: ['type', (c) => c.inner().read({ 1: ['tensor_type', (d) => readTensorType(d.inner())] })],
  });
  return value;
}

function readGraph(cursor: Cursor): GraphProto {
  const graph: GraphProto = { name: '', nodes: [], initializers: [], hasSparse: false, inputs: [], outputs: [] };
  cursor.read({
    1: ['node', (c) => graph.nodes.push(readNode(c.inner(graph.nodes.length)))],
    2: ['name', to(graph, 'name', text)],
    5: ['initializer', (c) => graph.initializers.push(readTensor(c.inner(graph.initializers.length)))],
    11: ['input', (c) => graph.inputs.push(readValue(c.inner(graph.inputs.length)))],
    12: ['output', (c) => graph.outputs.push(readValue(c.inner(graph.outputs.length)))],
    15: ['sparse_initializer', to(graph, 'hasSparse', (c) => Boolean(c.blob()))],
  });
  return graph;
}

/** Reads a whole file. */
export function readModel(bytes: Uint8Array): ModelProto {
  const model: ModelProto = { irVersion: 0, opsets: [], graph: null };
  const readOpset = (c: Cursor): void => {
    const opset = { domain: '', version: 0 };
    c.read({ 1: ['domain', to(opset, 'domain', text)], 2: ['version', to(opset, 'version', int)] });
    model.opsets.push(opset);
  };
  new Cursor(bytes, 'ModelProto').read({
    1: ['ir_version', to(model, 'irVersion', int)],
    7: ['graph', to(model, 'graph', (c) => readGraph(c.inner()))],
    8: ['opset_import', (c) => readOpset(c.inner(model.opsets.length))],
  });
  return model;
}
