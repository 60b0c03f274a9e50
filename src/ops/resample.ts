/** Resampling along one axis: nearest, linear and cubic interpolation as weighted sums of slices. */
import type { DType } from '../tensor/dtype.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { add, mul } from './binary.ts';
import { fromFlat } from './create.ts';
import { selectRows } from './gather.ts';
import { reshape } from './view.ts';

/** One weighted source per output position. */
export interface Tap {
  readonly index: number[];
  readonly weight: number[];
}

/** Σ over taps of x[index]·weight along axis d: how resampling along one axis is made. */
export function combine(x: Tensor, d: number, taps: readonly Tap[]): Tensor {
  const along = x.shape.map((_, i) => (i === d ? -1 : 1));
  const parts = taps.map(({ index, weight }) => {
    const picked = selectRows(x, d, index);
    return weight.every((w) => w === 1)
      ? picked
      : mul(picked, reshape(fromFlat(weight, [weight.length], x.dtype), along));
  });
  return parts.reduce((sum, part) => add(sum, part));
}

/** How the n elements of an axis become o. */
export interface Resampling {
  readonly n: number;
  readonly o: number;
  /** Factor given by the caller, where it counts instead of o / n. */
  readonly factor: number | null;
  readonly alignCorners: boolean;
  readonly dtype: DType;
}

/** PyTorch computes places in the tensor's precision: their rounding decides which element is nearest. */
const rounding = (dtype: DType): ((v: number) => number) => (dtype === 'float64' ? (v) => v : Math.fround);

/** Source elements per output element. */
function scaleOf({ n, o, factor, alignCorners, dtype }: Resampling): number {
  const round = rounding(dtype);
  if (alignCorners) return o > 1 ? round((n - 1) / (o - 1)) : 0;
  return round(factor !== null && factor > 0 ? 1 / factor : n / o);
}

/**
 * The one element that each output element copies; `exact` measures from the centres. `whole` takes factors that leave the
 * size, or double it, for 1 and 2: PyTorch does so for images of one channel.
 */
export function nearestTaps({ n, o, factor }: Resampling, exact: boolean, whole: boolean): Tap[] {
  const scale = Math.fround(factor !== null && factor > 0 ? 1 / factor : n / o);
  const index = Array.from({ length: o }, (_, i) => {
    if (whole && o === n) return i;
    if (whole && o === 2 * n) return i >> 1;
    return Math.min(Math.floor(Math.fround((exact ? i + 0.5 : i) * scale)), n - 1);
  });
  return [{ index, weight: index.map(() => 1) }];
}

/** Where output element i lies among the source elements. */
function placeOf(r: Resampling, scale: number, i: number): number {
  const round = rounding(r.dtype);
  return r.alignCorners ? round(scale * i) : round(round(scale * (i + 0.5)) - 0.5);
}

/** The two neighbours of each output element and their weights. */
export function linearTaps(r: Resampling): Tap[] {
  const { n, o } = r;
  const round = rounding(r.dtype);
  const scale = scaleOf(r);
  const low: Tap = { index: [], weight: [] };
  const high: Tap = { index: [], weight: [] };
  for (let i = 0; i < o; i++) {
    const place = n === o ? i : Math.max(placeOf(r, scale, i), 0);
    const at = Math.min(Math.floor(place), n - 1);
    const share = round(Math.min(Math.max(place - at, 0), 1));
    low.index.push(at);
    high.index.push(Math.min(at + 1, n - 1));
    low.weight.push(round(1 - share));
    high.weight.push(share);
  }
  return [low, high];
}

/** Keys's cubic kernel with a = -0.75, as in PyTorch; the edge is repeated. */
export function cubicTaps(r: Resampling): Tap[] {
  const { n, o } = r;
  const a = -0.75;
  const near = (t: number) => ((a + 2) * t - (a + 3)) * t * t + 1;
  const far = (t: number) => ((a * t - 5 * a) * t + 8 * a) * t - 4 * a;
  const scale = scaleOf(r);
  const taps: Tap[] = [0, 1, 2, 3].map(() => ({ index: [], weight: [] }));
  for (let i = 0; i < o; i++) {
    const place = placeOf(r, scale, i);
    const at = Math.floor(place);
    const t = place - at;
    const weights = [far(t + 1), near(t), near(1 - t), far(2 - t)];
    taps.forEach((tap, k) => {
      tap.index.push(Math.min(Math.max(at + k - 1, 0), n - 1));
      tap.weight.push(weights[k]);
    });
  }
  return taps;
}
