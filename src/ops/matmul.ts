/** Matrix products. */
import { apply } from '../autograd/apply.ts';
import { at, descriptorFields } from '../backend/descriptors.ts';
import { fail, invalid, show } from '../errors.ts';
import { number, options } from '../options.ts';
import { promoteTypes } from '../tensor/dtype.ts';
import { broadcastShapes, sizeOf } from '../tensor/shape.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import { dense } from './copy.ts';
import { defineOp, emptyTensor, kernelsFor, type Op } from './define.ts';
import { add, mul } from './elementwise.ts';
import { sum } from './reduce.ts';
import { expand, reshape, transpose, unsqueeze } from './view.ts';

const D = at.GemmDesc;
const desc = new Int32Array(descriptorFields.GemmDesc.length);

/** How a [rows, columns] or [batch, rows, columns] operand lies in memory, transposed or not, copying only where it is neither. */
function layout(t: Tensor): { t: Tensor; transposed: number; ld: number; batchStride: number } {
  const isBatch = t.ndim === 3;
  const batch = isBatch ? t.shape[0] : 1;
  const [rows, columns] = isBatch ? [t.shape[1], t.shape[2]] : t.shape;
  const [s1, s2] = isBatch ? [t.strides[1], t.strides[2]] : t.strides;
  const batchStride = batch > 1 ? t.strides[0] : 0;
  const fits = (ld: number, width: number, unit: number, size: number) => (unit === 1 || size === 1) && ld >= width;
  if (fits(rows > 1 ? s1 : columns, columns, s2, columns)) {
    return { t, transposed: 0, ld: rows > 1 ? s1 : Math.max(columns, 1), batchStride };
  }
  if (fits(columns > 1 ? s2 : rows, rows, s1, rows)) {
    return { t, transposed: 1, ld: columns > 1 ? s2 : Math.max(rows, 1), batchStride };
  }
  return { t: dense(t), transposed: 0, ld: Math.max(columns, 1), batchStride: batch > 1 ? rows * columns : 0 };
}

/** a [batch, m, k] · b [batch, k, n] → [batch, m, n], or all three without the first axis. */
function runProducts(a: Tensor, b: Tensor): Tensor {
  const isBatch = a.ndim === 3;
  const batch = isBatch ? a.shape[0] : 1;
  const [m, k] = isBatch ? [a.shape[1], a.shape[2]] : a.shape;
  const n = b.shape[b.ndim - 1];
  const out = emptyTensor(a.dtype, isBatch ? [batch, m, n] : [m, n]);
  const left = layout(a);
  const right = layout(b);
  desc[D.batch] = batch;
  desc[D.m] = m;
  desc[D.n] = n;
  desc[D.k] = k;
  desc[D.transA] = left.transposed;
  desc[D.transB] = right.transposed;
  desc[D.lda] = left.ld;
  desc[D.ldb] = right.ld;
  desc[D.strideA] = left.batchStride;
  desc[D.strideB] = right.batchStride;
  desc[D.offsetA] = left.t.offset;
  desc[D.offsetB] = right.t.offset;
  desc[D.bias] = 0;
  desc[D.activation] = 0;
  kernelsFor(a.dtype).matmul(desc, left.t.data, right.t.data, null, out.data);
  return out;
}

const matmulOp: Op<null> = defineOp<null>({
  name: 'matmul',
  saves: 'inputs',
  run: ([a, b]) => runProducts(a, b),
  grad: (call, g) => [
    call.needs(0) ? apply(matmulOp, [g, transpose(call.input(1), -2, -1)], null) : null,
    call.needs(1) ? apply(matmulOp, [transpose(call.input(0), -2, -1), g], null) : null,
  ],
});

/** Both as one dtype; numbers only. */
function common(op: string, a: Tensor, b: Tensor): [Tensor, Tensor] {
  checkTensor(op, 'input', a);
  checkTensor(op, 'other', b);
  if (a.dtype === 'bool' || b.dtype === 'bool') fail(op, `expected tensors of numbers, got ${a.dtype} and ${b.dtype}`);
  const dtype = promoteTypes(a.dtype, b.dtype);
  return [a.to(dtype), b.to(dtype)];
}

/**
 * Matrix product with PyTorch's rules: vectors are rows on the left and columns on the right, axes before the last two are
 * batches and broadcast. `torch.matmul`.
 */
export function matmul(left: Tensor, right: Tensor): Tensor {
  let [a, b] = common('matmul', left, right);
  if (a.ndim === 0 || b.ndim === 0)
    fail('matmul', `expected at least 1 axis, got shapes ${show(a.shape)} and ${show(b.shape)}`);
  const isRow = a.ndim === 1;
  const isColumn = b.ndim === 1;
  const k = a.shape[a.ndim - 1];
  if (k !== b.shape[isColumn ? 0 : b.ndim - 2]) {
    fail(
      'matmul',
      `shapes ${show(left.shape)} and ${show(right.shape)} do not multiply: ${k} columns, ${b.shape[isColumn ? 0 : b.ndim - 2]} rows`,
    );
  }
  if (a.ndim === 2 && b.ndim === 2) return apply(matmulOp, [a, b], null);
  if (isRow) a = unsqueeze(a, 0);
  if (isColumn) b = unsqueeze(b, 1);
  const m = a.shape[a.ndim - 2];
  const n = b.shape[b.ndim - 1];
  const batch = broadcastShapes('matmul', a.shape.slice(0, -2), b.shape.slice(0, -2));
  let result: Tensor;
  if (b.ndim === 2) {
    // all rows of all batches in one product
    result = apply(
      matmulOp,
      [reshape(a, [1, a.size / Math.max(k, 1) || sizeOf(a.shape.slice(0, -1)), k]), unsqueeze(b, 0)],
      null,
    );
  } else {
    const count = sizeOf(batch);
    const flat = (t: Tensor, rows: number, columns: number) =>
      sizeOf(t.shape.slice(0, -2)) === 1
        ? expand(reshape(t, [1, rows, columns]), [count, rows, columns])
        : reshape(expand(t, [...batch, rows, columns]), [count, rows, columns]);
    result = apply(matmulOp, [flat(a, m, k), flat(b, k, n)], null);
  }
  const shape = [...batch];
  if (!isRow) shape.push(m);
  if (!isColumn) shape.push(n);
  return reshape(result, shape);
}

