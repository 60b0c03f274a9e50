/** ONNX files as modules. */
import { fail, invalid, show } from '../../errors.ts';
import { fromFlat } from '../../ops/create.ts';
import { isFloat } from '../../tensor/dtype.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { OnnxModel, type OnnxValue, type Step } from './model.ts';
import { NodeReader, type OnnxOp } from './node.ts';
import { elementwiseOps } from './nodes-elementwise.ts';
import { otherOps } from './nodes-other.ts';
import { shapeOps } from './nodes-shape.ts';
import { windowOps } from './nodes-window.ts';
import { type GraphProto, type NodeProto, readModel, type TensorProto, type ValueProto } from './proto.ts';
import { dtypeOf, toTensor } from './tensor.ts';

const op = 'importOnnx';
const OLDEST = 7;
const NEWEST = 22;

const ops = new Map<string, OnnxOp>(Object.entries({ ...elementwiseOps, ...windowOps, ...shapeOps, ...otherOps }));

const isOwnDomain = (domain: string): boolean => domain === '' || domain === 'ai.onnx';

/** How nodes use a value that the file gives. */
interface Uses {
  /** Of each use, what the operator takes it for. */
  readonly roles: Set<'setting' | 'statistic' | 'value'>;
  /** Only as ends of slices, where a value beyond int32 means the end of the axis. */
  onlySlices: boolean;
}

function usesOf(nodes: readonly NodeProto[]): Map<string, Uses> {
  const all = new Map<string, Uses>();
  for (const { op: name, inputs } of nodes) {
    const known = ops.get(name);
    inputs.forEach((input, i) => {
      const uses = all.get(input) ?? { roles: new Set(), onlySlices: true };
      all.set(input, uses);
      const isSetting = known?.settings?.includes(i) ?? false;
      uses.roles.add(isSetting ? 'setting' : known?.statistics?.includes(i) ? 'statistic' : 'value');
      uses.onlySlices &&= name === 'Slice' && (i === 1 || i === 2);
    });
  }
  return all;
}

/** Tensors of the file, by what they are to the module. */
interface Weights {
  readonly parameters: Map<string, Tensor>;
  readonly buffers: Map<string, Tensor>;
  readonly constants: Map<string, Tensor>;
}

function readWeights(graph: GraphProto, uses: ReadonlyMap<string, Uses>): Weights {
  const weights: Weights = { parameters: new Map(), buffers: new Map(), constants: new Map() };
  const seen = new Set<string>();
  for (const proto of graph.initializers) {
    const { name } = proto;
    if (name === '' || seen.has(name)) fail(op, `initializer ${show(name)} expected a name of its own`);
    seen.add(name);
    const use = uses.get(name);
    const t = toTensor(proto, `initializer ${show(name)}`, use?.onlySlices);
    const isLearned = isFloat(t.dtype) && use !== undefined;
    if (isLearned && use.roles.has('statistic')) weights.buffers.set(name, t);
    else if (isLearned && use.roles.has('value')) weights.parameters.set(name, t);
    else weights.constants.set(name, t);
  }
  return weights;
}

/** The value of a Constant node. */
function constantOf(node: NodeReader, saturates: boolean): Tensor {
  const given = node.proto.attributes.map(({ name }) => name);
  if (given.length !== 1) node.wrong(`expected one attribute, got ${show(given)}`);
  const [name] = given;
  if (name === 'value') {
    const proto: TensorProto = node.tensor('value') ?? node.wrong('attribute value is empty');
    return toTensor(proto, `${node.label}: attribute value`, saturates);
  }
  if (name === 'value_float') return fromFlat([node.float(name, 0)], [], 'float32').keep();
  if (name === 'value_floats') return listTensor(node.floats(name) ?? [], 'float32');
  const ints = name === 'value_int' ? [node.int(name, 0)] : name === 'value_ints' ? node.ints(name) : null;
  if (ints === null) return node.wrong(`attribute ${name} is not supported`);
  const wide = ints.find((v) => Math.abs(v) >= 2 ** 31);
  if (wide !== undefined) node.wrong(`attribute ${name} expected 32-bit integers, got ${wide}`);
  return name === 'value_int' ? fromFlat(ints, [], 'int32').keep() : listTensor(ints, 'int32');
}

function listTensor(values: readonly number[], dtype: 'float32' | 'int32'): Tensor {
  return fromFlat(values, [values.length], dtype).keep();
}

/** Checks a node's inputs and outputs, and makes it ready. */
function prepare(node: NodeReader, known: ReadonlySet<string>): Step {
  const { op: name, inputs, outputs } = node.proto;
  const {
    inputs: [least, most],
    outputs: mostOutputs = 1,
    prepare: make,
  } = ops.get(name) as OnnxOp;
  if (inputs.length < least || inputs.length > most || inputs.slice(0, least).includes('')) {
    node.wrong(`inputs expected ${least === most ? least : `${least} to ${most}`}, got ${show(inputs)}`);
  }
  for (const input of inputs)
    if (input !== '' && !known.has(input)) node.wrong(`input ${show(input)} is not known here`);
  const isMany = most === Infinity && inputs.includes('');
  if (isMany) node.wrong(`inputs expected names, got ${show(inputs)}`);
  if (outputs.length === 0 || outputs.slice(mostOutputs).some((output) => output !== '')) {
    node.wrong(`outputs expected 1${mostOutputs === 1 ? '' : ' or more'}, got ${show(outputs)}`);
  }
  const run = make(node);
  node.finish();
  return { label: node.label, run, inputs, outputs: outputs.slice(0, mostOutputs), done: [] };
}

