/** The commands: how each is called, and where it stands. Nothing here loads the library, so options can still choose its backend. */
import { choice, flag, numeric, text, type Usage, type Values } from './args.ts';

const common = {
  backend: choice(['native', 'reference'], 'kernels to run on; default: native where it loads'),
  threads: numeric(
    { min: 1, max: 256, integer: true },
    'threads of the native kernels; default: what the process may use',
  ),
  json: flag('print machine-readable lines only'),
  help: flag('print this text'),
};

const dataset = {
  dataset: choice(['digits', 'mnist'], 'embedded drawn digits, or MNIST from --data', 'digits'),
  data: text('DIR', 'folder with the four MNIST files (*-ubyte or *-ubyte.gz)'),
  'test-images': numeric({ min: 1, integer: true }, 'use this many test images; default: digits 2000, mnist all'),
};

const model = ['lenet', 'lenet-relu'] as const;
const modelOf = choice(model, "default: what the file's metadata says");
const seed = numeric({ min: 0, max: 2 ** 32 - 1, integer: true }, 'of data, weights and shuffling', 0);
const batchSize = numeric({ min: 1, integer: true }, 'images per batch', 256);

const train = {
  summary: 'Trains LeNet and saves its weights. Ctrl-C stops after the current step and saves.',
  words: [],
  options: {
    ...dataset,
    'train-images': numeric(
      { min: 1, integer: true },
      'use this many training images; default: digits 10000, mnist all',
    ),
    model: choice(model, "the course's sigmoid net, or ReLU with max pooling", 'lenet-relu'),
    epochs: numeric({ min: 1, integer: true }, 'passes over the training images; default: by data set and model'),
    'batch-size': numeric({ min: 1, integer: true }, 'images per step; default: by data set and model'),
    optimizer: choice(['sgd', 'adam', 'adamw'], 'default: sgd for lenet, adam for lenet-relu'),
    lr: numeric({ min: 0, above: true }, 'learning rate; default: by data set, model and optimizer'),
    momentum: numeric({ min: 0 }, 'of sgd; default 0'),
    nesterov: flag('Nesterov momentum, of sgd'),
    'weight-decay': numeric({ min: 0 }, 'default: 0 for sgd and adam, 0.01 for adamw'),
    seed,
    out: text('FILE', 'where to save; default MODEL-DATASET.safetensors'),
    ...common,
  },
} as const satisfies Usage;

const evaluate = {
  summary: 'Measures loss and accuracy of saved weights on the test images.',
  words: ['FILE'],
  options: { ...dataset, model: modelOf, 'batch-size': batchSize, seed, ...common },
} as const satisfies Usage;

const predict = {
  summary: 'Shows what saved weights say about test images.',
  words: ['FILE'],
  options: {
    ...dataset,
    index: numeric({ min: 0, integer: true }, 'first test image', 0),
    count: numeric({ min: 1, integer: true }, 'number of images', 1),
    model: modelOf,
    seed,
    ...common,
  },
} as const satisfies Usage;

const inspect = {
  summary: 'Lists the tensors of a safetensors file.',
  words: ['FILE'],
  options: { json: common.json, help: common.help },
} as const satisfies Usage;

const exportCommand = {
  summary: 'Writes saved weights with their model as an ONNX file.',
  words: [],
  options: {
    weights: text('FILE', 'saved weights (safetensors); needed'),
    model: modelOf,
    out: text('FILE', "where to write; default: the weights' name with .onnx"),
    opset: numeric({ min: 13, max: 21, integer: true }, "version of ONNX's operators", 17),
    batch: numeric({ min: 1, integer: true }, 'images per batch, if fixed; default: any number'),
    ...common,
  },
} as const satisfies Usage;

const doctor = {
  summary: 'Says which backend, instruction set and threads are used here, and why.',
  words: [],
  options: common,
} as const satisfies Usage;

export type TrainValues = Values<typeof train.options>;
export type EvalValues = Values<typeof evaluate.options>;
export type PredictValues = Values<typeof predict.options>;
export type InspectValues = Values<typeof inspect.options>;
export type ExportValues = Values<typeof exportCommand.options>;
export type DoctorValues = Values<typeof doctor.options>;

/** Runs a command; the result is the exit code. */
export type Run<V> = (values: V, words: readonly string[]) => number | Promise<number>;

interface Command {
  readonly usage: Usage;
  load(): Promise<{ run: Run<never> }>;
}

export const commands: Record<string, Command> = {
  train: { usage: train, load: () => import('./train.ts') },
  eval: { usage: evaluate, load: () => import('./eval.ts') },
  predict: { usage: predict, load: () => import('./predict.ts') },
  inspect: { usage: inspect, load: () => import('./inspect.ts') },
  export: { usage: exportCommand, load: () => import('./export.ts') },
  doctor: { usage: doctor, load: () => import('./doctor.ts') },
};
