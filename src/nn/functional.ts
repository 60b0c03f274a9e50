/** `nn.functional`: layers, losses and activations as functions, with `torch.nn.functional`'s names in camelCase. */
export {
  type AdaptiveMaxPoolOptions,
  type AdaptiveSize,
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
} from '../ops/adaptive-pool.ts';
export { type ConvOptions, conv1d, conv2d, conv3d } from '../ops/conv.ts';
export { type ConvTransposeOptions, convTranspose1d, convTranspose2d, convTranspose3d } from '../ops/conv-transpose.ts';
export { linear } from '../ops/linear.ts';
export { type PadMode, type PadOptions, pad } from '../ops/pad.ts';
export {
  type AvgPool1dOptions,
  type AvgPoolOptions,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  type MaxPoolOptions,
  maxPool1d,
  maxPool2d,
  maxPool3d,
} from '../ops/pool.ts';
export { fold, type UnfoldOptions, unfold } from '../ops/unfold.ts';
export { type MaxUnpoolOptions, maxUnpool1d, maxUnpool2d, maxUnpool3d } from '../ops/unpool.ts';
export { flatten } from '../ops/view.ts';
export type { Padding } from '../ops/window.ts';
export * from './functional/activation.ts';
export * from './functional/classification.ts';
export * from './functional/distance.ts';
export * from './functional/dropout.ts';
export * from './functional/interpolate.ts';
export * from './functional/likelihood.ts';
export * from './functional/lp-pool.ts';
export * from './functional/margin.ts';
export * from './functional/normalization.ts';
export type { LossOptions, Reduction } from './functional/reduction.ts';
export {
  type HuberLossOptions,
  huberLoss,
  l1Loss,
  mseLoss,
  type SmoothL1LossOptions,
  smoothL1Loss,
} from './functional/regression.ts';
