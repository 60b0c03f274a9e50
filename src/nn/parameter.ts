/** Parameters: tensors that a module learns. */
import { boolean, options } from '../options.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';

/** Options of `Parameter`. */
export interface ParameterOptions {
  /** Whether backward computes its gradient. Default true. */
  requiresGrad?: boolean;
}

/**
 * A leaf that shares the memory of `data` and that a Module finds among its fields; `torch.nn.Parameter`. No scope takes its
 * memory back.
 */
export class Parameter extends Tensor {
  constructor(data: Tensor, opts?: ParameterOptions) {
    checkTensor('Parameter', 'data', data);
    const { requiresGrad = true } = options('Parameter', opts, ['requiresGrad']);
    super(data.storage, data.shape, data.strides, data.offset);
    this.requiresGrad = boolean('Parameter', 'requiresGrad', requiresGrad);
    this.keep();
  }

  override toString(): string {
    return `Parameter containing:\n${super.toString()}`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}
