/** Gradients against finite differences, in float64. */
import { fail, show } from '../errors.ts';
import { dense, elements } from '../ops/copy.ts';
import { randn } from '../ops/random.ts';
import { boolean, number, options } from '../options.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import { grad } from './backward.ts';
import { enableGrad, noGrad } from './mode.ts';

export interface GradcheckOptions {
  /** Step of the difference quotient. Default 1e-6. */
  eps?: number;
  /** Absolute tolerance. Default 1e-5. */
  atol?: number;
  /** Relative tolerance. Default 1e-3. */
  rtol?: number;
  /** Throw on a mismatch, with its place; otherwise answer false. Default true. */
  raiseException?: boolean;
}
const known = ['eps', 'atol', 'rtol', 'raiseException'] as const;

/** @inline */
type Fn = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

function outputsOf(fn: Fn, inputs: readonly Tensor[]): Tensor[] {
  const result = fn(...inputs);
  const list = (Array.isArray(result) ? result : [result]) as Tensor[];
  return list.filter((t) => checkTensor('gradcheck', 'result of fn', t).dtype === 'float64');
}

function check(op: string, fn: Fn, inputs: readonly Tensor[], opts?: GradcheckOptions): string | null {
  const { eps = 1e-6, atol = 1e-5, rtol = 1e-3 } = options(op, opts, known);
  number(op, 'eps', eps, Number.MIN_VALUE);
  number(op, 'atol', atol, 0);
  number(op, 'rtol', rtol, 0);
  inputs.forEach((t, i) => {
    checkTensor(op, `inputs[${i}]`, t);
    if (t.requiresGrad && t.dtype !== 'float64') {
      fail(op, `inputs[${i}] expected float64 where it requires gradients, got ${t.dtype}`);
    }
    if (t.requiresGrad && !t.isContiguous) fail(op, `inputs[${i}] expected a contiguous tensor`);
  });
  const wanted = inputs.filter((t) => t.requiresGrad);
  if (wanted.length === 0) fail(op, 'none of the inputs requires gradients');
  const outputs = outputsOf(fn, inputs);
  for (let o = 0; o < outputs.length; o++) {
    if (!outputs[o].requiresGrad) continue;
    const numeric = wanted.map((t) => numericJacobian(fn, inputs, t, o, outputs[o].size, eps));
    for (let row = 0; row < outputs[o].size; row++) {
      const seed = new Float64Array(outputs[o].size);
      seed[row] = 1;
      const fresh = outputsOf(fn, inputs)[o];
      const cotangent = fresh.detach().clone();
      elements(cotangent).set(seed);
      const analytic = grad(fresh, wanted, cotangent, { allowUnused: true });
      for (let i = 0; i < wanted.length; i++) {
        const got = analytic[i] === null ? null : elements(dense(analytic[i] as Tensor));
        for (let j = 0; j < wanted[i].size; j++) {
          const a = got === null ? 0 : got[j];
          const n = numeric[i][j * outputs[o].size + row];
          if (!(Math.abs(a - n) <= atol + rtol * Math.abs(n))) {
            return `gradient of output ${o} element ${row} by input ${inputs.indexOf(wanted[i])} element ${j} is ${a}, the difference quotient ${n}`;
          }
        }
      }
    }
  }
  return null;
}

/** d output[o] / d t by central differences: [t.size, output size]. */
function numericJacobian(
  fn: Fn,
  inputs: readonly Tensor[],
  t: Tensor,
  o: number,
  size: number,
  eps: number,
): Float64Array {
  const jacobian = new Float64Array(t.size * size);
  const x = t.data;
  const probe = (): ArrayLike<number> => elements(dense(outputsOf(fn, inputs)[o])).slice();
  noGrad(() => {
    for (let j = 0; j < t.size; j++) {
      const at = t.offset + j;
      const value = x[at];
      x[at] = value + eps;
      const up = probe();
      x[at] = value - eps;
      const down = probe();
      x[at] = value;
      for (let row = 0; row < size; row++) jacobian[j * size + row] = (up[row] - down[row]) / (2 * eps);
    }
  });
  return jacobian;
}

function settle(op: string, mismatch: string | null, opts?: GradcheckOptions): boolean {
  if (mismatch !== null && boolean(op, 'raiseException', opts?.raiseException ?? true)) fail(op, mismatch);
  return mismatch === null;
}

/**
 * Compares the gradients of `fn(...inputs)` (float64 tensors; those that require gradients are checked) with central
 * differences, with `torch.autograd.gradcheck`'s defaults. True, or an error that tells the first mismatch.
 */
export function gradcheck(fn: Fn, inputs: readonly Tensor[], opts?: GradcheckOptions): boolean {
  return settle('gradcheck', check('gradcheck', fn, inputs, opts), opts);
}

/** As gradcheck, of the gradients themselves, for random cotangents; `torch.autograd.gradgradcheck`. */
export function gradgradcheck(fn: Fn, inputs: readonly Tensor[], opts?: GradcheckOptions): boolean {
  const outputs = outputsOf(fn, inputs).filter((t) => t.requiresGrad);
  if (outputs.length === 0)
    fail('gradgradcheck', `no output of fn depends on the inputs ${show(inputs.map((t) => t.shape))}`);
  const cotangents = outputs.map((t) => {
    const g = randn(t.shape, { dtype: 'float64' });
    g.requiresGrad = true;
    return g;
  });
  const count = inputs.length;
  const wanted = inputs.map((t, i) => (t.requiresGrad ? i : -1)).filter((i) => i >= 0);
  const gradients: Fn = (...all) => {
    const xs = all.slice(0, count);
    const results = outputsOf(fn, xs).filter((t) => t.requiresGrad);
    const found = grad(
      results,
      wanted.map((i) => xs[i]),
      all.slice(count),
      { createGraph: true, allowUnused: true },
    );
    return found.filter((g): g is Tensor => g !== null);
  };
  // inside the difference quotient nothing is recorded, so the first gradient needs recording switched on again
  const recorded: Fn = (...all) => enableGrad(() => gradients(...all));
  return settle('gradgradcheck', check('gradgradcheck', recorded, [...inputs, ...cotangents], opts), opts);
}
