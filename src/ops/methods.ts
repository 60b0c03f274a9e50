/** The list of ops that are methods of Tensor: functions that take a tensor first. `x.sum(1)` is `sum(x, 1)`. */
import { registerHook } from '../autograd/backward.ts';
import { Tensor } from '../tensor/tensor.ts';
import * as access from './access.ts';
import * as binary from './binary.ts';
import * as compare from './compare.ts';
import * as composed from './composed.ts';
import * as copy from './copy.ts';
import * as diagonal from './diagonal.ts';
import * as gather from './gather.ts';
import * as indexing from './indexing.ts';
import * as inplace from './inplace.ts';
import * as matmul from './matmul.ts';
import * as parts from './parts.ts';
import * as reduce from './reduce.ts';
import * as repeat from './repeat.ts';
import * as scan from './scan.ts';
import * as softmax from './softmax.ts';
import * as sort from './sort.ts';
import * as statistics from './statistics.ts';
import * as unary from './unary.ts';
import * as view from './view.ts';

/** Largest element of all, or values and positions along an axis, or the larger of two tensors; `torch.max`. */
export function max(x: Tensor): Tensor;
export function max(x: Tensor, dim: number, opts?: reduce.ReduceOptions): reduce.ValuesAndIndices;
export function max(x: Tensor, other: Tensor): Tensor;
export function max(x: Tensor, arg?: number | Tensor, opts?: reduce.ReduceOptions): Tensor | reduce.ValuesAndIndices {
  if (arg === undefined) return reduce.extremeOfAll('max', x);
  return arg instanceof Tensor ? binary.maximum(x, arg) : reduce.extremeAlong('max', x, arg, opts);
}

/** Smallest element of all, or values and positions along an axis, or the smaller of two tensors; `torch.min`. */
export function min(x: Tensor): Tensor;
export function min(x: Tensor, dim: number, opts?: reduce.ReduceOptions): reduce.ValuesAndIndices;
export function min(x: Tensor, other: Tensor): Tensor;
export function min(x: Tensor, arg?: number | Tensor, opts?: reduce.ReduceOptions): Tensor | reduce.ValuesAndIndices {
  if (arg === undefined) return reduce.extremeOfAll('min', x);
  return arg instanceof Tensor ? binary.minimum(x, arg) : reduce.extremeAlong('min', x, arg, opts);
}

