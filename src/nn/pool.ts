/** Pooling layers with a sliding window. */
import { boolean, integer, options, sizes } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import * as F from './functional.ts';
import { Module } from './module.ts';
import { text } from './repr.ts';

/** @inline */
type Sizes = number | readonly number[];

/** A pooling's result where positions are wanted too. */
export interface ValuesAndIndices {
  /** The largest element of each window. */
  readonly values: Tensor;
  /** int32, position in the plane. */
  readonly indices: Tensor;
}

/** Options of `nn.MaxPool1d`, `nn.MaxPool2d` and `nn.MaxPool3d`. */
export interface MaxPoolLayerOptions<Indices extends boolean = boolean> {
  /** Step of the window. Default: its size. */
  stride?: Sizes | null;
  /** Implicit -∞ on both sides, at most half the window. Default 0. */
  padding?: Sizes;
  /** Distance between the elements of a window. Default 1. */
  dilation?: Sizes;
  /** Whether the last window may hang over the edge. Default false. */
  ceilMode?: boolean;
  /** Whether `forward` gives `{values, indices}`. Default false. */
  returnIndices?: Indices;
}

const maxPools = [F.maxPool1d, F.maxPool2d, F.maxPool3d];
const avgPools = [F.avgPool1d, F.avgPool2d, F.avgPool3d];

/** @inline */
type MaxPoolOutput<Indices extends boolean> = Indices extends true ? ValuesAndIndices : Tensor;

class MaxPool<Indices extends boolean> extends Module<MaxPoolOutput<Indices>> {
  /** Size of the window, one number or one per axis. */
  readonly kernelSize: Sizes;
  readonly stride: Sizes;
  readonly padding: Sizes;
  readonly dilation: Sizes;
  readonly ceilMode: boolean;
  readonly returnIndices: boolean;
  private readonly axes: number;

  constructor(name: string, axes: number, kernelSize: Sizes, opts?: MaxPoolLayerOptions<Indices>) {
    super();
    const {
      stride,
      padding = 0,
      dilation = 1,
      ceilMode = false,
      returnIndices = false,
    } = options(name, opts, ['stride', 'padding', 'dilation', 'ceilMode', 'returnIndices']);
    this.axes = axes;
    this.kernelSize = checked(name, 'kernelSize', kernelSize, axes, 1);
    this.stride = checked(name, 'stride', stride ?? kernelSize, axes, 1);
    this.padding = checked(name, 'padding', padding, axes, 0);
    this.dilation = checked(name, 'dilation', dilation, axes, 1);
    this.ceilMode = boolean(name, 'ceilMode', ceilMode);
    this.returnIndices = boolean(name, 'returnIndices', returnIndices);
  }

  override forward(x: Tensor): MaxPoolOutput<Indices> {
    const { stride, padding, dilation, ceilMode, returnIndices } = this;
    const pool = maxPools[this.axes - 1];
    return pool(x, this.kernelSize, { stride, padding, dilation, ceilMode, returnIndices }) as MaxPoolOutput<Indices>;
  }

  override extraRepr(): string {
    const [k, s, p, d] = [this.kernelSize, this.stride, this.padding, this.dilation].map(text);
    return `kernel_size=${k}, stride=${s}, padding=${p}, dilation=${d}, ceil_mode=${text(this.ceilMode)}`;
  }
}

/** `value` as it was given, once it is known to be a size, or one per axis. */
function checked(op: string, name: string, value: Sizes, axes: number, min: number): Sizes {
  sizes(op, name, value, axes, min);
  return value;
}

/** Largest element of each window, [n, c, l] → [n, c, l']; `torch.nn.MaxPool1d`. */
export class MaxPool1d<Indices extends boolean = false> extends MaxPool<Indices> {
  constructor(kernelSize: Sizes, opts?: MaxPoolLayerOptions<Indices>) {
    super('MaxPool1d', 1, kernelSize, opts);
  }
}

/** Largest element of each window, [n, c, h, w] → [n, c, h', w']; `torch.nn.MaxPool2d`. */
export class MaxPool2d<Indices extends boolean = false> extends MaxPool<Indices> {
  constructor(kernelSize: Sizes, opts?: MaxPoolLayerOptions<Indices>) {
    super('MaxPool2d', 2, kernelSize, opts);
  }
}

