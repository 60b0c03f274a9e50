/** Pooling to a given output size: window i of o covers elements floor(i·n/o) … ceil((i+1)·n/o) - 1. */
import { invalid } from '../errors.ts';
import { boolean, integer, options } from '../options.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { div, mul } from './binary.ts';
import { dense, elements } from './copy.ts';
import { fromFlat } from './create.ts';
import { emptyTensor } from './define.ts';
import { takeRows } from './gather.ts';
import { avgPool2d } from './pool.ts';
import { checkImage } from './pool-window.ts';
import type { ValuesAndIndices } from './reduce.ts';
import { combine } from './resample.ts';
import { reshape } from './view.ts';

/** An output size: one for all axes, or one each, null for the input's own. */
export type AdaptiveSize = number | readonly (number | null)[];

function outputSizes(op: string, axes: number, x: Tensor, outputSize: AdaptiveSize): number[] {
  checkImage(op, x, axes);
  const list = typeof outputSize === 'number' ? [outputSize] : outputSize;
  if (!Array.isArray(list) || (list.length !== axes && list.length !== 1)) {
    return invalid(op, 'outputSize', `an integer or ${axes} of integers and null`, outputSize);
  }
  const own = x.shape.slice(-axes);
  const all = list.length === 1 ? Array(axes).fill(list[0]) : list;
  return all.map((n: number | null, i: number) => (n === null ? own[i] : integer(op, 'outputSize', n, 0)));
}

const first = (i: number, n: number, o: number): number => Math.floor((i * n) / o);
const end = (i: number, n: number, o: number): number => Math.ceil(((i + 1) * n) / o);

/** Means along axis d of size n in o windows. */
function meansAlong(x: Tensor, d: number, o: number): Tensor {
  const n = x.shape[d];
  const at = Array.from({ length: o }, (_, i) => i);
  const lengths = at.map((i) => end(i, n, o) - first(i, n, o));
  const taps = Array.from({ length: Math.max(...lengths, 1) }, (_, t) => ({
    index: at.map((i) => first(i, n, o) + Math.min(t, lengths[i] - 1)),
    weight: lengths.map((length) => (t < length ? 1 : 0)),
  }));
  const sums = combine(x, d, taps);
  if (lengths.every((length) => length === 1)) return sums;
  const shape = x.shape.map((_, i) => (i === d ? o : 1));
  return div(sums, reshape(fromFlat(lengths, [o], x.dtype), shape));
}

function adaptiveAvgPool(op: string, axes: number) {
  return (x: Tensor, outputSize: AdaptiveSize): Tensor => {
    const size = outputSizes(op, axes, x, outputSize);
    const kernel = size.map((o, i) => x.shape[x.ndim - axes + i] / o);
    if (axes === 2 && kernel.every((k) => Number.isInteger(k) && k > 0)) return avgPool2d(x, kernel);
    return size.reduce(
      (y, o, i) => {
        const d = x.ndim - axes + i;
        return o === y.shape[d] ? y : meansAlong(y, d, o);
      },
      mul(x, 1),
    );
  };
}

/** Means of x [n, c, l] or [c, l] in `outputSize` windows; `torch.nn.functional.adaptive_avg_pool1d`. */
export const adaptiveAvgPool1d = adaptiveAvgPool('adaptiveAvgPool1d', 1);
/** Means of x [n, c, h, w] or [c, h, w] in `outputSize` windows; null keeps an axis; `torch.nn.functional.adaptive_avg_pool2d`. */
export const adaptiveAvgPool2d = adaptiveAvgPool('adaptiveAvgPool2d', 2);
/** Means of x [n, c, d, h, w] or [c, d, h, w] in `outputSize` windows; `torch.nn.functional.adaptive_avg_pool3d`. */
export const adaptiveAvgPool3d = adaptiveAvgPool('adaptiveAvgPool3d', 3);

/** Position of the maximum of each window in its plane or volume; NaN wins, then the first. */
function maxima(x: Tensor, axes: number, size: readonly number[]): Tensor {
  const pad = Array<number>(3 - axes).fill(1);
  const [nd, nh, nw] = [...pad, ...x.shape.slice(-axes)];
  const [od, oh, ow] = [...pad, ...size];
  const lead = x.shape.slice(0, -axes);
  const out = emptyTensor('int32', [...lead, ...size]);
  const source = dense(x);
  const data = elements(source);
  let at = 0;
  for (let plane = 0, start = 0; plane < sizeOf(lead); plane++, start += nd * nh * nw) {
    for (let i = 0; i < od; i++) {
      for (let j = 0; j < oh; j++) {
        for (let k = 0; k < ow; k++) {
          let best = -1;
          let most = -Infinity;
          for (let d = first(i, nd, od); d < end(i, nd, od); d++) {
            for (let h = first(j, nh, oh); h < end(j, nh, oh); h++) {
              for (let w = first(k, nw, ow); w < end(k, nw, ow); w++) {
                const place = (d * nh + h) * nw + w;
                const v = data[start + place];
                if (best < 0 || v > most || (Number.isNaN(v) && !Number.isNaN(most))) {
                  best = place;
                  most = v;
                }
              }
            }
          }
          out.data[at++] = best;
        }
      }
    }
  }
  return out;
}

export interface AdaptiveMaxPoolOptions {
  /** Also give the positions of the maxima (int32, in their plane or volume). Default false. */
  returnIndices?: boolean;
}

function adaptiveMaxPool(op: string, axes: number) {
  function pool(x: Tensor, outputSize: AdaptiveSize, opts: { returnIndices: true }): ValuesAndIndices;
  function pool(x: Tensor, outputSize: AdaptiveSize, opts?: { returnIndices?: false }): Tensor;
  function pool(x: Tensor, outputSize: AdaptiveSize, opts?: AdaptiveMaxPoolOptions): Tensor | ValuesAndIndices;
  function pool(x: Tensor, outputSize: AdaptiveSize, opts?: AdaptiveMaxPoolOptions): Tensor | ValuesAndIndices {
    const { returnIndices = false } = options(op, opts, ['returnIndices']);
    boolean(op, 'returnIndices', returnIndices);
    const size = outputSizes(op, axes, x, outputSize);
    if (sizeOf(x.shape.slice(-axes)) === 0) invalid(op, 'input', 'spatial axes that are not empty', x.shape);
    const indices = maxima(x, axes, size);
    const [inPlane, outPlane] = [sizeOf(x.shape.slice(-axes)), sizeOf(size)];
    const index = Int32Array.from(
      elements(indices).subarray(0, indices.size),
      (p, i) => p + Math.floor(i / outPlane) * inPlane,
    );
    const values = takeRows(x, { index, sourceRows: x.size, inner: 1, shape: indices.shape, source: x.shape });
    return returnIndices ? { values, indices } : values;
  }
  return pool;
}

/** Maxima of x [n, c, l] or [c, l] in `outputSize` windows; `torch.nn.functional.adaptive_max_pool1d`. */
export const adaptiveMaxPool1d = adaptiveMaxPool('adaptiveMaxPool1d', 1);
/** Maxima of x [n, c, h, w] or [c, h, w] in `outputSize` windows; `torch.nn.functional.adaptive_max_pool2d`. */
export const adaptiveMaxPool2d = adaptiveMaxPool('adaptiveMaxPool2d', 2);
/** Maxima of x [n, c, d, h, w] or [c, d, h, w] in `outputSize` windows; `torch.nn.functional.adaptive_max_pool3d`. */
export const adaptiveMaxPool3d = adaptiveMaxPool('adaptiveMaxPool3d', 3);
