/** The linear map of layers: x·wᵀ + b in one kernel call, activated where wanted. */
import { apply } from '../autograd/apply.ts';
import { at, descriptorFields } from '../backend/descriptors.ts';
import { fail, invalid, show } from '../errors.ts';
import { isFloat, promoteTypes } from '../tensor/dtype.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import { dense, elements } from './copy.ts';
import { defineOp, emptyTensor, kernelsFor, type Op } from './define.ts';
import { add } from './elementwise.ts';
import { matmul } from './matmul.ts';
import { type Packing, packedWeights, packingFor } from './packing.ts';
import { sum } from './reduce.ts';
import { ShapeCache } from './shape-cache.ts';
import { activationGradient, type FusedActivation, fusedActivations, relu, sigmoid, tanh } from './unary.ts';
import { expand, transpose } from './view.ts';

const activations = { relu, sigmoid, tanh };

const D = at.GemmDesc;
const desc = new Int32Array(descriptorFields.GemmDesc.length);

/** Rows of a tensor seen as a matrix: all axes but the last in one. */
function rowsOf(t: Tensor): number {
  let rows = 1;
  for (let i = 0; i < t.ndim - 1; i++) rows *= t.shape[i];
  return rows;
}

const packings = new ShapeCache<Packing | null>();
/** How the product that `desc` describes packs its second factor. */
function packingOfDesc(): Packing | null {
  const key = [desc[D.m], desc[D.n], desc[D.k], desc[D.transA], desc[D.transB]];
  return packings.get(key, () => packingFor('matmul', desc, key.slice(1)));
}

/** op(a)·op(b) (+ bias) of two tensors seen as matrices, in a shape of that size; op transposes where asked. */
function runProduct(
  a: Tensor,
  b: Tensor,
  bias: Tensor | null,
  transA: boolean,
  transB: boolean,
  shape: readonly number[],
  activation: FusedActivation | null,
  isWeight = false, // b comes again and again: it is worth packing
): Tensor {
  const out = emptyTensor(a.dtype, shape);
  const [left, right, vector] = [dense(a), dense(b), bias === null ? null : dense(bias)];
  const [ca, cb] = [a.shape[a.ndim - 1], b.shape[b.ndim - 1]];
  desc[D.batch] = 1;
  desc[D.m] = transA ? ca : rowsOf(a);
  desc[D.n] = transB ? rowsOf(b) : cb;
  desc[D.k] = transA ? rowsOf(a) : ca;
  desc[D.transA] = transA ? 1 : 0;
  desc[D.transB] = transB ? 1 : 0;
  desc[D.lda] = Math.max(ca, 1);
  desc[D.ldb] = Math.max(cb, 1);
  desc[D.offsetA] = left.offset;
  desc[D.offsetB] = right.offset;
  desc[D.bias] = bias === null ? 0 : 2;
  desc[D.activation] = activation === null ? 0 : fusedActivations[activation];
  desc[D.packed] = 0;
  let factor = right.data;
  if (isWeight) {
    factor = elements(right);
    desc[D.offsetB] = 0;
    const packed = packedWeights(right, packingOfDesc(), desc);
    if (packed !== null) {
      factor = packed;
      desc[D.packed] = 1;
    }
  }
  const biasData = vector === null ? null : vector.offset === 0 ? vector.data : vector.data.subarray(vector.offset);
  kernelsFor(a.dtype).matmul(desc, left.data, factor, biasData, out.data);
  return out;
}

interface Product {
  readonly transA: boolean;
  readonly transB: boolean;
  /** Of the result. */
  readonly shape: readonly number[];
}

/** Product of tensors seen as matrices, each transposed or not; its gradients are such products. */
const productOp: Op<Product> = defineOp<Product>({
  name: 'matmul',
  saves: 'inputs',
  run: ([a, b], { transA, transB, shape }) => runProduct(a, b, null, transA, transB, shape, null),
  grad(call, g) {
    const { transA, transB } = call.attrs;
    const [a, b] = [call.input(0), call.input(1)];
    const gradA = () => (transA ? product(b, g, transB, true, a.shape) : product(g, b, false, !transB, a.shape));
    const gradB = () => (transB ? product(g, a, true, transA, b.shape) : product(a, g, !transA, false, b.shape));
    return [call.needs(0) ? gradA() : null, call.needs(1) ? gradB() : null];
  },
});

function product(a: Tensor, b: Tensor, transA: boolean, transB: boolean, shape: readonly number[]): Tensor {
  return apply(productOp, [a, b], { transA, transB, shape });
}

/** x [..., k] · wᵀ, w [n, k], + bias [n]. */
const linearOp = defineOp<FusedActivation | null>({
  name: 'linear',
  saves: (activation) => (activation === null ? 'inputs' : 'both'),
  run([x, w, b], activation) {
    const shape = x.shape.slice();
    shape[x.ndim - 1] = w.shape[0];
    return runProduct(x, w, b, false, true, shape, activation, true);
  },
  grad(call, gy) {
    const g = call.attrs === null ? gy : activationGradient(call.attrs, gy, call.output(0));
    const [x, w] = [call.input(0), call.input(1)];
    const leading = () => x.shape.slice(1).map((_, i) => i);
    return [
      call.needs(0) ? product(g, w, false, false, x.shape) : null,
      call.needs(1) ? product(g, x, true, false, w.shape) : null,
      call.needs(2) ? (x.ndim === 1 ? g : sum(g, leading())) : null,
    ];
  },
});

/**
 * x·wᵀ + b: x [*, in], w [out, in] (or [in]), b [out] (or [] ), result [*, out]; `torch.nn.functional.linear`.
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  return linearActivated(x, weight, bias, null);
}

/** @internal linear and an activation of its result in one pass; `null` for none. */
export function linearActivated(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null | undefined,
  activation: FusedActivation | null,
): Tensor {
  checkTensor('linear', 'input', x);
  checkTensor('linear', 'weight', weight);
  if (x.ndim === 0) fail('linear', 'input expected at least 1 axis, got shape []');
  if (weight.ndim !== 1 && weight.ndim !== 2) invalid('linear', 'weight', 'shape [out, in] or [in]', weight.shape);
  const k = weight.shape[weight.ndim - 1];
  if (x.shape[x.ndim - 1] !== k) {
    fail('linear', `input of shape ${show(x.shape)} does not fit weight of shape ${show(weight.shape)}`);
  }
  if (bias) checkTensor('linear', 'bias', bias);
  let dtype = promoteTypes(x.dtype, weight.dtype);
  if (bias) dtype = promoteTypes(dtype, bias.dtype);
  if (weight.ndim === 1 || !isFloat(dtype)) {
    const plain = matmul(x, weight.ndim === 1 ? weight : transpose(weight, 0, 1));
    const total = bias ? add(plain, bias) : plain;
    return activation === null ? total : activations[activation](total);
  }
  const n = weight.shape[0];
  if (bias && (bias.ndim > 1 || (bias.ndim === 1 && bias.shape[0] !== n))) {
    invalid('linear', 'bias', `shape [${n}]`, bias.shape);
  }
  const vector = bias ? (bias.ndim === 1 ? bias : expand(bias, [n])).to(dtype) : null;
  return apply(linearOp, [x.to(dtype), weight.to(dtype), vector], activation);
}
