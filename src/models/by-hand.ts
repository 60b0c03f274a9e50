/** Convolution and pooling as the course writes them: a window slides, its products are summed. For learners; slow. */
import { fail, invalid, show } from '../errors.ts';
import { stack } from '../ops/join.ts';
import { oneOf, pair } from '../options.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';

function checkAxes(op: string, name: string, t: Tensor, ndim: number): void {
  if (checkTensor(op, name, t).ndim !== ndim) invalid(op, name, `a tensor with ${ndim} axes`, t);
}

/** `value` of every h×w window of x, row by row. */
function slide(op: string, x: Tensor, h: number, w: number, value: (window: Tensor) => Tensor): Tensor {
  const rows = x.shape[0] - h + 1;
  const columns = x.shape[1] - w + 1;
  if (rows < 1 || columns < 1) fail(op, `a window of ${show([h, w])} does not fit into an input of ${show(x.shape)}`);
  const cell = (i: number, j: number): Tensor => value(x.narrow(0, i, h).narrow(1, j, w));
  const row = (i: number): Tensor => stack(Array.from({ length: columns }, (_, j) => cell(i, j)));
  return stack(Array.from({ length: rows }, (_, i) => row(i)));
}

/**
 * Two-dimensional cross-correlation of `x` [h, w] with the kernel `k` [kh, kw].
 * @returns [h - kh + 1, w - kw + 1]
 */
export function corr2d(x: Tensor, k: Tensor): Tensor {
  checkAxes('corr2d', 'x', x, 2);
  checkAxes('corr2d', 'k', k, 2);
  return slide('corr2d', x, k.shape[0], k.shape[1], (window) => window.mul(k).sum());
}

/** Cross-correlation of channels, summed: `x` [c, h, w], `k` [c, kh, kw]. */
export function corr2dMultiIn(x: Tensor, k: Tensor): Tensor {
  checkAxes('corr2dMultiIn', 'x', x, 3);
  checkAxes('corr2dMultiIn', 'k', k, 3);
  if (x.shape[0] !== k.shape[0]) invalid('corr2dMultiIn', 'k', `${x.shape[0]} channels as x`, k);
  if (x.shape[0] === 0) invalid('corr2dMultiIn', 'x', 'at least one channel', x);
  let sum = corr2d(x.select(0, 0), k.select(0, 0));
  for (let c = 1; c < x.shape[0]; c++) sum = sum.add(corr2d(x.select(0, c), k.select(0, c)));
  return sum;
}

/** One `corr2dMultiIn` for each output channel: `x` [ci, h, w], `k` [co, ci, kh, kw] → [co, …]. */
export function corr2dMultiInOut(x: Tensor, k: Tensor): Tensor {
  checkAxes('corr2dMultiInOut', 'k', k, 4);
  return stack(Array.from({ length: k.shape[0] }, (_, o) => corr2dMultiIn(x, k.select(0, o))));
}

/** The maximum or mean of each window of `size` in `x` [h, w], stride 1. */
export function pool2d(x: Tensor, size: number | [number, number], mode: 'max' | 'avg' = 'max'): Tensor {
  checkAxes('pool2d', 'x', x, 2);
  const [h, w] = pair('pool2d', 'size', size, 1);
  oneOf('pool2d', 'mode', mode, ['max', 'avg']);
  return slide('pool2d', x, h, w, (window) => (mode === 'max' ? window.max() : window.mean()));
}
