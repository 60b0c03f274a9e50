/** Layers, losses, initialisers. */
export * from './activation.ts';
export * from './activation-parametric.ts';
export { Identity, ModuleDict, ModuleList, ParameterList, Sequential } from './container.ts';
export { Conv1d, Conv2d, type ConvLayerOptions } from './conv.ts';
export { Flatten, Unflatten } from './flatten.ts';
export * as functional from './functional.ts';
export type { BackwardHook, ForwardHook, ForwardPreHook } from './hooks.ts';
export * as init from './init.ts';
export { Linear } from './linear.ts';
export * from './loss.ts';
export { Module } from './module.ts';
export { Parameter } from './parameter.ts';
export * from './pool.ts';
export { GLU, LogSoftmax, Softmax, Softmin } from './softmax.ts';
