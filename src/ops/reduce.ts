/** Reductions over axes: sum, mean, prod, extremes and their positions, any, all. */
import { apply, applyAll } from '../autograd/apply.ts';
import type { Kernels } from '../backend/kernels.ts';
import { fail } from '../errors.ts';
import { axis, axisList, boolean, options } from '../options.ts';
import { checkDType, type DType, isFloat } from '../tensor/dtype.ts';
import { sizeOf } from '../tensor/shape.ts';
import { checkFloat, checkTensor, type Tensor } from '../tensor/tensor.ts';
import { dense, elements, to } from './copy.ts';
import { ones } from './create.ts';
import { defineOp, emptyTensor, kernelsFor, type Op } from './define.ts';
import { div, eq, mul, ne } from './elementwise.ts';
import { cat } from './join.ts';
import { ShapeCache } from './shape-cache.ts';
import { expand, permute, reshape } from './view.ts';

/** Options of reductions. */
export interface ReduceOptions {
  /** Reduced axes stay, with size 1. Default false. */
  keepdim?: boolean;
}
/** Options of `sum`, `mean` and `prod`. */
export interface SumOptions extends ReduceOptions {
  /** Convert to this dtype first. Default: as it is. */
  dtype?: DType;
}
/** The axes of a reduction: one, several, or all (null or none given); negative ones count from the end. */
export type Dim = number | readonly number[] | null | undefined;

/** What a reduction sees: axes to reduce (ascending), their product, and the shapes with and without them. */
interface Plan {
  readonly dims: readonly number[];
  readonly count: number;
  readonly kept: readonly number[];
  readonly result: readonly number[];
}

const plans = new ShapeCache<Plan>();

function plan(op: string, x: Tensor, dim: Dim, keepdim: boolean): Plan {
  checkTensor(op, 'input', x);
  boolean(op, 'keepdim', keepdim);
  if (!Array.isArray(dim) || dim.some((d) => !Number.isInteger(d))) return makePlan(op, x, dim, keepdim);
  const key = x.shape.slice();
  key.push(-1, keepdim ? 1 : 0);
  for (const d of dim) key.push(d);
  return plans.get(key, () => makePlan(op, x, dim, keepdim));
}

function makePlan(op: string, x: Tensor, dim: Dim, keepdim: boolean): Plan {
  // as in PyTorch, an empty list means all axes
  const all = dim === undefined || dim === null || (Array.isArray(dim) && dim.length === 0);
  const dims = axisList(op, 'dim', all || x.ndim === 0 ? checkScalarDim(op, x, dim) : dim, x.ndim).sort(
    (a, b) => a - b,
  );
  const kept = x.shape.map((size, i) => (dims.includes(i) ? 1 : size));
  const count = sizeOf(dims.map((d) => x.shape[d]));
  return { dims, count, kept, result: keepdim ? kept : x.shape.filter((_, i) => !dims.includes(i)) };
}

function checkScalarDim(op: string, x: Tensor, dim: Dim): undefined {
  if (x.ndim === 0 && dim !== undefined && dim !== null) for (const d of [dim].flat()) axis(op, 'dim', d, 0);
  return undefined;
}

/** @internal The axes of a reduction (ascending) and the shape of its result; for reductions made of others. */
export function reduceAxes(op: string, x: Tensor, dim: Dim, keepdim: boolean): { dims: number[]; result: number[] } {
  const { dims, result } = plan(op, x, dim, keepdim);
  return { dims: [...dims], result: [...result] };
}

/** Reduces `x` over `dims`, one run of neighbouring axes after the other from the innermost, to shape `kept`. */
function reduceRuns(
  x: Tensor,
  { dims, kept }: Plan,
  step: (x: Tensor, outer: number, n: number, inner: number) => Tensor,
): Tensor {
  let current = dense(x);
  const shape = x.shape.slice();
  let i = dims.length - 1;
  let done = false;
  while (i >= 0) {
    const last = dims[i];
    while (i > 0 && dims[i - 1] === dims[i] - 1) i--;
    const first = dims[i--];
    const n = sizeOf(shape.slice(first, last + 1));
    const outer = sizeOf(shape.slice(0, first));
    const inner = sizeOf(shape.slice(last + 1));
    current = step(current, outer, n, inner);
    for (let d = first; d <= last; d++) shape[d] = 1;
    done = true;
  }
  if (!done) current = step(current, current.size, 1, 1);
  return reshape(current, kept);
}

