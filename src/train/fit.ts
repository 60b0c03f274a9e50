/** The training loop. */
import { noGrad } from '../autograd/mode.ts';
import { DataLoader } from '../data/loader.ts';
import { fail, invalid } from '../errors.ts';
import { crossEntropy } from '../nn/functional.ts';
import type { Module } from '../nn/module.ts';
import type { Optimizer } from '../optim/optimizer.ts';
import { integer, options } from '../options.ts';
import { scope } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Batches `[input, target]`, one pass per iteration: a DataLoader, or anything of the kind. */
export type Batches = Iterable<readonly Tensor[]> | AsyncIterable<readonly Tensor[]>;
/** A loss function: the mean over the batch of outputs and targets. */
export type Loss = (output: Tensor, target: Tensor) => Tensor;

/** Means over the images seen. `accuracy` is there where targets are class numbers: int32 [batch] for outputs [batch, classes]. */
export interface Metrics {
  /** How many were seen. */
  images: number;
  /** Mean loss. */
  loss: number;
  /** Share of correct predictions, in [0, 1]. */
  accuracy?: number;
}

export interface StepInfo extends Metrics {
  /** From 1. */
  epoch: number;
  /** From 1, within the epoch. */
  step: number;
  /** Loss of this step's batch; `loss` is the epoch's mean so far. */
  batchLoss: number;
  /** Since the epoch began. */
  seconds: number;
}

export interface EpochInfo {
  /** From 1. */
  epoch: number;
  /** Mean loss over the epoch's training images, each measured before its step. */
  trainLoss: number;
  /** The same images' share of correct predictions, in [0, 1]. */
  trainAccuracy?: number;
  /** With `test` only. */
  testLoss?: number;
  /** With `test` only, where targets are class numbers. */
  testAccuracy?: number;
  /** Of training, without the test. */
  imagesPerSecond: number;
  /** Of training, without the test. */
  seconds: number;
  /** Steps done: fewer than a whole pass where the signal stopped it. */
  steps: number;
}

export interface FitOptions {
  /** Changes the parameters after each batch's backward pass. */
  optimizer: Optimizer;
  /** Default cross-entropy. */
  loss?: Loss;
  /** Default 1. */
  epochs?: number;
  /** Measured after each epoch. */
  test?: Batches;
  /** Called after each step. */
  onStep?: (info: StepInfo) => void;
  /** Called, and waited for, after each epoch. */
  onEpoch?: (info: EpochInfo) => void | Promise<void>;
  /** Stops after the step that runs when it is aborted. */
  signal?: AbortSignal;
}

export interface EvaluateOptions {
  /** Default cross-entropy. */
  loss?: Loss;
  /** Stops after the batch that runs when it is aborted. */
  signal?: AbortSignal;
}

/** Longest time that the event loop waits for us, as far as the length of a step allows. */
const TURN_MS = 4;

/** Lets the event loop run, when it has waited for long enough. */
class Turns {
  private last = performance.now();

  async give(): Promise<void> {
    if (performance.now() - this.last < TURN_MS) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.last = performance.now();
  }
}

/** Sums over batches. */
class Tally {
  images = 0;
  private loss = 0;
  private correct: number | null = 0;

  /** Returns the batch's mean loss. */
  add(output: Tensor, target: Tensor, loss: Tensor): number {
    const n = output.shape[0];
    const value = loss.item();
    this.images += n;
    this.loss += value * n;
    const classes = output.ndim === 2 && target.ndim === 1 && target.dtype === 'int32';
    this.correct = classes && this.correct !== null ? this.correct + countCorrect(output, target) : null;
    return value;
  }

  get metrics(): Metrics {
    const { images, loss, correct } = this;
    return { images, loss: loss / images, ...(correct === null ? {} : { accuracy: correct / images }) };
  }
}

function countCorrect(output: Tensor, target: Tensor): number {
  return noGrad(() => output.argmax(1).eq(target).sum().item());
}

