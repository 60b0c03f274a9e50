/** Groups of parameters, each with settings of its own. */
import { fail, invalid, show } from '../errors.ts';
import { options } from '../options.ts';
import { isFloat } from '../tensor/dtype.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';

/** Settings that every optimizer has. */
export interface Settings {
  /** Learning rate: the length of a step. */
  lr: number;
}

/** What schedulers keep in a group. */
export interface Scheduled {
  /** The learning rate before any scheduler changed it. */
  initialLr?: number;
  /** Highest learning rate of a cycle. */
  maxLr?: number;
  /** Lowest learning rate of a cycle. */
  minLr?: number;
  /** Highest momentum of a cycle. */
  maxMomentum?: number;
  /** Lowest momentum of a cycle. */
  baseMomentum?: number;
}
const scheduledNames = ['initialLr', 'maxLr', 'minLr', 'maxMomentum', 'baseMomentum'] as const;

/** Parameters and the settings they share. */
export type ParamGroup<S extends Settings = Settings> = S &
  Scheduled & {
    /** What the optimizer changes. */
    params: Tensor[];
  };

/** A group as it is given: settings that are left out are the optimizer's. */
export type GivenGroup<S extends Settings> = Partial<S> &
  Scheduled & {
    /** What the optimizer is to change. */
    params: Tensor | Iterable<Tensor>;
  };

/** What an optimizer takes: tensors, or groups of them. */
export type Params<S extends Settings = Settings> = Iterable<Tensor> | Iterable<GivenGroup<S>>;

/** Options without those that are not given. */
export function given<S extends object>(opts: S | undefined): Partial<S> {
  const entries = Object.entries(opts ?? {}).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries) as Partial<S>;
}

function tensorsOf(name: string, params: unknown): Tensor[] {
  if (params instanceof Tensor) return [params];
  if (params === null || typeof params !== 'object' || !(Symbol.iterator in params)) {
    return invalid(name, 'params', 'a list of tensors', params);
  }
  return [...(params as Iterable<unknown>)].map((p, i) => checkTensor(name, `params[${i}]`, p));
}

/** A complete group from a given one. `taken` has the parameters of the other groups. */
export function makeGroup<S extends Settings>(
  name: string,
  group: GivenGroup<S>,
  defaults: S,
  check: (settings: S) => void,
  taken: ReadonlySet<Tensor>,
): ParamGroup<S> {
  const { params: some, ...settings } = group;
  const params = tensorsOf(name, some);
  const names = [...Object.keys(defaults), ...scheduledNames] as (keyof typeof settings & string)[];
  const made = { ...defaults, ...given(options(name, settings, names)), params } as ParamGroup<S>;
  check(made);
  params.forEach((p, i) => {
    if (!isFloat(p.dtype)) fail(name, `params[${i}] expected float32 or float64, got ${p.dtype}`);
    if (!p.isLeaf) fail(name, `params[${i}] expected a leaf, got the result of '${p.gradFn?.name}'`);
    if (taken.has(p) || params.indexOf(p) !== i) fail(name, `params[${i}] of shape ${show(p.shape)} is there twice`);
  });
  return made;
}

/** The groups that `params` describes: one for a list of tensors. */
export function givenGroups<S extends Settings>(name: string, params: Params<S>): GivenGroup<S>[] {
  if (params instanceof Tensor) return invalid(name, 'params', 'a list of tensors or groups', params);
  if (params === null || typeof params !== 'object' || !(Symbol.iterator in params)) {
    return invalid(name, 'params', 'a list of tensors or groups', params);
  }
  const list = [...(params as Iterable<unknown>)];
  if (list.length === 0) fail(name, 'params expected at least one tensor, got an empty list');
  const isGroup = (p: unknown) => p !== null && typeof p === 'object' && !(p instanceof Tensor) && 'params' in p;
  return (list.every(isGroup) ? list : [{ params: list }]) as GivenGroup<S>[];
}

/** Two decay rates in [0, 1). */
export function checkBetas(name: string, betas: unknown): void {
  const isRate = (beta: unknown) => typeof beta === 'number' && beta >= 0 && beta < 1;
  if (!Array.isArray(betas) || betas.length !== 2 || !betas.every(isRate)) {
    invalid(name, 'betas', 'two numbers in [0, 1)', betas);
  }
}
