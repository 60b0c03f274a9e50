/** Pooling with a window over one, two or three spatial axes. */
import { apply, applyAll, isTraced } from '../autograd/apply.ts';
import { describe } from '../backend/descriptors.ts';
import { invalid } from '../errors.ts';
import { boolean, integer, options } from '../options.ts';
import { sizeOf } from '../tensor/shape.ts';
import { releaseIfPassed } from '../tensor/storage.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { div } from './binary.ts';
import { dense, elements } from './copy.ts';
import { defineOp, emptyTensor, kernelsFor, type Op } from './define.ts';
import { gather } from './gather.ts';
import { checkWindow, positions, type Window, type WindowOptions, widen, windowAlong } from './pool-window.ts';
import type { ValuesAndIndices } from './reduce.ts';
import { ShapeCache } from './shape-cache.ts';
import { reshape } from './view.ts';
import { checkOutput } from './window.ts';

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

const geometries = new ShapeCache<Geometry>();

function geometry(op: string, x: Tensor, w: Window, countIncludePad = 0, divisor = 0): Geometry {
  const { kernel, stride, padding, dilation } = w;
  const key = [kernel[0], kernel[1], stride[0], stride[1], padding[0], padding[1], dilation[0], dilation[1]];
  key.push(Number(w.ceilMode), countIncludePad, divisor);
  for (let i = 0; i < x.ndim; i++) key.push(x.shape[i]);
  return geometries.get(key, () => makeGeometry(op, x.shape.slice(), w, countIncludePad, divisor));
}

