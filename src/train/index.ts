/** `train`: the training loop. */
export {
  type Batches,
  type EpochInfo,
  type EvaluateOptions,
  evaluate,
  type FitOptions,
  fit,
  type Loss,
  type Metrics,
  type StepInfo,
} from './fit.ts';
