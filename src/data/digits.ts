/** A data set that needs no download: digits drawn by the program. */
import { emptyTensor } from '../ops/define.ts';
import { Generator } from '../ops/random.ts';
import { integer, number, options } from '../options.ts';
import { ImageDataset } from './dataset.ts';
import { drawDigit, RANDOMS_PER_IMAGE, SIDE } from './strokes.ts';

/** Options of `data.digits`. */
export interface DigitsOptions {
  /** Training images, default 10,000. */
  train?: number;
  /** Test images, default 2,000. */
  test?: number;
  /** An integer from 0 to 2³² - 1, default 0. */
  seed?: number;
}

/** Upper half of the seeds, so that each split has a stream apart from those of the seed itself. */
const streams = { train: 1, test: 2 } as const;

/**
 * Handwritten-looking digits, 28×28: strokes of several ways to write each digit, with random slant, width, size, place,
 * turn, shaking and noise. The classes take turns. Image i of a split depends on the seed and i alone.
 *
 * Hard enough that a linear model stays near 90 % test accuracy; LeNet with ReLU reaches 98 % to 99 %.
 *
 * @returns elements are [image float32 [1, 28, 28] in [0, 1], label int32 []]
 */
export function digits(given?: DigitsOptions): {
  /** Images to train on. */
  train: ImageDataset;
  /** Images to test on. */
  test: ImageDataset;
} {
  const { train = 10_000, test = 2_000, seed = 0 } = options('digits', given, ['train', 'test', 'seed']);
  number('digits', 'seed', integer('digits', 'seed', seed), 0, 2 ** 32 - 1);
  return {
    train: draw(integer('digits', 'train', train, 1), seed, streams.train),
    test: draw(integer('digits', 'test', test, 1), seed, streams.test),
  };
}

function draw(count: number, seed: number, stream: number): ImageDataset {
  const images = emptyTensor('uint8', [count, 1, SIDE, SIDE]).keep();
  const labels = emptyTensor('int32', [count]).keep();
  const generator = new Generator(stream * 2 ** 32 + seed);
  const u = emptyTensor('float32', [RANDOMS_PER_IMAGE]);
  for (let i = 0; i < count; i++) {
    generator.fill(u);
    labels.data[i] = i % 10;
    drawDigit(i % 10, u.data as Float32Array, images.data as Uint8Array, i * SIDE * SIDE);
  }
  return new ImageDataset(images, labels);
}
