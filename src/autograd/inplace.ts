/** Changes in place: checks, version counters, and what they do to the recorded history. */
import { fail, show } from '../errors.ts';
import { copyInto } from '../ops/copy.ts';
import { defineOp } from '../ops/define.ts';
import { sub } from '../ops/elementwise.ts';
import { asStrided, expandAs, spread } from '../ops/view.ts';
import { Tensor } from '../tensor/tensor.ts';
import { apply } from './apply.ts';
import type { Node } from './graph.ts';
import { enableGrad, mode } from './mode.ts';

/** Throws where `t` cannot be changed in place: it is a leaf that wants gradients, or several elements share memory. */
export function checkInPlace(op: string, t: Tensor): void {
  if (mode.gradEnabled) {
    if (t.requiresGrad && t.isLeaf) {
      fail(op, 'a leaf that requires gradients cannot be changed in place; do it inside noGrad');
    }
    if (t.viewOf?.isLeaf && t.viewOf.requiresGrad) {
      fail(op, 'a view of a leaf that requires gradients cannot be changed in place; do it inside noGrad');
    }
  }
  for (let i = 0; i < t.shape.length; i++) {
    if (t.strides[i] === 0 && t.shape[i] > 1) {
      fail(op, `an expanded tensor of shape ${show(t.shape)} shares memory between its elements; clone() it first`);
    }
  }
}

/** Where a view lies in the tensor it is a view of. */
interface Region {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

function regionOf(view: Tensor, base: Tensor): Region {
  return { shape: view.shape, strides: view.strides, offset: view.offset - base.offset };
}

/** The base after `value` was written into one region of it: history only, the elements are there already. */
const copySlices = defineOp<Region>({
  name: 'copySlices',
  run: ([base]) => new Tensor(base.storage, base.shape, base.strides, base.offset),
  grad(call, g) {
    const { shape, strides, offset } = call.attrs;
    const part = asStrided(g.contiguous(), shape, strides, offset);
    const whole = () => sub(g, spread(part, call.inputShapes[0], shape, strides, offset));
    return [call.needs(0) ? whole() : null, call.needs(1) ? part : null];
  },
});

/**
 * Writes `value` (which may be broadcast or converted) into `t` and gives `t` its history. The caller has passed
 * checkInPlace; `value` was computed from the elements before the change.
 */
export function assign(t: Tensor, value: Tensor): Tensor {
  copyInto(t, value);
  t.storage.version++;
  if (mode.gradEnabled && (value.requiresGrad || t.requiresGrad)) rebase(t, value);
  return t;
}

/** Makes `value`'s history that of `t`, whose elements it already has. */
export function rebase(t: Tensor, value: Tensor): void {
  const source = expandAs(value.to(t.dtype), t);
  const base = t.viewOf;
  if (base === null) {
    t.node = source.node;
    t.outputIndex = source.outputIndex;
    t.rebases++;
    return;
  }
  if (!base.isContiguous) fail('assign', 'a view of a tensor that is not contiguous cannot be changed in place');
  const before = new Tensor(base.storage, base.shape, base.strides, base.offset);
  before.node = base.node;
  before.outputIndex = base.outputIndex;
  const after = apply(copySlices, [before, source], regionOf(t, base));
  base.node = after.node;
  base.outputIndex = 0;
  base.rebases++;
}

/** The node that made `t`; for a view whose base was changed in place since, made anew from the base. */
export function viewHistory(t: Tensor): Node | null {
  const base = t.viewOf;
  if (base !== null && t.viewRebases !== base.rebases) {
    const { shape, strides, offset } = regionOf(t, base);
    const again = enableGrad(() => asStrided(base, shape, strides, offset));
    t.node = again.node;
    t.outputIndex = 0;
    t.viewRebases = base.rebases;
  }
  return t.node;
}
