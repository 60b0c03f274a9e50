/** Pooling to a given size. */
import { invalid } from '../errors.ts';
import { boolean, integer, options } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { AdaptiveSize } from './functional.ts';
import * as F from './functional.ts';
import { Module } from './module.ts';
import type { ValuesAndIndices } from './pool.ts';
import { text } from './repr.ts';

function checked(name: string, axes: number, size: AdaptiveSize): AdaptiveSize {
  const list = typeof size === 'number' ? [size] : size;
  if (!Array.isArray(list) || (typeof size !== 'number' && list.length !== axes)) {
    invalid(name, 'outputSize', `a size or ${axes} sizes`, size);
  }
  for (const n of list) if (n !== null) integer(name, 'outputSize', n, 0);
  return size;
}

const averages = [F.adaptiveAvgPool1d, F.adaptiveAvgPool2d, F.adaptiveAvgPool3d];
const maxima = [F.adaptiveMaxPool1d, F.adaptiveMaxPool2d, F.adaptiveMaxPool3d];

class AdaptiveAvgPool extends Module {
  /** Size of the result along each axis, one number for all; null keeps the input's. */
  readonly outputSize: AdaptiveSize;
  private readonly axes: number;

  constructor(name: string, axes: number, outputSize: AdaptiveSize) {
    super();
    this.axes = axes;
    this.outputSize = checked(name, axes, outputSize);
  }

  override forward(x: Tensor): Tensor {
    return averages[this.axes - 1](x, this.outputSize);
  }

  override extraRepr(): string {
    return `output_size=${text(this.outputSize)}`;
  }
}

class AdaptiveMaxPool<Indices extends boolean> extends Module<Indices extends true ? ValuesAndIndices : Tensor> {
  /** Size of the result along each axis, one number for all; null keeps the input's. */
  readonly outputSize: AdaptiveSize;
  /** Whether `forward` gives `{values, indices}`. Default false. */
  readonly returnIndices: boolean;
  private readonly axes: number;

  constructor(name: string, axes: number, outputSize: AdaptiveSize, opts?: { returnIndices?: Indices }) {
    super();
    const { returnIndices = false } = options(name, opts, ['returnIndices']);
    this.axes = axes;
    this.outputSize = checked(name, axes, outputSize);
    this.returnIndices = boolean(name, 'returnIndices', returnIndices);
  }

  override forward(x: Tensor): Indices extends true ? ValuesAndIndices : Tensor {
    const { returnIndices } = this;
    const result = maxima[this.axes - 1](x, this.outputSize, { returnIndices });
    return result as Indices extends true ? ValuesAndIndices : Tensor;
  }

  override extraRepr(): string {
    return `output_size=${text(this.outputSize)}`;
  }
}

/** Means, [n, c, l] → [n, c, outputSize]; `torch.nn.AdaptiveAvgPool1d`. */
export class AdaptiveAvgPool1d extends AdaptiveAvgPool {
  constructor(outputSize: AdaptiveSize) {
    super('AdaptiveAvgPool1d', 1, outputSize);
  }
}

/** Means, [n, c, h, w] → [n, c, ...outputSize]; `torch.nn.AdaptiveAvgPool2d`. */
export class AdaptiveAvgPool2d extends AdaptiveAvgPool {
  constructor(outputSize: AdaptiveSize) {
    super('AdaptiveAvgPool2d', 2, outputSize);
  }
}

/** Means, [n, c, d, h, w] → [n, c, ...outputSize]; `torch.nn.AdaptiveAvgPool3d`. */
export class AdaptiveAvgPool3d extends AdaptiveAvgPool {
  constructor(outputSize: AdaptiveSize) {
    super('AdaptiveAvgPool3d', 3, outputSize);
  }
}

/** Maxima, [n, c, l] → [n, c, outputSize]; `torch.nn.AdaptiveMaxPool1d`. */
export class AdaptiveMaxPool1d<Indices extends boolean = false> extends AdaptiveMaxPool<Indices> {
  constructor(outputSize: AdaptiveSize, opts?: { returnIndices?: Indices }) {
    super('AdaptiveMaxPool1d', 1, outputSize, opts);
  }
}

/** Maxima, [n, c, h, w] → [n, c, ...outputSize]; `torch.nn.AdaptiveMaxPool2d`. */
export class AdaptiveMaxPool2d<Indices extends boolean = false> extends AdaptiveMaxPool<Indices> {
  constructor(outputSize: AdaptiveSize, opts?: { returnIndices?: Indices }) {
    super('AdaptiveMaxPool2d', 2, outputSize, opts);
  }
}

/** Maxima, [n, c, d, h, w] → [n, c, ...outputSize]; `torch.nn.AdaptiveMaxPool3d`. */
export class AdaptiveMaxPool3d<Indices extends boolean = false> extends AdaptiveMaxPool<Indices> {
  constructor(outputSize: AdaptiveSize, opts?: { returnIndices?: Indices }) {
    super('AdaptiveMaxPool3d', 3, outputSize, opts);
  }
}