const desc = new Int32Array(3);
/** The ReduceDesc of a call; overwritten by the next one. */
export function reduceDesc(outer: number, n: number, inner: number): Int32Array {
  desc[0] = outer;
  desc[1] = n;
  desc[2] = inner;
  return desc;
}

/** [outer, n, inner] of a tensor along one axis. */
export function alongAxis(x: Tensor, dim: number): Int32Array {
  return x.ndim === 0
    ? reduceDesc(1, 1, 1)
    : reduceDesc(sizeOf(x.shape.slice(0, dim)), x.shape[dim], sizeOf(x.shape.slice(dim + 1)));
}

function runReduce(kernel: 'sum' | 'prod', x: Tensor, p: Plan): Tensor {
  return reduceRuns(x, p, (current, outer, n, inner) => {
    const out = emptyTensor(current.dtype, [outer, inner]);
    kernelsFor(current.dtype)[kernel](reduceDesc(outer, n, inner), elements(current), out.data);
    return out;
  });
}

const sumOp = defineOp<Plan>({
  name: 'sum',
  run: ([x], p) => reshape(runReduce('sum', x, p), p.result),
  grad: (call, g) => [expand(reshape(g, call.attrs.kept), call.inputShapes[0])],
});

function prepare(op: string, x: Tensor, opts: SumOptions | undefined): [Tensor, boolean] {
  checkTensor(op, 'input', x);
  const { keepdim = false, dtype } = options(op, opts, ['keepdim', 'dtype']);
  if (dtype !== undefined) return [to(x, checkDType(op, 'dtype', dtype)), keepdim];
  return [isFloat(x.dtype) ? x : to(x, 'int32'), keepdim];
}

/** Sum over all axes or those in `dim`; bool and uint8 sum as int32. `torch.sum`. */
export function sum(x: Tensor, dim?: Dim, opts?: SumOptions): Tensor {
  const [source, keepdim] = prepare('sum', x, opts);
  return apply(sumOp, [source], plan('sum', source, dim, keepdim));
}

/** @internal Sums a broadcast gradient back to the shape it was broadcast from. */
export function sumTo(x: Tensor, shape: readonly number[]): Tensor {
  const skip = x.ndim - shape.length;
  const dims: number[] = [];
  for (let i = 0; i < x.ndim; i++) if (i < skip || (shape[i - skip] === 1 && x.shape[i] !== 1)) dims.push(i);
  return dims.length === 0 ? reshape(x, shape) : reshape(sum(x, dims), shape);
}

/** Mean over all axes or those in `dim`; float tensors, or a float `dtype`. `torch.mean`. */
export function mean(x: Tensor, dim?: Dim, opts?: SumOptions): Tensor {
  const { keepdim = false, dtype } = options('mean', opts, ['keepdim', 'dtype']);
  const source = checkFloat('mean', 'input', dtype === undefined ? checkTensor('mean', 'input', x) : to(x, dtype));
  const p = plan('mean', source, dim, keepdim);
  return div(apply(sumOp, [source], p), p.count);
}

