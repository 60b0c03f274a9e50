/** The data sets that commands know. */
import type { ImageDataset } from '../data/dataset.ts';
import { digits } from '../data/digits.ts';
import { mnist } from '../data/mnist.ts';
import { UsageError } from './args.ts';

export interface DatasetValues {
  dataset: 'digits' | 'mnist';
  data: string | undefined;
  seed: number;
  'train-images'?: number;
  'test-images': number | undefined;
}

/** The folder of MNIST's files; its absence, or its presence with another data set, is a usage error. */
function mnistFolder({ dataset, data }: DatasetValues): string | null {
  if (dataset === 'digits') {
    if (data !== undefined) throw new UsageError(`option --data goes with --dataset mnist, got "${data}" with digits`);
    return null;
  }
  if (data === undefined)
    throw new UsageError('option --dataset mnist needs --data DIR, the folder with its four files');
  return data;
}

export function loadTrain(values: DatasetValues): ImageDataset {
  const dir = mnistFolder(values);
  const wanted = values['train-images'];
  if (dir === null) return digits({ train: wanted, test: 1, seed: values.seed }).train;
  return first(mnist(dir, { split: 'train' }), wanted, '--train-images');
}

export function loadTest(values: DatasetValues): ImageDataset {
  const dir = mnistFolder(values);
  const wanted = values['test-images'];
  if (dir === null) return digits({ train: 1, test: wanted, seed: values.seed }).test;
  return first(mnist(dir, { split: 'test' }), wanted, '--test-images');
}

function first(images: ImageDataset, wanted: number | undefined, option: string): ImageDataset {
  if (wanted === undefined) return images;
  if (wanted > images.length)
    throw new UsageError(`option ${option} expected at most ${images.length}, got "${wanted}"`);
  return images.take(wanted);
}
