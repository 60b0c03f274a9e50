/** Models as ONNX files. */
import { noGrad } from '../../autograd/mode.ts';
import { fail, invalid, show } from '../../errors.ts';
import { Sequential } from '../../nn/container.ts';
import { Module } from '../../nn/module.ts';
import { fromFlat } from '../../ops/create.ts';
import { boolean, integer, options } from '../../options.ts';
import { type DType, isFloat } from '../../tensor/dtype.ts';
import { scope } from '../../tensor/scope.ts';
import { checkShape, sameShape, sizeOf } from '../../tensor/shape.ts';
import { Tensor } from '../../tensor/tensor.ts';
import { encodeModel } from './encode.ts';
import { type Dims, GraphBuilder, LayerContext, type LayerWriter } from './graph.ts';
import { activationLayers } from './layers-activation.ts';
import { otherLayers } from './layers-other.ts';
import { windowLayers } from './layers-window.ts';

const op = 'exportOnnx';
const OLDEST = 13;
const NEWEST = 21;
const BATCH = 'batch';

const writers = new Map<unknown, LayerWriter>([...windowLayers, ...activationLayers, ...otherLayers]);

/** Options of `exportOnnx`. */
export interface ExportOnnxOptions {
  /** Version of ONNX's operators, 13 to 21. Default 17. */
  opset?: number;
  /** Name of the input. Default 'input'. */
  inputName?: string;
  /** Name of the output. Default 'output'. */
  outputName?: string;
  /** Whether the file takes batches of any size: the first entry of the input's shape may vary. Default false. */
  dynamicBatch?: boolean;
}

/** The class among the known ones whose `forward` a layer runs, as `of` finds it; null where there is none. */
function runs<T>(module: Module<unknown>, of: (type: unknown) => T | undefined): T | null {
  const { forward } = Object.getPrototypeOf(module) as Module<unknown>;
  for (let type = Object.getPrototypeOf(module); type !== null; type = Object.getPrototypeOf(type)) {
    const found = of(type.constructor);
    if (found !== undefined) return type.forward === forward ? found : null;
  }
  return null;
}

/** The same numbers each time, none of them 0. */
function sample(shape: readonly number[], dtype: DType): Tensor {
  return fromFlat(
    Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i + 1)),
    shape,
    dtype,
  );
}

/** Whether shape and elements are the same, NaN included. */
function sameElements(a: Tensor, b: Tensor): boolean {
  const [x, y] = [a.toTypedArray(), b.toTypedArray()];
  return sameShape(a.shape, b.shape) && x.every((value, i) => Object.is(value, y[i]));
}

/** Where two runs that differ in the batch alone agree. */
function dimsOf([first, second]: readonly Tensor[]): Dims {
  return first.shape.map((size, i) => (second === undefined || second.shape[i] === size ? size : null));
}

/** A value on its way: its name, and what it is in one run, or in two with different batches. */
interface Flow {
  readonly name: string;
  readonly values: readonly Tensor[];
}

/** Writes `module` and what is inside it. */
function write(graph: GraphBuilder, path: string, module: Module<unknown>, input: Flow): Flow {
  const where = `layer ${show(path)} (${module.constructor.name})`;
  const result = runs(module, (type) => (type === Sequential ? true : undefined))
    ? module
        .namedChildren()
        .reduce((flow, [name, child]) => write(graph, path === '' ? name : `${path}.${name}`, child, flow), input)
    : writeLayer(graph, path, module, input, where);
  if (Object.hasOwn(module, 'forward')) {
    const seen = module.forward(input.values[0]);
    if (!(seen instanceof Tensor && sameElements(seen, result.values[0]))) {
      fail(op, `${where}: hooks, or a forward of its own, change its result; they cannot be part of a file`);
    }
  }
  return result;
}

function writeLayer(graph: GraphBuilder, path: string, layer: Module<unknown>, input: Flow, where: string): Flow {
  const writer = runs(layer, (type) => writers.get(type));
  if (writer === null) fail(op, `${where}: no form in ONNX is known for it; Sequential and layers of nn are exported`);
  const forward = (Object.getPrototypeOf(layer) as Module<unknown>).forward;
  const values = input.values.map((x) => forward.call(layer, x) as Tensor);
  if (!(values[0] instanceof Tensor)) fail(op, `${where}: expected one Tensor as its result`);
  const context = new LayerContext(graph, path, layer, input.name, dimsOf(input.values), dimsOf(values));
  return { name: writer(context), values };
}

/** Runs `fn` with the model in evaluation mode. */
function evaluating<T>(model: Module<unknown>, fn: () => T): T {
  const modes = model.modules().map((module) => [module, module.training] as const);
  try {
    model.eval();
    return noGrad(() => scope(fn));
  } finally {
    for (const [module, training] of modes) module.training = training;
  }
}

/**
 * A model in evaluation mode as the bytes of an ONNX file: `Sequential`s of the library's layers, nested and named ones too.
 * Weights keep their state-dict keys. The model runs once on an input of `inputShape`, batch first, so one that does not fit
 * is an error; so is a layer that has no form in ONNX, by its path and class. The model stays as it is.
 */
export function exportOnnx(
  model: Module<unknown>,
  inputShape: readonly number[],
  opts?: ExportOnnxOptions,
): Uint8Array {
  const names = ['opset', 'inputName', 'outputName', 'dynamicBatch'] as const;
  const { opset = 17, inputName = 'input', outputName = 'output', dynamicBatch = false } = options(op, opts, names);
  if (!(model instanceof Module)) invalid(op, 'model', 'a Module', model);
  const shape = checkShape(op, 'inputShape', inputShape);
  if (sizeOf(shape) === 0) invalid(op, 'inputShape', 'sizes >= 1', inputShape);
  if (integer(op, 'opset', opset, OLDEST) > NEWEST)
    invalid(op, 'opset', `an integer from ${OLDEST} to ${NEWEST}`, opset);
  for (const [key, name] of Object.entries({ inputName, outputName })) {
    if (typeof name !== 'string' || name === '') invalid(op, key, 'a name', name);
  }
  if (inputName === outputName) fail(op, `outputName expected another name than the input's, got ${show(outputName)}`);
  if (boolean(op, 'dynamicBatch', dynamicBatch) && shape.length === 0) {
    fail(op, 'dynamicBatch expected an inputShape with at least 1 axis, got []');
  }

  const dtype = model.parameters().find((p) => isFloat(p.dtype))?.dtype ?? 'float32';
  const graph = new GraphBuilder(opset, dtype, [inputName, outputName]);
  const shapes = dynamicBatch ? [shape, [shape[0] + 1, ...shape.slice(1)]] : [shape];
  return evaluating(model, () => {
    const input: Flow = { name: inputName, values: shapes.map((s) => sample(s, dtype)) };
    const output = write(graph, '', model, input);
    graph.finish(output.name, outputName);
    const value = (name: string, { values }: Flow) => {
      const isBatch = values.every((t, i) => t.shape[0] === shapes[i][0]);
      const sizes = dimsOf(values).map((size, i) => size ?? (i === 0 && isBatch ? BATCH : null));
      return { name, type: graph.elementType, shape: sizes };
    };
    const { nodes, initializers } = graph;
    const [inputs, outputs] = [[value(inputName, input)], [value(outputName, output)]];
    return encodeModel({ name: model.constructor.name, nodes, initializers, inputs, outputs }, opset);
  });
}
