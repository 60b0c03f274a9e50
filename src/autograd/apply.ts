/** The one dispatch point: every tensor computation passes here. */
import { fail } from '../errors.ts';
import type { Op } from '../ops/define.ts';
import { isFloat } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Node } from './graph.ts';
import { viewHistory } from './inplace.ts';
import { mode } from './mode.ts';

/** @inline Called around each op while set; see `traceOps`. */
type Tracer = (op: string, inputs: readonly (Tensor | null)[], run: () => Tensor | Tensor[]) => Tensor | Tensor[];
let tracer: Tracer | null = null;

/** Runs `fn` with every op call passed through `observer`: for profiling and tracing. */
export function traceOps<T>(observer: Tracer, fn: () => T): T {
  const before = tracer;
  tracer = observer;
  try {
    return fn();
  } finally {
    tracer = before;
  }
}

/** Whether somebody watches the ops: then tensors that pass are not taken back. */
export function isTraced(): boolean {
  return tracer !== null;
}

function wantsGradient(inputs: readonly (Tensor | null)[]): boolean {
  for (let i = 0; i < inputs.length; i++) {
    const t = inputs[i];
    if (t?.requiresGrad) return true;
  }
  return false;
}

/** Adds to `leaf.grad`. */
const accumulateOp: Op<Tensor> = {
  name: 'accumulateGrad',
  run: () => fail('accumulateGrad', 'not an op to call'),
};

/** The node that the gradient of `t` goes to. */
export function gradientEdge(t: Tensor): Node {
  const made = viewHistory(t);
  if (made !== null) return made;
  t.accumulator ??= new Node(accumulateOp as Op<unknown>, t, [], [], [], [], [t.shape], [t.dtype], null);
  return t.accumulator;
}

/** The leaf that a node accumulates into, or null for a node of an op. */
export function leafOf(node: Node): Tensor | null {
  return node.op === (accumulateOp as Op<unknown>) ? (node.attrs as Tensor) : null;
}

function record<A>(op: Op<A>, inputs: readonly (Tensor | null)[], attrs: A, outputs: readonly Tensor[]): void {
  const count = inputs.length;
  const next = new Array<Node | null>(count);
  const nextIndex = new Array<number>(count);
  const shapes = new Array<readonly number[]>(count);
  const dtypes = new Array<Tensor['dtype'] | null>(count);
  for (let i = 0; i < count; i++) {
    const t = inputs[i];
    if (t === null) {
      next[i] = null;
      nextIndex[i] = 0;
      shapes[i] = [];
      dtypes[i] = null;
    } else {
      next[i] = t.requiresGrad ? gradientEdge(t) : null;
      nextIndex[i] = t.outputIndex;
      shapes[i] = t.shape;
      dtypes[i] = t.dtype;
    }
  }
  const node = new Node(
    op as Op<unknown>,
    attrs,
    next,
    nextIndex,
    shapes,
    dtypes,
    outputs.map((t) => t.shape),
    outputs.map((t) => t.dtype),
    mode.anomaly ? (new Error().stack ?? '') : null,
  );
  for (let i = 0; i < outputs.length; i++) {
    const out = outputs[i];
    if (!isFloat(out.dtype)) continue;
    out.node = node;
    out.outputIndex = i;
  }
  const saves = typeof op.saves === 'function' ? op.saves(attrs) : op.saves;
  const saved: (Tensor | null)[] = saves === 'inputs' || saves === 'both' ? inputs.slice() : inputs.map(() => null);
  if (saves === 'outputs' || saves === 'both') for (const out of outputs) saved.push(out);
  node.save(saved);
}

/**
 * Runs `op` on `inputs` (null for an optional one that is absent) and, where a gradient is wanted, records it.
 * Ops with several results return a list.
 */
export function applyAll<A>(op: Op<A>, inputs: readonly (Tensor | null)[], attrs: A): Tensor[] {
  const result = runOp(op, inputs, attrs);
  return Array.isArray(result) ? result : [result];
}

/** `applyAll` for an op with one result, or of which only the first is wanted. */
export function apply<A>(op: Op<A>, inputs: readonly (Tensor | null)[], attrs: A): Tensor {
  const result = runOp(op, inputs, attrs);
  return Array.isArray(result) ? result[0] : result;
}

function runOp<A>(op: Op<A>, inputs: readonly (Tensor | null)[], attrs: A): Tensor | Tensor[] {
  for (let i = 0; i < inputs.length; i++) {
    const t = inputs[i];
    if (t !== null && !t.storage.alive) {
      fail(op.name, `input ${i}, of shape [${t.shape.join(', ')}], was made in a scope that has ended`);
    }
  }
  const recording = mode.gradEnabled && op.grad !== undefined && wantsGradient(inputs);
  // kernels of a custom function run inside `run`: they are not to be recorded twice
  const before = mode.gradEnabled;
  mode.gradEnabled = false;
  let result: Tensor | Tensor[];
  try {
    result =
      tracer === null
        ? op.run(inputs as readonly Tensor[], attrs)
        : tracer(op.name, inputs, () => op.run(inputs as readonly Tensor[], attrs));
  } finally {
    mode.gradEnabled = before;
  }
  if (op.isView === true && before) {
    const view = result as Tensor;
    const source = inputs[0] as Tensor;
    view.viewOf = source.viewOf ?? source;
    view.viewRebases = view.viewOf.rebases;
  }
  if (recording) record(op, inputs, attrs, Array.isArray(result) ? result : [result]);
  return result;
}
