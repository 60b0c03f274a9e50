/** A tensor as a list of views of it. */
import { fail, invalid, show } from '../errors.ts';
import { axis, type DimOption, dimOption, integer } from '../options.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import { range, select } from './view.ts';

/** Views of `lengths` one after the other along axis d. */
function pieces(x: Tensor, d: number, lengths: readonly number[]): Tensor[] {
  let start = 0;
  return lengths.map((length) => {
    const piece = range(x, d, start, length);
    start += length;
    return piece;
  });
}

function axisOf(op: string, x: Tensor, dim: DimOption | undefined): number {
  if (checkTensor(op, 'input', x).ndim === 0) invalid(op, 'input', 'at least 1 axis', x.shape);
  return axis(op, 'dim', dimOption(op, dim, 0), x.ndim);
}

/** Pieces of `size` elements along `dim` (default 0), the last one shorter; an empty axis is one piece. */
function evenly(x: Tensor, d: number, size: number): Tensor[] {
  const total = x.shape[d];
  const n = Math.max(Math.ceil(total / size), 1);
  return pieces(
    x,
    d,
    Array.from({ length: n }, (_, i) => Math.min(size, total - i * size)),
  );
}

/** Views of a given size, or of the sizes in a list, along `dim` (default 0); `torch.split`. */
export function split(x: Tensor, sizeOrSizes: number | readonly number[], dim?: DimOption): Tensor[] {
  const d = axisOf('split', x, dim);
  if (typeof sizeOrSizes === 'number') {
    const least = x.shape[d] === 0 ? 0 : 1;
    return evenly(x, d, Math.max(integer('split', 'splitSize', sizeOrSizes, least), 1));
  }
  if (!Array.isArray(sizeOrSizes)) invalid('split', 'splitSize', 'a number or a list of numbers', sizeOrSizes);
  sizeOrSizes.forEach((n) => {
    integer('split', 'splitSize', n, 0);
  });
  if (sizeOrSizes.reduce((a, b) => a + b, 0) !== x.shape[d]) {
    fail('split', `sizes ${show(sizeOrSizes)} expected to add up to ${x.shape[d]}, the size of axis ${d}`);
  }
  return pieces(x, d, sizeOrSizes);
}

/** At most `chunks` views of equal size along `dim` (default 0), the last one shorter; `torch.chunk`. */
export function chunk(x: Tensor, chunks: number, dim?: DimOption): Tensor[] {
  const d = axisOf('chunk', x, dim);
  integer('chunk', 'chunks', chunks, 1);
  if (x.shape[d] === 0) return pieces(x, d, Array<number>(chunks).fill(0));
  return evenly(x, d, Math.ceil(x.shape[d] / chunks));
}

/** The slices along `dim` (default 0), that axis dropped; `torch.unbind`. */
export function unbind(x: Tensor, dim?: DimOption): Tensor[] {
  const d = axisOf('unbind', x, dim);
  return Array.from({ length: x.shape[d] }, (_, i) => select(x, d, i));
}
