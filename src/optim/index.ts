/** Optimizers and schedules of the learning rate. */
export { Adadelta, type AdadeltaSettings } from './adadelta.ts';
export { Adagrad, type AdagradSettings } from './adagrad.ts';
export { Adam, type AdamSettings } from './adam.ts';
export { Adamax } from './adamax.ts';
export { AdamW } from './adamw.ts';
export { LBFGS, type LBFGSSettings } from './lbfgs.ts';
export * as lrScheduler from './lr-scheduler/index.ts';
export type { MomentSettings } from './moments.ts';
export { NAdam, type NAdamSettings } from './nadam.ts';
export { Optimizer } from './optimizer.ts';
export type { GivenGroup, ParamGroup, Params, Scheduled, Settings } from './param-groups.ts';
export { RAdam } from './radam.ts';
export { RMSprop, type RMSpropSettings } from './rmsprop.ts';
export { SGD, type SGDSettings } from './sgd.ts';
export type { OptimizerStateDict, ParamState, SavedState, StateValue } from './state-dict.ts';