const table = {
  // access.ts
  item: access.item,
  toArray: access.toArray,
  toTypedArray: access.toTypedArray,
  requiresGrad_: access.requiresGrad_,
  // binary.ts
  add: binary.add,
  sub: binary.sub,
  rsub: binary.rsub,
  mul: binary.mul,
  div: binary.div,
  pow: binary.pow,
  floorDivide: binary.floorDivide,
  remainder: binary.remainder,
  fmod: binary.fmod,
  atan2: binary.atan2,
  maximum: binary.maximum,
  minimum: binary.minimum,
  // compare.ts
  eq: compare.eq,
  ne: compare.ne,
  lt: compare.lt,
  le: compare.le,
  gt: compare.gt,
  ge: compare.ge,
  logicalAnd: compare.logicalAnd,
  logicalOr: compare.logicalOr,
  logicalXor: compare.logicalXor,
  logicalNot: compare.logicalNot,
  isnan: compare.isnan,
  isinf: compare.isinf,
  isfinite: compare.isfinite,
  clamp: compare.clamp,
  // composed.ts
  lerp: composed.lerp,
  addcmul: composed.addcmul,
  addcdiv: composed.addcdiv,
  hypot: composed.hypot,
  fmax: composed.fmax,
  fmin: composed.fmin,
  nanToNum: composed.nanToNum,
  logit: composed.logit,
  isclose: composed.isclose,
  allclose: composed.allclose,
  equal: composed.equal,
  maskedFill: composed.maskedFill,
  maskedSelect: composed.maskedSelect,
  where: composed.whereElse,
  // copy.ts
  clone: copy.clone,
  contiguous: copy.contiguous,
  to: copy.to,
  float: copy.float,
  double: copy.double,
  int: copy.int,
  bool: copy.bool,
  detach: copy.detach,
  // diagonal.ts
  diagonal: diagonal.diagonal,
  diag: diagonal.diag,
  tril: diagonal.tril,
  triu: diagonal.triu,
  // gather.ts
  indexSelect: gather.indexSelect,
  flip: gather.flip,
  gather: gather.gather,
  scatter: gather.scatter,
  scatterAdd: gather.scatterAdd,
  takeAlongDim: gather.takeAlongDim,
  indexAdd: gather.indexAdd,
  // indexing.ts
  at: indexing.at,
  set: indexing.set,
  // inplace.ts
  add_: inplace.add_,
  sub_: inplace.sub_,
  mul_: inplace.mul_,
  div_: inplace.div_,
  pow_: inplace.pow_,
  copy_: inplace.copy_,
  fill_: inplace.fill_,
  zero_: inplace.zero_,
  clamp_: inplace.clamp_,
  maskedFill_: inplace.maskedFill_,
  lerp_: inplace.lerp_,
  addcmul_: inplace.addcmul_,
  addcdiv_: inplace.addcdiv_,
  neg_: inplace.neg_,
  abs_: inplace.abs_,
  exp_: inplace.exp_,
  log_: inplace.log_,
  sqrt_: inplace.sqrt_,
  square_: inplace.square_,
  reciprocal_: inplace.reciprocal_,
  relu_: inplace.relu_,
  sigmoid_: inplace.sigmoid_,
  tanh_: inplace.tanh_,
  floor_: inplace.floor_,
  ceil_: inplace.ceil_,
  round_: inplace.round_,
  // matmul.ts
  matmul: matmul.matmul,
  mm: matmul.mm,
  bmm: matmul.bmm,
  mv: matmul.mv,
  dot: matmul.dot,
  outer: matmul.outer,
  inner: matmul.inner,
  addmm: matmul.addmm,
  addbmm: matmul.addbmm,
  baddbmm: matmul.baddbmm,
  addmv: matmul.addmv,
  // parts.ts
  split: parts.split,
  chunk: parts.chunk,
  unbind: parts.unbind,
  // reduce.ts
  sum: reduce.sum,
  mean: reduce.mean,
  prod: reduce.prod,
  amax: reduce.amax,
  amin: reduce.amin,
  argmax: reduce.argmax,
  argmin: reduce.argmin,
  any: reduce.any,
  all: reduce.all,
  // repeat.ts
  repeat: repeat.repeat,
  tile: repeat.tile,
  repeatInterleave: repeat.repeatInterleave,
  roll: repeat.roll,
  rot90: repeat.rot90,
  flipud: repeat.flipud,
  fliplr: repeat.fliplr,
  // scan.ts
  cumsum: scan.cumsum,
  cumprod: scan.cumprod,
  // softmax.ts
  softmax: softmax.softmax,
  logSoftmax: softmax.logSoftmax,
  // sort.ts
  sort: sort.sort,
  argsort: sort.argsort,
  topk: sort.topk,
  // statistics.ts
  var: statistics.variance,
  std: statistics.std,
  varMean: statistics.varMean,
  stdMean: statistics.stdMean,
  norm: statistics.norm,
  logsumexp: statistics.logsumexp,
  nansum: statistics.nansum,
  countNonzero: statistics.countNonzero,
  // unary.ts
  neg: unary.neg,
  abs: unary.abs,
  sign: unary.sign,
  square: unary.square,
  sqrt: unary.sqrt,
  rsqrt: unary.rsqrt,
  reciprocal: unary.reciprocal,
  exp: unary.exp,
  exp2: unary.exp2,
  expm1: unary.expm1,
  log: unary.log,
  log1p: unary.log1p,
  log2: unary.log2,
  log10: unary.log10,
  sin: unary.sin,
  cos: unary.cos,
  tan: unary.tan,
  asin: unary.asin,
  acos: unary.acos,
  atan: unary.atan,
  sinh: unary.sinh,
  cosh: unary.cosh,
  tanh: unary.tanh,
  asinh: unary.asinh,
  acosh: unary.acosh,
  atanh: unary.atanh,
  erf: unary.erf,
  erfc: unary.erfc,
  floor: unary.floor,
  ceil: unary.ceil,
  trunc: unary.trunc,
  frac: unary.frac,
  round: unary.round,
  sigmoid: unary.sigmoid,
  relu: unary.relu,
  positive: unary.positive,
  // view.ts
  reshape: view.reshape,
  view: view.view,
  reshapeAs: view.reshapeAs,
  viewAs: view.viewAs,
  flatten: view.flatten,
  unflatten: view.unflatten,
  ravel: view.ravel,
  permute: view.permute,
  transpose: view.transpose,
  t: view.t,
  movedim: view.movedim,
  unsqueeze: view.unsqueeze,
  squeeze: view.squeeze,
  expand: view.expand,
  expandAs: view.expandAs,
  broadcastTo: view.broadcastTo,
  narrow: view.narrow,
  select: view.select,
  // other names of the same
  swapaxes: view.transpose,
  // autograd
  registerHook,
} as const;

type Method<F> = F extends (x: infer _X, ...args: infer A) => infer R ? (...args: A) => R : never;

/** The ops as methods; those with overloads are written out. */
export type TensorMethods = { [K in keyof typeof table]: Method<(typeof table)[K]> } & {
  /** Largest element of all; `torch.max`. */
  max(): Tensor;
  /** Largest elements along an axis and their positions. */
  max(dim: number, opts?: reduce.ReduceOptions): reduce.ValuesAndIndices;
  /** The larger of two tensors, element by element; `maximum`. */
  max(other: Tensor): Tensor;
  /** Smallest element of all; `torch.min`. */
  min(): Tensor;
  /** Smallest elements along an axis and their positions. */
  min(dim: number, opts?: reduce.ReduceOptions): reduce.ValuesAndIndices;
  /** The smaller of two tensors, element by element; `minimum`. */
  min(other: Tensor): Tensor;
};

/** Installs the list on the prototype; called once, by src/tensor/install.ts. */
export function installMethods(): void {
  for (const [name, op] of Object.entries({ ...table, max, min })) {
    Object.defineProperty(Tensor.prototype, name, {
      value: function (this: Tensor, ...args: unknown[]) {
        return (op as (...all: unknown[]) => unknown)(this, ...args);
      },
      writable: true,
      configurable: true,
    });
  }
}
