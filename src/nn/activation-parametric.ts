/** Activation layers with settings. */

import { full } from '../ops/create.ts';
import { integer, number, oneOf, options } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import * as F from './functional.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';
import { decimal, text } from './repr.ts';

/** x where positive, negativeSlope·x elsewhere; `torch.nn.LeakyReLU`. */
export class LeakyReLU extends Module {
  /** Slope where x is negative. Default 0.01. */
  readonly negativeSlope: number;

  constructor(opts?: { negativeSlope?: number }) {
    super();
    const { negativeSlope = 0.01 } = options('LeakyReLU', opts, ['negativeSlope']);
    this.negativeSlope = number('LeakyReLU', 'negativeSlope', negativeSlope);
  }

  override forward(x: Tensor): Tensor {
    return F.leakyRelu(x, { negativeSlope: this.negativeSlope });
  }

  override extraRepr(): string {
    return `negative_slope=${decimal(this.negativeSlope)}`;
  }
}

/** As LeakyReLU with a learned slope, one or one per channel; `torch.nn.PReLU`. */
export class PReLU extends Module {
  /** [numParameters] */
  weight: Parameter;

  constructor(opts?: { numParameters?: number; init?: number }) {
    super();
    const { numParameters = 1, init = 0.25 } = options('PReLU', opts, ['numParameters', 'init']);
    this.weight = new Parameter(
      full([integer('PReLU', 'numParameters', numParameters, 1)], number('PReLU', 'init', init)),
    );
  }

  override forward(x: Tensor): Tensor {
    return F.prelu(x, this.weight);
  }

  override extraRepr(): string {
    return `num_parameters=${this.weight.size}`;
  }
}

/** x where positive, α (eˣ - 1) elsewhere; `torch.nn.ELU`. */
export class ELU extends Module {
  /** α: the limit for x → -∞ is -α. Default 1. */
  readonly alpha: number;

  constructor(opts?: { alpha?: number }) {
    super();
    this.alpha = number('ELU', 'alpha', options('ELU', opts, ['alpha']).alpha ?? 1);
  }

  override forward(x: Tensor): Tensor {
    return F.elu(x, { alpha: this.alpha });
  }

  override extraRepr(): string {
    return `alpha=${decimal(this.alpha)}`;
  }
}

/** max(x, 0) + min(α (e^(x/α) - 1), 0); `torch.nn.CELU`. */
export class CELU extends Module {
  /** α: the limit for x → -∞ is -α. Default 1. */
  readonly alpha: number;

  constructor(opts?: { alpha?: number }) {
    super();
    this.alpha = number('CELU', 'alpha', options('CELU', opts, ['alpha']).alpha ?? 1);
  }

  override forward(x: Tensor): Tensor {
    return F.celu(x, { alpha: this.alpha });
  }

  override extraRepr(): string {
    return `alpha=${decimal(this.alpha)}`;
  }
}

/** x·Φ(x), exact or in the tanh approximation; `torch.nn.GELU`. */
export class GELU extends Module {
  /** 'none' for x·Φ(x), 'tanh' for Hendrycks and Gimpel's approximation of it. Default 'none'. */
  readonly approximate: 'none' | 'tanh';

  constructor(opts?: { approximate?: 'none' | 'tanh' }) {
    super();
    const { approximate = 'none' } = options('GELU', opts, ['approximate']);
    this.approximate = oneOf('GELU', 'approximate', approximate, ['none', 'tanh']);
  }

  override forward(x: Tensor): Tensor {
    return F.gelu(x, { approximate: this.approximate });
  }

  override extraRepr(): string {
    return `approximate='${this.approximate}'`;
  }
}

/** x limited to [minVal, maxVal]; `torch.nn.Hardtanh`. */
export class Hardtanh extends Module {
  /** Lower limit. Default -1. */
  readonly minVal: number;
  /** Upper limit. Default 1. */
  readonly maxVal: number;

  constructor(opts?: { minVal?: number; maxVal?: number }) {
    super();
    const { minVal = -1, maxVal = 1 } = options('Hardtanh', opts, ['minVal', 'maxVal']);
    this.minVal = number('Hardtanh', 'minVal', minVal);
    this.maxVal = number('Hardtanh', 'maxVal', maxVal, minVal);
  }

  override forward(x: Tensor): Tensor {
    return F.hardtanh(x, { minVal: this.minVal, maxVal: this.maxVal });
  }

  override extraRepr(): string {
    return `min_val=${decimal(this.minVal)}, max_val=${decimal(this.maxVal)}`;
  }
}

/** log(1 + e^(βx)) / β, and x itself where βx is above `threshold`; `torch.nn.Softplus`. */
export class Softplus extends Module {
  /** β, the steepness. Default 1. */
  readonly beta: number;
  /** Above this value of βx the result is x. Default 20. */
  readonly threshold: number;

  constructor(opts?: { beta?: number; threshold?: number }) {
    super();
    const { beta = 1, threshold = 20 } = options('Softplus', opts, ['beta', 'threshold']);
    this.beta = number('Softplus', 'beta', beta);
    this.threshold = number('Softplus', 'threshold', threshold);
  }

  override forward(x: Tensor): Tensor {
    return F.softplus(x, { beta: this.beta, threshold: this.threshold });
  }

  override extraRepr(): string {
    return `beta=${text(this.beta)}, threshold=${text(this.threshold)}`;
  }
}

/** x above `threshold`, `value` elsewhere; `torch.nn.Threshold`. */
export class Threshold extends Module {
  /** What x is compared with. */
  readonly threshold: number;
  /** The result where x is not above the threshold. */
  readonly value: number;

  constructor(threshold: number, value: number) {
    super();
    this.threshold = number('Threshold', 'threshold', threshold);
    this.value = number('Threshold', 'value', value);
  }

  override forward(x: Tensor): Tensor {
    return F.threshold(x, this.threshold, this.value);
  }

  override extraRepr(): string {
    return `threshold=${text(this.threshold)}, value=${text(this.value)}`;
  }
}

/** 0 within ±lambd, x elsewhere; `torch.nn.Hardshrink`. */
export class Hardshrink extends Module {
  /** Half the width of the interval that becomes 0. Default 0.5. */
  readonly lambd: number;

  constructor(opts?: { lambd?: number }) {
    super();
    this.lambd = number('Hardshrink', 'lambd', options('Hardshrink', opts, ['lambd']).lambd ?? 0.5);
  }

  override forward(x: Tensor): Tensor {
    return F.hardshrink(x, { lambd: this.lambd });
  }

  override extraRepr(): string {
    return decimal(this.lambd);
  }
}

/** x moved by lambd towards 0, and 0 within ±lambd; `torch.nn.Softshrink`. */
export class Softshrink extends Module {
  /** Half the width of the interval that becomes 0. Default 0.5. */
  readonly lambd: number;

  constructor(opts?: { lambd?: number }) {
    super();
    this.lambd = number('Softshrink', 'lambd', options('Softshrink', opts, ['lambd']).lambd ?? 0.5, 0);
  }

  override forward(x: Tensor): Tensor {
    return F.softshrink(x, { lambd: this.lambd });
  }

  override extraRepr(): string {
    return decimal(this.lambd);
  }
}
