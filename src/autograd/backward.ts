/** The walk backward through the recorded graph. */
import { fail, show } from '../errors.ts';
import { ones } from '../ops/create.ts';
import type { MaybeTensor } from '../ops/define.ts';
import { add } from '../ops/elementwise.ts';
import { sumTo } from '../ops/reduce.ts';
import { boolean, options } from '../options.ts';
import type { DType } from '../tensor/dtype.ts';
import { sameShape } from '../tensor/shape.ts';
import { releaseIfPassed, runScope, type Storage, storagesMade } from '../tensor/storage.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import { gradientEdge, isTraced, leafOf } from './apply.ts';
import type { Node, TensorHook } from './graph.ts';
import { enableGrad, mode, noGrad } from './mode.ts';

/** Options of `backward`. */
export interface BackwardOptions {
  /** Keep what was saved, so that backward can run again. Default: the value of createGraph. */
  retainGraph?: boolean;
  /** Record the backward pass itself, for gradients of gradients. Default false. */
  createGraph?: boolean;
}

/** Gradients that have arrived at the outputs of a node. */
type Arrived = (Tensor | null)[];

/** How many recorded edges lead to each node from the roots; only nodes that a gradient can reach. */
function countEdges(roots: readonly Node[]): Map<Node, number> {
  const counts = new Map<Node, number>();
  const stack: Node[] = [];
  for (const root of roots) {
    if (!counts.has(root)) {
      counts.set(root, 0);
      stack.push(root);
    }
  }
  while (stack.length > 0) {
    const node = stack.pop() as Node;
    for (const next of node.next) {
      if (next === null) continue;
      const seen = counts.get(next);
      counts.set(next, (seen ?? 0) + 1);
      if (seen === undefined) stack.push(next);
    }
  }
  return counts;
}

/** A cotangent given by the caller, checked against its tensor. */
function cotangent(op: string, t: Tensor, given: Tensor | null | undefined): Tensor {
  if (given === undefined || given === null) {
    if (t.size !== 1)
      fail(op, `gradient expected for a tensor of shape ${show(t.shape)}; only one element has the default 1`);
    return ones(t.shape, { dtype: t.dtype });
  }
  checkTensor(op, 'gradient', given);
  if (!sameShape(given.shape, t.shape)) fail(op, `gradient expected shape ${show(t.shape)}, got ${show(given.shape)}`);
  return given.to(t.dtype);
}

function runHooks(hooks: readonly TensorHook[], grad: Tensor, name: string): Tensor {
  let current = grad;
  for (const hook of hooks.slice()) {
    const replaced = hook(current);
    if (replaced === undefined) continue;
    checkTensor('registerHook', 'result of the hook', replaced);
    if (!sameShape(replaced.shape, grad.shape)) {
      fail(
        'registerHook',
        `hook on the output of '${name}' expected to return shape ${show(grad.shape)}, got ${show(replaced.shape)}`,
      );
    }
    current = replaced;
  }
  return current;
}

function accumulate(leaf: Tensor, grad: Tensor): void {
  if (leaf.hooks !== null) grad.storage.passing = false;
  const value = leaf.hooks === null ? grad : runHooks(leaf.hooks, grad, 'leaf');
  const sum = leaf.grad === null ? own(value) : add(leaf.grad, value);
  sum.storage.gradientOf = leaf;
  leaf.grad = sum;
}

/** Storages younger than this were made by the walk under way; older ones belong to somebody. */
let walkBegan = 0;

/** A gradient that the leaf may keep: with its own, whole storage. */
function own(grad: Tensor): Tensor {
  if (mode.gradEnabled) return grad;
  const { serial, gradientOf } = grad.storage;
  const isOurs = serial > walkBegan && gradientOf === null && grad.isContiguous && grad.offset === 0;
  return isOurs ? grad.detach() : grad.clone();
}

function checkNaN(node: Node, gradients: readonly (Tensor | null | undefined)[]): void {
  gradients.forEach((g, i) => {
    if (g && g.isnan().any().item() === 1) {
      fail(
        'backward',
        `'${node.name}' gave NaN as the gradient of its input ${i}. It was called here:\n${node.trace ?? '(recorded outside detectAnomaly)'}`,
      );
    }
  });
}

/** A rule's gradient in the shape and dtype of the input it is for. */
function fit(node: Node, i: number, grad: Tensor): Tensor {
  const shape = node.inputShapes[i];
  const fitted = sameShape(grad.shape, shape) ? grad : sumTo(grad, shape);
  return fitted.to(node.inputDTypes[i] as DType);
}

