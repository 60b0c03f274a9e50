/** The MNIST handwritten digits (LeCun, Cortes, Burges), from the four files in which they are handed around. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fail, show } from '../errors.ts';
import { adopt } from '../ops/create.ts';
import { oneOf, options } from '../options.ts';
import { ImageDataset } from './dataset.ts';
import { readIdx } from './idx.ts';

const stems = { train: 'train', test: 't10k' } as const;

/** Options of `data.mnist`. */
export interface MnistOptions {
  /** 'train' (60,000 images, default) or 'test' (10,000). */
  split?: 'train' | 'test';
}

/**
 * Reads MNIST from a folder with `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and
 * `t10k-labels-idx1-ubyte`, each gzipped (`.gz`) or not.
 *
 * @returns elements are [image float32 [1, 28, 28] in [0, 1], label int32 []]
 * @throws where a file is missing or damaged, naming the file and the byte
 */
export function mnist(dir: string, given?: MnistOptions): ImageDataset {
  const { split = 'train' } = options('mnist', given, ['split']);
  const stem = stems[oneOf('mnist', 'split', split, ['train', 'test'])];
  const images = readBytes(dir, `${stem}-images-idx3-ubyte`, 3);
  const labels = readBytes(dir, `${stem}-labels-idx1-ubyte`, 1);
  const [count, height, width] = images.shape;
  if (labels.shape[0] !== count) {
    fail('mnist', `${labels.file}: byte 4: ${count} labels expected, one for each image, got ${labels.shape[0]}`);
  }
  const high = labels.data.findIndex((label) => label > 9);
  if (high >= 0) fail('mnist', `${labels.file}: byte ${8 + high}: label expected 0 to 9, got ${labels.data[high]}`);
  return new ImageDataset(
    adopt(images.data, [count, 1, height, width], 'uint8'),
    adopt(Int32Array.from(labels.data), [count], 'int32'),
  );
}

function readBytes(dir: string, name: string, ndim: number): { file: string; shape: number[]; data: Uint8Array } {
  const plain = join(dir, name);
  const file = existsSync(plain) ? plain : `${plain}.gz`;
  if (!existsSync(file)) fail('mnist', `neither ${plain} nor ${file} exists`);
  const { shape, data } = readIdx(file);
  if (shape.length !== ndim) fail('mnist', `${file}: byte 3: ${ndim} dimensions expected, got shape ${show(shape)}`);
  if (!(data instanceof Uint8Array)) return fail('mnist', `${file}: byte 2: bytes expected, got another element type`);
  return { file, shape, data };
}
