/** Products, normalisations, reductions and interpolation. */
import { fail, show } from '../../errors.ts';
import * as F from '../../nn/functional.ts';
import { add, mul } from '../../ops/binary.ts';
import { selectRows } from '../../ops/gather.ts';
import { matmul } from '../../ops/matmul.ts';
import * as reduce from '../../ops/reduce.ts';
import { combine, cubicTaps, linearTaps } from '../../ops/resample.ts';
import { transpose } from '../../ops/view.ts';
import { axis, axisList } from '../../options.ts';
import { checkShape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { type NodeReader, numbers, type OnnxOp } from './node.ts';

const gemm: OnnxOp = {
  inputs: [2, 3],
  prepare(node) {
    const [alpha, beta] = [node.float('alpha', 1), node.float('beta', 1)];
    const [transA, transB] = [node.flag('transA', false), node.flag('transB', false)];
    return (inputs) => {
      const [left, right] = inputs as [Tensor, Tensor];
      for (const t of [left, right])
        if (t.ndim !== 2) fail('run', `inputs expected matrices, got shape ${show(t.shape)}`);
      const a = transA ? transpose(left, 0, 1) : left;
      const c = inputs[2] ?? null;
      const isLinear = alpha === 1 && (c === null || (beta === 1 && c.ndim === 1 && c.shape[0] !== 1));
      if (isLinear && transB) return F.linear(a, right, c);
      const product = matmul(a, transB ? transpose(right, 0, 1) : right);
      const scaled = alpha === 1 ? product : mul(product, alpha);
      return c === null ? scaled : add(scaled, beta === 1 ? c : mul(c, beta));
    };
  },
};

const batchNorm: OnnxOp = {
  inputs: [5, 5],
  statistics: [3, 4],
  prepare(node) {
    const eps = node.float('epsilon', 1e-5);
    node.only('training_mode', 0);
    if (node.opset < 9) node.only('spatial', 1);
    // what training would do with the running statistics
    node.ignore('momentum');
    return (inputs) => {
      const [x, weight, bias, mean, variance] = inputs as Tensor[];
      return F.batchNorm(x, mean, variance, { weight, bias, eps });
    };
  },
};

const instanceNorm: OnnxOp = {
  inputs: [3, 3],
  prepare(node) {
    const eps = node.float('epsilon', 1e-5);
    return (inputs) => {
      const [x, weight, bias] = inputs as Tensor[];
      return F.instanceNorm(x, { weight, bias, eps });
    };
  },
};

const layerNorm: OnnxOp = {
  inputs: [2, 3],
  prepare(node) {
    const from = node.int('axis', -1);
    const eps = node.float('epsilon', 1e-5);
    // 1: in float32, the precision of all that is read here or a lower one
    node.only('stash_type', 1);
    return ([x, weight, bias]) => {
      const input = x as Tensor;
      const shape = input.shape.slice(axis('LayerNormalization', 'axis', from, input.ndim));
      return F.layerNorm(input, shape, { weight, bias, eps });
    };
  },
};

const lrn: OnnxOp = {
  inputs: [1, 1],
  prepare(node) {
    const size = node.int('size', 0);
    if (size < 1 || size % 2 === 0) node.wrong(`attribute size expected an odd number >= 1, got ${size}`);
    const options = { alpha: node.float('alpha', 1e-4), beta: node.float('beta', 0.75), k: node.float('bias', 1) };
    return ([x]) => F.localResponseNorm(x as Tensor, size, options);
  },
};

/** A reduction; its axes are an attribute, from `inputSince` on an input. */
function reduction(f: (x: Tensor, dims: number[], opts: { keepdim: boolean }) => Tensor, inputSince: number): OnnxOp {
  return {
    inputs: [1, 2],
    settings: [1],
    prepare(node) {
      const keepdim = node.flag('keepdims', true);
      const isInput = node.opset >= inputSince;
      const fixed = isInput ? null : node.ints('axes');
      const nothingForNone = isInput && node.flag('noop_with_empty_axes', false);
      return ([x, given]) => {
        const input = x as Tensor;
        const axes = given ? numbers(given) : (fixed ?? []);
        if (axes.length === 0 && nothingForNone) return input;
        const dims =
          axes.length === 0 ? input.shape.map((_, i) => i) : axisList(node.proto.op, 'axes', axes, input.ndim);
        return dims.length === 0 ? input : f(input, dims, { keepdim });
      };
    },
  };
}

function extremePosition(f: typeof reduce.argmax): OnnxOp {
  return {
    inputs: [1, 1],
    prepare(node) {
      const dim = node.int('axis', 0);
      const keepdim = node.flag('keepdims', true);
      node.only('select_last_index', 0);
      return ([x]) => f(x as Tensor, dim, { keepdim });
    },
  };
}

const { fround } = Math;

/** Where an output element lies among the source elements, in float32: its rounding decides which one is nearest. */
type Place = (i: number, n: number, o: number, factor: number) => number;
const places: Readonly<Record<'half_pixel' | 'pytorch_half_pixel' | 'align_corners' | 'asymmetric', Place>> = {
  half_pixel: (i, _n, _o, factor) => fround(fround((i + 0.5) / factor) - 0.5),
  pytorch_half_pixel: (i, _n, o, factor) => (o > 1 ? fround(fround((i + 0.5) / factor) - 0.5) : 0),
  align_corners: (i, n, o) => (o > 1 ? fround((i * (n - 1)) / (o - 1)) : 0),
  asymmetric: (i, _n, _o, factor) => fround(i / factor),
};
const nearest: Readonly<Record<'floor' | 'ceil' | 'round_prefer_floor' | 'round_prefer_ceil', (v: number) => number>> =
  {
    floor: Math.floor,
    ceil: Math.ceil,
    round_prefer_floor: (v) => Math.ceil(v - 0.5),
    round_prefer_ceil: (v) => Math.floor(v + 0.5),
  };
const words = <T extends string>(table: Readonly<Record<T, unknown>>): T[] => Object.keys(table) as T[];

/** Output size along each axis, and the factors where they are given instead. */
function target(x: Tensor, scales: Tensor | null | undefined, sizes: Tensor | null | undefined) {
  const isSize = sizes !== null && sizes !== undefined && sizes.size > 0;
  const list = isSize ? numbers(sizes) : scales ? numbers(scales) : [];
  if (list.length !== x.ndim || list.some((v) => !(v > 0))) {
    fail('run', `${isSize ? 'sizes' : 'scales'} expected ${x.ndim} numbers > 0, got ${show(list)}`);
  }
  const size = isSize ? list : list.map((factor, i) => Math.floor(x.shape[i] * factor));
  return { size: checkShape('run', 'the output size', size), factors: isSize ? null : list };
}

function readResize(node: NodeReader) {
  const isOld = node.opset < 11;
  const kind = node.word('mode', 'nearest', ['nearest', 'linear', 'cubic']);
  const coordinates = isOld ? 'asymmetric' : node.word('coordinate_transformation_mode', 'half_pixel', words(places));
  const rounding = isOld ? 'floor' : node.word('nearest_mode', 'round_prefer_floor', words(nearest));
  const alignCorners = coordinates === 'align_corners';
  if (kind !== 'nearest' && !alignCorners && coordinates !== 'half_pixel') {
    node.wrong(`coordinate_transformation_mode ${show(coordinates)} is supported with mode nearest only, got ${kind}`);
  }
  const a = node.float('cubic_coeff_a', -0.75);
  if (kind === 'cubic' && a !== -0.75) node.wrong(`attribute cubic_coeff_a ${a} is not supported, only -0.75 is`);
  for (const name of ['exclude_outside', 'antialias']) node.only(name, 0);
  node.only('keep_aspect_ratio_policy', 'stretch');
  // the value outside of a region of interest, a mode that is refused
  node.ignore('extrapolation_value');
  return { kind, place: places[coordinates], rounded: nearest[rounding], alignCorners };
}

const resize: OnnxOp = {
  inputs: [1, 4],
  settings: [1, 2, 3],
  prepare(node) {
    const { kind, place, rounded, alignCorners } = readResize(node);
    return (inputs) => {
      const x = inputs[0] as Tensor;
      const { size, factors } = node.opset < 11 ? target(x, inputs[1], null) : target(x, inputs[2], inputs[3]);
      return size.reduce((y, o, d) => {
        const n = x.shape[d];
        const factor = factors === null ? null : factors[d];
        if (o === n && (factor ?? 1) === 1) return y;
        if (kind !== 'nearest') {
          return combine(
            y,
            d,
            (kind === 'linear' ? linearTaps : cubicTaps)({ n, o, factor, alignCorners, dtype: x.dtype }),
          );
        }
        const index = Array.from({ length: o }, (_, i) => rounded(place(i, n, o, factor ?? o / n)));
        return selectRows(
          y,
          d,
          index.map((i) => Math.min(Math.max(i, 0), n - 1)),
        );
      }, x);
    };
  },
};

export const otherOps: Readonly<Record<string, OnnxOp>> = {
  Gemm: gemm,
  MatMul: { inputs: [2, 2], prepare: () => (inputs) => matmul(inputs[0] as Tensor, inputs[1] as Tensor) },
  BatchNormalization: batchNorm,
  InstanceNormalization: instanceNorm,
  LayerNormalization: layerNorm,
  LRN: lrn,
  ReduceMean: reduction(reduce.mean, 18),
  ReduceSum: reduction(reduce.sum, 13),
  ReduceMax: reduction(reduce.amax, 18),
  ReduceMin: reduction(reduce.amin, 18),
  ArgMax: extremePosition(reduce.argmax),
  ArgMin: extremePosition(reduce.argmin),
  Resize: resize,
};
