/** The list of ops that are methods of Tensor: functions that take a tensor first. `x.sum(1)` is `sum(x, 1)`. */
import { registerHook } from '../autograd/backward.ts';
import { Tensor } from '../tensor/tensor.ts';
import * as access from './access.ts';
import * as copy from './copy.ts';
import * as elementwise from './elementwise.ts';
import * as gather from './gather.ts';
import * as indexing from './indexing.ts';
import * as matmul from './matmul.ts';
import * as reduce from './reduce.ts';
import * as scan from './scan.ts';
import * as softmax from './softmax.ts';
import * as view from './view.ts';

/** Largest element of all, or values and positions along an axis, or the larger of two tensors; `torch.max`. */
export function max(x: Tensor): Tensor;
export function max(x: Tensor, dim: number, opts?: reduce.ReduceOptions): reduce.ValuesAndIndices;
export function max(x: Tensor, other: Tensor): Tensor;
export function max(x: Tensor, arg?: number | Tensor, opts?: reduce.ReduceOptions): Tensor | reduce.ValuesAndIndices {
  if (arg === undefined) return reduce.extremeOfAll('max', x);
  return arg instanceof Tensor ? elementwise.maximum(x, arg) : reduce.extremeAlong('max', x, arg, opts);
}

/** Smallest element of all, or values and positions along an axis, or the smaller of two tensors; `torch.min`. */
export function min(x: Tensor): Tensor;
export function min(x: Tensor, dim: number, opts?: reduce.ReduceOptions): reduce.ValuesAndIndices;
export function min(x: Tensor, other: Tensor): Tensor;
export function min(x: Tensor, arg?: number | Tensor, opts?: reduce.ReduceOptions): Tensor | reduce.ValuesAndIndices {
  if (arg === undefined) return reduce.extremeOfAll('min', x);
  return arg instanceof Tensor ? elementwise.minimum(x, arg) : reduce.extremeAlong('min', x, arg, opts);
}

const table = {
  // access.ts
  item: access.item,
  toArray: access.toArray,
  toTypedArray: access.toTypedArray,
  // copy.ts
  clone: copy.clone,
  contiguous: copy.contiguous,
  to: copy.to,
  detach: copy.detach,
  // elementwise.ts
  neg: elementwise.neg,
  abs: elementwise.abs,
  sign: elementwise.sign,
  square: elementwise.square,
  sqrt: elementwise.sqrt,
  rsqrt: elementwise.rsqrt,
  reciprocal: elementwise.reciprocal,
  exp: elementwise.exp,
  expm1: elementwise.expm1,
  log: elementwise.log,
  log1p: elementwise.log1p,
  log2: elementwise.log2,
  log10: elementwise.log10,
  sin: elementwise.sin,
  cos: elementwise.cos,
  tan: elementwise.tan,
  asin: elementwise.asin,
  acos: elementwise.acos,
  atan: elementwise.atan,
  sinh: elementwise.sinh,
  cosh: elementwise.cosh,
  erf: elementwise.erf,
  floor: elementwise.floor,
  ceil: elementwise.ceil,
  trunc: elementwise.trunc,
  round: elementwise.round,
  sigmoid: elementwise.sigmoid,
  tanh: elementwise.tanh,
  relu: elementwise.relu,
  add: elementwise.add,
  sub: elementwise.sub,
  mul: elementwise.mul,
  div: elementwise.div,
  rsub: elementwise.rsub,
  pow: elementwise.pow,
  floorDivide: elementwise.floorDivide,
  remainder: elementwise.remainder,
  fmod: elementwise.fmod,
  atan2: elementwise.atan2,
  maximum: elementwise.maximum,
  minimum: elementwise.minimum,
  eq: elementwise.eq,
  ne: elementwise.ne,
  lt: elementwise.lt,
  le: elementwise.le,
  gt: elementwise.gt,
  ge: elementwise.ge,
  logicalAnd: elementwise.logicalAnd,
  logicalOr: elementwise.logicalOr,
  logicalXor: elementwise.logicalXor,
  logicalNot: elementwise.logicalNot,
  isnan: elementwise.isnan,
  isinf: elementwise.isinf,
  isfinite: elementwise.isfinite,
  clamp: elementwise.clamp,
  add_: elementwise.add_,
  sub_: elementwise.sub_,
  mul_: elementwise.mul_,
  div_: elementwise.div_,
  pow_: elementwise.pow_,
  copy_: elementwise.copy_,
  fill_: elementwise.fill_,
  zero_: elementwise.zero_,
  // gather.ts
  indexSelect: gather.indexSelect,
  flip: gather.flip,
  gather: gather.gather,
  scatter: gather.scatter,
  scatterAdd: gather.scatterAdd,
  // indexing.ts
  at: indexing.at,
  set: indexing.set,
  // matmul.ts
  matmul: matmul.matmul,
  mm: matmul.mm,
  bmm: matmul.bmm,
  mv: matmul.mv,
  dot: matmul.dot,
  outer: matmul.outer,
  addmm: matmul.addmm,
  baddbmm: matmul.baddbmm,
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
  // scan.ts
  cumsum: scan.cumsum,
  cumprod: scan.cumprod,
  // softmax.ts
  softmax: softmax.softmax,
  logSoftmax: softmax.logSoftmax,
  // view.ts
  reshape: view.reshape,
  view: view.view,
  flatten: view.flatten,
  unflatten: view.unflatten,
  permute: view.permute,
  transpose: view.transpose,
  t: view.t,
  movedim: view.movedim,
  unsqueeze: view.unsqueeze,
  squeeze: view.squeeze,
  expand: view.expand,
  expandAs: view.expandAs,
  narrow: view.narrow,
  select: view.select,
  // autograd
  registerHook,
} as const;

type Method<F> = F extends (x: infer _X, ...args: infer A) => infer R ? (...args: A) => R : never;

/** The ops as methods; those with overloads are written out. */
export type TensorMethods = { [K in keyof typeof table]: Method<(typeof table)[K]> } & {
  max(): Tensor;
  max(dim: number, opts?: reduce.ReduceOptions): reduce.ValuesAndIndices;
  max(other: Tensor): Tensor;
  min(): Tensor;
  min(dim: number, opts?: reduce.ReduceOptions): reduce.ValuesAndIndices;
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
