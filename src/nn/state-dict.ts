/** Reading a state dict into tensors: all checks first, so that an error leaves everything as it was. */
import { noGrad } from '../autograd/mode.ts';
import { fail, invalid, show } from '../errors.ts';
import { sameShape } from '../tensor/shape.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';

/** Named tensors, in order. */
export type StateDict = Record<string, Tensor>;

/** What `loadStateDict` could not match. */
export interface LoadResult {
  /** Keys of the module that the dict has not. */
  readonly missingKeys: string[];
  /** Keys of the dict that the module has not. */
  readonly unexpectedKeys: string[];
}

/** Where loaded tensors go. */
export interface Slot {
  readonly tensor: Tensor;
  /** Set to zero where the dict lacks it: PyTorch's dicts of old do not count the batches of a batch norm. */
  readonly optional: boolean;
}

/** Copies the tensors of `given` into the slots of the same names. Missing and unexpected names are errors if `strict`. */
export function loadInto(op: string, slots: ReadonlyMap<string, Slot>, given: StateDict, strict: boolean): LoadResult {
  if (given === null || typeof given !== 'object' || Array.isArray(given)) {
    invalid(op, 'state', 'an object of tensors by name', given);
  }
  const missingKeys: string[] = [];
  const wrong: string[] = [];
  for (const [key, { tensor, optional }] of slots) {
    if (!Object.hasOwn(given, key)) {
      if (!optional) missingKeys.push(key);
      continue;
    }
    const value = checkTensor(op, show(key), given[key]);
    if (!sameShape(value.shape, tensor.shape)) {
      wrong.push(`${show(key)} expected shape ${show(tensor.shape)}, got ${show(value.shape)}`);
    }
  }
  const unexpectedKeys = Object.keys(given).filter((key) => !slots.has(key));
  const problems: string[] = [];
  if (strict && missingKeys.length > 0) problems.push(`missing keys: ${missingKeys.map(show).join(', ')}`);
  if (strict && unexpectedKeys.length > 0) problems.push(`unexpected keys: ${unexpectedKeys.map(show).join(', ')}`);
  if (wrong.length > 0) problems.push(`wrong shapes: ${wrong.join(', ')}`);
  if (problems.length > 0) fail(op, problems.join('; '));
  noGrad(() => {
    for (const [key, { tensor }] of slots) {
      if (Object.hasOwn(given, key)) tensor.copy_(given[key]);
      else if (slots.get(key)?.optional) tensor.zero_();
    }
  });
  return { missingKeys, unexpectedKeys };
}
