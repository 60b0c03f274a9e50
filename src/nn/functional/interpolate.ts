/** Resizing of images: interpolation, and moving pixels between channels and space. */
import { fail, invalid, show } from '../../errors.ts';
import { type AdaptiveSize, adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d } from '../../ops/adaptive-pool.ts';
import { combine, cubicTaps, linearTaps, nearestTaps, type Resampling, type Tap } from '../../ops/resample.ts';
import { permute, reshape } from '../../ops/view.ts';
import { boolean, integer, number, oneOf, options, sizes } from '../../options.ts';
import { checkFloat, checkTensor, type Tensor } from '../../tensor/tensor.ts';

/** How values between the elements are found; 'area' is adaptive average pooling. */
export type InterpolateMode = 'nearest' | 'nearest-exact' | 'linear' | 'bilinear' | 'bicubic' | 'trilinear' | 'area';

/** Options of `interpolate`. */
export interface InterpolateOptions {
  /** Spatial size of the result, one number or one per axis. Either this or scaleFactor. */
  size?: number | readonly number[] | null;
  /** Factor of the spatial size, one number or one per axis. */
  scaleFactor?: number | readonly number[] | null;
  /** Default 'nearest'. linear takes 1 spatial axis, bilinear and bicubic 2, trilinear 3, the others any. */
  mode?: InterpolateMode;
  /** Corner elements keep their places (linear, bilinear, bicubic, trilinear). Default false. */
  alignCorners?: boolean | null;
  /** Compute the factor again from the sizes, instead of taking scaleFactor as it is. Default false. */
  recomputeScaleFactor?: boolean | null;
}

const modes = ['nearest', 'nearest-exact', 'linear', 'bilinear', 'bicubic', 'trilinear', 'area'] as const;
const axesOfMode: Partial<Record<InterpolateMode, number>> = { linear: 1, bilinear: 2, bicubic: 2, trilinear: 3 };

function factors(op: string, value: number | readonly number[], axes: number): number[] {
  const list = typeof value === 'number' ? Array<number>(axes).fill(value) : value;
  if (!Array.isArray(list) || list.length !== axes) invalid(op, 'scaleFactor', `a number or ${axes} numbers`, value);
  return list.map((f) => number(op, 'scaleFactor', f, Number.MIN_VALUE));
}

/** Size of each spatial axis in the result, and the factors that count instead of the sizes' ratio. */
function target(op: string, x: Tensor, opts: InterpolateOptions): { size: number[]; given: (number | null)[] } {
  const axes = x.ndim - 2;
  const { size = null, scaleFactor = null } = opts;
  const recompute = boolean(op, 'recomputeScaleFactor', opts.recomputeScaleFactor ?? false);
  if ((size === null) === (scaleFactor === null)) fail(op, 'expected either size or scaleFactor');
  if (size !== null) {
    if (recompute) fail(op, 'recomputeScaleFactor expected to be false where size is given, got true');
    const wanted = sizes(op, 'size', size, axes, 1);
    return { size: wanted, given: wanted.map(() => null) };
  }
  const list = factors(op, scaleFactor as number | readonly number[], axes);
  const wanted = list.map((f, i) => Math.floor(x.shape[2 + i] * f));
  if (wanted.some((n) => n < 1)) fail(op, `scaleFactor ${show(scaleFactor)} leaves nothing of shape ${show(x.shape)}`);
  return { size: wanted, given: list.map((f) => (recompute ? null : f)) };
}

function tapsOf(mode: InterpolateMode, r: Resampling, isGray: boolean): Tap[] {
  if (mode === 'nearest') return nearestTaps(r, false, isGray);
  if (mode === 'nearest-exact') return nearestTaps(r, true, false);
  return mode === 'bicubic' ? cubicTaps(r) : linearTaps(r);
}

