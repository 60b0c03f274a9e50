/** Layers that change the shape only. */
import { integer, options } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Module } from './module.ts';
import { text } from './repr.ts';

/** Joins axes startDim … endDim; by default all but the first; `torch.nn.Flatten`. */
export class Flatten extends Module {
  /** First axis to join. Default 1. */
  readonly startDim: number;
  /** Last axis to join. Default -1. */
  readonly endDim: number;

  constructor(opts?: { startDim?: number; endDim?: number }) {
    super();
    const { startDim = 1, endDim = -1 } = options('Flatten', opts, ['startDim', 'endDim']);
    this.startDim = integer('Flatten', 'startDim', startDim);
    this.endDim = integer('Flatten', 'endDim', endDim);
  }

  override forward(x: Tensor): Tensor {
    return x.flatten(this.startDim, this.endDim);
  }

  override extraRepr(): string {
    return `start_dim=${this.startDim}, end_dim=${this.endDim}`;
  }
}

/** Splits axis `dim` into axes of the given sizes; `torch.nn.Unflatten`. */
export class Unflatten extends Module {
  /** The axis to split. */
  readonly dim: number;
  /** Sizes of the axes it becomes; one may be -1, which is then found from the others. */
  readonly sizes: readonly number[];

  constructor(dim: number, sizes: readonly number[]) {
    super();
    this.dim = integer('Unflatten', 'dim', dim);
    this.sizes = sizes.map((size) => integer('Unflatten', 'sizes', size, -1));
  }

  override forward(x: Tensor): Tensor {
    return x.unflatten(this.dim, this.sizes);
  }

  override extraRepr(): string {
    return `dim=${this.dim}, unflattened_size=${text(this.sizes)}`;
  }
}
