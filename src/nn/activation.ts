/** Activation layers without settings: functions of one number. */
import { options } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import * as F from './functional.ts';
import { Module } from './module.ts';

/** Takes no options, and says so. */
class Activation extends Module {
  constructor(opts?: Record<string, never>) {
    super();
    options(this.constructor.name, opts, []);
  }
}

/** max(x, 0); `torch.nn.ReLU`. */
export class ReLU extends Activation {
  override forward(x: Tensor): Tensor {
    return F.relu(x);
  }
}

/** min(max(x, 0), 6); `torch.nn.ReLU6`. */
export class ReLU6 extends Activation {
  override forward(x: Tensor): Tensor {
    return F.relu6(x);
  }
}

/** 1 / (1 + e⁻ˣ); `torch.nn.Sigmoid`. */
export class Sigmoid extends Activation {
  override forward(x: Tensor): Tensor {
    return F.sigmoid(x);
  }
}

/** log(1 / (1 + e⁻ˣ)); `torch.nn.LogSigmoid`. */
export class LogSigmoid extends Activation {
  override forward(x: Tensor): Tensor {
    return F.logsigmoid(x);
  }
}

/** Hyperbolic tangent; `torch.nn.Tanh`. */
export class Tanh extends Activation {
  override forward(x: Tensor): Tensor {
    return F.tanh(x);
  }
}

/** x - tanh(x); `torch.nn.Tanhshrink`. */
export class Tanhshrink extends Activation {
  override forward(x: Tensor): Tensor {
    return F.tanhshrink(x);
  }
}

/** x · sigmoid(x), also called swish; `torch.nn.SiLU`. */
export class SiLU extends Activation {
  override forward(x: Tensor): Tensor {
    return F.silu(x);
  }
}

/** x · tanh(softplus(x)); `torch.nn.Mish`. */
export class Mish extends Activation {
  override forward(x: Tensor): Tensor {
    return F.mish(x);
  }
}

/** x · min(max(x + 3, 0), 6) / 6; `torch.nn.Hardswish`. */
export class Hardswish extends Activation {
  override forward(x: Tensor): Tensor {
    return F.hardswish(x);
  }
}

/** min(max(x + 3, 0), 6) / 6; `torch.nn.Hardsigmoid`. */
export class Hardsigmoid extends Activation {
  override forward(x: Tensor): Tensor {
    return F.hardsigmoid(x);
  }
}

/** scale · (max(x, 0) + min(α (eˣ - 1), 0)) with the constants of self-normalising networks; `torch.nn.SELU`. */
export class SELU extends Activation {
  override forward(x: Tensor): Tensor {
    return F.selu(x);
  }
}

/** x / (1 + |x|); `torch.nn.Softsign`. */
export class Softsign extends Activation {
  override forward(x: Tensor): Tensor {
    return F.softsign(x);
  }
}