const prodOp: Op<Plan> = defineOp<Plan>({
  name: 'prod',
  saves: 'inputs',
  run: ([x], p) => reshape(runReduce('prod', x, p), p.result),
  grad(call, g) {
    // product of all others, without dividing: the factors before times the factors after
    const { dims, kept, count } = call.attrs;
    const x = call.input(0);
    const rest = x.shape.map((_, i) => i).filter((i) => !dims.includes(i));
    const order = [...rest, ...dims];
    const rows = reshape(permute(x, order), [x.size / Math.max(count, 1), count]);
    const before = exclusiveProducts(rows);
    const after = exclusiveProducts(rows.flip(1)).flip(1);
    const others = reshape(
      mul(before, after),
      order.map((d) => x.shape[d]),
    );
    const inverse = new Array<number>(order.length);
    order.forEach((d, i) => {
      inverse[d] = i;
    });
    return [mul(expand(reshape(g, kept), x.shape), permute(others, inverse))];
  },
});

/** Along the rows of a matrix: 1, x₀, x₀x₁, … */
function exclusiveProducts(x: Tensor): Tensor {
  const [rows, n] = x.shape;
  if (n === 0) return x;
  const one = ones([rows, 1], { dtype: x.dtype });
  return n === 1 ? one : cat([one, x.narrow(1, 0, n - 1).cumprod(1)], 1);
}

/** Product over all axes or one; `torch.prod` (which takes one axis; here a list works too). */
export function prod(x: Tensor, dim?: Dim, opts?: SumOptions): Tensor {
  const [source, keepdim] = prepare('prod', x, opts);
  return apply(prodOp, [source], plan('prod', source, dim, keepdim));
}

// ---- extremes

interface ExtremeAttrs {
  readonly dim: number;
  readonly kept: readonly number[];
  readonly result: readonly number[];
}

/** Values and int32 positions along one axis. */
export interface ValuesAndIndices {
  /** The elements found. */
  values: Tensor;
  /** Where they lie along the axis, int32. */
  indices: Tensor;
}

function extreme(name: 'max' | 'min'): Op<ExtremeAttrs> {
  return defineOp<ExtremeAttrs>({
    name,
    saves: 'outputs',
    run([x], { dim, result }) {
      const values = emptyTensor(x.dtype, result);
      const indices = emptyTensor('int32', result);
      const kernel: Kernels['max'] = kernelsFor(x.dtype)[name];
      kernel(alongAxis(x, dim), elements(dense(x)), values.data, indices.data as Int32Array);
      return [values, indices];
    },
    grad(call, g) {
      const { dim, kept } = call.attrs;
      const shape = call.inputShapes[0];
      if (shape.length === 0) return [g];
      const index = reshape(call.output(1), kept);
      return [reshape(g, kept).mul(0).expand(shape).scatter(dim, index, reshape(g, kept))];
    },
  });
}
const extremes = { max: extreme('max'), min: extreme('min') };

/** Values and positions of the extreme along `dim`. */
export function extremeAlong(name: 'max' | 'min', x: Tensor, dim: number, opts?: ReduceOptions): ValuesAndIndices {
  checkTensor(name, 'input', x);
  const { keepdim = false } = options(name, opts, ['keepdim']);
  const d = axis(name, 'dim', dim, x.ndim);
  const p = plan(name, x, d, keepdim);
  if (p.count === 0) fail(name, `axis ${dim} of shape [${x.shape.join(', ')}] is empty: it has no ${name}`);
  const [values, indices] = applyAll(extremes[name], [x], { dim: d, kept: p.kept, result: p.result });
  return { values, indices };
}

const spreadEvenly = (
  call: { attrs: Plan; input(i: number): Tensor; output(i: number): Tensor },
  g: Tensor,
): Tensor[] => {
  const { kept, dims } = call.attrs;
  const x = call.input(0);
  const same = eq(x, reshape(call.output(0), kept)).to(x.dtype);
  return [mul(same, div(reshape(g, kept), sum(same, dims as number[], { keepdim: true })))];
};

function extremeOver(name: 'amax' | 'amin', kernel: 'max' | 'min'): Op<Plan> {
  return defineOp<Plan>({
    name,
    saves: 'both',
    run: ([x], p) =>
      reshape(
        reduceRuns(x, p, (current, outer, n, inner) => {
          const out = emptyTensor(current.dtype, [outer, inner]);
          const indices = emptyTensor('int32', [outer, inner]);
          kernelsFor(current.dtype)[kernel](
            reduceDesc(outer, n, inner),
            elements(current),
            out.data,
            indices.data as Int32Array,
          );
          return out;
        }),
        p.result,
      ),
    grad: spreadEvenly,
  });
}
const overs = { amax: extremeOver('amax', 'max'), amin: extremeOver('amin', 'min') };

