/** Schedules of the learning rate; `torch.optim.lr_scheduler`. */
export { ChainedScheduler, SequentialLR } from './composed.ts';
export { CosineAnnealingLR, CosineAnnealingWarmRestarts } from './cosine.ts';
export { CyclicLR, type CyclicOptions } from './cyclic.ts';
export { type EpochFunction, LambdaLR, type LambdaOptions, MultiplicativeLR } from './lambda.ts';
export { OneCycleLR, type OneCycleOptions } from './one-cycle.ts';
export { type PlateauOptions, ReduceLROnPlateau } from './plateau.ts';
export { ConstantLR, LinearLR, PolynomialLR } from './ramps.ts';
export { LRScheduler, type SchedulerOptions, type SchedulerStateDict } from './scheduler.ts';
export { ExponentialLR, MultiStepLR, StepLR } from './steps.ts';