interface Walk {
  readonly roots: readonly Tensor[];
  readonly cotangents: readonly Tensor[];
  readonly retain: boolean;
  /** Called with what arrives at a node; true where the caller keeps it. */
  readonly capture: ((node: Node, arrived: Arrived) => boolean) | null;
  /** Whether leaves accumulate. */
  readonly toLeaves: boolean;
}

/** Whether the gradients of this walk go back to the pool once they are used: not where they are recorded or observed. */
const recycles = (): boolean => !mode.gradEnabled && !isTraced();

/** A gradient waits at a node, so its storage is held. */
function hold(grad: Tensor): Tensor {
  grad.storage.holders++;
  return grad;
}

function letGo(grad: Tensor | null | undefined): void {
  if (!grad) return;
  grad.storage.holders--;
  releaseIfPassed(grad.storage);
}

function walk({ roots, cotangents, retain, capture, toLeaves }: Walk): void {
  const nodes = roots.map((t) => gradientEdge(t));
  const waiting = countEdges(nodes);
  const arrived = new Map<Node, Arrived>();
  const deliver = (node: Node, index: number, grad: Tensor): void => {
    let slots = arrived.get(node);
    if (slots === undefined) {
      slots = new Array<Tensor | null>(node.outputShapes.length).fill(null);
      arrived.set(node, slots);
    }
    const before = slots[index];
    if (before === null) {
      slots[index] = hold(grad);
      return;
    }
    const sum = add(before, grad);
    sum.storage.passing = recycles();
    slots[index] = hold(sum);
    letGo(before);
    letGo(hold(grad));
  };
  nodes.forEach((node, i) => {
    deliver(node, roots[i].outputIndex, cotangents[i]);
  });
  const ready = [...new Set(nodes)].filter((node) => waiting.get(node) === 0);
  while (ready.length > 0) {
    // the youngest first, so that the order never depends on how the graph was walked
    let best = 0;
    for (let i = 1; i < ready.length; i++) if (ready[i].order > ready[best].order) best = i;
    const node = ready[best];
    ready[best] = ready[ready.length - 1];
    ready.pop();
    const slots = arrived.get(node);
    arrived.delete(node);
    const gradients = slots === undefined ? null : step(node, slots, retain, capture, toLeaves);
    for (let i = 0; i < node.next.length; i++) {
      const next = node.next[i];
      if (next === null) continue;
      const grad = gradients?.[i];
      if (grad) deliver(next, node.nextIndex[i], grad);
      const left = (waiting.get(next) as number) - 1;
      waiting.set(next, left);
      if (left === 0) ready.push(next);
    }
    if (slots !== undefined) for (const grad of slots) letGo(grad);
  }
}

/** The gradients of a node's inputs, each in the shape and dtype of its input. */
function differentiate(node: Node, slots: Arrived): MaybeTensor[] {
  const rule = node.op.grad as NonNullable<typeof node.op.grad>;
  const gradients = rule(node, ...(slots as Tensor[]));
  if (mode.anomaly) checkNaN(node, gradients);
  return gradients.map((grad, i) => (grad && node.next[i] !== null ? fit(node, i, grad) : null));
}

function storagesOf(gradients: readonly MaybeTensor[]): Storage[] {
  const found: Storage[] = [];
  for (const grad of gradients) if (grad) found.push(grad.storage);
  return found;
}

/** Runs one node on what has arrived; the gradients of its inputs. */
function step(
  node: Node,
  slots: Arrived,
  retain: boolean,
  capture: Walk['capture'],
  toLeaves: boolean,
): readonly MaybeTensor[] | null {
  let isSeen = node.op.isUserCode === true;
  if (node.hooks !== null) {
    isSeen = true;
    node.hooks.forEach((hooks, i) => {
      const grad = slots[i];
      if (hooks !== undefined && grad) slots[i] = hold(runHooks(hooks, grad, node.name));
    });
  }
  if (capture?.(node, slots)) isSeen = true;
  // what the user has seen may be kept
  if (isSeen) for (const grad of slots) if (grad) grad.storage.passing = false;
  const leaf = leafOf(node);
  if (leaf !== null) {
    if (toLeaves && slots[0] !== null) accumulate(leaf, slots[0]);
    return null;
  }
  if (node.isConsumed) node.input(0);
  let gradients: MaybeTensor[];
  if (recycles() && !isSeen) {
    // what the rule made on its way goes back at once, its results once they are used
    const before = storagesMade();
    gradients = runScope(() => differentiate(node, slots), storagesOf);
    for (const grad of gradients) if (grad && grad.storage.serial > before) grad.storage.passing = true;
  } else {
    gradients = differentiate(node, slots);
  }
  if (!retain) node.consume();
  return gradients;
}