function checkAxes(op: string, name: string, t: Tensor, ndim: number): void {
  if (checkTensor(op, name, t).ndim !== ndim) invalid(op, name, `${ndim} axes`, t.shape);
}

/** Product of two matrices; `torch.mm`. */
export function mm(a: Tensor, b: Tensor): Tensor {
  checkAxes('mm', 'input', a, 2);
  checkAxes('mm', 'other', b, 2);
  return matmul(a, b);
}

/** Batched product [n, m, k] · [n, k, p]; `torch.bmm`. */
export function bmm(a: Tensor, b: Tensor): Tensor {
  checkAxes('bmm', 'input', a, 3);
  checkAxes('bmm', 'other', b, 3);
  if (a.shape[0] !== b.shape[0]) fail('bmm', `batches of ${show(a.shape)} and ${show(b.shape)} differ`);
  return matmul(a, b);
}

/** Matrix times vector; `torch.mv`. */
export function mv(a: Tensor, x: Tensor): Tensor {
  checkAxes('mv', 'input', a, 2);
  checkAxes('mv', 'vec', x, 1);
  return matmul(a, x);
}

/** Sum of products of two vectors; `torch.dot`. */
export function dot(a: Tensor, b: Tensor): Tensor {
  checkAxes('dot', 'input', a, 1);
  checkAxes('dot', 'other', b, 1);
  return matmul(a, b);
}

/** All products of two vectors, [n, m]; `torch.outer`. */
export function outer(a: Tensor, b: Tensor): Tensor {
  checkAxes('outer', 'input', a, 1);
  checkAxes('outer', 'vec2', b, 1);
  return mul(unsqueeze(a, 1), unsqueeze(b, 0));
}

/** Options of `addmm`, `addmv`, `addbmm` and `baddbmm`. */
export interface AddmmOptions {
  /** Factor of the added matrix. Default 1; 0 ignores it. */
  beta?: number;
  /** Factor of the product. Default 1. */
  alpha?: number;
}

/** Two factors of `ndim` axes each, checked in the name of `op`. */
function factors(op: string, kind: string, a: Tensor, b: Tensor, ndim: number): [Tensor, Tensor] {
  checkAxes(op, `${kind}1`, a, ndim);
  checkAxes(op, `${kind}2`, b, ndim);
  return [a, b];
}

function addProduct(op: string, input: Tensor, product: Tensor, opts?: AddmmOptions): Tensor {
  const { beta = 1, alpha = 1 } = options(op, opts, ['beta', 'alpha']);
  number(op, 'beta', beta);
  number(op, 'alpha', alpha);
  const scaled = alpha === 1 ? product : mul(product, alpha);
  if (beta === 0) return scaled;
  return add(beta === 1 ? input : mul(input, beta), scaled);
}

/** beta·input + alpha·(a·b) for matrices; `torch.addmm`. */
export function addmm(input: Tensor, a: Tensor, b: Tensor, opts?: AddmmOptions): Tensor {
  return addProduct('addmm', checkTensor('addmm', 'input', input), mm(...factors('addmm', 'mat', a, b, 2)), opts);
}

/** beta·input + alpha·(a·b) for batches of matrices; `torch.baddbmm`. */
export function baddbmm(input: Tensor, a: Tensor, b: Tensor, opts?: AddmmOptions): Tensor {
  return addProduct(
    'baddbmm',
    checkTensor('baddbmm', 'input', input),
    bmm(...factors('baddbmm', 'batch', a, b, 3)),
    opts,
  );
}

/** beta·input + alpha·(the sum of the products of two batches of matrices); `torch.addbmm`. */
export function addbmm(input: Tensor, a: Tensor, b: Tensor, opts?: AddmmOptions): Tensor {
  const product = bmm(...factors('addbmm', 'batch', a, b, 3));
  return addProduct('addbmm', checkTensor('addbmm', 'input', input), sum(product, 0), opts);
}

/** beta·input + alpha·(matrix a times vector x); `torch.addmv`. */
export function addmv(input: Tensor, a: Tensor, x: Tensor, opts?: AddmmOptions): Tensor {
  checkAxes('addmv', 'mat', a, 2);
  checkAxes('addmv', 'vec', x, 1);
  return addProduct('addmv', checkTensor('addmv', 'input', input), matmul(a, x), opts);
}

/** Sum of products over the last axes of both; `torch.inner`. */
export function inner(a: Tensor, b: Tensor): Tensor {
  checkTensor('inner', 'input', a);
  checkTensor('inner', 'other', b);
  if (a.ndim === 0 || b.ndim === 0) return mul(a, b);
  const [k, width] = [a.shape[a.ndim - 1], b.shape[b.ndim - 1]];
  if (k !== width) fail('inner', `last sizes of shapes ${show(a.shape)} and ${show(b.shape)} differ`);
  const rows = (t: Tensor) => reshape(t, [sizeOf(t.shape.slice(0, -1)), k]);
  return reshape(matmul(rows(a), transpose(rows(b), 0, 1)), [...a.shape.slice(0, -1), ...b.shape.slice(0, -1)]);
}
