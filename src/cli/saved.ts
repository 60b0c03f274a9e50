/** Saved weights as a model. */
import { io, type nn } from '../index.ts';
import { UsageError } from './args.ts';
import { builders, type ModelName } from './recipe.ts';

/** The model of `file`, in evaluation mode; `name` overrules what the file's metadata says. */
export function loadModel(file: string, name: ModelName | undefined): { name: ModelName; model: nn.Module } {
  const known = Object.keys(builders).join(' or ');
  const { metadata } = io.inspectSafetensors(file);
  const chosen = name ?? metadata.model;
  if (chosen === undefined) throw new UsageError(`${file} does not say its model; give --model ${known}`);
  if (!Object.hasOwn(builders, chosen)) throw new UsageError(`${file}: model expected ${known}, got "${chosen}"`);
  const model = builders[chosen as ModelName]();
  model.loadStateDict(io.loadSafetensors(file));
  model.eval();
  return { name: chosen as ModelName, model };
}
