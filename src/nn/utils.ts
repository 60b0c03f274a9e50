/** Helpers for gradients; `torch.nn.utils`. */
import { noGrad } from '../autograd/mode.ts';
import { fail, invalid, show } from '../errors.ts';
import { tensor } from '../ops/create.ts';
import { boolean, number, options } from '../options.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';

/** Options of `clipGradNorm_`. */
export interface ClipGradNormOptions {
  /** Power of the norm; Infinity is the largest magnitude. Default 2. */
  normType?: number;
  /** Whether a norm that is no finite number is an error. Default false. */
  errorIfNonfinite?: boolean;
}

function gradients(op: string, params: Tensor | Iterable<Tensor>): Tensor[] {
  if (params === null || typeof params !== 'object' || !(params instanceof Tensor || Symbol.iterator in params)) {
    return invalid(op, 'params', 'a list of tensors', params);
  }
  const list = params instanceof Tensor ? [params] : [...params];
  return list.flatMap((p, i) => checkTensor(op, `params[${i}]`, p).grad ?? []);
}

/** The p-norm of all elements, in double precision. */
function norm(t: Tensor, p: number): number {
  const size = t.abs();
  if (t.size === 0) return 0;
  if (p === Infinity) return size.max().item();
  if (p === 2) return Math.sqrt(size.to('float64').square().sum().item());
  return size.to('float64').pow(p).sum().item() ** (1 / p);
}

/**
 * Scales the gradients of `params` down so that the norm of all of them together is at most `maxNorm`; gives the norm that
 * it was. `torch.nn.utils.clip_grad_norm_`.
 */
export function clipGradNorm_(params: Tensor | Iterable<Tensor>, maxNorm: number, opts?: ClipGradNormOptions): Tensor {
  const op = 'clipGradNorm_';
  const { normType = 2, errorIfNonfinite = false } = options(op, opts, ['normType', 'errorIfNonfinite']);
  number(op, 'maxNorm', maxNorm);
  number(op, 'normType', normType, Number.MIN_VALUE);
  boolean(op, 'errorIfNonfinite', errorIfNonfinite);
  const grads = gradients(op, params);
  return noGrad(() => {
    const norms = grads.map((g) => norm(g, normType));
    const total =
      normType === Infinity
        ? Math.max(0, ...norms)
        : norms.reduce((sum, n) => sum + n ** normType, 0) ** (1 / normType);
    if (errorIfNonfinite && !Number.isFinite(total)) {
      fail(op, `the norm of order ${show(normType)} of the gradients expected a finite number, got ${show(total)}`);
    }
    const scale = maxNorm / (total + 1e-6);
    // NaN passes on, as in PyTorch
    if (!(scale >= 1)) for (const g of grads) g.mul_(scale);
    return tensor(total);
  });
}

/** Limits every element of the gradients of `params` to ±clipValue; `torch.nn.utils.clip_grad_value_`. */
export function clipGradValue_(params: Tensor | Iterable<Tensor>, clipValue: number): void {
  const op = 'clipGradValue_';
  number(op, 'clipValue', clipValue);
  noGrad(() => {
    for (const g of gradients(op, params)) g.copy_(g.clamp({ min: -clipValue, max: clipValue }));
  });
}