function makeGeometry(
  op: string,
  shape: readonly number[],
  w: Window,
  countIncludePad: number,
  divisor: number,
): Geometry {
  const [h, width] = shape.slice(-2);
  const oh = positions(h, w, 0);
  const ow = positions(width, w, 1);
  checkOutput(op, [oh, ow], [h, width], w.kernel);
  const lead = shape.slice(0, -2);
  return {
    x: shape,
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

/** Options of `maxPool1d`, `maxPool2d` and `maxPool3d`. */
export interface MaxPoolOptions extends WindowOptions {
  /** Distance between the elements of a window. Default 1. */
  dilation?: number | readonly number[];
  /** Also give the positions of the maxima (int32, in their plane or volume), for maxUnpool. Default false. */
  returnIndices?: boolean;
}

/** Values and positions of the maxima over the last two axes. */
function maxOver2(op: string, x: Tensor, window: Window): ValuesAndIndices {
  const [values, indices] = applyAll(maxPoolOp, [x], geometry(op, x, window));
  return { values, indices };
}

/** Over the last three: within each plane first, then along depth; the first maximum is the same. */
function maxOver3(op: string, x: Tensor, window: Window): ValuesAndIndices {
  const plane = maxOver2(op, x, windowAlong(window, 1, 2));
  const [depth, oh, ow] = plane.values.shape.slice(-3);
  const lead = x.shape.slice(0, -3);
  const flat = [...lead, depth, oh * ow];
  const column = maxOver2(op, reshape(plane.values, flat), widen(windowAlong(window, 0, 1), true));
  const od = column.values.shape[column.values.ndim - 2];
  const inPlane = gather(
    reshape(plane.indices, [...lead, depth * oh * ow]),
    lead.length,
    reshape(column.indices, [...lead, od * oh * ow]),
  );
  const places = column.indices.floorDivide(oh * ow).mul(x.shape[x.ndim - 2] * x.shape[x.ndim - 1]);
  const shape = [...lead, od, oh, ow];
  return { values: reshape(column.values, shape), indices: reshape(places, shape).add(reshape(inPlane, shape)) };
}

const maxPoolNames = ['stride', 'padding', 'dilation', 'ceilMode', 'returnIndices'] as const;

function maxPool(op: string, axes: number) {
  function pool(
    x: Tensor,
    kernelSize: number | readonly number[],
    opts: MaxPoolOptions & { returnIndices: true },
  ): ValuesAndIndices;
  function pool(
    x: Tensor,
    kernelSize: number | readonly number[],
    opts?: MaxPoolOptions & { returnIndices?: false },
  ): Tensor;
  function pool(x: Tensor, kernelSize: number | readonly number[], opts?: MaxPoolOptions): Tensor | ValuesAndIndices;
  function pool(x: Tensor, kernelSize: number | readonly number[], opts?: MaxPoolOptions): Tensor | ValuesAndIndices {
    const given = options(op, opts, maxPoolNames);
    const returnIndices = boolean(op, 'returnIndices', given.returnIndices ?? false);
    const window = checkWindow(op, axes, x, kernelSize, given);
    let result: ValuesAndIndices;
    if (axes === 1) {
      const { values, indices } = maxOver2(
        op,
        reshape(x, [...x.shape.slice(0, -1), 1, x.shape[x.ndim - 1]]),
        widen(window),
      );
      const shape = [...x.shape.slice(0, -1), values.shape[values.ndim - 1]];
      result = { values: reshape(values, shape), indices: reshape(indices, shape) };
    } else result = axes === 2 ? maxOver2(op, x, window) : maxOver3(op, x, window);
    if (returnIndices) return result;
    // nobody sees the positions: they go back to the pool with the graph, or now where there is none
    result.indices.storage.passing = !isTraced();
    releaseIfPassed(result.indices.storage);
    return result.values;
  }
  return pool;
}

/** Largest element of each window of x [n, c, l] or [c, l]; as maxPool2d; `torch.nn.functional.max_pool1d`. */
export const maxPool1d = maxPool('maxPool1d', 1);
/**
 * Largest element of each window of x [n, c, h, w] or [c, h, w]; NaN wins, then the first.
 * With `returnIndices` the result is `{values, indices}`. `torch.nn.functional.max_pool2d`.
 */
export const maxPool2d = maxPool('maxPool2d', 2);
/** Largest element of each window of x [n, c, d, h, w] or [c, d, h, w]; as maxPool2d; `torch.nn.functional.max_pool3d`. */
export const maxPool3d = maxPool('maxPool3d', 3);

/** Options of `avgPool1d`. */
export interface AvgPool1dOptions extends WindowOptions {
  /** Padding counts in the divisor. Default true. */
  countIncludePad?: boolean;
}

/** Options of `avgPool2d` and `avgPool3d`. */
export interface AvgPoolOptions extends AvgPool1dOptions {
  /** Divide by this number instead. Default null. */
  divisorOverride?: number | null;
}

/** Means over the last two axes; the sum where `divisor` is 1. */
function meanOver2(op: string, x: Tensor, window: Window, countIncludePad: boolean, divisor: number): Tensor {
  return apply(avgPoolOp, [x], geometry(op, x, window, countIncludePad ? 1 : 0, divisor));
}

function meanOver3(op: string, x: Tensor, window: Window, countIncludePad: boolean, divisor: number): Tensor {
  // a window's size is the product of its sizes along the axes: the mean of means is the mean
  const part = divisor === 0 ? 0 : 1;
  const plane = meanOver2(op, x, windowAlong(window, 1, 2), countIncludePad, part);
  const [depth, oh, ow] = plane.shape.slice(-3);
  const lead = x.shape.slice(0, -3);
  const column = widen(windowAlong(window, 0, 1), true);
  const y = meanOver2(op, reshape(plane, [...lead, depth, oh * ow]), column, countIncludePad, part);
  const volume = reshape(y, [...lead, y.shape[y.ndim - 2], oh, ow]);
  return divisor === 0 ? volume : div(volume, divisor);
}

const avgPoolNames = ['stride', 'padding', 'ceilMode', 'countIncludePad', 'divisorOverride'] as const;
const nullDivisor = ['divisorOverride'] as const;

function avgPool(op: string, axes: number) {
  const names = axes === 1 ? avgPoolNames.slice(0, 4) : avgPoolNames;
  return (x: Tensor, kernelSize: number | readonly number[], opts?: AvgPoolOptions): Tensor => {
    const given = options(op, opts, names, nullDivisor);
    const { divisorOverride = null } = given;
    const countIncludePad = boolean(op, 'countIncludePad', given.countIncludePad ?? true);
    const divisor = divisorOverride === null ? 0 : integer(op, 'divisorOverride', divisorOverride);
    if (divisorOverride === 0) invalid(op, 'divisorOverride', 'an integer other than 0', 0);
    const window = checkWindow(op, axes, x, kernelSize, given);
    if (axes === 3) return meanOver3(op, x, window, countIncludePad, divisor);
    if (axes === 2) return meanOver2(op, x, window, countIncludePad, divisor);
    const image = reshape(x, [...x.shape.slice(0, -1), 1, x.shape[x.ndim - 1]]);
    const y = meanOver2(op, image, widen(window), countIncludePad, divisor);
    return reshape(y, [...x.shape.slice(0, -1), y.shape[y.ndim - 1]]);
  };
}

/** Mean of each window of x [n, c, l] or [c, l]; `torch.nn.functional.avg_pool1d`. */
export const avgPool1d: (x: Tensor, kernelSize: number | readonly number[], opts?: AvgPool1dOptions) => Tensor =
  avgPool('avgPool1d', 1);
/** Mean of each window of x [n, c, h, w] or [c, h, w]; `torch.nn.functional.avg_pool2d`. */
export const avgPool2d = avgPool('avgPool2d', 2);
/** Mean of each window of x [n, c, d, h, w] or [c, d, h, w]; `torch.nn.functional.avg_pool3d`. */
export const avgPool3d = avgPool('avgPool3d', 3);
