/** Transposed convolution layers. */
import { fail } from '../errors.ts';
import { empty } from '../ops/create.ts';
import { boolean, integer, oneOf, options, sizes } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { convTranspose1d, convTranspose2d, convTranspose3d } from './functional.ts';
import { resetParameters } from './linear.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';
import { text } from './repr.ts';

/** @inline */
type Sizes = number | readonly number[];

/** Options of `nn.ConvTranspose1d`, `nn.ConvTranspose2d` and `nn.ConvTranspose3d`. */
export interface ConvTransposeLayerOptions {
  /** Step of the window in the output. Default 1. */
  stride?: Sizes;
  /** Elements cut off on both sides of the output. Default 0. */
  padding?: Sizes;
  /** Elements added at the end of the output, fewer than stride or dilation. Default 0. */
  outputPadding?: Sizes;
  /** Number of blocks the channels are split into. Default 1. */
  groups?: number;
  /** Whether a learned summand per output channel is added. Default true. */
  bias?: boolean;
  /** Distance between the taps of the kernel. Default 1. */
  dilation?: Sizes;
  /** Only 'zeros', as in PyTorch. */
  paddingMode?: 'zeros';
}

const optionNames = ['stride', 'padding', 'outputPadding', 'groups', 'bias', 'dilation', 'paddingMode'] as const;
const functions = [convTranspose1d, convTranspose2d, convTranspose3d];

class ConvTranspose extends Module {
  /** Channels of the input, a multiple of `groups`. */
  readonly inChannels: number;
  /** Channels of the output, a multiple of `groups`. */
  readonly outChannels: number;
  /** Size of the kernel along each axis; one number for all. */
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly outputPadding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
  /** [inChannels, outChannels / groups, ...kernelSize] */
  weight: Parameter;
  /** [outChannels] */
  bias: Parameter | null;

  constructor(
    name: string,
    axes: number,
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    opts?: ConvTransposeLayerOptions,
  ) {
    super();
    const given = options(name, opts, optionNames);
    const { stride = 1, padding = 0, outputPadding = 0, groups = 1, bias = true, dilation = 1 } = given;
    oneOf(name, 'paddingMode', given.paddingMode ?? 'zeros', ['zeros']);
    this.inChannels = integer(name, 'inChannels', inChannels, 1);
    this.outChannels = integer(name, 'outChannels', outChannels, 1);
    this.kernelSize = sizes(name, 'kernelSize', kernelSize, axes, 1);
    this.stride = sizes(name, 'stride', stride, axes, 1);
    this.padding = sizes(name, 'padding', padding, axes);
    this.outputPadding = sizes(name, 'outputPadding', outputPadding, axes);
    this.dilation = sizes(name, 'dilation', dilation, axes, 1);
    this.groups = integer(name, 'groups', groups, 1);
    for (const [key, count] of Object.entries({ inChannels, outChannels })) {
      if (count % groups !== 0) fail(name, `${key} expected a multiple of groups ${groups}, got ${count}`);
    }
    this.weight = new Parameter(empty([inChannels, outChannels / groups, ...this.kernelSize]));
    this.bias = boolean(name, 'bias', bias) ? new Parameter(empty([outChannels])) : null;
    this.resetParameters();
  }

  /** Draws new initial values: PyTorch's default, both within ±1/√(taps · outChannels / groups). */
  resetParameters(): void {
    resetParameters(this.weight, this.bias);
  }

  /**
   * The transposed convolution of x.
   * @param outputSize spatial size of the result, where the input's size and the options leave a choice
   */
  override forward(x: Tensor, outputSize?: readonly number[] | null): Tensor {
    const { stride, padding, groups, dilation } = this;
    const outputPadding = outputSize ? this.paddingFor(x, outputSize) : this.outputPadding;
    const convolve = functions[this.kernelSize.length - 1];
    return convolve(x, this.weight, this.bias, { stride, padding, outputPadding, groups, dilation });
  }

  private paddingFor(x: Tensor, outputSize: readonly number[]): number[] {
    const name = this.constructor.name;
    const axes = this.kernelSize.length;
    const wanted = outputSize.slice(-axes);
    const input = x.shape.slice(-axes);
    return sizes(name, 'outputSize', wanted, axes, 1).map((size, i) => {
      const span = this.dilation[i] * (this.kernelSize[i] - 1) + 1;
      const least = (input[i] - 1) * this.stride[i] - 2 * this.padding[i] + span;
      if (size < least || size >= least + this.stride[i]) {
        fail(name, `outputSize expected ${least} to ${least + this.stride[i] - 1} on axis ${i}, got ${size}`);
      }
      return size - least;
    });
  }

  override extraRepr(): string {
    const parts = [`${this.inChannels}, ${this.outChannels}`, `kernel_size=${text(this.kernelSize)}`];
    parts.push(`stride=${text(this.stride)}`);
    if (this.padding.some((p) => p !== 0)) parts.push(`padding=${text(this.padding)}`);
    if (this.dilation.some((d) => d !== 1)) parts.push(`dilation=${text(this.dilation)}`);
    if (this.outputPadding.some((p) => p !== 0)) parts.push(`output_padding=${text(this.outputPadding)}`);
    if (this.groups !== 1) parts.push(`groups=${this.groups}`);
    if (this.bias === null) parts.push('bias=False');
    return parts.join(', ');
  }
}

/** The transpose of Conv1d, [n, in, l] → [n, out, l']; `torch.nn.ConvTranspose1d`. */
export class ConvTranspose1d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, opts?: ConvTransposeLayerOptions) {
    super('ConvTranspose1d', 1, inChannels, outChannels, kernelSize, opts);
  }
}

/** The transpose of Conv2d, [n, in, h, w] → [n, out, h', w']; `torch.nn.ConvTranspose2d`. */
export class ConvTranspose2d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, opts?: ConvTransposeLayerOptions) {
    super('ConvTranspose2d', 2, inChannels, outChannels, kernelSize, opts);
  }
}

/** The transpose of Conv3d, [n, in, d, h, w] → [n, out, d', h', w']; `torch.nn.ConvTranspose3d`. */
export class ConvTranspose3d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, opts?: ConvTransposeLayerOptions) {
    super('ConvTranspose3d', 3, inChannels, outChannels, kernelSize, opts);
  }
}