/** Calls `body` inside a scope with each batch of one pass, and `after` behind it, until the signal is aborted. */
async function eachBatch(
  op: string,
  batches: Batches,
  signal: AbortSignal | undefined,
  body: (input: Tensor, target: Tensor) => void,
  after: () => void = () => {},
): Promise<void> {
  const turns = new Turns();
  const run = (batch: readonly Tensor[]): void => {
    if (!Array.isArray(batch) || batch.length !== 2) invalid(op, 'a batch', 'a pair [input, target]', batch);
    body(batch[0], batch[1]);
  };
  if (batches instanceof DataLoader) {
    // its batches are made inside the scope, so that their memory is used again for the next ones
    const iterator = batches[Symbol.iterator]();
    const step = (): boolean =>
      scope(() => {
        const { done, value } = iterator.next();
        if (!done) run(value);
        return !done;
      });
    while (!signal?.aborted && step()) {
      after();
      await turns.give();
    }
    return;
  }
  for await (const batch of batches) {
    if (signal?.aborted) return;
    scope(() => run(batch));
    after();
    await turns.give();
  }
}

/**
 * Trains `model` in place: for each epoch, each batch of `batches` takes one step of the optimizer. The event loop gets its
 * turn between steps, and the memory of a step is used again for the next.
 *
 * @returns one record per epoch, the last one for a part of an epoch where the signal stopped it
 */
export async function fit(model: Module, batches: Batches, given: FitOptions): Promise<EpochInfo[]> {
  const known = ['optimizer', 'loss', 'epochs', 'test', 'onStep', 'onEpoch', 'signal'] as const;
  const { optimizer, loss = crossEntropy, test, onStep, onEpoch, signal, ...rest } = options('fit', given, known);
  if (typeof optimizer?.step !== 'function') invalid('fit', 'optimizer', 'an optimizer', optimizer);
  const epochs = integer('fit', 'epochs', rest.epochs ?? 1, 0);
  const history: EpochInfo[] = [];

  for (let epoch = 1; epoch <= epochs && !signal?.aborted; epoch++) {
    model.train();
    const tally = new Tally();
    const start = performance.now();
    let steps = 0;
    let batchLoss = 0;
    const step = (input: Tensor, target: Tensor): void => {
      optimizer.zeroGrad();
      const output = model.forward(input);
      const value = loss(output, target);
      value.backward();
      optimizer.step();
      batchLoss = tally.add(output, target, value);
      steps++;
    };
    const seconds = (): number => (performance.now() - start) / 1000;
    await eachBatch('fit', batches, signal, step, () =>
      onStep?.({ ...tally.metrics, epoch, step: steps, batchLoss, seconds: seconds() }),
    );
    const took = seconds();
    if (steps === 0) {
      if (signal?.aborted) break;
      fail('fit', `epoch ${epoch} had no batch`);
    }

    const { images, loss: trainLoss, accuracy: trainAccuracy } = tally.metrics;
    const info: EpochInfo = { epoch, trainLoss, trainAccuracy, imagesPerSecond: images / took, seconds: took, steps };
    if (test && !signal?.aborted) {
      const measured = await evaluate(model, test, { loss, signal });
      // of a part of the test it would mislead
      if (!signal?.aborted) {
        info.testLoss = measured.loss;
        info.testAccuracy = measured.accuracy;
      }
    }
    history.push(info);
    await onEpoch?.(info);
  }
  return history;
}

/** Mean loss and accuracy of `model` in evaluation mode, over one pass of `batches`. The modes of its layers are put back. */
export async function evaluate(model: Module, batches: Batches, given?: EvaluateOptions): Promise<Metrics> {
  const { loss = crossEntropy, signal } = options('evaluate', given, ['loss', 'signal']);
  const tally = new Tally();
  const modes = model.modules().map((module) => [module, module.training] as const);
  model.eval();
  try {
    await eachBatch('evaluate', batches, signal, (input, target) => {
      noGrad(() => {
        const output = model.forward(input);
        tally.add(output, target, loss(output, target));
      });
    });
  } finally {
    for (const [module, training] of modes) module.training = training;
  }
  if (tally.images === 0 && !signal?.aborted) fail('evaluate', 'batches expected at least one batch, got none');
  return tally.metrics;
}
