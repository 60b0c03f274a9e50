/** L-BFGS. */
import { noGrad } from '../autograd/mode.ts';
import { fail, invalid } from '../errors.ts';
import { zeros } from '../ops/create.ts';
import { cat } from '../ops/join.ts';
import { integer, number } from '../options.ts';
import { Tensor } from '../tensor/tensor.ts';
import { strongWolfe, type Trial } from './line-search.ts';
import { type Loss, Optimizer } from './optimizer.ts';
import { type GivenGroup, given, type Params, type Settings } from './param-groups.ts';
import { type ParamState, type SavedState, scalar } from './state-dict.ts';

/** Settings of `LBFGS`. */
export interface LBFGSSettings extends Settings {
  /** Iterations per step. Default 20. */
  maxIter: number;
  /** Calls of the closure per step. Default maxIter · 1.25. */
  maxEval: number;
  /** Stop where no gradient is larger. Default 1e-7. */
  toleranceGrad: number;
  /** Stop where loss or parameters change less. Default 1e-9. */
  toleranceChange: number;
  /** How many steps the curvature is estimated from. Default 100. */
  historySize: number;
  /** How the length of a step is found: `lr` (null, default), or a search for the strong Wolfe conditions. */
  lineSearchFn: null | 'strong_wolfe';
}

const defaults: Omit<LBFGSSettings, 'maxEval'> = {
  lr: 1,
  maxIter: 20,
  toleranceGrad: 1e-7,
  toleranceChange: 1e-9,
  historySize: 100,
  lineSearchFn: null,
};

/** What is remembered from step to step, by PyTorch's names; vectors are of all parameters together. */
interface Memory extends ParamState {
  func_evals: number;
  n_iter: number;
  /** Direction and length of the last step. */
  d: Tensor;
  t: number;
  /** Differences of gradients, steps, and 1 / (difference · step), oldest first. */
  old_dirs: Tensor[];
  old_stps: Tensor[];
  ro: number[];
  H_diag: number;
  prev_flat_grad: Tensor;
  prev_loss: number;
}

const dot = (a: Tensor, b: Tensor): number => a.dot(b).item();
const largest = (a: Tensor): number => a.abs().max().item();

/**
 * Quasi-Newton steps from the last gradients (Nocedal, 1980); `torch.optim.LBFGS`. One group only, and `step` needs a
 * closure, which it calls several times.
 */
export class LBFGS extends Optimizer<LBFGSSettings> {
  /** @param opts lr default 1 */
  constructor(params: Params<LBFGSSettings>, opts?: Partial<LBFGSSettings>) {
    const maxIter = given(opts).maxIter ?? defaults.maxIter;
    super(params, opts, { ...defaults, maxEval: Math.floor((maxIter * 5) / 4) });
  }

  override addParamGroup(group: GivenGroup<LBFGSSettings>): void {
    if (this.paramGroups.length > 0) fail('LBFGS', 'params expected one group, got more');
    super.addParamGroup(group);
  }

  protected override check(name: string, settings: LBFGSSettings): void {
    for (const key of ['lr', 'toleranceGrad', 'toleranceChange'] as const) number(name, key, settings[key], 0);
    for (const key of ['maxIter', 'maxEval', 'historySize'] as const) integer(name, key, settings[key], 1);
    const { lineSearchFn } = settings;
    if (lineSearchFn !== null && lineSearchFn !== 'strong_wolfe') {
      invalid(name, 'lineSearchFn', "null or 'strong_wolfe'", lineSearchFn);
    }
  }

  override step(): undefined;
  override step<L extends Loss>(closure: () => L): L;
  override step(closure?: () => Loss): Loss | undefined {
    if (typeof closure !== 'function') return invalid('LBFGS', 'closure', 'a function', closure);
    const first = this.evaluate(closure) as Loss;
    noGrad(() => this.iterate(closure, Number(first)));
    return first;
  }

  private iterate(closure: () => Loss, firstLoss: number): void {
    const group = this.paramGroups[0];
    const { lr, maxIter, maxEval, toleranceGrad, toleranceChange, historySize, lineSearchFn } = group;
    let gradient = this.gradient();
    const memory = this.memory(gradient);
    memory.func_evals++;
    if (largest(gradient) <= toleranceGrad) return;
    let loss = firstLoss;
    for (let i = 1, evaluations = 1; i <= maxIter; i++) {
      const direction = this.direction(memory, gradient, historySize);
      memory.prev_flat_grad = gradient.clone().keep();
      memory.prev_loss = loss;
      memory.d = direction.keep();
      memory.t = memory.n_iter === 1 ? Math.min(1, 1 / gradient.abs().sum().item()) * lr : lr;
      const slope = dot(gradient, direction);
      if (slope > -toleranceChange) return;
      let made = 0;
      if (lineSearchFn !== null) {
        const start: Trial = { t: 0, loss, gradient, slope };
        const look = (t: number) => this.look(closure, t, direction);
        const { best, evaluations } = strongWolfe(look, start, memory.t, largest(direction), toleranceChange);
        this.move(best.t, direction);
        memory.t = best.t;
        ({ loss, gradient } = best);
        made = evaluations;
      } else {
        this.move(memory.t, direction);
        // what the last one finds is not used
        if (i < maxIter) {
          loss = Number(this.evaluate(closure));
          gradient = this.gradient();
          made = 1;
        }
      }
      evaluations += made;
      memory.func_evals += made;
      const isStill = largest(direction.mul(memory.t)) <= toleranceChange;
      if (evaluations >= maxEval || largest(gradient) <= toleranceGrad || isStill) return;
      if (Math.abs(loss - memory.prev_loss) < toleranceChange) return;
    }
  }

