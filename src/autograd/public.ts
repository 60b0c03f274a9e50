/** `autograd`: gradients by hand, tracing and debugging. */
export { traceOps } from './apply.ts';
export { type BackwardOptions, type GradOptions, grad, registerHook } from './backward.ts';
export { type CustomFunction, customFunction, type FunctionContext } from './custom.ts';
export type { TensorHook } from './graph.ts';
export { detectAnomaly } from './mode.ts';
