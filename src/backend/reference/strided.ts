/** Walks a StridedDesc: all axes but the last step by step, the last one in a row function with its own hot loop. */
import { at } from '../descriptors.ts';

const D = at.StridedDesc;

/**
 * Calls row(n, a, b, c, y, sa, sb, sc) for each run along the last axis: its length, where operands a, b and c begin,
 * where a contiguous result begins, and the strides of the operands.
 */
export function eachRow(
  d: Int32Array,
  row: (n: number, a: number, b: number, c: number, y: number, sa: number, sb: number, sc: number) => void,
): void {
  const total = d[D.n];
  if (total === 0) return;
  const last = d[D.ndim] - 1;
  let a = d[D.offsetA];
  let b = d[D.offsetB];
  let c = d[D.offsetC];
  if (last < 0) {
    row(total, a, b, c, 0, 0, 0, 0);
    return;
  }
  const n = d[D.size0 + last];
  const sa = d[D.a0 + last];
  const sb = d[D.b0 + last];
  const sc = d[D.c0 + last];
  const counts = new Array<number>(last).fill(0);
  for (let y = 0; ; y += n) {
    row(n, a, b, c, y, sa, sb, sc);
    let axis = last - 1;
    for (; axis >= 0; axis--) {
      const size = d[D.size0 + axis];
      a += d[D.a0 + axis];
      b += d[D.b0 + axis];
      c += d[D.c0 + axis];
      if (++counts[axis] < size) break;
      counts[axis] = 0;
      a -= size * d[D.a0 + axis];
      b -= size * d[D.b0 + axis];
      c -= size * d[D.c0 + axis];
    }
    if (axis < 0) return;
  }
}
