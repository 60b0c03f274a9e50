/** What the tests know of one op, as data. The drivers in test/ops run every record on every backend. */
import { type DType, Tensor } from '../../src/index.ts';
import type { Make } from './make.ts';

/** The arguments of one call. */
export type Sample = readonly unknown[];

export interface ErrorCase {
  readonly args: (make: Make) => Sample;
  /** The whole message. */
  readonly message: string;
}

export interface OpRecord {
  /** As exported by the package, by nn.functional, or as a method of Tensor, in this order. */
  readonly name: string;
  /**
   * Calls that must work for every claimed dtype, with few elements: every element costs a difference quotient. Inputs of
   * float type that are not `make.constant` are differentiated.
   */
  readonly samples: (make: Make) => readonly Sample[];
  /** Larger calls, for whole vectors, tails and threads. */
  readonly large?: (make: Make) => readonly Sample[];
  /** The dtypes of the tensors that `make` gives; any other throws. */
  readonly dtypes: readonly DType[];
  /** Whether results have gradients. Default true. */
  readonly differentiable?: boolean;
  /**
   * Whether float32 results have the bits of rounded float64 ones, or are `close` to them by PyTorch's `assert_close`
   * (default). A `sum` is linear in every input and may be off by c·√K·ε·Σ|terms| more; see test/golden/slack.ts.
   */
  readonly precision?: 'exact' | 'close' | 'sum';
  readonly errors: readonly ErrorCase[];
  /** Results are random or uninitialised, with no value to compare. */
  readonly valueless?: boolean;
}

export const floats: readonly DType[] = ['float32', 'float64'];
export const numbers: readonly DType[] = ['float32', 'float64', 'int32', 'uint8'];
export const all: readonly DType[] = ['float32', 'float64', 'int32', 'uint8', 'bool'];

/** The error of a call with something else in place of its first tensor. */
export const notATensor = (name: string, argument: string, ...rest: unknown[]): ErrorCase => ({
  args: () => ['text', ...rest],
  message: `${name}: ${argument} expected a Tensor, got string`,
});

/** A result as a list of tensors: one, several, or `{values, indices}`. */
export function tensorsOf(result: unknown): Tensor[] {
  if (result instanceof Tensor) return [result];
  return Array.isArray(result) ? (result as Tensor[]) : Object.values(result as Record<string, Tensor>);
}
