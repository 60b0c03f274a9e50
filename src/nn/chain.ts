/** Modules run one after the other: neighbours fuse, and memory between library layers is recycled at once. */
import { isTraced } from '../autograd/apply.ts';
import { releaseIfPassed, storagesMade } from '../tensor/storage.ts';
import { Tensor } from '../tensor/tensor.ts';
import * as activation from './activation.ts';
import * as parametric from './activation-parametric.ts';
import * as conv from './conv.ts';
import * as convTranspose from './conv-transpose.ts';
import * as dropout from './dropout.ts';
import { Flatten, Unflatten } from './flatten.ts';
import { fusedForward } from './fuse.ts';
import { Linear } from './linear.ts';
import type { Module } from './module.ts';
import * as norm from './norm.ts';
import * as pad from './pad.ts';
import * as pool from './pool.ts';
import * as adaptive from './pool-adaptive.ts';
import * as runningNorm from './running-norm.ts';

let known: Set<unknown> | null = null;

/** The `forward` functions of layers that keep neither what they are given nor what they return. */
function libraryForwards(): Set<unknown> {
  const families = [activation, parametric, conv, convTranspose, dropout, norm, pad, pool, adaptive, runningNorm];
  const layers = [...families.flatMap((family) => Object.values(family) as unknown[]), Linear, Flatten, Unflatten];
  const forwards = layers.map((layer) => (layer as { prototype?: Partial<Module> }).prototype?.forward);
  return new Set(forwards.filter((forward) => forward !== undefined));
}

/** Whether nobody but the library sees what goes in and out: a layer of ours, without hooks or an own `forward`. */
function isOurs(module: Module): boolean {
  known ??= libraryForwards();
  return known.has(module.forward);
}

/** The last module's result. A result between two layers of ours goes back to the pool when nothing needs it any more. */
export function runChain(modules: readonly Module[], x: Tensor): Tensor {
  const recycles = !isTraced();
  const began = storagesMade();
  let current = x;
  for (let i = 0; i < modules.length; i++) {
    const ours = isOurs(modules[i]);
    // code of the user may keep what it sees
    if (!ours) current.storage.passing = false;
    const fused = i + 1 < modules.length ? fusedForward(modules[i], modules[i + 1], current) : null;
    if (fused !== null) i++;
    const next = fused ?? modules[i].forward(current);
    if (recycles && next instanceof Tensor && next.storage !== current.storage) {
      next.storage.passing = ours && i + 1 < modules.length && next.storage.serial > began;
      releaseIfPassed(current.storage);
    }
    current = next;
  }
  // the result is the caller's
  if (current instanceof Tensor) current.storage.passing = false;
  return current;
}
