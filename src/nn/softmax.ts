/** Layers that work along one axis. */
import { fail } from '../errors.ts';
import { integer, options } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import * as F from './functional.ts';
import { Module } from './module.ts';

/** The axis, bare or named. */
export type DimOption =
  | number
  | {
      /** Counted from the end where negative. */
      dim: number;
    };

class Along extends Module {
  /** The axis; counted from the end where negative. */
  readonly dim: number;

  constructor(given: DimOption | undefined, fallback?: number) {
    super();
    const name = this.constructor.name;
    const dim = typeof given === 'number' ? given : (options(name, given, ['dim']).dim ?? fallback);
    if (dim === undefined) fail(name, 'dim expected an integer, got undefined');
    this.dim = integer(name, 'dim', dim);
  }

  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}

/** eˣ / Σ eˣ along `dim`, which must be given; `torch.nn.Softmax`. */
export class Softmax extends Along {
  constructor(dim: DimOption) {
    super(dim);
  }

  override forward(x: Tensor): Tensor {
    return F.softmax(x, this.dim);
  }
}

/** The logarithm of softmax along `dim`, which must be given; `torch.nn.LogSoftmax`. */
export class LogSoftmax extends Along {
  constructor(dim: DimOption) {
    super(dim);
  }

  override forward(x: Tensor): Tensor {
    return F.logSoftmax(x, this.dim);
  }
}

/** Softmax of -x along `dim`, which must be given; `torch.nn.Softmin`. */
export class Softmin extends Along {
  constructor(dim: DimOption) {
    super(dim);
  }

  override forward(x: Tensor): Tensor {
    return F.softmin(x, this.dim);
  }
}

/** a·sigmoid(b), a and b the halves of x along `dim`, default the last; `torch.nn.GLU`. */
export class GLU extends Along {
  constructor(dim?: DimOption) {
    super(dim, -1);
  }

  override forward(x: Tensor): Tensor {
    return F.glu(x, { dim: this.dim });
  }
}
