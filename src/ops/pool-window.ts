/** Windows of pooling: their options, checked, and how many fit. */
import { fail, invalid } from '../errors.ts';
import { boolean, sizes } from '../options.ts';
import { checkFloat, checkTensor, type Tensor } from '../tensor/tensor.ts';
import { kernelSizes } from './window.ts';

/** A window in as many axes as its lists are long. */
export interface Window {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly ceilMode: boolean;
}

/** Positions of a window along axis i; with ceilMode the last may hang over, but must begin inside the input or its left padding. */
export function positions(size: number, w: Window, i: number): number {
  const span = size + 2 * w.padding[i] - w.dilation[i] * (w.kernel[i] - 1) - 1;
  const n = Math.floor((span + (w.ceilMode ? w.stride[i] - 1 : 0)) / w.stride[i]) + 1;
  return w.ceilMode && (n - 1) * w.stride[i] >= size + w.padding[i] ? n - 1 : n;
}

export interface WindowOptions {
  /** Step of the window. Default: its size. */
  stride?: number | readonly number[] | null;
  /** Elements that do not count (max) or are 0 (avg) on both sides, at most half the window. Default 0. */
  padding?: number | readonly number[];
  /** Let the last window hang over the edge. Default false. */
  ceilMode?: boolean;
}

/** The stride; where it is absent (in PyTorch's C++ form an empty list), the window itself. */
export function strideOr(op: string, stride: WindowOptions['stride'], kernel: readonly number[]): readonly number[] {
  const isAbsent = stride === undefined || stride === null || (Array.isArray(stride) && stride.length === 0);
  return isAbsent ? kernel : sizes(op, 'stride', stride, kernel.length, 1);
}

/** Throws unless x has `axes` spatial axes behind channels and perhaps a batch. */
export function checkImage(op: string, x: Tensor, axes: number): Tensor {
  checkFloat(op, 'input', checkTensor(op, 'input', x));
  if (x.ndim !== axes + 1 && x.ndim !== axes + 2) {
    const spatial = ['l', 'h, w', 'd, h, w'][axes - 1];
    invalid(op, 'input', `shape [n, c, ${spatial}] or [c, ${spatial}]`, x.shape);
  }
  return x;
}

export function checkWindow(
  op: string,
  axes: number,
  x: Tensor,
  kernelSize: number | readonly number[],
  opts: WindowOptions & { dilation?: number | readonly number[] },
): Window {
  checkImage(op, x, axes);
  const kernel = kernelSizes(op, kernelSize, axes);
  const padding = sizes(op, 'padding', opts.padding ?? 0, axes);
  for (let i = 0; i < axes; i++) {
    if (padding[i] > kernel[i] / 2)
      fail(op, `padding expected at most half of kernelSize ${kernel[i]}, got ${padding[i]}`);
  }
  return {
    kernel,
    stride: strideOr(op, opts.stride, kernel),
    padding,
    dilation: sizes(op, 'dilation', opts.dilation ?? 1, axes, 1),
    ceilMode: boolean(op, 'ceilMode', opts.ceilMode ?? false),
  };
}

/** The window in axes first … first + count - 1. */
export function windowAlong(w: Window, first: number, count: number): Window {
  const part = (list: readonly number[]) => list.slice(first, first + count);
  return {
    kernel: part(w.kernel),
    stride: part(w.stride),
    padding: part(w.padding),
    dilation: part(w.dilation),
    ceilMode: w.ceilMode,
  };
}

/** A window in one axis as one in two, of size 1 in the other: before it (default) or behind. */
export function widen(w: Window, behind = false): Window {
  const with1 = (list: readonly number[], fill: number) => (behind ? [list[0], fill] : [fill, list[0]]);
  return {
    kernel: with1(w.kernel, 1),
    stride: with1(w.stride, 1),
    padding: with1(w.padding, 0),
    dilation: with1(w.dilation, 1),
    ceilMode: w.ceilMode,
  };
}
