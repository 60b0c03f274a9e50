/** Dropout layers: at work in training, the identity in evaluation. */
import { number, options } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import * as F from './functional.ts';
import { Module } from './module.ts';
import { text } from './repr.ts';

/** Probability of dropping, bare or named. Default 0.5. */
export type DropoutOption =
  | number
  | {
      /** In [0, 1]. Default 0.5. */
      p?: number;
    };

class AnyDropout extends Module {
  /** Probability that an element (or channel) is dropped. Default 0.5. */
  readonly p: number;

  constructor(given?: DropoutOption) {
    super();
    const name = this.constructor.name;
    const p = typeof given === 'number' ? given : (options(name, given, ['p']).p ?? 0.5);
    this.p = number(name, 'p', p, 0, 1);
  }

  /** @internal What the functions take. */
  protected get settings(): { p: number; training: boolean } {
    return { p: this.p, training: this.training };
  }

  override extraRepr(): string {
    return `p=${text(this.p)}, inplace=False`;
  }
}

/** Sets elements to 0 with probability p and divides the others by 1 - p; `torch.nn.Dropout`. */
export class Dropout extends AnyDropout {
  override forward(x: Tensor): Tensor {
    return F.dropout(x, this.settings);
  }
}

/** Drops whole channels of [n, c, l] or [c, l]; `torch.nn.Dropout1d`. */
export class Dropout1d extends AnyDropout {
  override forward(x: Tensor): Tensor {
    return F.dropout1d(x, this.settings);
  }
}

/** Drops whole channels of [n, c, h, w]; `torch.nn.Dropout2d`. */
export class Dropout2d extends AnyDropout {
  override forward(x: Tensor): Tensor {
    return F.dropout2d(x, this.settings);
  }
}

/** Drops whole channels of [n, c, d, h, w] or [c, d, h, w]; `torch.nn.Dropout3d`. */
export class Dropout3d extends AnyDropout {
  override forward(x: Tensor): Tensor {
    return F.dropout3d(x, this.settings);
  }
}

/** Dropout that keeps mean 0 and variance 1, for SELU; `torch.nn.AlphaDropout`. */
export class AlphaDropout extends AnyDropout {
  override forward(x: Tensor): Tensor {
    return F.alphaDropout(x, this.settings);
  }
}

/** As AlphaDropout with whole channels; `torch.nn.FeatureAlphaDropout`. */
export class FeatureAlphaDropout extends AnyDropout {
  override forward(x: Tensor): Tensor {
    return F.featureAlphaDropout(x, this.settings);
  }
}
