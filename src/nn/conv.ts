/** Convolution layers. */
import { fail } from '../errors.ts';
import { empty } from '../ops/create.ts';
import { type Padding, resolvePadding, type Side } from '../ops/window.ts';
import { boolean, integer, oneOf, options, sizes } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { conv1d, conv2d, conv3d, pad } from './functional.ts';
import { resetParameters } from './linear.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';
import { text } from './repr.ts';

/** @inline */
type Sizes = number | readonly number[];

/** Options of `nn.Conv1d`, `nn.Conv2d` and `nn.Conv3d`. */
export interface ConvLayerOptions {
  /** Step of the window, one number or one per axis. Default 1. */
  stride?: Sizes;
  /** Number, one per axis, `[before, after]` per axis, 'same' (extra at the end), 'same_lower' or 'valid'. Default 0. */
  padding?: Padding;
  /** What the padding is filled with. Default 'zeros'. */
  paddingMode?: 'zeros' | 'reflect' | 'replicate' | 'circular';
  /** Distance between the taps of the kernel. Default 1. */
  dilation?: Sizes;
  /** Number of blocks the channels are split into. Default 1. */
  groups?: number;
  /** Whether a learned summand per output channel is added. Default true. */
  bias?: boolean;
}

const optionNames = ['stride', 'padding', 'paddingMode', 'dilation', 'groups', 'bias'] as const;
const paddingModes = ['zeros', 'reflect', 'replicate', 'circular'] as const;
const functions = [conv1d, conv2d, conv3d];

class Conv extends Module {
  /** Channels of the input, a multiple of `groups`. */
  readonly inChannels: number;
  /** Channels of the output, a multiple of `groups`. */
  readonly outChannels: number;
  /** Size of the kernel along each axis; one number for all. */
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: Padding;
  readonly paddingMode: (typeof paddingModes)[number];
  readonly dilation: readonly number[];
  readonly groups: number;
  /** [outChannels, inChannels / groups, ...kernelSize] */
  weight: Parameter;
  /** [outChannels] */
  bias: Parameter | null;
  /** Padding that is no zeros, as `pad` takes it: last axis first. */
  private readonly edges: readonly number[];

  constructor(
    name: string,
    axes: number,
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    opts?: ConvLayerOptions,
  ) {
    super();
    const {
      stride = 1,
      padding = 0,
      paddingMode = 'zeros',
      dilation = 1,
      groups = 1,
      bias = true,
    } = options(name, opts, optionNames);
    this.inChannels = integer(name, 'inChannels', inChannels, 1);
    this.outChannels = integer(name, 'outChannels', outChannels, 1);
    this.kernelSize = sizes(name, 'kernelSize', kernelSize, axes, 1);
    this.stride = sizes(name, 'stride', stride, axes, 1);
    this.dilation = sizes(name, 'dilation', dilation, axes, 1);
    this.groups = integer(name, 'groups', groups, 1);
    this.paddingMode = oneOf(name, 'paddingMode', paddingMode, paddingModes);
    for (const [key, count] of Object.entries({ inChannels, outChannels })) {
      if (count % groups !== 0) fail(name, `${key} expected a multiple of groups ${groups}, got ${count}`);
    }
    const sides = resolvePadding(name, padding, this.kernelSize, this.dilation);
    this.padding = typeof padding === 'number' ? sides.map(([before]) => before) : padding;
    this.edges = paddingMode === 'zeros' ? [] : [...sides].reverse().flat();
    this.weight = new Parameter(empty([outChannels, inChannels / groups, ...this.kernelSize]));
    this.bias = boolean(name, 'bias', bias) ? new Parameter(empty([outChannels])) : null;
    this.resetParameters();
  }

  /** Draws new initial values: PyTorch's default, both within ±1/√fanIn. */
  resetParameters(): void {
    resetParameters(this.weight, this.bias);
  }

  override forward(x: Tensor): Tensor {
    const { stride, dilation, groups, paddingMode } = this;
    const convolve = functions[this.kernelSize.length - 1];
    if (paddingMode === 'zeros') {
      return convolve(x, this.weight, this.bias, { stride, padding: this.padding, dilation, groups });
    }
    return convolve(pad(x, this.edges, { mode: paddingMode }), this.weight, this.bias, { stride, dilation, groups });
  }

  override extraRepr(): string {
    const parts = [`${this.inChannels}, ${this.outChannels}`, `kernel_size=${text(this.kernelSize)}`];
    parts.push(`stride=${text(this.stride)}`);
    if (typeof this.padding === 'string' || (this.padding as Side[]).flat().some((p) => p !== 0)) {
      parts.push(`padding=${text(this.padding)}`);
    }
    if (this.dilation.some((d) => d !== 1)) parts.push(`dilation=${text(this.dilation)}`);
    if (this.groups !== 1) parts.push(`groups=${this.groups}`);
    if (this.bias === null) parts.push('bias=False');
    if (this.paddingMode !== 'zeros') parts.push(`padding_mode=${this.paddingMode}`);
    return parts.join(', ');
  }
}

/** Cross-correlation over one axis, [n, in, l] → [n, out, l']; `torch.nn.Conv1d`. */
export class Conv1d extends Conv {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, opts?: ConvLayerOptions) {
    super('Conv1d', 1, inChannels, outChannels, kernelSize, opts);
  }
}

/** Cross-correlation over two axes, [n, in, h, w] → [n, out, h', w']; `torch.nn.Conv2d`. */
export class Conv2d extends Conv {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, opts?: ConvLayerOptions) {
    super('Conv2d', 2, inChannels, outChannels, kernelSize, opts);
  }
}

/** Cross-correlation over three axes, [n, in, d, h, w] → [n, out, d', h', w']; `torch.nn.Conv3d`. */
export class Conv3d extends Conv {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, opts?: ConvLayerOptions) {
    super('Conv3d', 3, inChannels, outChannels, kernelSize, opts);
  }
}
