/** Sorting and the k largest. */
import { applyAll } from '../autograd/apply.ts';
import { fail } from '../errors.ts';
import { axis, boolean, integer, options } from '../options.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import { dense, elements } from './copy.ts';
import { zeros } from './create.ts';
import { defineOp, emptyTensor, kernelsFor } from './define.ts';
import { scatterAdd } from './gather.ts';
import { alongAxis, type ValuesAndIndices } from './reduce.ts';
import { narrow } from './view.ts';

const sortOp = defineOp<{ dim: number; descending: boolean }>({
  name: 'sort',
  saves: 'outputs',
  run([x], { dim, descending }) {
    const values = emptyTensor(x.dtype, x.shape);
    const indices = emptyTensor('int32', x.shape);
    const source = dense(x);
    const kernels = kernelsFor(x.dtype);
    kernels.sort(alongAxis(x, dim), descending ? 1 : 0, elements(source), values.data, indices.data as Int32Array);
    return [values, indices];
  },
  grad: (call, g) => [scatterAdd(zeros(g.shape, { dtype: g.dtype }), call.attrs.dim, call.output(1), g)],
});

function sorted(op: string, x: Tensor, dim: number, descending: boolean): ValuesAndIndices {
  const d = axis(op, 'dim', dim, checkTensor(op, 'input', x).ndim);
  const [values, indices] = applyAll(sortOp, [x], { dim: d, descending: boolean(op, 'descending', descending) });
  return { values, indices };
}

/** Options of `sort` and `argsort`. */
export interface SortOptions {
  /** Largest first. Default false. */
  descending?: boolean;
  /** Equal elements keep their order: they always do. */
  stable?: boolean;
}
const sortOptions = ['descending', 'stable'] as const;

/** Elements in order along `dim` (default the last) and the int32 places they came from; NaN is the largest; `torch.sort`. */
export function sort(x: Tensor, dim?: number | null, opts?: SortOptions): ValuesAndIndices {
  const { descending = false, stable = true } = options('sort', opts, sortOptions);
  boolean('sort', 'stable', stable);
  return sorted('sort', x, dim ?? -1, descending);
}

/** The int32 places that sort the elements along `dim` (default the last); `torch.argsort`. */
export function argsort(x: Tensor, dim?: number | null, opts?: SortOptions): Tensor {
  const { descending = false, stable = true } = options('argsort', opts, sortOptions);
  boolean('argsort', 'stable', stable);
  return sorted('argsort', x, dim ?? -1, descending).indices;
}

/** Options of `topk`. */
export interface TopkOptions {
  /** The axis. Default: the last. */
  dim?: number;
  /** The largest; false for the smallest. Default true. */
  largest?: boolean;
  /** In order: they always are. */
  sorted?: boolean;
}

/** The k largest (or smallest) elements along an axis, in order, and their int32 places; `torch.topk`. */
export function topk(x: Tensor, k: number, opts?: TopkOptions): ValuesAndIndices {
  const { dim = -1, largest = true, sorted: inOrder = true } = options('topk', opts, ['dim', 'largest', 'sorted']);
  boolean('topk', 'sorted', inOrder);
  const all = sorted('topk', x, dim, boolean('topk', 'largest', largest));
  const size = x.ndim === 0 ? 1 : x.shape[axis('topk', 'dim', dim, x.ndim)];
  if (integer('topk', 'k', k, 0) > size) fail('topk', `k expected at most ${size}, the size of axis ${dim}, got ${k}`);
  if (x.ndim === 0) return all;
  return { values: narrow(all.values, dim, 0, k), indices: narrow(all.indices, dim, 0, k) };
}
