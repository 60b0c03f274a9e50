/** `data`: data sets and batches. */
export { type Dataset, ImageDataset, TensorDataset } from './dataset.ts';
export { type DigitsOptions, digits } from './digits.ts';
export { DataLoader, type DataLoaderOptions } from './loader.ts';
export { type MnistOptions, mnist } from './mnist.ts';
