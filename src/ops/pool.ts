/** Pooling over two spatial axes. */
import { apply, applyAll } from '../autograd/apply.ts';
import { describe } from '../backend/descriptors.ts';
import { fail, invalid } from '../errors.ts';
import { boolean, integer, options, sizes } from '../options.ts';
import { sizeOf } from '../tensor/shape.ts';
import { checkFloat, checkTensor, type Tensor } from '../tensor/tensor.ts';
import { dense, elements } from './copy.ts';
import { defineOp, emptyTensor, kernelsFor, type Op } from './define.ts';
import type { ValuesAndIndices } from './reduce.ts';
import { checkOutput, kernelSizes } from './window.ts';

interface Geometry {
  readonly desc: Int32Array;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

const maxPoolOp: Op<Geometry> = defineOp<Geometry>({
  name: 'maxPool2d',
  saves: 'outputs',
  run([x], { desc, y }) {
    const values = emptyTensor(x.dtype, y);
    const indices = emptyTensor('int32', y);
    const source = dense(x);
    kernelsFor(x.dtype).maxPool2d(desc, elements(source), values.data, indices.data as Int32Array);
    return [values, indices];
  },
  grad: (call, g) => [apply(maxPoolBackward, [g, call.output(1)], call.attrs)],
});

const maxPoolBackward: Op<Geometry> = defineOp<Geometry>({
  name: 'maxPool2dBackward',
  saves: 'inputs',
  run([g, indices], { desc, x }) {
    const out = emptyTensor(g.dtype, x);
    const [gd, id] = [dense(g), dense(indices)];
    kernelsFor(g.dtype).maxPool2dBackward(desc, elements(gd), elements(id) as Int32Array, out.data);
    return out;
  },
  grad: (call, gg) => [apply(maxPoolGather, [gg, call.input(1)], call.attrs), null],
});

const maxPoolGather: Op<Geometry> = defineOp<Geometry>({
  name: 'maxPool2dGather',
  saves: 'inputs',
  run([x, indices], { desc, y }) {
    const out = emptyTensor(x.dtype, y);
    const [xd, id] = [dense(x), dense(indices)];
    kernelsFor(x.dtype).maxPool2dGather(desc, elements(xd), elements(id) as Int32Array, out.data);
    return out;
  },
  grad: (call, g) => [apply(maxPoolBackward, [g, call.input(1)], call.attrs), null],
});

const avgPoolOp: Op<Geometry> = defineOp<Geometry>({
  name: 'avgPool2d',
  run([x], { desc, y }) {
    const out = emptyTensor(x.dtype, y);
    const source = dense(x);
    kernelsFor(x.dtype).avgPool2d(desc, elements(source), out.data);
    return out;
  },
  grad: (call, g) => [apply(avgPoolBackward, [g], call.attrs)],
});

const avgPoolBackward: Op<Geometry> = defineOp<Geometry>({
  name: 'avgPool2dBackward',
  run([g], { desc, x }) {
    const out = emptyTensor(g.dtype, x);
    const source = dense(g);
    kernelsFor(g.dtype).avgPool2dBackward(desc, elements(source), out.data);
    return out;
  },
  grad: (call, gg) => [apply(avgPoolOp, [gg], call.attrs)],
});

interface Window {
  kernel: number[];
  stride: number[];
  padding: number[];
  dilation: number[];
  ceilMode: boolean;
}

/** Positions of a pooling window; with ceilMode the last may hang over, but must begin inside the input or its left padding. */
function positions(size: number, w: Window, i: number): number {
  const span = size + 2 * w.padding[i] - w.dilation[i] * (w.kernel[i] - 1) - 1;
  const n = Math.floor((span + (w.ceilMode ? w.stride[i] - 1 : 0)) / w.stride[i]) + 1;
  return w.ceilMode && (n - 1) * w.stride[i] >= size + w.padding[i] ? n - 1 : n;
}

function geometry(op: string, x: Tensor, w: Window, countIncludePad = 0, divisor = 0): Geometry {
  const [h, width] = x.shape.slice(-2);
  const oh = positions(h, w, 0);
  const ow = positions(width, w, 1);
  checkOutput(op, [oh, ow], [h, width], w.kernel);
  const lead = x.shape.slice(0, -2);
  return {
    x: x.shape,
    y: [...lead, oh, ow],
    desc: describe('PoolDesc', {
      planes: sizeOf(lead),
      h,
      w: width,
      oh,
      ow,
      kh: w.kernel[0],
      kw: w.kernel[1],
      strideH: w.stride[0],
      strideW: w.stride[1],
      padTop: w.padding[0],
      padLeft: w.padding[1],
      padBottom: w.padding[0],
      padRight: w.padding[1],
      dilationH: w.dilation[0],
      dilationW: w.dilation[1],
      countIncludePad,
      divisor,
    }),
  };
}

interface WindowOptions {
  stride?: number | readonly number[] | null;
  padding?: number | readonly number[];
  dilation?: number | readonly number[];
  ceilMode?: boolean;
}

function checkWindow(op: string, x: Tensor, kernelSize: number | readonly number[], opts: WindowOptions): Window {
  checkFloat(op, 'input', checkTensor(op, 'input', x));
  if (x.ndim !== 3 && x.ndim !== 4) invalid(op, 'input', 'shape [n, c, h, w] or [c, h, w]', x.shape);
  const kernel = kernelSizes(op, kernelSize, 2);
  const padding = sizes(op, 'padding', opts.padding ?? 0, 2);
  padding.forEach((p, i) => {
    if (p > kernel[i] / 2) fail(op, `padding expected at most half of kernelSize ${kernel[i]}, got ${p}`);
  });
  return {
    kernel,
    stride: strideOr(op, opts.stride, kernel),
    padding,
    dilation: sizes(op, 'dilation', opts.dilation ?? 1, 2, 1),
    ceilMode: boolean(op, 'ceilMode', opts.ceilMode ?? false),
  };
}

/** The stride; where it is absent (in PyTorch's C++ form an empty list), the window itself. */
function strideOr(op: string, stride: WindowOptions['stride'], kernel: number[]): number[] {
  const isAbsent = stride === undefined || stride === null || (Array.isArray(stride) && stride.length === 0);
  return isAbsent ? kernel : sizes(op, 'stride', stride, kernel.length, 1);
}

export interface MaxPoolOptions extends WindowOptions {
  /** Step of the window. Default: its size. */
  stride?: number | readonly number[] | null;
  /** Implicit -∞ on both sides, at most half the window. Default 0. */
  padding?: number | readonly number[];
  /** Distance between the elements of a window. Default 1. */
  dilation?: number | readonly number[];
  /** Let the last window hang over the edge. Default false. */
  ceilMode?: boolean;
  /** Also give the positions of the maxima (int32, h·w of their plane), for maxUnpool2d. Default false. */
  returnIndices?: boolean;
}

/**
 * Largest element of each window of x [n, c, h, w] or [c, h, w]; NaN wins, then the first.
 * With `returnIndices` the result is `{values, indices}`. `torch.nn.functional.max_pool2d`.
 */
export function maxPool2d(
  x: Tensor,
  kernelSize: number | readonly number[],
  opts: MaxPoolOptions & { returnIndices: true },
): ValuesAndIndices;
export function maxPool2d(
  x: Tensor,
  kernelSize: number | readonly number[],
  opts?: MaxPoolOptions & { returnIndices?: false },
): Tensor;
export function maxPool2d(
  x: Tensor,
  kernelSize: number | readonly number[],
  opts?: MaxPoolOptions,
): Tensor | ValuesAndIndices;
export function maxPool2d(
  x: Tensor,
  kernelSize: number | readonly number[],
  opts?: MaxPoolOptions,
): Tensor | ValuesAndIndices {
  const given = options('maxPool2d', opts, ['stride', 'padding', 'dilation', 'ceilMode', 'returnIndices']);
  const shapes = geometry('maxPool2d', x, checkWindow('maxPool2d', x, kernelSize, given));
  const [values, indices] = applyAll(maxPoolOp, [x], shapes);
  return boolean('maxPool2d', 'returnIndices', given.returnIndices ?? false) ? { values, indices } : values;
}

export interface AvgPoolOptions {
  /** Step of the window. Default: its size. */
  stride?: number | readonly number[] | null;
  /** Zeros on both sides, at most half the window. Default 0. */
  padding?: number | readonly number[];
  /** Let the last window hang over the edge. Default false. */
  ceilMode?: boolean;
  /** Padding counts in the divisor. Default true. */
  countIncludePad?: boolean;
  /** Divide by this number instead. Default null. */
  divisorOverride?: number | null;
}

/** Mean of each window of x [n, c, h, w] or [c, h, w]; `torch.nn.functional.avg_pool2d`. */
export function avgPool2d(x: Tensor, kernelSize: number | readonly number[], opts?: AvgPoolOptions): Tensor {
  const op = 'avgPool2d';
  const given = options(op, opts, ['stride', 'padding', 'ceilMode', 'countIncludePad', 'divisorOverride']);
  const { countIncludePad = true, divisorOverride = null, ...rest } = given;
  boolean(op, 'countIncludePad', countIncludePad);
  const window = checkWindow(op, x, kernelSize, rest);
  const divisor = divisorOverride === null ? 0 : integer(op, 'divisorOverride', divisorOverride);
  if (divisorOverride === 0) invalid(op, 'divisorOverride', 'an integer other than 0', 0);
  return apply(avgPoolOp, [x], geometry(op, x, window, countIncludePad ? 1 : 0, divisor));
}

/** @internal The gradient ops of max pooling, for maxUnpool2d. */
export const maxPoolGradients = { backward: maxPoolBackward, gather: maxPoolGather };
export type { Geometry as PoolGeometry };