  /** Minus the gradient times the estimate of the inverse Hessian, after taking the last step into the estimate. */
  private direction(memory: Memory, gradient: Tensor, historySize: number): Tensor {
    memory.n_iter++;
    if (memory.n_iter === 1) return gradient.neg();
    const { old_dirs: changes, old_stps: steps, ro } = memory;
    const change = gradient.sub(memory.prev_flat_grad);
    const step = memory.d.mul(memory.t);
    const curvature = dot(change, step);
    if (curvature > 1e-10) {
      if (changes.length === historySize) for (const list of [changes, steps, ro]) list.shift();
      changes.push(change.keep());
      steps.push(step.keep());
      ro.push(1 / curvature);
      memory.H_diag = curvature / dot(change, change);
    }
    const shares: number[] = [];
    const q = gradient.neg();
    for (let i = changes.length - 1; i >= 0; i--) {
      shares[i] = dot(steps[i], q) * ro[i];
      q.sub_(changes[i], { alpha: shares[i] });
    }
    const r = q.mul(memory.H_diag);
    for (let i = 0; i < changes.length; i++) r.add_(steps[i], { alpha: shares[i] - dot(changes[i], r) * ro[i] });
    return r;
  }

  /** Loss and gradient at a step along the direction; the parameters stay. */
  private look(closure: () => Loss, t: number, direction: Tensor): Trial {
    const { params } = this.paramGroups[0];
    const before = params.map((p) => p.clone());
    this.move(t, direction);
    const loss = Number(this.evaluate(closure));
    const gradient = this.gradient();
    params.forEach((p, i) => {
      p.copy_(before[i]);
    });
    return { t, loss, gradient, slope: dot(gradient, direction) };
  }

  private move(t: number, direction: Tensor): void {
    let from = 0;
    for (const p of this.paramGroups[0].params) {
      p.add_(direction.narrow(0, from, p.size).reshape(p.shape), { alpha: t });
      from += p.size;
    }
  }

  /** The gradients of all parameters in one vector. */
  private gradient(): Tensor {
    const { params } = this.paramGroups[0];
    return cat(params.map((p) => (p.grad === null ? zeros([p.size], { dtype: p.dtype }) : p.grad.reshape(-1))));
  }

  private memory(gradient: Tensor): Memory {
    const first = this.paramGroups[0].params[0];
    const known = this.state.get(first);
    if (known !== undefined) return known as Memory;
    const made: Memory = {
      func_evals: 0,
      n_iter: 0,
      d: gradient,
      t: 0,
      old_dirs: [],
      old_stps: [],
      ro: [],
      H_diag: 1,
      prev_flat_grad: gradient,
      prev_loss: 0,
    };
    this.state.set(first, made);
    return made;
  }

  protected override load(_index: number, saved: SavedState): ParamState {
    const size = this.paramGroups[0].params.reduce((sum, p) => sum + p.size, 0);
    const vector = (key: string, value: unknown): Tensor => {
      if (value instanceof Tensor && value.size === size && value.ndim === 1) return value.clone().keep();
      return invalid('LBFGS', key, `a tensor of shape [${size}]`, value);
    };
    const list = (key: string): unknown[] => {
      const value = saved[key];
      return Array.isArray(value) ? value : invalid('LBFGS', key, 'a list', value);
    };
    const value = (key: string) => scalar('LBFGS', key, saved[key]);
    const memory: Memory = {
      func_evals: value('func_evals'),
      n_iter: value('n_iter'),
      d: vector('d', saved.d),
      t: value('t'),
      old_dirs: list('old_dirs').map((v) => vector('old_dirs', v)),
      old_stps: list('old_stps').map((v) => vector('old_stps', v)),
      ro: list('ro').map((v) => scalar('LBFGS', 'ro', v)),
      H_diag: value('H_diag'),
      prev_flat_grad: vector('prev_flat_grad', saved.prev_flat_grad),
      prev_loss: value('prev_loss'),
    };
    return memory;
  }
}
