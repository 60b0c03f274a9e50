/** The fully connected layer. */
import { empty } from '../ops/create.ts';
import { boolean, integer, options } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { linear } from './functional.ts';
import { fans, kaimingUniform_, uniform_ } from './init.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';
import { text } from './repr.ts';

/** PyTorch's default for linear and convolution layers: both within ±1/√fanIn. */
export function resetParameters(weight: Parameter, bias: Parameter | null): void {
  kaimingUniform_(weight, { a: Math.sqrt(5) });
  if (bias === null) return;
  const bound = 1 / Math.sqrt(Math.max(fans('resetParameters', weight).fanIn, 1));
  uniform_(bias, { a: -bound, b: bound });
}

/** x·weightᵀ + bias: [..., inFeatures] → [..., outFeatures]; `torch.nn.Linear`. */
export class Linear extends Module {
  /** Size of the input's last axis. */
  readonly inFeatures: number;
  /** Size of the output's last axis. */
  readonly outFeatures: number;
  /** [outFeatures, inFeatures] */
  weight: Parameter;
  /** [outFeatures] */
  bias: Parameter | null;

  constructor(inFeatures: number, outFeatures: number, opts?: { bias?: boolean }) {
    super();
    const { bias = true } = options('Linear', opts, ['bias']);
    this.inFeatures = integer('Linear', 'inFeatures', inFeatures, 0);
    this.outFeatures = integer('Linear', 'outFeatures', outFeatures, 0);
    this.weight = new Parameter(empty([outFeatures, inFeatures]));
    this.bias = boolean('Linear', 'bias', bias) ? new Parameter(empty([outFeatures])) : null;
    this.resetParameters();
  }

  /** Draws new initial values. */
  resetParameters(): void {
    resetParameters(this.weight, this.bias);
  }

  override forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }

  override extraRepr(): string {
    return `in_features=${this.inFeatures}, out_features=${this.outFeatures}, bias=${text(this.bias !== null)}`;
  }
}