/** x [n, c, …] with one to three spatial axes resized; `torch.nn.functional.interpolate`. */
export function interpolate(x: Tensor, opts?: InterpolateOptions): Tensor {
  const op = 'interpolate';
  const given = options(op, opts, ['size', 'scaleFactor', 'mode', 'alignCorners', 'recomputeScaleFactor']);
  const mode = oneOf(op, 'mode', given.mode ?? 'nearest', modes);
  checkFloat(op, 'input', checkTensor(op, 'input', x));
  if (x.ndim < 3 || x.ndim > 5) invalid(op, 'input', 'shape [n, c, …] with 1 to 3 spatial axes', x.shape);
  const axes = x.ndim - 2;
  const needed = axesOfMode[mode] ?? axes;
  if (needed !== axes) fail(op, `mode ${show(mode)} expected ${needed} spatial axes, got shape ${show(x.shape)}`);
  const aligns = given.alignCorners ?? null;
  if (aligns !== null && axesOfMode[mode] === undefined) fail(op, `alignCorners does not apply to mode ${show(mode)}`);
  const alignCorners = boolean(op, 'alignCorners', aligns ?? false);
  const { size, given: scales } = target(op, x, given);
  if (mode === 'area') {
    const pools = [adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d] as ((
      x: Tensor,
      size: AdaptiveSize,
    ) => Tensor)[];
    return pools[axes - 1](x, size);
  }
  return size.reduce((y, o, i) => {
    const r: Resampling = { n: x.shape[2 + i], o, factor: scales[i], alignCorners, dtype: x.dtype };
    return combine(y, 2 + i, tapsOf(mode, r, axes > 1 && x.shape[1] === 1));
  }, x);
}

/** [*, c·r², h, w] to [*, c, h·r, w·r]; `torch.nn.functional.pixel_shuffle` (Shi et al. 2016). */
export function pixelShuffle(x: Tensor, upscaleFactor: number): Tensor {
  const op = 'pixelShuffle';
  const r = integer(op, 'upscaleFactor', upscaleFactor, 1);
  if (checkTensor(op, 'input', x).ndim < 3) invalid(op, 'input', 'shape [*, c, h, w]', x.shape);
  const lead = x.shape.slice(0, -3);
  const [c, h, w] = x.shape.slice(-3);
  if (c % (r * r) !== 0) fail(op, `input expected a multiple of ${r * r} channels, got ${c}`);
  const k = lead.length;
  const parts = reshape(x, [...lead, c / (r * r), r, r, h, w]);
  const order = [...lead.map((_, i) => i), k, k + 3, k + 1, k + 4, k + 2];
  return reshape(permute(parts, order), [...lead, c / (r * r), h * r, w * r]);
}

/** [*, c, h·r, w·r] to [*, c·r², h, w]; `torch.nn.functional.pixel_unshuffle`. */
export function pixelUnshuffle(x: Tensor, downscaleFactor: number): Tensor {
  const op = 'pixelUnshuffle';
  const r = integer(op, 'downscaleFactor', downscaleFactor, 1);
  if (checkTensor(op, 'input', x).ndim < 3) invalid(op, 'input', 'shape [*, c, h, w]', x.shape);
  const lead = x.shape.slice(0, -3);
  const [c, h, w] = x.shape.slice(-3);
  if (h % r !== 0 || w % r !== 0) fail(op, `input expected sizes that ${r} divides, got shape ${show(x.shape)}`);
  const k = lead.length;
  const parts = reshape(x, [...lead, c, h / r, r, w / r, r]);
  const order = [...lead.map((_, i) => i), k, k + 2, k + 4, k + 1, k + 3];
  return reshape(permute(parts, order), [...lead, c * r * r, h / r, w / r]);
}

/** Channels of [n, c, …] dealt out anew: [groups, c/groups] transposed; `torch.nn.functional.channel_shuffle`. */
export function channelShuffle(x: Tensor, groups: number): Tensor {
  const op = 'channelShuffle';
  integer(op, 'groups', groups, 1);
  if (checkTensor(op, 'input', x).ndim < 3) invalid(op, 'input', 'shape [n, c, …] with at least 3 axes', x.shape);
  const [n, c, ...rest] = x.shape;
  if (c % groups !== 0) fail(op, `groups expected a divisor of the ${c} channels, got ${groups}`);
  const parts = reshape(x, [n, groups, c / groups, ...rest]);
  const order = [0, 2, 1, ...rest.map((_, i) => i + 3)];
  return reshape(permute(parts, order), [n, c, ...rest]);
}
