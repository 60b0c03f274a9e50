/** Padding: more elements around a tensor. */
import { apply } from '../autograd/apply.ts';
import { fail, invalid, show } from '../errors.ts';
import { integer, oneOf, options } from '../options.ts';
import { contiguousStrides } from '../tensor/shape.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import { copyInto } from './copy.ts';
import { defineOp, emptyTensor, kernelsFor } from './define.ts';
import { selectRows } from './gather.ts';
import { asStrided, range } from './view.ts';

interface Frame {
  readonly value: number;
  readonly to: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

/** One value everywhere with x written inside. */
const frameOp = defineOp<Frame>({
  name: 'pad',
  run([x], { value, to, strides, offset }) {
    const out = emptyTensor(x.dtype, to, value === 0);
    if (value !== 0) kernelsFor(x.dtype).fill(out.size, value, out.data);
    copyInto(new Tensor(out.storage, x.shape, strides, offset), x);
    return out;
  },
  grad: (call, g) => [asStrided(g.contiguous(), call.inputShapes[0], call.attrs.strides, call.attrs.offset)],
});

/** What new elements hold: a value, the inside mirrored, the nearest edge, or the inside repeated. */
export type PadMode = 'constant' | 'reflect' | 'replicate' | 'circular';

/** Options of `pad`. */
export interface PadOptions {
  /** What the new elements hold: `value`, the inside mirrored, the nearest edge, or the inside repeated. Default 'constant'. */
  mode?: PadMode;
  /** What new elements hold in mode 'constant'. Default 0. */
  value?: number | null;
}

/** Elements to add before and after each axis, from PyTorch's list (last axis first). */
function amounts(x: Tensor, pad: readonly number[]): [number, number][] {
  if (!Array.isArray(pad) || pad.length % 2 !== 0 || pad.length > 2 * x.ndim) {
    invalid('pad', 'pad', `pairs [before, after], last axis first, for at most ${x.ndim} axes`, pad);
  }
  const result: [number, number][] = x.shape.map(() => [0, 0]);
  for (let i = 0; i < pad.length; i += 2) {
    const d = x.ndim - 1 - i / 2;
    const before = integer('pad', 'pad', pad[i]);
    const after = integer('pad', 'pad', pad[i + 1]);
    if (x.shape[d] + before + after < 0) {
      fail('pad', `pad ${show(pad)} takes more than the ${x.shape[d]} elements of axis ${d} of shape ${show(x.shape)}`);
    }
    result[d] = [before, after];
  }
  return result;
}

/** Where along an axis of n elements the padded element at `i` (from -before) comes from. */
const sources: Record<Exclude<PadMode, 'constant'>, (i: number, n: number) => number> = {
  reflect: (i, n) => (i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i),
  replicate: (i, n) => Math.min(Math.max(i, 0), n - 1),
  circular: (i, n) => (i + n) % n,
};

/** Without the elements that negative amounts take away. */
function crop(x: Tensor, d: number, [before, after]: readonly [number, number]): Tensor {
  if (before >= 0 && after >= 0) return x;
  const first = Math.max(-before, 0);
  return range(x, d, Math.min(first, x.shape[d]), Math.max(x.shape[d] - first - Math.max(-after, 0), 0));
}

/** How many elements a mode can add on one side of n. */
const limits: Record<Exclude<PadMode, 'constant'>, (n: number) => number> = {
  reflect: (n) => n - 1,
  replicate: (n) => (n > 0 ? Infinity : 0),
  circular: (n) => n,
};

/**
 * x with `pad` = [before last axis, after it, before the axis in front of it, …] elements added, negative ones taken away;
 * `torch.nn.functional.pad`. 'reflect' adds at most size - 1 elements a side, 'circular' at most the size.
 */
export function pad(x: Tensor, pad: readonly number[], opts?: PadOptions): Tensor {
  checkTensor('pad', 'input', x);
  const { mode = 'constant', value = null } = options('pad', opts, ['mode', 'value']);
  oneOf('pad', 'mode', mode, ['constant', 'reflect', 'replicate', 'circular']);
  const sides = amounts(x, pad);
  if (mode === 'constant') return constantPad(x, sides, value ?? 0);
  if (value !== null && value !== 0) fail('pad', `value expected to be absent with mode ${show(mode)}, got ${value}`);
  return sides.reduce((whole, side, d) => {
    if (side[0] === 0 && side[1] === 0) return whole;
    // what is repeated is what is left; mirrors and edges are those of the whole
    const t = mode === 'circular' ? crop(whole, d, side) : whole;
    const [before, after] = mode === 'circular' ? side.map((s) => Math.max(s, 0)) : side;
    const n = t.shape[d];
    const most = limits[mode](n);
    if (before > most || after > most) {
      fail(
        'pad',
        `pad expected at most ${most} elements a side with mode ${show(mode)} for size ${n}, got ${show(pad)}`,
      );
    }
    const picks = Array.from({ length: n + before + after }, (_, i) => sources[mode](i - before, n));
    return selectRows(t, d, picks);
  }, x);
}

function constantPad(x: Tensor, sides: readonly (readonly [number, number])[], value: number): Tensor {
  if (typeof value !== 'number') invalid('pad', 'value', 'a number', value);
  const inside = sides.reduce((t, side, d) => crop(t, d, side), x);
  if (sides.every(([before, after]) => before <= 0 && after <= 0)) return inside.clone();
  const to = x.shape.map((size, d) => size + sides[d][0] + sides[d][1]);
  const strides = contiguousStrides(to);
  const offset = sides.reduce((sum, [before], d) => sum + Math.max(before, 0) * strides[d], 0);
  return apply(frameOp, [inside], { value, to, strides, offset });
}
