/** A model that was read from an ONNX file. */
import { isGradEnabled } from '../../autograd/mode.ts';
import { fail, invalid, show } from '../../errors.ts';
import { Module } from '../../nn/module.ts';
import { Parameter } from '../../nn/parameter.ts';
import type { DType } from '../../tensor/dtype.ts';
import { scope } from '../../tensor/scope.ts';
import { checkTensor, type Tensor } from '../../tensor/tensor.ts';
import type { Run } from './node.ts';

/** An input or output of an `OnnxModel`. */
export interface OnnxValue {
  /** Its name in the file. */
  readonly name: string;
  /** Element type; the file's int64 is int32. */
  readonly dtype: DType;
  /** Size along each axis: a number, a name for one that may vary, or null for one the file leaves open. Null: any shape. */
  readonly shape: readonly (number | string | null)[] | null;
}

/** A node that is ready to run. */
export interface Step {
  readonly label: string;
  readonly run: Run;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Values that no later step reads. */
  readonly done: readonly string[];
}

/** @internal What the importer found in a file. */
export interface Plan {
  readonly opset: number;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly steps: readonly Step[];
  readonly parameters: ReadonlyMap<string, Tensor>;
  readonly buffers: ReadonlyMap<string, Tensor>;
  readonly constants: ReadonlyMap<string, Tensor>;
}

/**
 * An ONNX graph as a module. Its float weights are parameters under the file's names, so an optimizer can train it;
 * running statistics are buffers. It computes what the file says, which is evaluation: `train()` changes nothing.
 */
export class OnnxModel extends Module {
  /** Version of ONNX's operators that the file uses. */
  readonly opset: number;
  /** What `run` takes. */
  readonly inputs: readonly OnnxValue[];
  /** What `run` gives. */
  readonly outputs: readonly OnnxValue[];
  readonly #steps: readonly Step[];
  readonly #constants: ReadonlyMap<string, Tensor>;
  /** The file's names of the fields that hold tensors. */
  readonly #keys = new Map<string, string>();

  /** @internal Use `importOnnx`. */
  constructor(plan: Plan) {
    super();
    this.opset = plan.opset;
    this.inputs = plan.inputs;
    this.outputs = plan.outputs;
    this.#steps = plan.steps;
    this.#constants = plan.constants;
    for (const [key, t] of plan.parameters) this.registerParameter(this.#field(key), new Parameter(t));
    for (const [key, t] of plan.buffers) this.registerBuffer(this.#field(key), t);
  }

  /** A new field for the tensor `key`: names in files may hold dots. */
  #field(key: string): string {
    const field = `tensor${this.#keys.size}`;
    this.#keys.set(field, key);
    return field;
  }

  protected override keyOf(field: string): string {
    return this.#keys.get(field) ?? field;
  }

  /** Throws unless `given` has the inputs' names, dtypes and shapes. */
  #check(given: Readonly<Record<string, Tensor>>): void {
    const names = this.inputs.map(({ name }) => name);
    if (given === null || typeof given !== 'object')
      invalid('run', 'inputs', `an object with ${names.join(', ')}`, given);
    const unknown = Object.keys(given).filter((name) => !names.includes(name));
    if (unknown.length > 0)
      fail('run', `unknown input ${unknown.map(show).join(', ')}; the inputs are ${names.join(', ')}`);
    const sizes = new Map<string, number>();
    for (const { name, dtype, shape } of this.inputs) {
      const what = `input ${show(name)}`;
      if (!Object.hasOwn(given, name)) fail('run', `${what} is missing`);
      const t = checkTensor('run', what, given[name]);
      if (t.dtype !== dtype) invalid('run', what, dtype, t.dtype);
      if (shape === null) continue;
      const fits = (size: number, i: number): boolean => {
        const wanted = shape[i];
        if (typeof wanted !== 'string') return wanted === null || wanted === size;
        const seen = sizes.get(wanted) ?? size;
        sizes.set(wanted, seen);
        return seen === size;
      };
      if (t.ndim !== shape.length || !t.shape.every(fits)) {
        const form = shape.map((size) => (typeof size === 'string' ? (sizes.get(size) ?? size) : (size ?? '?')));
        fail('run', `${what} expected shape [${form.join(', ')}], got ${show(t.shape)}`);
      }
    }
  }

  /** The outputs, by name, for inputs by name. With gradients enabled they can be trained through; see `noGrad`. */
  run(inputs: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
    this.#check(inputs);
    return isGradEnabled() ? this.#execute(inputs) : scope(() => this.#execute(inputs));
  }

  #execute(inputs: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
    const values = new Map<string, Tensor>(this.#constants);
    for (const { name } of this.inputs) values.set(name, inputs[name]);
    for (const [field, key] of this.#keys) values.set(key, (this as unknown as Record<string, Tensor>)[field]);
    for (const { label, run, inputs: from, outputs, done } of this.#steps) {
      const results = compute(
        label,
        run,
        from.map((name) => (name === '' ? null : (values.get(name) as Tensor))),
      );
      outputs.forEach((name, i) => {
        if (name !== '') values.set(name, results[i]);
      });
      for (const name of done) values.delete(name);
    }
    return Object.fromEntries(this.outputs.map(({ name }) => [name, values.get(name) as Tensor]));
  }

  /** The one output for the one input; `run` for models with more. */
  override forward(x: Tensor): Tensor {
    const { inputs, outputs } = this;
    if (inputs.length !== 1 || outputs.length !== 1) {
      fail(
        'forward',
        `expected a model with one input and one output, this has ${inputs.length} and ${outputs.length}; use run`,
      );
    }
    return this.run({ [inputs[0].name]: x })[outputs[0].name];
  }

  override extraRepr(): string {
    const text = ({ name, dtype, shape }: OnnxValue): string =>
      `${name}: ${dtype}${shape === null ? '' : ` [${shape.map((size) => size ?? '?').join(', ')}]`}`;
    return `${this.inputs.map(text).join(', ')} -> ${this.outputs.map(text).join(', ')}, nodes=${this.#steps.length}`;
  }
}

/** A step's results; an error in it begins with the node. */
function compute(label: string, run: Run, inputs: readonly (Tensor | null)[]): readonly Tensor[] {
  try {
    const result = run(inputs);
    return Array.isArray(result) ? result : [result as Tensor];
  } catch (error) {
    throw new Error(`run: ${label}: ${(error as Error).message}`, { cause: error });
  }
}
