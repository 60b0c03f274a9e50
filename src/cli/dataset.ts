/** The data sets that commands know. */
import { data } from '../index.ts';
import { UsageError } from './args.ts';

export interface DatasetValues {
  dataset: 'digits' | 'mnist';
  data: string | undefined;
  seed: number;
  'train-images'?: number;
  'test-images': number | undefined;
}

/** The folder of MNIST's files; its absence, or its presence with another data set, is a usage error. */
function mnistFolder({ dataset, data: folder }: DatasetValues): string | null {
  if (dataset === 'digits') {
    if (folder !== undefined) {
      throw new UsageError(`option --data goes with --dataset mnist, got "${folder}" with digits`);
    }
    return null;
  }
  if (folder === undefined)
    throw new UsageError('option --dataset mnist needs --data DIR, the folder with its four files');
  return folder;
}

export function loadTrain(values: DatasetValues): data.ImageDataset {
  const dir = mnistFolder(values);
  const wanted = values['train-images'];
  if (dir === null) return data.digits({ train: wanted, test: 1, seed: values.seed }).train;
  return first(data.mnist(dir, { split: 'train' }), wanted, '--train-images');
}

export function loadTest(values: DatasetValues): data.ImageDataset {
  const dir = mnistFolder(values);
  const wanted = values['test-images'];
  if (dir === null) return data.digits({ train: 1, test: wanted, seed: values.seed }).test;
  return first(data.mnist(dir, { split: 'test' }), wanted, '--test-images');
}

function first(images: data.ImageDataset, wanted: number | undefined, option: string): data.ImageDataset {
  if (wanted === undefined) return images;
  if (wanted > images.length)
    throw new UsageError(`option ${option} expected at most ${images.length}, got "${wanted}"`);
  return images.take(wanted);
}
