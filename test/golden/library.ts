/** The part of gemmule that recorded cases need. Ops are looked up by name: a name that is missing is `unsupported`. */
import type { Numbers } from './format.ts';

export interface TensorLike {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly size: number;
  readonly grad: TensorLike | null;
  requiresGrad: boolean;
  toTypedArray(): Numbers;
  backward(gradient: TensorLike, options: { retainGraph: boolean }): void;
}

export interface LayerLike {
  readonly weight: TensorLike;
  readonly bias: TensorLike | null;
  forward(x: TensorLike): TensorLike;
  loadStateDict(state: Record<string, TensorLike>): unknown;
}

export type Callable = (...args: unknown[]) => unknown;

export interface Library {
  readonly [name: string]: unknown;
  readonly Tensor: new (...args: never[]) => TensorLike;
  tensor(data: Numbers, options: { dtype: string }): TensorLike;
  slice(start?: number | null, stop?: number | null, step?: number | null): unknown;
  readonly nn: { readonly functional: Record<string, unknown> } & Record<string, unknown>;
}

/** A case that asks for what gemmule does not have. */
export class Unsupported extends Error {}

/** The method or function of that name, bound to its owner. */
export function lookUp(owner: unknown, name: string, what: string): Callable {
  const found = (owner as Record<string, unknown>)[name];
  if (typeof found !== 'function') throw new Unsupported(`${what} is not there`);
  return (found as Callable).bind(owner);
}
