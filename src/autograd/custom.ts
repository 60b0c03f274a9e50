/** Differentiable functions with a gradient rule of their own. */
import { fail, invalid, show } from '../errors.ts';
import { zeros } from '../ops/create.ts';
import { defineOp, type MaybeTensor } from '../ops/define.ts';
import { sameShape } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import { applyAll } from './apply.ts';

/** What forward leaves for backward. Further properties may be set freely. */
export class FunctionContext {
  /** For each argument of the call whether it is a tensor whose gradient is wanted. */
  readonly needsInputGrad: readonly boolean[];
  private readonly name: string;
  private saved: readonly Tensor[] = [];
  private versions: readonly number[] = [];
  [property: string]: unknown;

  /** @internal */
  constructor(name: string, needsInputGrad: readonly boolean[]) {
    this.name = name;
    this.needsInputGrad = needsInputGrad;
  }

  /** Keeps inputs or outputs of forward; a change in place before backward is noticed. */
  saveForBackward(...tensors: Tensor[]): void {
    tensors.forEach((t, i) => {
      if (!(t instanceof Tensor)) invalid(this.name, `saveForBackward argument ${i}`, 'a Tensor', t);
    });
    this.saved = tensors;
    this.versions = tensors.map((t) => t.storage.version);
  }

  /** What saveForBackward was given. */
  get savedTensors(): readonly Tensor[] {
    this.saved.forEach((t, i) => {
      if (t.storage.version !== this.versions[i]) {
        fail(this.name, `a tensor of shape ${show(t.shape)} that it saved for backward was changed in place`);
      }
    });
    return this.saved;
  }
}

/** @inline */
type Result = Tensor | readonly Tensor[];

/** What `customFunction` makes a function of: `torch.autograd.Function` as an object. */
export interface CustomFunction<A extends unknown[], R extends Result> {
  /** Names the function in errors and in `gradFn.name`. */
  readonly name: string;
  /** Computes the result, a tensor or a list of tensors; nothing inside is recorded. */
  forward(ctx: FunctionContext, ...args: A): R;
  /**
   * The gradient of each argument of forward (null for those that are not tensors, or have none) from the gradients of the
   * results (zeros where there is none). Made of ops, it can be differentiated again.
   */
  backward(ctx: FunctionContext, ...gradients: Tensor[]): MaybeTensor | readonly MaybeTensor[];
}

interface Call {
  readonly ctx: FunctionContext;
  readonly args: readonly unknown[];
  /** Whether forward gave a list. */
  isList: boolean;
}

/**
 * A function with its own gradient rule: gives `(...args) => result`. Tensor arguments are differentiable, others are passed
 * on as they are. `torch.autograd.Function`.
 */
export function customFunction<A extends unknown[], R extends Result>(spec: CustomFunction<A, R>): (...args: A) => R {
  const { name, forward, backward } = spec ?? {};
  if (typeof name !== 'string' || name === '') invalid('customFunction', 'name', 'a word', name);
  if (typeof forward !== 'function') invalid(name, 'forward', 'a function', forward);
  if (typeof backward !== 'function') invalid(name, 'backward', 'a function', backward);
  const op = defineOp<Call>({
    name,
    isUserCode: true,
    run(inputs, call) {
      const result = forward.call(spec, call.ctx, ...(call.args as A));
      call.isList = Array.isArray(result);
      const list = Array.isArray(result) ? (result as Tensor[]) : [result as Tensor];
      return list.map((t) => {
        if (!(t instanceof Tensor)) return invalid(name, 'result of forward', 'a Tensor or a list of Tensors', result);
        // an argument handed back keeps its own history
        return inputs.includes(t) || t.node !== null || t.requiresGrad ? t.detach() : t;
      });
    },
    grad(call, ...gradients) {
      const { ctx, args } = call.attrs;
      const full = call.outputShapes.map((shape, i) => gradients[i] ?? zeros(shape, { dtype: call.outputDTypes[i] }));
      const given = backward.call(spec, ctx, ...full);
      const list = (Array.isArray(given) ? given : [given]) as readonly MaybeTensor[];
      if (list.length !== args.length) {
        fail(name, `backward expected ${args.length} gradients, one for each argument of forward, got ${list.length}`);
      }
      return list.filter((g, i) => {
        const arg = args[i];
        if (!(arg instanceof Tensor)) {
          if (g !== null && g !== undefined)
            fail(name, `backward gave a gradient for argument ${i}, which is not a tensor`);
          return false;
        }
        if (g !== null && g !== undefined && !(g instanceof Tensor && sameShape(g.shape, arg.shape))) {
          invalid(name, `gradient of argument ${i}`, `a Tensor of shape ${show(arg.shape)}`, g);
        }
        return true;
      });
    },
  });
  return (...args) => {
    const needs = args.map((arg) => arg instanceof Tensor && arg.requiresGrad);
    const inputs = args.filter((arg): arg is Tensor => arg instanceof Tensor);
    const call: Call = { ctx: new FunctionContext(name, needs), args, isList: false };
    const results = applyAll(op, inputs, call);
    return (call.isList ? results : results[0]) as R;
  };
}