/** All nodes that no operator here stands for, in one error. */
function refuseUnknown(nodes: readonly NodeProto[]): void {
  const unknown = nodes.filter(
    ({ op: name, domain }) => !isOwnDomain(domain) || (name !== 'Constant' && !ops.has(name)),
  );
  if (unknown.length === 0) return;
  const text = ({ op: name, domain }: NodeProto): string => (isOwnDomain(domain) ? name : `${domain}.${name}`);
  const names = [...new Set(unknown.map(text))];
  const first = unknown[0].name || unknown[0].outputs[0];
  fail(
    op,
    `operators ${names.join(', ')} are not supported; the first is node ${show(first ?? '')} (${text(unknown[0])})`,
  );
}

/** Tells each step which values it reads last. */
function withLastUses(steps: readonly Step[], outputs: readonly OnnxValue[], kept: ReadonlySet<string>): Step[] {
  const later = new Set([...outputs.map(({ name }) => name), ...kept]);
  const result: Step[] = [];
  for (const step of [...steps].reverse()) {
    const names = [...step.inputs, ...step.outputs].filter((name) => name !== '');
    const done = [...new Set(names)].filter((name) => !later.has(name));
    for (const name of names) later.add(name);
    result.push({ ...step, done });
  }
  return result.reverse();
}

function checkedValue(kind: string, { name, elementType, shape }: ValueProto): OnnxValue {
  const what = `${kind} ${show(name)}`;
  if (name === '') fail(op, `${what} expected a name`);
  const wrong = shape?.find((size) => typeof size === 'number' && (!Number.isSafeInteger(size) || size < 0));
  if (wrong !== undefined) fail(op, `${what}: shape expected sizes >= 0, got ${show(shape)}`);
  return { name, dtype: dtypeOf(elementType, what), shape };
}

function opsetOf(opsets: readonly { domain: string; version: number }[]): number {
  const version = opsets.find(({ domain }) => isOwnDomain(domain))?.version;
  if (version === undefined) return fail(op, 'the file names no opset of the operators');
  if (version < OLDEST || version > NEWEST) fail(op, `opset expected ${OLDEST} to ${NEWEST}, got ${version}`);
  return version;
}

/**
 * The model in the bytes of an ONNX file, as a module: `model.run({input: x})` gives the outputs by name, and the float
 * weights are parameters that can be trained further. int64 becomes int32. A damaged file is an error that says where; so
 * are operators, attributes and element types that are not supported, by node.
 */
export function importOnnx(bytes: Uint8Array): OnnxModel {
  if (Object.prototype.toString.call(bytes) !== '[object Uint8Array]') invalid(op, 'bytes', 'a Uint8Array', bytes);
  const { graph, opsets } = readModel(bytes);
  if (graph === null) return fail(op, 'the file has no graph');
  const opset = opsetOf(opsets);
  if (graph.hasSparse) fail(op, 'sparse initializers are not supported');
  refuseUnknown(graph.nodes);

  const uses = usesOf(graph.nodes);
  const weights = readWeights(graph, uses);
  const given = new Set([...weights.parameters.keys(), ...weights.buffers.keys(), ...weights.constants.keys()]);
  // older files list weights among the inputs
  const inputs = graph.inputs.filter(({ name }) => !given.has(name)).map((value) => checkedValue('input', value));
  const known = new Set([...given, ...inputs.map(({ name }) => name)]);
  if (known.size !== given.size + inputs.length) fail(op, 'inputs expected names of their own');

  const steps: Step[] = [];
  for (const proto of graph.nodes) {
    const node = new NodeReader(proto, opset);
    const made = proto.outputs.filter((name) => name !== '');
    for (const [i, name] of made.entries()) {
      if (known.has(name) || made.indexOf(name) < i) node.wrong(`output ${show(name)} is taken`);
    }
    if (proto.op === 'Constant') {
      const [name] = proto.outputs;
      if (proto.inputs.length > 0 || proto.outputs.length !== 1 || made.length !== 1)
        node.wrong('expected no input and one output');
      weights.constants.set(name, constantOf(node, uses.get(name)?.onlySlices ?? false));
      given.add(name);
    } else steps.push(prepare(node, known));
    for (const name of made) known.add(name);
  }
  const outputs = graph.outputs.map((value) => checkedValue('output', value));
  if (outputs.length === 0) fail(op, 'the graph has no output');
  for (const { name } of outputs) if (!known.has(name)) fail(op, `output ${show(name)} is made by no node`);
  return new OnnxModel({ opset, inputs, outputs, steps: withLastUses(steps, outputs, given), ...weights });
}
