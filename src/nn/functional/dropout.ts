/** Dropout of elements and of whole channels (Srivastava et al. 2014; Tompson et al. 2015; Klambauer et al. 2017). */
import { invalid } from '../../errors.ts';
import { add, mul } from '../../ops/binary.ts';
import { lt } from '../../ops/compare.ts';
import { zerosLike } from '../../ops/create.ts';
import { rand } from '../../ops/random.ts';
import { boolean, number, options } from '../../options.ts';
import { checkFloat, checkTensor, type Tensor } from '../../tensor/tensor.ts';

/** Options of `dropout` and its kin. */
export interface DropoutOptions {
  /** Probability that an element (or channel) is dropped. Default 0.5. */
  p?: number;
  /** Whether anything is dropped. Default true. */
  training?: boolean;
}

/** The share that is kept, or null where the input passes as it is. */
function keptShare(op: string, x: Tensor, opts: DropoutOptions | undefined, training: boolean): number | null {
  const given = options(op, opts, ['p', 'training']);
  checkFloat(op, 'input', checkTensor(op, 'input', x));
  const p = number(op, 'p', given.p ?? 0.5, 0, 1);
  return boolean(op, 'training', given.training ?? training) && p > 0 ? 1 - p : null;
}

/** 1 with probability `kept`, else 0. */
function mask(x: Tensor, shape: readonly number[], kept: number): Tensor {
  return lt(rand(shape, { dtype: x.dtype }), kept).to(x.dtype);
}

function drop(x: Tensor, shape: readonly number[], kept: number): Tensor {
  // all of it: 0 for what is infinite too
  if (kept === 0) return mul(x, zerosLike(x));
  return mul(x, mul(mask(x, shape, kept), 1 / kept));
}

/** Elements set to 0 with probability p, the others divided by 1 - p; `torch.nn.functional.dropout`. */
export function dropout(x: Tensor, opts?: DropoutOptions): Tensor {
  const kept = keptShare('dropout', x, opts, true);
  return kept === null ? x : drop(x, x.shape, kept);
}

/** One element per channel: the shape of a mask for [n, c, …], or [c, …] where `unbatched`. */
function channelShape(x: Tensor, unbatched: boolean): number[] {
  const lead = unbatched ? 1 : 2;
  return x.shape.map((size, i) => (i < lead ? size : 1));
}

function channelDropout(op: string, axes: readonly number[], unbatched: number | null) {
  return (x: Tensor, opts?: DropoutOptions): Tensor => {
    const kept = keptShare(op, x, opts, true);
    if (!axes.includes(x.ndim)) invalid(op, 'input', `${axes.join(' or ')} axes`, x.shape);
    return kept === null ? x : drop(x, channelShape(x, x.ndim === unbatched), kept);
  };
}

/** Channels of [n, c, l] or [c, l] dropped whole; `torch.nn.functional.dropout1d`. */
export const dropout1d = channelDropout('dropout1d', [2, 3], 2);
/** Channels of [n, c, h, w] or [n, c, l] dropped whole; `torch.nn.functional.dropout2d`. */
export const dropout2d = channelDropout('dropout2d', [3, 4], null);
/** Channels of [n, c, d, h, w] or [c, d, h, w] dropped whole; `torch.nn.functional.dropout3d`. */
export const dropout3d = channelDropout('dropout3d', [4, 5], 4);

/** -selu(-∞), what a dropped element becomes before mean 0 and variance 1 are restored. */
const SATURATED = -1.7580993408473766;

function alphaDrop(x: Tensor, shape: readonly number[], kept: number): Tensor {
  const p = 1 - kept;
  if (kept === 0) return mul(x, zerosLike(x));
  const scale = 1 / Math.sqrt((SATURATED * SATURATED * p + 1) * kept);
  const keep = mask(x, shape, kept);
  const shift = add(mul(keep, -SATURATED * scale), SATURATED * scale * (1 - p));
  return add(mul(x, mul(keep, scale)), shift);
}

/** Dropout for selu networks: keeps mean 0 and variance 1; `torch.nn.functional.alpha_dropout`. Off unless `training`. */
export function alphaDropout(x: Tensor, opts?: DropoutOptions): Tensor {
  const kept = keptShare('alphaDropout', x, opts, false);
  return kept === null ? x : alphaDrop(x, x.shape, kept);
}

/** As alphaDropout with whole channels [n, c, …]; `torch.nn.functional.feature_alpha_dropout`. Off unless `training`. */
export function featureAlphaDropout(x: Tensor, opts?: DropoutOptions): Tensor {
  const kept = keptShare('featureAlphaDropout', x, opts, false);
  if (x.ndim < 2) invalid('featureAlphaDropout', 'input', 'shape [n, c, …]', x.shape);
  return kept === null ? x : alphaDrop(x, channelShape(x, false), kept);
}
