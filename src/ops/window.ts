/** Arithmetic of sliding windows that convolution and pooling share. */
import { fail, show } from '../errors.ts';
import { sizes } from '../options.ts';

/** Padding of one axis: before the first and after the last element. */
export type Side = readonly [number, number];
/** @inline `'same'`: extra element at the end, as PyTorch; `'same_lower'`: at the beginning; `'valid'`: none. */
export type PaddingWord = 'same' | 'same_lower' | 'valid';
/** A number, one number per axis, `[before, after]` per axis, or a word. */
export type Padding = number | readonly number[] | readonly (readonly [number, number])[] | PaddingWord;

/**
 * Padding of each spatial axis. 'same' and 'same_lower' pad dilation·(kernel-1) in all, whatever the stride is: the output
 * has ceil(size / stride) positions. 'valid' pads nothing.
 */
export function resolvePadding(
  op: string,
  padding: Padding,
  kernel: readonly number[],
  dilation: readonly number[],
): Side[] {
  if (typeof padding === 'string') {
    if (padding === 'valid') return kernel.map(() => [0, 0]);
    if (padding !== 'same' && padding !== 'same_lower') {
      fail(op, `padding expected 'same', 'same_lower' or 'valid' where it is a word, got ${show(padding)}`);
    }
    return kernel.map((k, i) => {
      const total = dilation[i] * (k - 1);
      const less = Math.floor(total / 2);
      return padding === 'same' ? [less, total - less] : [total - less, less];
    });
  }
  if (Array.isArray(padding) && padding.some((p) => Array.isArray(p))) {
    if (padding.length !== kernel.length) {
      fail(op, `padding expected ${kernel.length} pairs [before, after], got ${show(padding)}`);
    }
    return padding.map((p) => sizes(op, 'padding', p, 2) as unknown as Side);
  }
  return sizes(op, 'padding', padding, kernel.length).map((p) => [p, p]);
}

/** floor((size + padding - dilation·(kernel-1) - 1) / stride) + 1, at least 0 positions. */
export function outputSize(size: number, kernel: number, stride: number, padding: Side, dilation: number): number {
  return Math.floor((size + padding[0] + padding[1] - dilation * (kernel - 1) - 1) / stride) + 1;
}

/** A kernel size, checked: integers ≥ 1, one for all axes or one each. */
export function kernelSizes(op: string, value: unknown, count: number): number[] {
  return sizes(op, 'kernelSize', value, count, 1);
}

/** At least one window must fit. */
export function checkOutput(
  op: string,
  output: readonly number[],
  input: readonly number[],
  kernel: readonly number[],
): void {
  if (output.some((n) => n < 1)) {
    fail(
      op,
      `kernel ${show(kernel)} does not fit the padded input of size ${show(input)}: the output would be ${show(output)}`,
    );
  }
}
