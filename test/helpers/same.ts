/** Comparisons of tensors that say what differs. */
import type { Tensor } from '../../src/index.ts';

function mismatch(
  what: string,
  a: Tensor,
  b: Tensor,
  same: (x: number, y: number, i: number) => boolean,
): string | null {
  if (a.dtype !== b.dtype) return `${what}: dtypes ${a.dtype} and ${b.dtype}`;
  if (a.shape.join() !== b.shape.join()) return `${what}: shapes [${a.shape}] and [${b.shape}]`;
  const [x, y] = [a.toTypedArray(), b.toTypedArray()];
  for (let i = 0; i < x.length; i++) {
    if (!same(x[i], y[i], i)) return `${what}: ${x[i]} and ${y[i]} at ${i} of [${a.shape}]`;
  }
  return null;
}

/** Null where both have the same bits, NaN included, -0 and 0 apart. */
export const differentBits = (what: string, a: Tensor, b: Tensor): string | null => mismatch(what, a, b, Object.is);

/** Null where both are close by PyTorch's `assert_close` defaults for float32, give or take `slack`. */
export const notClose = (what: string, a: Tensor, b: Tensor, slack: ArrayLike<number> | null = null): string | null =>
  mismatch(what, a, b, (x, y, i) => {
    if (x === y || (Number.isNaN(x) && Number.isNaN(y))) return true;
    return Math.abs(x - y) <= 1e-5 + 1.3e-6 * Math.abs(y) + (slack === null ? 0 : slack[i]);
  });