/** Largest element of each window, [n, c, d, h, w] → [n, c, d', h', w']; `torch.nn.MaxPool3d`. */
export class MaxPool3d<Indices extends boolean = false> extends MaxPool<Indices> {
  constructor(kernelSize: Sizes, opts?: MaxPoolLayerOptions<Indices>) {
    super('MaxPool3d', 3, kernelSize, opts);
  }
}

/** Options of `nn.AvgPool1d`. */
export interface AvgPool1dLayerOptions {
  /** Step of the window. Default: its size. */
  stride?: Sizes | null;
  /** Zeros on both sides, at most half the window. Default 0. */
  padding?: Sizes;
  /** Whether the last window may hang over the edge. Default false. */
  ceilMode?: boolean;
  /** Whether padding counts in the divisor. Default true. */
  countIncludePad?: boolean;
}

/** Options of `nn.AvgPool2d` and `nn.AvgPool3d`. */
export interface AvgPoolLayerOptions extends AvgPool1dLayerOptions {
  /** Divide by this number instead. Default null. */
  divisorOverride?: number | null;
}

const avgOptions1d = ['stride', 'padding', 'ceilMode', 'countIncludePad'] as const;
const avgOptions = [...avgOptions1d, 'divisorOverride'] as const;

class AvgPool extends Module {
  /** Size of the window, one number or one per axis. */
  readonly kernelSize: Sizes;
  readonly stride: Sizes;
  readonly padding: Sizes;
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;
  /** Divisor in place of the number of elements, or null. Default null. */
  readonly divisorOverride: number | null;
  private readonly axes: number;

  constructor(name: string, axes: number, kernelSize: Sizes, opts: AvgPoolLayerOptions) {
    super();
    const { stride, padding = 0, ceilMode = false, countIncludePad = true, divisorOverride = null } = opts;
    this.axes = axes;
    this.kernelSize = checked(name, 'kernelSize', kernelSize, axes, 1);
    this.stride = checked(name, 'stride', stride ?? kernelSize, axes, 1);
    this.padding = checked(name, 'padding', padding, axes, 0);
    this.ceilMode = boolean(name, 'ceilMode', ceilMode);
    this.countIncludePad = boolean(name, 'countIncludePad', countIncludePad);
    this.divisorOverride = divisorOverride === null ? null : integer(name, 'divisorOverride', divisorOverride);
  }

  override forward(x: Tensor): Tensor {
    const { stride, padding, ceilMode, countIncludePad, divisorOverride } = this;
    const pool = avgPools[this.axes - 1];
    return this.axes === 1
      ? pool(x, this.kernelSize, { stride, padding, ceilMode, countIncludePad })
      : pool(x, this.kernelSize, { stride, padding, ceilMode, countIncludePad, divisorOverride });
  }

  override extraRepr(): string {
    const tuple = (value: Sizes) => text(this.axes === 1 && typeof value === 'number' ? [value] : value);
    return `kernel_size=${tuple(this.kernelSize)}, stride=${tuple(this.stride)}, padding=${tuple(this.padding)}`;
  }
}

/** Mean of each window, [n, c, l] → [n, c, l']; `torch.nn.AvgPool1d`. */
export class AvgPool1d extends AvgPool {
  constructor(kernelSize: Sizes, opts?: AvgPool1dLayerOptions) {
    super('AvgPool1d', 1, kernelSize, options('AvgPool1d', opts, avgOptions1d));
  }
}

/** Mean of each window, [n, c, h, w] → [n, c, h', w']; `torch.nn.AvgPool2d`. */
export class AvgPool2d extends AvgPool {
  constructor(kernelSize: Sizes, opts?: AvgPoolLayerOptions) {
    super('AvgPool2d', 2, kernelSize, options('AvgPool2d', opts, avgOptions));
  }
}

/** Mean of each window, [n, c, d, h, w] → [n, c, d', h', w']; `torch.nn.AvgPool3d`. */
export class AvgPool3d extends AvgPool {
  constructor(kernelSize: Sizes, opts?: AvgPoolLayerOptions) {
    super('AvgPool3d', 3, kernelSize, options('AvgPool3d', opts, avgOptions));
  }
}
