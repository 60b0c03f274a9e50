/**
 * The list of kernels that both backends share: name → roles of the arguments, in order.
 *
 *   n   a number                          XDesc  an Int32Array laid out as in descriptors.ts
 *   x   numbers read                      x?     the same, or null
 *   y   numbers written (or updated in place)
 *   i   int32 indices read                j      int32 indices written
 *   b   bytes read (bool, mask)           c      bytes written
 *
 * The arrays of a call's x and y roles have one element type. Arrays may be longer than needed, never shorter. Results
 * do not overlap operands unless the row says so. Kernels check nothing: the op checked shapes, the native binding
 * checks sizes and index ranges once more. The native backend implements a subset, for float32 only.
 */

/** Element by element, contiguous: y[i] = f(x[i]) for i < n. x and y may be the same array. */
const unary = 'n x y';
/** Element by element over a StridedDesc: operands a and b, contiguous y, which may be a itself where a is contiguous. */
const binary = 'StridedDesc x x y';
/** As binary, with a byte 0 or 1 for a result. */
const compare = 'StridedDesc x x c';
/** [outer, n, inner] → [outer, inner]. */
const reduce = 'ReduceDesc x y';
/** As reduce, with the values and the int32 position along n. First of equals wins; NaN wins over all. */
const reduceIndex = 'ReduceDesc x y j';
/** [outer, n, inner] → the same shape. */
const along = 'ReduceDesc x y';

export const kernelRoles = {
  // copying
  fill: 'n n y', // n, value, y
  copyStrided: 'StridedDesc x y', // b[...] = a[...]: y is operand b, strided, not broadcast
  // elementwise, one operand
  neg: unary,
  abs: unary,
  sign: unary,
  square: unary,
  sqrt: unary,
  rsqrt: unary,
  reciprocal: unary,
  exp: unary,
  expm1: unary,
  log: unary,
  log1p: unary,
  log2: unary,
  log10: unary,
  sin: unary,
  cos: unary,
  tan: unary,
  asin: unary,
  acos: unary,
  atan: unary,
  sinh: unary,
  cosh: unary,
  erf: unary,
  floor: unary,
  ceil: unary,
  round: unary, // half to even
  trunc: unary,
  sigmoid: unary,
  tanh: unary,
  relu: unary, // NaN stays NaN
  // elementwise, two operands
  add: binary,
  sub: binary,
  mul: binary,
  div: binary,
  pow: binary,
  maximum: binary, // NaN wins
  minimum: binary, // NaN wins
  floorDivide: binary, // floor(a / b)
  truncDivide: binary, // trunc(a / b)
  remainder: binary, // sign of b
  fmod: binary, // sign of a
  atan2: binary,
  eq: compare,
  ne: compare,
  lt: compare,
  le: compare,
  gt: compare,
  ge: compare,
  where: 'StridedDesc b x x y', // operand a is the condition, b where it holds, c where it does not
  // gradients of activations: g, then what the rule needs, then the result (which may be g)
  sigmoidBackward: 'n x x y', // g * s * (1 - s), s the sigmoid
  tanhBackward: 'n x x y', // g * (1 - t * t), t the tanh
  reluBackward: 'n x x y', // g where r > 0 else 0, r the relu
  // reductions
  sum: reduce,
  prod: reduce,
  max: reduceIndex,
  min: reduceIndex,
  any: 'ReduceDesc b c',
  all: 'ReduceDesc b c',
  cumsum: along,
  cumprod: along,
  sort: 'ReduceDesc n x y j', // n: 1 for descending; stable; NaN is the largest
  // softmax and losses, along n
  softmax: along,
  logSoftmax: along,
  softmaxBackward: 'ReduceDesc x x y', // g, s → s * (g - sum(g * s))
  logSoftmaxBackward: 'ReduceDesc x x y', // g, l → g - exp(l) * sum(g)
  // indexing
  takeRows: 'RowsDesc x i y', // y[r] = x[i[r]]; indices in [0, sourceRows)
  addRows: 'RowsDesc x i y', // y[i[r]] += x[r], in order of r; y is not cleared first
  putRows: 'RowsDesc x i y', // y[i[r]] = x[r], in order of r
  // products
  matmul: 'GemmDesc x x x? y', // a, b, bias, c
  conv2d: 'ConvDesc x x x? y', // x, weights, bias, y
  conv2dInputGrad: 'ConvDesc x x y', // g, weights, gradient of x; ConvDesc describes the forward pass
  conv2dWeightGrad: 'ConvDesc x x y', // x, g, gradient of the weights
  unfold: 'ConvDesc x y', // [n, c, h, w] → [n, c·kh·kw, oh·ow]
  fold: 'ConvDesc x y', // the transpose of unfold: overlaps are summed, y is written
  // pooling
  maxPool2d: 'PoolDesc x y j', // j: position h·w in the plane; NaN wins, then the first maximum
  maxPool2dBackward: 'PoolDesc x i y', // g, indices → gradient of x (written whole)
  maxPool2dGather: 'PoolDesc x i y', // x, indices → y[o] = x[indices[o]] per plane
  avgPool2d: 'PoolDesc x y',
  avgPool2dBackward: 'PoolDesc x y', // g → gradient of x (written whole)
  // normalisation over [n, c, inner] per c
  normStats: 'NormDesc n x y y', // eps, x → mean [c], 1 / sqrt(biased variance + eps) [c]
  normForward: 'NormDesc x x x x? x? y', // x, mean, rstd, weight, bias → (x - mean) * rstd * weight + bias
  normBackward: 'NormDesc x x x x x? y y y', // g, x, mean, rstd, weight → gradients of x, weight [c], bias [c]
  // optimizer steps, in place on the parameter and its state
  sgdStep: 'n n n n n n n x y y', // n, lr, momentum, dampening, weightDecay, nesterov, first; g, p, momentum buffer
  // with amsgrad, v is [v, maximum of v so far]: 2n elements
  adamStep: 'n n n n n n n n n n x y y y', // n, lr, beta1, beta2, eps, weightDecay, decoupled, step, amsgrad, maximize; g, p, m, v
  // random numbers: Philox4x32-10; element i of the stream depends on key and counter only
  randomUniform: 'n n n n y', // n, key0, key1, first counter; [0, 1)
} as const satisfies Record<string, string>;

import type { DescriptorName } from './descriptors.ts';

/** The elements of a tensor: int32 in an Int32Array, uint8 and bool in a Uint8Array. */
export type NumberArray = Float32Array | Float64Array | Int32Array | Uint8Array;

interface RoleTypes {
  n: number;
  x: NumberArray;
  'x?': NumberArray | null;
  y: NumberArray;
  i: Int32Array;
  j: Int32Array;
  b: Uint8Array;
  c: Uint8Array;
}
type RoleType<R extends string> = R extends keyof RoleTypes
  ? RoleTypes[R]
  : R extends DescriptorName
    ? Int32Array
    : never;
type Arguments<S extends string> = S extends `${infer R} ${infer Rest}`
  ? [RoleType<R>, ...Arguments<Rest>]
  : [RoleType<S>];

export type KernelName = keyof typeof kernelRoles;
export type Kernel<K extends KernelName> = (...args: Arguments<(typeof kernelRoles)[K]>) => void;
/** Every kernel as a function; what a complete backend is. */
export type Kernels = { readonly [K in KernelName]: Kernel<K> };
