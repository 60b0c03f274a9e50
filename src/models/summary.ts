/** A model's layers with their output shapes and parameter counts. */
import { noGrad } from '../autograd/mode.ts';
import { invalid } from '../errors.ts';
import { Module } from '../nn/module.ts';
import { zeros } from '../ops/create.ts';
import { scope } from '../tensor/scope.ts';
import { checkShape } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';

/** One layer of a `Summary`. */
export interface SummaryRow {
  /** Path in the model, `features.0`. */
  name: string;
  /** Class of the layer. */
  type: string;
  /** Shape of what the layer gave. */
  outputShape: readonly number[];
  /** Elements of its own parameters; 0 where an earlier row has them. */
  parameters: number;
}

/** Layers in the order in which they ran. Printed, it is a table. */
export class Summary {
  /** One for each call of a layer. */
  readonly rows: readonly SummaryRow[];
  /** Elements of all parameters of the model. */
  readonly parameters: number;

  constructor(rows: readonly SummaryRow[], parameters: number) {
    this.rows = rows;
    this.parameters = parameters;
  }

  /** The table. */
  toString(): string {
    const cells = this.rows.map(({ name, type, outputShape, parameters }) => [
      name,
      type,
      `[${outputShape.join(', ')}]`,
      parameters.toLocaleString('en-US'),
    ]);
    const lines = [['layer', 'type', 'output shape', 'parameters'], ...cells];
    const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => line[i].length)));
    const text = lines.map((line) =>
      line.map((cell, i) => (i === 3 ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('  '),
    );
    return [...text, `${this.parameters.toLocaleString('en-US')} parameters`].join('\n');
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/**
 * Runs `model` on zeros of `inputShape`, calling `seen` after each layer that has no layers inside. The model's mode stays
 * as it was; nothing is recorded.
 */
export function visitLayers(
  op: string,
  model: Module<unknown>,
  inputShape: readonly number[],
  seen: (name: string, layer: Module<unknown>, inputs: readonly unknown[], output: unknown) => void,
  start: (input: Tensor) => void = () => {},
): void {
  if (!(model instanceof Module)) invalid(op, 'model', 'a Module', model);
  checkShape(op, 'inputShape', inputShape);
  const modes = model.modules().map((module) => [module, module.training] as const);
  const removers = model
    .namedModules()
    .filter(([, module]) => module.children().length === 0)
    .map(([name, layer]) =>
      layer.registerForwardHook((_, inputs, output) => {
        seen(name, layer, inputs, output);
      }),
    );
  try {
    model.eval();
    noGrad(() =>
      scope(() => {
        const input = zeros(inputShape);
        start(input);
        model.forward(input);
      }),
    );
  } finally {
    for (const remove of removers) remove();
    for (const [module, training] of modes) module.training = training;
  }
}

/**
 * Runs `model` on an input of `inputShape` ([batch, channels, height, width]) and lists what each layer made of it.
 * `console.log(summary(model, shape))` prints the table. The model's mode and gradients stay as they are.
 */
export function summary(model: Module<unknown>, inputShape: readonly number[]): Summary {
  const rows: SummaryRow[] = [];
  const counted = new Set<Tensor>();
  visitLayers('summary', model, inputShape, (name, layer, _inputs, output) => {
    const fresh = layer.parameters().filter((p) => !counted.has(p));
    for (const p of fresh) counted.add(p);
    const outputShape = output instanceof Tensor ? [...output.shape] : [];
    const parameters = fresh.reduce((sum, p) => sum + p.size, 0);
    rows.push({ name, type: layer.constructor.name, outputShape, parameters });
  });
  return new Summary(
    rows,
    model.parameters().reduce((sum, p) => sum + p.size, 0),
  );
}
