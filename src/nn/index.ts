/** Layers, losses, initialisers. */
export * from './activation.ts';
export * from './activation-parametric.ts';
export { Identity, ModuleDict, ModuleList, ParameterList, Sequential } from './container.ts';
export { Conv1d, Conv2d, Conv3d, type ConvLayerOptions } from './conv.ts';
export {
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type ConvTransposeLayerOptions,
} from './conv-transpose.ts';
export * from './distance.ts';
export * from './dropout.ts';
export { Flatten, Unflatten } from './flatten.ts';
export * as functional from './functional.ts';
export type { BackwardHook, ForwardHook, ForwardPreHook } from './hooks.ts';
export * as init from './init.ts';
export { Linear } from './linear.ts';
export { CrossEntropyLoss, L1Loss, MSELoss, NLLLoss } from './loss.ts';
export * from './loss-margins.ts';
export * from './loss-pairs.ts';
export { type BufferOptions, type LoadOptions, Module, type RecurseOptions } from './module.ts';
export * from './norm.ts';
export * from './pad.ts';
export { Parameter, type ParameterOptions } from './parameter.ts';
export * from './pool.ts';
export * from './pool-adaptive.ts';
export * from './pool-other.ts';
export * from './resize.ts';
export * from './running-norm.ts';
export { type DimOption, GLU, LogSoftmax, Softmax, Softmin } from './softmax.ts';
export type { LoadResult, StateDict } from './state-dict.ts';
export * from './unfold.ts';
export * as utils from './utils.ts';
export { clipGradNorm_, clipGradValue_ } from './utils.ts';
