/** Cross-entropy of logits with class numbers in one op: what nearly every classifier trains on. */
import { apply, applyAll } from '../autograd/apply.ts';
import { isGradEnabled } from '../autograd/mode.ts';
import type { NumberArray } from '../backend/kernels.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { add, mul, sub } from './binary.ts';
import { dense, elements } from './copy.ts';
import { fromFlat } from './create.ts';
import { defineOp, emptyTensor, kernelsFor, type Op } from './define.ts';
import { alongAxis } from './reduce.ts';
import { logSoftmaxBackward } from './softmax.ts';
import { exp } from './unary.ts';
import { reshape } from './view.ts';

export interface CrossEntropyAttrs {
  /** Axis of the classes. */
  readonly axis: number;
  /** Class of each position, in row-major order of the other axes. */
  readonly classes: ArrayLike<number>;
  /** Weight of each position, already divided by what a mean divides by; 0 where it does not count. */
  readonly weights: ArrayLike<number>;
  /** One loss per position instead of their sum. */
  readonly each: boolean;
}

/** Where position i's numbers begin and how far apart they are: [outer, classes, inner]. */
function layout(
  shape: readonly number[],
  axis: number,
): { count: number; inner: number; start: (i: number) => number } {
  const inner = sizeOf(shape.slice(axis + 1));
  const count = shape[axis];
  return { count, inner, start: (i) => Math.floor(i / inner) * count * inner + (i % inner) };
}

/** Losses and, for the gradient, the log-probabilities. */
const crossEntropyOp: Op<CrossEntropyAttrs> = defineOp<CrossEntropyAttrs>({
  name: 'crossEntropy',
  saves: 'outputs',
  run([x], { axis, classes, weights, each }) {
    const logs = emptyTensor(x.dtype, x.shape);
    const source = dense(x);
    kernelsFor(x.dtype).logSoftmax(alongAxis(x, axis), elements(source), logs.data);
    const shape = each ? x.shape.filter((_, i) => i !== axis) : [];
    const loss = emptyTensor(x.dtype, shape);
    const { inner, start } = layout(x.shape, axis);
    let sum = 0;
    for (let i = 0; i < classes.length; i++) {
      // 0 · -∞ would be NaN where an ignored class is impossible
      const value = weights[i] === 0 ? 0 : -weights[i] * logs.data[start(i) + classes[i] * inner];
      if (each) loss.data[i] = value;
      sum += value;
    }
    if (!each) loss.data[0] = sum;
    return [loss, logs];
  },
  grad(call, g: Tensor | null, gLogs: Tensor | null) {
    const { axis, classes, weights } = call.attrs;
    const logs = call.output(1);
    if (!isGradEnabled() && g !== null && gLogs === null) return [apply(backwardOp, [g, logs], call.attrs)];
    const parts: Tensor[] = [];
    if (g !== null) {
      const wide = logs.shape.map((size, i) => (i === axis ? 1 : size));
      const factor = reshape(fromFlat(weights, [weights.length], logs.dtype), wide);
      const scale = g.ndim === 0 ? mul(factor, g) : mul(factor, reshape(g, wide));
      parts.push(mul(sub(exp(logs), oneHotOf(logs, axis, classes)), scale));
    }
    if (gLogs !== null) parts.push(apply(logSoftmaxBackward, [gLogs, logs], axis));
    return [parts.reduce((a, b) => add(a, b))];
  },
});

function oneHotOf(like: Tensor, axis: number, classes: ArrayLike<number>): Tensor {
  const hot = emptyTensor(like.dtype, like.shape, true);
  const { inner, start } = layout(like.shape, axis);
  for (let i = 0; i < classes.length; i++) hot.data[start(i) + classes[i] * inner] = 1;
  return hot;
}

/** (softmax - one-hot) · weight · g, where the gradient itself is not to be differentiated. */
const backwardOp = defineOp<CrossEntropyAttrs>({
  name: 'crossEntropyBackward',
  run([g, logs], { axis, classes, weights, each }) {
    const out = emptyTensor(logs.dtype, logs.shape);
    kernelsFor(logs.dtype).exp(logs.size, elements(logs), out.data);
    const gs: NumberArray = elements(dense(g));
    const { count, inner, start } = layout(logs.shape, axis);
    const y = out.data;
    for (let i = 0; i < classes.length; i++) {
      const scale = weights[i] * gs[each ? i : 0];
      const first = start(i);
      y[first + classes[i] * inner] -= 1;
      for (let c = 0, at = first; c < count; c++, at += inner) y[at] *= scale;
    }
    return out;
  },
});

/** The weighted sum of -log softmax(x)[class], or that of each position; x of a float dtype, classes in range. */
export function crossEntropyOf(x: Tensor, attrs: CrossEntropyAttrs): Tensor {
  return applyAll(crossEntropyOp, [x], attrs)[0];
}
