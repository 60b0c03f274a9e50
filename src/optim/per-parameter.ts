/** Optimizers that treat each parameter by itself. */
import { noGrad } from '../autograd/mode.ts';
import { fail, show } from '../errors.ts';
import { zerosLike } from '../ops/create.ts';
import { scope } from '../tensor/scope.ts';
import { sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type Loss, Optimizer } from './optimizer.ts';
import type { ParamGroup, Settings } from './param-groups.ts';
import { type ParamState, readState, type SavedState } from './state-dict.ts';

/** A subclass says what its state is (`fresh`) and how a parameter changes (`update`). */
export abstract class PerParameter<S extends Settings> extends Optimizer<S> {
  /** State of a parameter before its first step. */
  protected abstract fresh(p: Tensor, group: ParamGroup<S>): ParamState;

  /** Changes p in place by its gradient. Runs without recording, in a scope. */
  protected abstract update(p: Tensor, grad: Tensor, group: ParamGroup<S>, state: ParamState): void;

  override step(): undefined;
  override step<L extends Loss>(closure: () => L): L;
  override step(closure?: () => Loss): Loss | undefined {
    const loss = this.evaluate(closure);
    for (const { params } of this.paramGroups) for (const p of params) checkGradient(this.constructor.name, p);
    noGrad(() => {
      for (const group of this.paramGroups) {
        for (const p of group.params) {
          const { grad } = p;
          if (grad !== null) scope(() => this.update(p, grad, group, this.stateOf(p, group)));
        }
      }
    });
    return loss;
  }

  private stateOf(p: Tensor, group: ParamGroup<S>): ParamState {
    const known = this.state.get(p);
    if (known !== undefined) return known;
    const made = this.fresh(p, group);
    this.state.set(p, made);
    return made;
  }

  protected override load(index: number, saved: SavedState, p: Tensor, group: ParamGroup<S>): ParamState {
    const state = this.fresh(p, group);
    readState(this.constructor.name, index, saved, state);
    return state;
  }
}

function checkGradient(name: string, p: Tensor): void {
  const { grad } = p;
  if (grad === null || (sameShape(grad.shape, p.shape) && grad.dtype === p.dtype)) return;
  const expected = `${p.dtype} of shape ${show(p.shape)}`;
  fail(name, `gradient expected ${expected}, got ${grad.dtype} of shape ${show(grad.shape)}`);
}

/** Zeros in the shape of p that no scope takes back: state. */
export function zerosFor(p: Tensor): Tensor {
  return zerosLike(p).keep();
}

/** The gradient to descend by: negated to maximize, and with the L2 penalty's part. */
export function descent(
  p: Tensor,
  grad: Tensor,
  { maximize, weightDecay }: { maximize: boolean; weightDecay: number },
): Tensor {
  const g = maximize ? grad.neg() : grad;
  return weightDecay === 0 ? g : g.add(p, { alpha: weightDecay });
}
