/** Optimizer: the base of all optimizers. */
import { enableGrad, noGrad } from '../autograd/mode.ts';
import { fail, invalid, show } from '../errors.ts';
import { clearGrad } from '../nn/module.ts';
import { boolean, options } from '../options.ts';
import { sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import {
  type GivenGroup,
  given,
  givenGroups,
  makeGroup,
  type ParamGroup,
  type Params,
  type Settings,
} from './param-groups.ts';
import {
  type OptimizerStateDict,
  type ParamState,
  readGroup,
  type SavedState,
  saveGroup,
  saveState,
} from './state-dict.ts';

/** @inline What a closure gives. */
export type Loss = Tensor | number;

/**
 * Changes parameters by their gradients; `torch.optim.Optimizer`.
 */
export abstract class Optimizer<S extends Settings = Settings> {
  /** Parameters and their settings; settings may be changed between steps. */
  paramGroups: ParamGroup<S>[] = [];
  /** Settings of groups that do not give their own. */
  readonly defaults: S;
  /** What is remembered about each parameter, from its first step on. */
  readonly state = new Map<Tensor, ParamState>();

  constructor(params: Params<S>, opts: Partial<S> | undefined, defaults: S) {
    const name = this.constructor.name;
    const known = Object.keys(defaults) as (keyof S & string)[];
    this.defaults = { ...defaults, ...given(options(name, opts as S | undefined, known)) };
    this.check(name, this.defaults);
    for (const group of givenGroups(name, params)) this.addParamGroup(group);
  }

  /** Throws where a setting is out of its range. */
  protected abstract check(name: string, settings: S): void;

  /** One step; where there is a closure, it computes loss and gradients first, and its loss is the result. */
  abstract step(): undefined;
  abstract step<L extends Loss>(closure: () => L): L;

  /** The state of a parameter from a saved one; the groups are not yet the new ones. */
  protected abstract load(index: number, saved: SavedState, p: Tensor, group: ParamGroup<S>): ParamState;

  /** Adds parameters with settings of their own. */
  addParamGroup(group: GivenGroup<S>): void {
    const name = this.constructor.name;
    const taken = new Set(this.paramGroups.flatMap(({ params }) => params));
    this.paramGroups.push(makeGroup(name, group, this.defaults, (settings) => this.check(name, settings), taken));
  }

  /** The closure's loss, computed with recording on; undefined without a closure. */
  protected evaluate(closure: (() => Loss) | undefined): Loss | undefined {
    if (closure === undefined) return undefined;
    if (typeof closure !== 'function') invalid(this.constructor.name, 'closure', 'a function', closure);
    return enableGrad(closure);
  }

  /** Removes the gradients of all parameters, or sets them to zero. */
  zeroGrad(opts?: { setToNone?: boolean }): void {
    const { setToNone = true } = options('zeroGrad', opts, ['setToNone']);
    boolean('zeroGrad', 'setToNone', setToNone);
    for (const { params } of this.paramGroups) for (const p of params) clearGrad(p, setToNone);
  }

  /** State and settings in PyTorch's form. The tensors share memory with the optimizer. */
  stateDict(): OptimizerStateDict {
    const params = this.paramGroups.flatMap((group) => group.params);
    let first = 0;
    const param_groups = this.paramGroups.map((group) => {
      const saved = saveGroup(group, first);
      first += group.params.length;
      return saved;
    });
    const state: OptimizerStateDict['state'] = {};
    params.forEach((p, i) => {
      const known = this.state.get(p);
      if (known !== undefined && Object.keys(known).length > 0) state[i] = saveState(known);
    });
    return { state, param_groups };
  }

  /** Takes over a state dict of the same optimizer with groups of the same sizes. An error leaves all as it was. */
  loadStateDict(dict: OptimizerStateDict): void {
    const name = this.constructor.name;
    if (!Array.isArray(dict?.param_groups) || typeof dict.state !== 'object' || dict.state === null) {
      invalid(name, 'state dict', '{state, param_groups}', dict);
    }
    const sizes = (groups: readonly { params: readonly unknown[] }[]) => groups.map(({ params }) => params.length);
    const [mine, theirs] = [sizes(this.paramGroups), sizes(dict.param_groups)];
    if (!sameShape(mine, theirs))
      fail(name, `state dict expected groups of ${show(mine)} parameters, got ${show(theirs)}`);
    const groups = this.paramGroups.map(({ params }, i) => {
      const settings = { ...readGroup(name, dict.param_groups[i]), params } as unknown as GivenGroup<S>;
      return makeGroup(name, settings, this.defaults, (settings) => this.check(name, settings), new Set());
    });
    const loaded = new Map<Tensor, ParamState>();
    noGrad(() => {
      groups.forEach((group, g) => {
        group.params.forEach((p, i) => {
          const index = dict.param_groups[g].params[i];
          const saved = dict.state[index];
          if (saved !== undefined) loaded.set(p, this.load(index, saved, p, group));
        });
      });
    });
    this.paramGroups = groups;
    this.state.clear();
    for (const [p, state] of loaded) this.state.set(p, state);
  }
}
