/** State dicts of optimizers, in PyTorch's form and with its names. */
import { fail, invalid, show } from '../errors.ts';
import { tensor } from '../ops/create.ts';
import { sameShape } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { ParamGroup, Settings } from './param-groups.ts';

/** What an optimizer remembers under one name. */
export type StateValue = Tensor | number | Tensor[] | number[];
/** What an optimizer remembers about a parameter: tensors of its shape, and numbers. */
export type ParamState = Record<string, StateValue>;
/** A saved value: numbers are 0-d tensors, so that all of it can be written to a file of tensors. */
export type SavedState = Record<string, unknown>;

/** An optimizer's state in PyTorch's form. */
export interface OptimizerStateDict {
  /** State of each parameter by its number, counted through all groups. */
  state: Record<number, SavedState>;
  /** Settings of each group, and the numbers of its parameters. */
  param_groups: (Record<string, unknown> & {
    /** Numbers of the parameters. */
    params: number[];
  })[];
}

/** `weightDecay` → `weight_decay`. */
export function snakeCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `weight_decay` → `weightDecay`. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Settings of PyTorch's that choose an implementation and change no result. */
const implementation = ['foreach', 'capturable', 'differentiable', 'fused'];

/** A group with numbers in place of its parameters. */
export function saveGroup(group: ParamGroup<Settings>, first: number): OptimizerStateDict['param_groups'][number] {
  const { params, ...settings } = group;
  const entries = Object.entries(settings).map(([name, value]) => [snakeCase(name), copyOf(value)]);
  return { ...Object.fromEntries(entries), params: params.map((_, i) => first + i) };
}

/** The settings of a saved group, by our names. */
export function readGroup(name: string, saved: Record<string, unknown>): Record<string, unknown> {
  if (saved === null || typeof saved !== 'object') return invalid(name, 'param_groups', 'objects', saved);
  const entries = Object.entries(saved).filter(([key]) => key !== 'params' && !implementation.includes(key));
  return Object.fromEntries(entries.map(([key, value]) => [camelCase(key), copyOf(value)]));
}

function copyOf(value: unknown): unknown {
  return Array.isArray(value) ? value.slice() : value;
}

export function saveState(state: ParamState): SavedState {
  const one = (value: Tensor | number) =>
    typeof value === 'number' ? tensor(value, { dtype: 'float64' }) : value.detach();
  const save = (value: StateValue) => (Array.isArray(value) ? value.map(one) : one(value));
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [snakeCase(name), save(value)]));
}

/** Copies a saved state over a fresh one. */
export function readState(name: string, index: number, saved: SavedState, state: ParamState): void {
  const values = Object.entries(saved).filter(([, value]) => value !== null && value !== undefined);
  const found = values.map(([key]) => camelCase(key));
  const missing = Object.keys(state).filter((key) => !found.includes(key));
  if (missing.length > 0)
    fail(name, `state of parameter ${index} expected ${missing.map(snakeCase).map(show).join(', ')}`);
  for (const [key, value] of values) {
    const field = camelCase(key);
    const target = state[field];
    if (target === undefined) fail(name, `state of parameter ${index} has ${show(key)}, which ${name} does not know`);
    if (typeof target === 'number') state[field] = scalar(name, key, value);
    else if (target instanceof Tensor && value instanceof Tensor && sameShape(value.shape, target.shape))
      target.copy_(value);
    else invalid(name, `state of parameter ${index}: ${key}`, show(target), value);
  }
}

/** A saved number. */
export function scalar(name: string, key: string, value: unknown): number {
  if (typeof value === 'number') return value;
  if (value instanceof Tensor && value.size === 1) return value.item();
  return invalid(name, key, 'a number', value);
}
