/** Functions called around a module's forward and backward pass. */
import { apply, applyAll } from '../autograd/apply.ts';
import { mode } from '../autograd/mode.ts';
import { fail, invalid, show } from '../errors.ts';
import { defineOp, type MaybeTensor, type Op } from '../ops/define.ts';
import { isFloat } from '../tensor/dtype.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { Module } from './module.ts';

/** Sees the inputs; a list that it returns (or one value for a single input) replaces them. */
export type ForwardPreHook = (module: Module<unknown>, inputs: readonly unknown[]) => unknown;
/** Sees inputs and output; what it returns, unless undefined, replaces the output. */
export type ForwardHook = (module: Module<unknown>, inputs: readonly unknown[], output: unknown) => unknown;
/** @inline */
export type Gradients = readonly (Tensor | null)[];
/** Sees the gradients of the inputs and outputs; a list that it returns replaces those of the inputs. */
export type BackwardHook = (
  module: Module<unknown>,
  gradInput: Gradients,
  gradOutput: Gradients,
) => Gradients | undefined;

/** The hooks of one module, each in order of registration. */
export class Hooks {
  readonly pre: ForwardPreHook[] = [];
  readonly forward: ForwardHook[] = [];
  readonly backward: BackwardHook[] = [];

  /** Runs `forward` with the hooks around it. */
  run(module: Module<unknown>, forward: (...inputs: unknown[]) => unknown, given: readonly unknown[]): unknown {
    let inputs = given;
    for (const hook of this.pre.slice()) {
      const replaced = hook(module, inputs);
      if (replaced !== undefined) inputs = Array.isArray(replaced) ? replaced : [replaced];
    }
    const pass = mode.gradEnabled && this.backward.length > 0 ? new Pass(module, this.backward.slice()) : null;
    if (pass !== null) inputs = pass.enter(inputs);
    let output = forward(...inputs);
    for (const hook of this.forward.slice()) {
      const replaced = hook(module, inputs, output);
      if (replaced !== undefined) output = replaced;
    }
    return pass === null ? output : pass.leave(output);
  }
}

/** Adds a hook to a list; the result takes it off again. */
export function addHook<H>(op: string, list: H[], hook: H): () => void {
  if (typeof hook !== 'function') invalid(op, 'hook', 'a function', hook);
  list.push(hook);
  return () => {
    const i = list.indexOf(hook);
    if (i >= 0) list.splice(i, 1);
  };
}

/** The same elements as another tensor, to carry a history of their own. */
function alias(t: Tensor): Tensor {
  return new Tensor(t.storage, t.shape, t.strides, t.offset, t.isContiguous);
}

/** At the outputs: backward comes here first. */
const outputsOp: Op<Pass> = defineOp<Pass>({
  name: 'moduleOutputs',
  isUserCode: true,
  run: (outputs) => outputs.map(alias),
  grad: (call, ...gradients) => call.attrs.arriveAtOutputs(gradients),
});

/** At the inputs: backward comes here last. */
const inputsOp: Op<Pass> = defineOp<Pass>({
  name: 'moduleInputs',
  isUserCode: true,
  run: (inputs) => inputs.map(alias),
  grad: (call, ...gradients) => call.attrs.arriveAtInputs(gradients),
});

/** One forward pass whose backward pass calls hooks. */
class Pass {
  private readonly module: Module<unknown>;
  private readonly hooks: readonly BackwardHook[];
  private inputCount = 0;
  private watchesInputs = false;
  private gradOutput: Gradients = [];

  constructor(module: Module<unknown>, hooks: readonly BackwardHook[]) {
    this.module = module;
    this.hooks = hooks;
  }

  enter(inputs: readonly unknown[]): readonly unknown[] {
    const tensors = inputs.filter(isDifferentiable);
    this.inputCount = tensors.length;
    this.watchesInputs = tensors.some((t) => t.requiresGrad);
    if (!this.watchesInputs) return inputs;
    const watched = applyAll(inputsOp, tensors, this);
    return inputs.map((value) => (isDifferentiable(value) ? watched[tensors.indexOf(value)] : value));
  }

  leave(output: unknown): unknown {
    if (output instanceof Tensor) return isDifferentiable(output) ? apply(outputsOp, [output], this) : output;
    if (output === null || typeof output !== 'object') return output;
    const tensors = Object.values(output).filter(isDifferentiable);
    if (tensors.length === 0) return output;
    const watched = applyAll(outputsOp, tensors, this);
    const replace = (value: unknown) => (isDifferentiable(value) ? watched[tensors.indexOf(value)] : value);
    if (Array.isArray(output)) return output.map(replace);
    return Object.fromEntries(Object.entries(output).map(([name, value]) => [name, replace(value)]));
  }

  arriveAtOutputs(gradients: Gradients): MaybeTensor[] {
    this.gradOutput = gradients;
    // without a gradient that leaves through the inputs, this is the only time that backward passes the module
    if (!this.watchesInputs) this.callHooks(new Array<null>(this.inputCount).fill(null));
    return [...gradients];
  }

  arriveAtInputs(gradients: Gradients): MaybeTensor[] {
    return [...this.callHooks(gradients)];
  }

  private callHooks(gradInput: Gradients): Gradients {
    let current = gradInput;
    for (const hook of this.hooks) {
      const replaced = hook(this.module, current, this.gradOutput);
      if (replaced === undefined) continue;
      if (!Array.isArray(replaced) || replaced.length !== gradInput.length) {
        fail(
          'registerFullBackwardHook',
          `hook expected to return ${gradInput.length} gradients, got ${show(replaced)}`,
        );
      }
      current = replaced;
    }
    return current;
  }
}

function isDifferentiable(value: unknown): value is Tensor {
  return value instanceof Tensor && isFloat(value.dtype);
}
