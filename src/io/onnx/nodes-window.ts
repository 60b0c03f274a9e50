/** Operators with windows: convolutions and poolings. */
import { fail, show } from '../../errors.ts';
import * as F from '../../nn/functional.ts';
import { div } from '../../ops/binary.ts';
import { ones } from '../../ops/create.ts';
import { pad } from '../../ops/pad.ts';
import { amax, mean } from '../../ops/reduce.ts';
import { narrow } from '../../ops/view.ts';
import type { Side } from '../../ops/window.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { NodeReader, OnnxOp } from './node.ts';

const convs = [F.conv1d, F.conv2d, F.conv3d];
const transposed = [F.convTranspose1d, F.convTranspose2d, F.convTranspose3d];
const maxPools = [F.maxPool1d, F.maxPool2d, F.maxPool3d];
const avgPools = [F.avgPool1d, F.avgPool2d, F.avgPool3d];

/** What the attributes say of the window; `kernel` comes from the weight where they do not. */
interface WindowAttributes {
  readonly kernel: number[] | null;
  readonly strides: number[] | null;
  readonly dilations: number[] | null;
  readonly pads: number[] | null;
  readonly auto: 'NOTSET' | 'VALID' | 'SAME_UPPER' | 'SAME_LOWER';
}

function readWindow(node: NodeReader): WindowAttributes {
  const auto = node.word('auto_pad', 'NOTSET', ['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER']);
  const kernel = node.ints('kernel_shape', 1);
  const strides = node.ints('strides', 1);
  const dilations = node.ints('dilations', 1);
  const pads = node.ints('pads', 0);
  const axes = (kernel ?? strides ?? dilations)?.length ?? (pads === null ? null : pads.length / 2);
  if (axes !== null && (axes < 1 || axes > 3 || !Number.isInteger(axes))) {
    node.wrong(`kernel_shape expected 1 to 3 axes, got ${axes}`);
  }
  for (const [name, list, length] of [
    ['strides', strides, axes],
    ['dilations', dilations, axes],
    ['pads', pads, 2 * (axes ?? 0)],
  ] as const) {
    if (list !== null && list.length !== length) {
      node.wrong(`attribute ${name} expected ${length} integers, got ${show(list)}`);
    }
  }
  return { kernel, strides, dilations, pads, auto };
}

interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly sides: readonly Side[];
}

/** The window over one input, with the padding that `auto_pad` asks for. */
function windowOn(x: Tensor, a: WindowAttributes, kernel: readonly number[]): Window {
  const axes = kernel.length;
  if (x.ndim !== axes + 2) fail('run', `input expected ${axes + 2} axes, got shape ${show(x.shape)}`);
  const all = (value: number): number[] => new Array<number>(axes).fill(value);
  const strides = a.strides ?? all(1);
  const dilations = a.dilations ?? all(1);
  for (const [name, list] of Object.entries({ strides, dilations })) {
    if (list.length !== axes) fail('run', `attribute ${name} expected ${axes} integers, got ${show(list)}`);
  }
  const sides = kernel.map((k, i): Side => {
    if (a.auto === 'VALID') return [0, 0];
    if (a.auto === 'NOTSET') return a.pads === null ? [0, 0] : [a.pads[i], a.pads[axes + i]];
    const size = x.shape[2 + i];
    const span = dilations[i] * (k - 1) + 1;
    const total = Math.max((Math.ceil(size / strides[i]) - 1) * strides[i] + span - size, 0);
    const less = Math.floor(total / 2);
    return a.auto === 'SAME_UPPER' ? [less, total - less] : [total - less, less];
  });
  return { kernel, strides, dilations, sides };
}

/** The kernel's size from the weight, which must agree with the attribute. */
function kernelOf(a: WindowAttributes, weight: Tensor): readonly number[] {
  const own = weight.shape.slice(2);
  if (own.length < 1 || own.length > 3) fail('run', `weight expected 3 to 5 axes, got shape ${show(weight.shape)}`);
  if (a.kernel !== null && show(a.kernel) !== show(own)) {
    fail('run', `attribute kernel_shape ${show(a.kernel)} expected that of the weight, ${show(own)}`);
  }
  return own;
}

const conv: OnnxOp = {
  inputs: [2, 3],
  prepare(node) {
    const a = readWindow(node);
    const groups = node.int('group', 1);
    return ([x, weight, bias]) => {
      const { kernel, strides, dilations, sides } = windowOn(x as Tensor, a, kernelOf(a, weight as Tensor));
      return convs[kernel.length - 1](x as Tensor, weight as Tensor, bias, {
        stride: strides,
        padding: sides,
        dilation: dilations,
        groups,
      });
    };
  },
};

