/** Normalisation layers without running statistics. */
import { fail, invalid } from '../errors.ts';
import { ones, zeros } from '../ops/create.ts';
import { boolean, integer, number, options } from '../options.ts';
import { checkShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import * as F from './functional.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';
import { decimal, text } from './repr.ts';

/** Factors and summands of a normalised result: ones and zeros to begin with, or none. */
class Affine extends Module {
  /** Added to the variance. */
  readonly eps: number;
  /** Factors, ones to begin with; null without. */
  weight: Parameter | null;
  /** Summands, zeros to begin with; null without. */
  bias: Parameter | null;

  constructor(name: string, shape: readonly number[], eps: number, affine: boolean) {
    super();
    this.eps = number(name, 'eps', eps);
    this.weight = affine ? new Parameter(ones(shape)) : null;
    this.bias = affine ? new Parameter(zeros(shape)) : null;
  }
}

/** Options of `nn.LayerNorm`. */
export interface LayerNormLayerOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** Whether factors and summands are learned. Default true. */
  elementwiseAffine?: boolean;
}

/** Normalises over the last axes, whose sizes are `normalizedShape` (Ba, Kiros, Hinton, 2016); `torch.nn.LayerNorm`. */
export class LayerNorm extends Affine {
  /** Sizes of the last axes, which are normalised together; one number for one axis. */
  readonly normalizedShape: readonly number[];

  constructor(normalizedShape: number | readonly number[], opts?: LayerNormLayerOptions) {
    const name = 'LayerNorm';
    const { eps = 1e-5, elementwiseAffine = true } = options(name, opts, ['eps', 'elementwiseAffine']);
    const list = typeof normalizedShape === 'number' ? [normalizedShape] : normalizedShape;
    const shape = checkShape(name, 'normalizedShape', list);
    super(name, shape, eps, boolean(name, 'elementwiseAffine', elementwiseAffine));
    this.normalizedShape = shape;
  }

  override forward(x: Tensor): Tensor {
    const { weight, bias, eps } = this;
    return F.layerNorm(x, this.normalizedShape, { weight, bias, eps });
  }

  override extraRepr(): string {
    const affine = text(this.weight !== null);
    return `${text(this.normalizedShape)}, eps=${decimal(this.eps)}, elementwise_affine=${affine}`;
  }
}

/** Options of `nn.GroupNorm`. */
export interface GroupNormLayerOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** Whether factors and summands per channel are learned. Default true. */
  affine?: boolean;
}

/** Normalises [n, c, …] per sample over blocks of channels (Wu and He, 2018); `torch.nn.GroupNorm`. */
export class GroupNorm extends Affine {
  /** Number of blocks of channels; each is normalised by itself. */
  readonly numGroups: number;
  /** Channels of the input, a multiple of `numGroups`. */
  readonly numChannels: number;

  constructor(numGroups: number, numChannels: number, opts?: GroupNormLayerOptions) {
    const name = 'GroupNorm';
    const { eps = 1e-5, affine = true } = options(name, opts, ['eps', 'affine']);
    integer(name, 'numGroups', numGroups, 1);
    if (integer(name, 'numChannels', numChannels, 1) % numGroups !== 0) {
      fail(name, `numChannels expected a multiple of numGroups ${numGroups}, got ${numChannels}`);
    }
    super(name, [numChannels], eps, boolean(name, 'affine', affine));
    this.numGroups = numGroups;
    this.numChannels = numChannels;
  }

  override forward(x: Tensor): Tensor {
    const { weight, bias, eps } = this;
    if (x.shape[1] !== this.numChannels) invalid('GroupNorm', 'input', `shape [n, ${this.numChannels}, …]`, x.shape);
    return F.groupNorm(x, this.numGroups, { weight, bias, eps });
  }

  override extraRepr(): string {
    const affine = text(this.weight !== null);
    return `${this.numGroups}, ${this.numChannels}, eps=${decimal(this.eps)}, affine=${affine}`;
  }
}

/** Divides by a power of the mean square over `size` neighbouring channels; `torch.nn.LocalResponseNorm`. */
export class LocalResponseNorm extends Module {
  /** How many neighbouring channels are summed over. */
  readonly size: number;
  /** Factor of the sum of squares. Default 1e-4. */
  readonly alpha: number;
  /** Exponent. Default 0.75. */
  readonly beta: number;
  /** Added to the sum. Default 1. */
  readonly k: number;

  /** @param opts alpha default 1e-4, beta 0.75, k 1 */
  constructor(size: number, opts?: { alpha?: number; beta?: number; k?: number }) {
    super();
    const name = 'LocalResponseNorm';
    const { alpha = 1e-4, beta = 0.75, k = 1 } = options(name, opts, ['alpha', 'beta', 'k']);
    this.size = integer(name, 'size', size, 1);
    this.alpha = number(name, 'alpha', alpha);
    this.beta = number(name, 'beta', beta);
    this.k = number(name, 'k', k);
  }

  override forward(x: Tensor): Tensor {
    const { alpha, beta, k } = this;
    return F.localResponseNorm(x, this.size, { alpha, beta, k });
  }

  override extraRepr(): string {
    return `${this.size}, alpha=${decimal(this.alpha)}, beta=${decimal(this.beta)}, k=${decimal(this.k)}`;
  }
}