function settings(op: string, opts: BackwardOptions | undefined): { retain: boolean; create: boolean } {
  const { createGraph = false, retainGraph = createGraph } = options(op, opts, ['retainGraph', 'createGraph']);
  return { retain: boolean(op, 'retainGraph', retainGraph), create: boolean(op, 'createGraph', createGraph) };
}

/** `t.backward(gradient, options)`. */
export function backward(t: Tensor, gradient?: Tensor | null, opts?: BackwardOptions): void {
  const { retain, create } = settings('backward', opts);
  if (!t.requiresGrad) fail('backward', `the tensor of shape ${show(t.shape)} does not require gradients`);
  const seed = cotangent('backward', t, gradient);
  const before = walkBegan;
  walkBegan = storagesMade();
  try {
    (create ? enableGrad : noGrad)(() =>
      walk({ roots: [t], cotangents: [seed], retain, capture: null, toLeaves: true }),
    );
  } finally {
    walkBegan = before;
  }
}

/** Options of `autograd.grad`. */
export interface GradOptions extends BackwardOptions {
  /** An input that the outputs do not depend on gives null instead of an error. Default false. */
  allowUnused?: boolean;
}

/**
 * Gradients of `outputs` with regard to `inputs`, returned instead of accumulated; `torch.autograd.grad`.
 * `gradOutputs` are the cotangents, null or absent ones 1.
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  gradOutputs?: Tensor | null | readonly (Tensor | null)[],
  opts?: GradOptions,
): (Tensor | null)[] {
  const { allowUnused = false, ...rest } = options('grad', opts, ['retainGraph', 'createGraph', 'allowUnused']);
  const { retain, create } = settings('grad', rest);
  const roots = (Array.isArray(outputs) ? outputs : [outputs]) as readonly Tensor[];
  const targets = (Array.isArray(inputs) ? inputs : [inputs]) as readonly Tensor[];
  const seeds = gradOutputs === undefined || gradOutputs === null ? [] : [gradOutputs].flat();
  for (const t of [...roots, ...targets]) {
    if (!checkTensor('grad', 'outputs and inputs', t).requiresGrad) {
      fail('grad', `a tensor of shape ${show(t.shape)} does not require gradients`);
    }
  }
  const wanted = new Map<Node, number[]>();
  targets.forEach((t, i) => {
    const node = gradientEdge(t);
    wanted.set(node, [...(wanted.get(node) ?? []), i]);
  });
  const result = new Array<Tensor | null>(targets.length).fill(null);
  const capture = (node: Node, arrived: Arrived): boolean => {
    const list = wanted.get(node);
    for (const i of list ?? []) result[i] = arrived[targets[i].outputIndex];
    return list !== undefined;
  };
  const cotangents = roots.map((t, i) => cotangent('grad', t, seeds[i]));
  (create ? enableGrad : noGrad)(() => walk({ roots, cotangents, retain, capture, toLeaves: false }));
  result.forEach((g, i) => {
    if (g === null && !allowUnused) {
      fail(
        'grad',
        `inputs[${i}] of shape ${show(targets[i].shape)} is not used by the outputs; pass {allowUnused: true} for null`,
      );
    }
  });
  return result;
}

/**
 * Calls `hook` with the gradient of `t` when backward computes it; a tensor that it returns is used instead. Gives a
 * function that removes the hook. `torch.Tensor.register_hook`.
 */
export function registerHook(t: Tensor, hook: TensorHook): () => void {
  checkTensor('registerHook', 'input', t);
  if (typeof hook !== 'function') fail('registerHook', `hook expected a function, got ${show(hook)}`);
  if (!t.requiresGrad) fail('registerHook', 'the tensor does not require gradients');
  const node = t.node;
  let list: TensorHook[];
  if (node === null) {
    t.hooks ??= [];
    list = t.hooks;
  } else {
    node.hooks ??= [];
    node.hooks[t.outputIndex] ??= [];
    list = node.hooks[t.outputIndex] as TensorHook[];
  }
  list.push(hook);
  return () => {
    const i = list.indexOf(hook);
    if (i >= 0) list.splice(i, 1);
  };
}
