/** Diagonals and triangles of matrices. */
import { apply } from '../autograd/apply.ts';
import { invalid } from '../errors.ts';
import { axis, integer, options } from '../options.ts';
import { contiguousStrides } from '../tensor/shape.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import { where } from './compare.ts';
import { clone } from './copy.ts';
import { scalarTensor } from './create.ts';
import { defineOp, emptyTensor } from './define.ts';
import { spread } from './view.ts';

interface Diagonal {
  readonly offset: number;
  readonly dim1: number;
  readonly dim2: number;
}

/** Where the diagonal of a tensor with these sizes and strides lies. */
function regionOf(shape: readonly number[], strides: readonly number[], { offset, dim1, dim2 }: Diagonal) {
  const rows = shape[dim1] - Math.max(-offset, 0);
  const columns = shape[dim2] - Math.max(offset, 0);
  const length = Math.max(Math.min(rows, columns), 0);
  const rest = shape.map((_, i) => i).filter((i) => i !== dim1 && i !== dim2);
  const first = offset >= 0 ? offset * strides[dim2] : -offset * strides[dim1];
  return {
    shape: [...rest.map((i) => shape[i]), length],
    strides: [...rest.map((i) => strides[i]), strides[dim1] + strides[dim2]],
    offset: length === 0 ? 0 : first,
  };
}

const diagonalOp = defineOp<Diagonal>({
  name: 'diagonal',
  isView: true,
  run([x], attrs) {
    const { shape, strides, offset } = regionOf(x.shape, x.strides, attrs);
    return new Tensor(x.storage, shape, strides, x.offset + offset);
  },
  grad(call, g) {
    const whole = call.inputShapes[0];
    const { shape, strides, offset } = regionOf(whole, contiguousStrides(whole), call.attrs);
    return [spread(g, whole, shape, strides, offset)];
  },
});

/** Options of `diagonal`. */
export interface DiagonalOptions {
  /** Above (positive) or below the main diagonal. Default 0. */
  offset?: number;
  /** Axis of the rows. Default 0. */
  dim1?: number;
  /** Axis of the columns. Default 1. */
  dim2?: number;
}

/** A view of the diagonal of two axes, as the last axis; `torch.diagonal`. */
export function diagonal(x: Tensor, opts?: DiagonalOptions): Tensor {
  const { offset = 0, dim1 = 0, dim2 = 1 } = options('diagonal', opts, ['offset', 'dim1', 'dim2']);
  if (checkTensor('diagonal', 'input', x).ndim < 2) invalid('diagonal', 'input', 'at least 2 axes', x.shape);
  integer('diagonal', 'offset', offset);
  const attrs = { offset, dim1: axis('diagonal', 'dim1', dim1, x.ndim), dim2: axis('diagonal', 'dim2', dim2, x.ndim) };
  if (attrs.dim1 === attrs.dim2) invalid('diagonal', 'dim2', `an axis other than dim1 ${dim1}`, dim2);
  return apply(diagonalOp, [x], attrs);
}

/** Options of `diag`, `tril` and `triu`. */
export interface DiagOptions {
  /** Above (positive) or below the main diagonal. Default 0. */
  diagonal?: number;
}

/** The diagonal of a matrix as a copy, or a matrix with a vector on its diagonal; `torch.diag`. */
export function diag(x: Tensor, opts?: DiagOptions): Tensor {
  const { diagonal: offset = 0 } = options('diag', opts, ['diagonal']);
  integer('diag', 'diagonal', offset);
  if (checkTensor('diag', 'input', x).ndim === 2) return clone(diagonal(x, { offset }));
  if (x.ndim !== 1) invalid('diag', 'input', '1 or 2 axes', x.shape);
  const n = x.size + Math.abs(offset);
  const region = regionOf([n, n], [n, 1], { offset, dim1: 0, dim2: 1 });
  return spread(x, [n, n], region.shape, region.strides, region.offset);
}

function triangle(op: string, keeps: (column: number, row: number, diagonal: number) => boolean) {
  return (x: Tensor, diagonal = 0): Tensor => {
    if (checkTensor(op, 'input', x).ndim < 2) invalid(op, 'input', 'at least 2 axes', x.shape);
    integer(op, 'diagonal', diagonal);
    const [rows, columns] = x.shape.slice(-2);
    const mask = emptyTensor('bool', [rows, columns]);
    for (let i = 0, at = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) mask.data[at++] = keeps(j, i, diagonal) ? 1 : 0;
    return where(mask, x, scalarTensor(0, x.dtype));
  };
}

/** The lower triangle of the last two axes, up to a diagonal (default 0), zeros elsewhere; `torch.tril`. */
export const tril = triangle('tril', (column, row, diagonal) => column - row <= diagonal);
/** The upper triangle of the last two axes, from a diagonal (default 0), zeros elsewhere; `torch.triu`. */
export const triu = triangle('triu', (column, row, diagonal) => column - row >= diagonal);
