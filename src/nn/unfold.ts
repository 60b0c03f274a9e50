/** Sliding windows as columns, and their sum, as layers. */
import { options, sizes } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { fold, unfold } from './functional.ts';
import { Module } from './module.ts';
import { text } from './repr.ts';

/** @inline */
type Sizes = number | readonly number[];

/** Options of `nn.Unfold` and `nn.Fold`. */
export interface UnfoldLayerOptions {
  /** Distance between the elements of a window. Default 1. */
  dilation?: Sizes;
  /** Zeros on both sides. Default 0. */
  padding?: Sizes;
  /** Step of the window. Default 1. */
  stride?: Sizes;
}

class Windows extends Module {
  /** Size of the window, one number or [height, width]. */
  readonly kernelSize: Sizes;
  readonly dilation: Sizes;
  readonly padding: Sizes;
  readonly stride: Sizes;

  constructor(name: string, kernelSize: Sizes, opts?: UnfoldLayerOptions) {
    super();
    const { dilation = 1, padding = 0, stride = 1 } = options(name, opts, ['dilation', 'padding', 'stride']);
    for (const [key, value] of Object.entries({ kernelSize, dilation, stride })) sizes(name, key, value, 2, 1);
    sizes(name, 'padding', padding, 2);
    this.kernelSize = kernelSize;
    this.dilation = dilation;
    this.padding = padding;
    this.stride = stride;
  }

  /** @internal What the functions take. */
  protected get settings(): UnfoldLayerOptions {
    return { dilation: this.dilation, padding: this.padding, stride: this.stride };
  }

  override extraRepr(): string {
    const [k, d, p, s] = [this.kernelSize, this.dilation, this.padding, this.stride].map(text);
    return `kernel_size=${k}, dilation=${d}, padding=${p}, stride=${s}`;
  }
}

/** [n, c, h, w] → [n, c·kh·kw, windows]; `torch.nn.Unfold`. */
export class Unfold extends Windows {
  constructor(kernelSize: Sizes, opts?: UnfoldLayerOptions) {
    super('Unfold', kernelSize, opts);
  }

  override forward(x: Tensor): Tensor {
    return unfold(x, this.kernelSize, this.settings);
  }
}

/** [n, c·kh·kw, windows] → [n, c, ...outputSize], overlaps summed; `torch.nn.Fold`. */
export class Fold extends Windows {
  /** Height and width of the result; one number for both. */
  readonly outputSize: Sizes;

  constructor(outputSize: Sizes, kernelSize: Sizes, opts?: UnfoldLayerOptions) {
    super('Fold', kernelSize, opts);
    sizes('Fold', 'outputSize', outputSize, 2, 1);
    this.outputSize = outputSize;
  }

  override forward(x: Tensor): Tensor {
    return fold(x, this.outputSize, this.kernelSize, this.settings);
  }

  override extraRepr(): string {
    return `output_size=${text(this.outputSize)}, ${super.extraRepr()}`;
  }
}
