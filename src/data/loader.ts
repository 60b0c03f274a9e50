/** Batches from a data set, in order or shuffled. */
import { invalid } from '../errors.ts';
import { defaultGenerator, Generator, permutation } from '../ops/random.ts';
import { boolean, integer, options } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Dataset } from './dataset.ts';

/** Options of `DataLoader`. */
export interface DataLoaderOptions {
  /** Elements per batch, default 1. */
  batchSize?: number;
  /** A new order for each pass, default false. */
  shuffle?: boolean;
  /** Of the shuffle: the same seed gives the same orders, pass by pass. Default: the generator of `manualSeed`. */
  seed?: number;
  /** Leave out a last batch that is not full, default false. */
  dropLast?: boolean;
}

/**
 * Iterates over a data set in batches (`torch.utils.data.DataLoader`): `for (const [x, y] of loader)`, or with `for await`.
 * A batch is a list of tensors, one for each part of an element, stacked along axis 0.
 */
export class DataLoader implements Iterable<Tensor[]>, AsyncIterable<Tensor[]> {
  /** What the batches are taken from. */
  readonly dataset: Dataset;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  private readonly generator: Generator;

  constructor(dataset: Dataset, given?: DataLoaderOptions) {
    const known = options('DataLoader', given, ['batchSize', 'shuffle', 'seed', 'dropLast']);
    if (typeof dataset?.batch !== 'function')
      invalid('DataLoader', 'dataset', 'a data set with length and batch', dataset);
    this.dataset = dataset;
    this.batchSize = integer('DataLoader', 'batchSize', known.batchSize ?? 1, 1);
    this.shuffle = boolean('DataLoader', 'shuffle', known.shuffle ?? false);
    this.dropLast = boolean('DataLoader', 'dropLast', known.dropLast ?? false);
    this.generator =
      known.seed === undefined ? defaultGenerator() : new Generator(integer('DataLoader', 'seed', known.seed, 0));
  }

  /** Number of batches in a pass. */
  get length(): number {
    const batches = this.dataset.length / this.batchSize;
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  /** One pass over the data set, batch by batch. */
  *[Symbol.iterator](): Iterator<Tensor[]> {
    const count = this.dataset.length;
    const order = this.shuffle ? permutation(count, this.generator) : Int32Array.from({ length: count }, (_, i) => i);
    const batches = this.length;
    for (let i = 0; i < batches; i++) {
      yield this.dataset.batch(order.subarray(i * this.batchSize, (i + 1) * this.batchSize));
    }
  }

  /** The same for `for await`, which lets other work run between the batches. */
  async *[Symbol.asyncIterator](): AsyncIterator<Tensor[]> {
    for (const batch of this as Iterable<Tensor[]>) yield batch;
  }
}