function over(name: 'amax' | 'amin', label: string, x: Tensor, dim: Dim, keepdim: boolean): Tensor {
  const p = plan(label, x, dim, keepdim);
  if (p.count === 0) fail(label, `shape [${x.shape.join(', ')}] has no elements along dim: it has no ${label}`);
  return apply(overs[name], [x], p);
}

/** Largest over all axes or those in `dim`; equal ones share the gradient. `torch.amax`. */
export function amax(x: Tensor, dim?: Dim, opts?: ReduceOptions): Tensor {
  return over('amax', 'amax', x, dim, options('amax', opts, ['keepdim']).keepdim ?? false);
}

/** Smallest over all axes or those in `dim`; equal ones share the gradient. `torch.amin`. */
export function amin(x: Tensor, dim?: Dim, opts?: ReduceOptions): Tensor {
  return over('amin', 'amin', x, dim, options('amin', opts, ['keepdim']).keepdim ?? false);
}

/** @internal The extreme over everything: `x.max()`. */
export function extremeOfAll(name: 'max' | 'min', x: Tensor): Tensor {
  return over(name === 'max' ? 'amax' : 'amin', name, x, undefined, false);
}

function arg(name: 'argmax' | 'argmin', x: Tensor, dim?: number | null, opts?: ReduceOptions): Tensor {
  checkTensor(name, 'input', x);
  const { keepdim = false } = options(name, opts, ['keepdim']);
  boolean(name, 'keepdim', keepdim);
  const flat = dim === undefined || dim === null;
  const d = flat ? 0 : axis(name, 'dim', dim, x.ndim);
  const source = flat ? reshape(x.detach(), [x.size]) : x.detach();
  if (x.size === 0 && (flat || source.shape[d] === 0)) {
    fail(name, `shape [${x.shape.join(', ')}] has no elements along dim: it has no ${name}`);
  }
  const { indices } = extremeAlong(name === 'argmax' ? 'max' : 'min', source, d, flat ? {} : { keepdim });
  return flat && keepdim
    ? reshape(
        indices,
        x.shape.map(() => 1),
      )
    : indices;
}

/** Position (int32) of the largest element along `dim`, or in the flattened tensor; the first of equals. `torch.argmax`. */
export function argmax(x: Tensor, dim?: number | null, opts?: ReduceOptions): Tensor {
  return arg('argmax', x, dim, opts);
}

/** Position (int32) of the smallest element; `torch.argmin`. */
export function argmin(x: Tensor, dim?: number | null, opts?: ReduceOptions): Tensor {
  return arg('argmin', x, dim, opts);
}

function logical(name: 'any' | 'all'): (x: Tensor, dim?: Dim, opts?: ReduceOptions) => Tensor {
  const op = defineOp<Plan>({
    name,
    run: ([x], p) =>
      reshape(
        reduceRuns(x, p, (current, outer, n, inner) => {
          const out = emptyTensor('bool', [outer, inner]);
          kernelsFor('bool')[name](
            reduceDesc(outer, n, inner),
            elements(current) as Uint8Array,
            out.data as Uint8Array,
          );
          return out;
        }),
        p.result,
      ),
  });
  return (x, dim, opts) => {
    checkTensor(name, 'input', x);
    const { keepdim = false } = options(name, opts, ['keepdim']);
    return apply(op, [x.dtype === 'bool' ? x : ne(x, 0)], plan(name, x, dim, keepdim));
  };
}

/** Whether any element along `dim` is not 0; `torch.any`. */
export const any = logical('any');
/** Whether all elements along `dim` are not 0; `torch.all`. */
export const all = logical('all');
