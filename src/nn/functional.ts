/** `nn.functional`: layers, losses and activations as functions, with `torch.nn.functional`'s names in camelCase. */
export { type ConvOptions, conv1d, conv2d } from '../ops/conv.ts';
export { linear } from '../ops/matmul.ts';
export { type PadMode, type PadOptions, pad } from '../ops/pad.ts';
export { type AvgPoolOptions, avgPool2d, type MaxPoolOptions, maxPool2d } from '../ops/pool.ts';
export { flatten } from '../ops/view.ts';
export * from './functional/activation.ts';
export * from './functional/classification.ts';
export * from './functional/dropout.ts';
export * from './functional/normalization.ts';
export type { LossOptions, Reduction } from './functional/reduction.ts';
export * from './functional/regression.ts';
