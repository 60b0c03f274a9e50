/** Power-mean pooling and the inverse of max pooling. */
import { boolean, number, options, sizes } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import * as F from './functional.ts';
import { Module } from './module.ts';
import { text } from './repr.ts';

/** @inline */
type Sizes = number | readonly number[];

/** Options of `nn.LPPool1d` and `nn.LPPool2d`. */
export interface LPPoolLayerOptions {
  /** Step of the window. Default: its size. */
  stride?: Sizes | null;
  /** Whether the last window may hang over the edge. Default false. */
  ceilMode?: boolean;
}

const powerPools = [F.lpPool1d, F.lpPool2d];
const unpools = [F.maxUnpool1d, F.maxUnpool2d, F.maxUnpool3d];

class LPPool extends Module {
  /** p, the order of the norm. */
  readonly normType: number;
  /** Size of the window, one number or one per axis. */
  readonly kernelSize: Sizes;
  readonly stride: Sizes | null;
  readonly ceilMode: boolean;
  private readonly axes: number;

  constructor(name: string, axes: number, normType: number, kernelSize: Sizes, opts?: LPPoolLayerOptions) {
    super();
    const { stride = null, ceilMode = false } = options(name, opts, ['stride', 'ceilMode']);
    sizes(name, 'kernelSize', kernelSize, axes, 1);
    if (stride !== null) sizes(name, 'stride', stride, axes, 1);
    this.axes = axes;
    this.normType = number(name, 'normType', normType);
    this.kernelSize = kernelSize;
    this.stride = stride;
    this.ceilMode = boolean(name, 'ceilMode', ceilMode);
  }

  override forward(x: Tensor): Tensor {
    const { stride, ceilMode } = this;
    return powerPools[this.axes - 1](x, this.normType, this.kernelSize, { stride, ceilMode });
  }

  override extraRepr(): string {
    const window = `kernel_size=${text(this.kernelSize)}, stride=${text(this.stride)}, ceil_mode=${text(this.ceilMode)}`;
    return `norm_type=${text(this.normType)}, ${window}`;
  }
}

/** p-th root of the sum of p-th powers in each window, [n, c, l] → [n, c, l']; `torch.nn.LPPool1d`. */
export class LPPool1d extends LPPool {
  constructor(normType: number, kernelSize: Sizes, opts?: LPPoolLayerOptions) {
    super('LPPool1d', 1, normType, kernelSize, opts);
  }
}

/** p-th root of the sum of p-th powers in each window, [n, c, h, w] → [n, c, h', w']; `torch.nn.LPPool2d`. */
export class LPPool2d extends LPPool {
  constructor(normType: number, kernelSize: Sizes, opts?: LPPoolLayerOptions) {
    super('LPPool2d', 2, normType, kernelSize, opts);
  }
}

/** Options of `nn.MaxUnpool1d`, `nn.MaxUnpool2d` and `nn.MaxUnpool3d`. */
export interface MaxUnpoolLayerOptions {
  /** Step of the window of the max pooling that is undone. Default: its size. */
  stride?: Sizes | null;
  /** Padding of the max pooling that is undone. Default 0. */
  padding?: Sizes;
}

class MaxUnpool extends Module {
  /** Size of the window, one number or one per axis. */
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];

  constructor(name: string, axes: number, kernelSize: Sizes, opts?: MaxUnpoolLayerOptions) {
    super();
    const { stride, padding = 0 } = options(name, opts, ['stride', 'padding']);
    this.kernelSize = sizes(name, 'kernelSize', kernelSize, axes, 1);
    this.stride = sizes(name, 'stride', stride ?? kernelSize, axes, 1);
    this.padding = sizes(name, 'padding', padding, axes);
  }

  /**
   * Puts x back to where it was.
   * @param indices those of the max pooling
   * @param opts outputSize: size of what was pooled, where the options leave a choice
   */
  override forward(x: Tensor, indices: Tensor, opts?: { outputSize?: readonly number[] | null }): Tensor {
    const { stride, padding } = this;
    const { outputSize } = options(this.constructor.name, opts, ['outputSize']);
    return unpools[this.kernelSize.length - 1](x, indices, this.kernelSize, { stride, padding, outputSize });
  }

  override extraRepr(): string {
    return `kernel_size=${text(this.kernelSize)}, stride=${text(this.stride)}, padding=${text(this.padding)}`;
  }
}

/** Puts maxima back to where they were, [n, c, l] → [n, c, l']; `torch.nn.MaxUnpool1d`. */
export class MaxUnpool1d extends MaxUnpool {
  constructor(kernelSize: Sizes, opts?: MaxUnpoolLayerOptions) {
    super('MaxUnpool1d', 1, kernelSize, opts);
  }
}

/** Puts maxima back to where they were, [n, c, h, w] → [n, c, h', w']; `torch.nn.MaxUnpool2d`. */
export class MaxUnpool2d extends MaxUnpool {
  constructor(kernelSize: Sizes, opts?: MaxUnpoolLayerOptions) {
    super('MaxUnpool2d', 2, kernelSize, opts);
  }
}

/** Puts maxima back to where they were, [n, c, d, h, w] → [n, c, d', h', w']; `torch.nn.MaxUnpool3d`. */
export class MaxUnpool3d extends MaxUnpool {
  constructor(kernelSize: Sizes, opts?: MaxUnpoolLayerOptions) {
    super('MaxUnpool3d', 3, kernelSize, opts);
  }
}