const convTranspose: OnnxOp = {
  inputs: [2, 3],
  prepare(node) {
    const a = readWindow(node);
    const groups = node.int('group', 1);
    const extra = node.ints('output_padding', 0);
    if (a.auto.startsWith('SAME')) node.wrong(`attribute auto_pad ${show(a.auto)} is not supported`);
    return ([given, weight, bias]) => {
      const x = given as Tensor;
      const { kernel, strides, dilations, sides } = windowOn(x, a, kernelOf(a, weight as Tensor));
      const outputPadding = extra ?? kernel.map(() => 0);
      const settings = { stride: strides, dilation: dilations, outputPadding, groups };
      const f = transposed[kernel.length - 1];
      if (sides.every(([before, after]) => before === after)) {
        return f(x, weight as Tensor, bias, { ...settings, padding: sides.map(([before]) => before) });
      }
      const whole = f(x, weight as Tensor, bias, settings);
      return sides.reduce((y, [before, after], i) => narrow(y, 2 + i, before, y.shape[2 + i] - before - after), whole);
    };
  },
};

/** How far the last window reaches behind the padding with ceil_mode; windows that begin there do not count. */
function overhang(x: Tensor, { kernel, strides, dilations, sides }: Window): number[] {
  return sides.map(([before, after], i) => {
    const size = x.shape[2 + i];
    const span = dilations[i] * (kernel[i] - 1) + 1;
    const count = Math.ceil((size + before + after - span) / strides[i]) + 1;
    const kept = (count - 1) * strides[i] >= size + before ? count - 1 : count;
    return Math.max((kept - 1) * strides[i] + span - (size + before + after), 0);
  });
}

/** `x` with elements on both sides of its spatial axes. */
function surround(x: Tensor, sides: readonly Side[], value: number): Tensor {
  if (sides.flat().every((p) => p === 0)) return x;
  return pad(x, [...sides].reverse().flat(), { value });
}

/** The padding as the pooling functions take it, or null where it is not the same on both sides or too wide for them. */
function evenPadding({ kernel, sides }: Window): number[] | null {
  const isEven = sides.every(([before, after], i) => before === after && before <= kernel[i] / 2);
  return isEven ? sides.map(([before]) => before) : null;
}

const kernelNeeded = (node: NodeReader, a: WindowAttributes): number[] =>
  a.kernel ?? node.wrong('attribute kernel_shape is missing');

const maxPool: OnnxOp = {
  inputs: [1, 1],
  prepare(node) {
    const a = readWindow(node);
    const size = kernelNeeded(node, a);
    const ceilMode = node.flag('ceil_mode', false);
    // about the order of the positions, a second output, which is refused
    node.ignore('storage_order');
    return ([given]) => {
      const x = given as Tensor;
      const window = windowOn(x, a, size);
      const { kernel, strides, dilations, sides } = window;
      const pool = maxPools[kernel.length - 1];
      const padding = evenPadding(window);
      if (padding !== null) return pool(x, size, { stride: strides, padding, dilation: dilations, ceilMode });
      const extra = ceilMode ? overhang(x, window) : sides.map(() => 0);
      const whole = sides.map(([before, after], i): Side => [before, after + extra[i]]);
      return pool(surround(x, whole, -Infinity), size, { stride: strides, dilation: dilations });
    };
  },
};

const averagePool: OnnxOp = {
  inputs: [1, 1],
  prepare(node) {
    const a = readWindow(node);
    const size = kernelNeeded(node, a);
    const ceilMode = node.flag('ceil_mode', false);
    const countIncludePad = node.flag('count_include_pad', false);
    if (a.dilations?.some((d) => d !== 1)) node.wrong(`attribute dilations ${show(a.dilations)} is not supported`);
    return ([given]) => {
      const x = given as Tensor;
      const window = windowOn(x, a, size);
      const { kernel, strides, sides } = window;
      const pool = avgPools[kernel.length - 1];
      const padding = evenPadding(window);
      if (padding !== null) return pool(x, size, { stride: strides, padding, ceilMode, countIncludePad });
      const extra = (ceilMode ? overhang(x, window) : sides.map(() => 0)).map((e): Side => [0, e]);
      const sums = pool(surround(surround(x, sides, 0), extra, 0), size, { stride: strides });
      // the share of each window that counts
      const counted = surround(ones([1, 1, ...x.shape.slice(2)], { dtype: x.dtype }), sides, countIncludePad ? 1 : 0);
      return div(sums, pool(surround(counted, extra, 0), size, { stride: strides }));
    };
  },
};

/** Over all spatial axes, which stay with size 1. */
function globalPool(f: typeof mean | typeof amax): OnnxOp {
  return {
    inputs: [1, 1],
    prepare: () => (inputs) => {
      const x = inputs[0] as Tensor;
      if (x.ndim < 3) fail('run', `input expected at least 3 axes, got shape ${show(x.shape)}`);
      const axes = x.shape.slice(2).map((_, i) => i + 2);
      return f(x, axes, { keepdim: true });
    },
  };
}

export const windowOps: Readonly<Record<string, OnnxOp>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: globalPool(mean),
  GlobalMaxPool: globalPool(amax),
};
