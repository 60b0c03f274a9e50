/** What `train` uses where an option is not given. */

import { models, type nn, optim } from '../index.ts';
import { UsageError } from './args.ts';
import type { TrainValues } from './commands.ts';

export type ModelName = TrainValues['model'];

export const builders: Record<ModelName, () => nn.Module> = {
  lenet: () => models.lenet(),
  'lenet-relu': () => models.lenet({ activation: 'relu', pool: 'max' }),
};

export interface Recipe {
  optimizer: 'sgd' | 'adam' | 'adamw';
  lr: number;
  batchSize: number;
  epochs: number;
}

/** Good settings. The first row for lenet on MNIST is the course's. */
const recipes: Record<TrainValues['dataset'], Record<ModelName, Recipe>> = {
  mnist: {
    lenet: { optimizer: 'sgd', lr: 0.9, batchSize: 256, epochs: 10 },
    'lenet-relu': { optimizer: 'adam', lr: 0.001, batchSize: 64, epochs: 10 },
  },
  digits: {
    lenet: { optimizer: 'adam', lr: 0.005, batchSize: 64, epochs: 10 },
    'lenet-relu': { optimizer: 'adam', lr: 0.002, batchSize: 32, epochs: 4 },
  },
};

/** Learning rate where the optimizer is not the recipe's. */
const usualRate = { sgd: 0.1, adam: 0.001, adamw: 0.001 };

export function recipeFor(values: TrainValues): Recipe {
  const base = recipes[values.dataset][values.model];
  const optimizer = values.optimizer ?? base.optimizer;
  return {
    optimizer,
    lr: values.lr ?? (optimizer === base.optimizer ? base.lr : usualRate[optimizer]),
    batchSize: values['batch-size'] ?? base.batchSize,
    epochs: values.epochs ?? base.epochs,
  };
}

export function makeOptimizer(model: nn.Module, { optimizer, lr }: Recipe, values: TrainValues): optim.Optimizer {
  const { momentum, nesterov } = values;
  const weightDecay = values['weight-decay'];
  if (optimizer === 'sgd') {
    if (nesterov && !momentum) throw new UsageError('option --nesterov needs --momentum above 0');
    return new optim.SGD(model.parameters(), { lr, momentum, nesterov, weightDecay });
  }
  if (momentum !== undefined) throw new UsageError(`option --momentum goes with --optimizer sgd, got "${momentum}"`);
  if (nesterov) throw new UsageError('option --nesterov goes with --optimizer sgd');
  return new (optimizer === 'adam' ? optim.Adam : optim.AdamW)(model.parameters(), { lr, weightDecay });
}
