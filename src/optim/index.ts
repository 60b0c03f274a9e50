/** Optimizers and schedules of the learning rate. */
export { Adam, type AdamSettings } from './adam.ts';
export { AdamW } from './adamw.ts';
export { Optimizer } from './optimizer.ts';
export type { ParamGroup, Params } from './param-groups.ts';
export { SGD, type SGDSettings } from './sgd.ts';
export type { OptimizerStateDict } from './state-dict.ts';
