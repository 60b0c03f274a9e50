/** Convolution (cross-correlation, as in PyTorch) and its transpose. */
import { apply } from '../autograd/apply.ts';
import { at, describe } from '../backend/descriptors.ts';
import { fail, invalid, show } from '../errors.ts';
import { integer, options, sizes } from '../options.ts';
import { promoteTypes } from '../tensor/dtype.ts';
import { checkFloat, checkTensor, type Tensor } from '../tensor/tensor.ts';
import { dense, elements } from './copy.ts';
import { defineOp, emptyTensor, kernelsFor, type MaybeTensor, type Op } from './define.ts';
import { selectRows } from './gather.ts';
import { type Packing, packedWeights, packingFor } from './packing.ts';
import { pad } from './pad.ts';
import { sum } from './reduce.ts';
import { ShapeCache } from './shape-cache.ts';
import { activationGradient, type FusedActivation, fusedActivations } from './unary.ts';
import { permute, reshape, squeeze, unsqueeze } from './view.ts';
import { checkOutput, outputSize, type Padding, resolvePadding, type Side } from './window.ts';

/** The shapes of one convolution: all that its three kernels need. */
export interface Geometry {
  readonly desc: Int32Array;
  /** The same for weights that come packed. */
  readonly packedDesc: Int32Array;
  /** How the forward pass and the gradient of x pack the weights. */
  readonly packing: Packing | null;
  readonly gradPacking: Packing | null;
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly y: readonly number[];
  readonly activation: FusedActivation | null;
  /** The same without the activation: what the gradients are of. */
  readonly linear: Geometry | null;
}

const geometries = new ShapeCache<Geometry>();

/** Descriptors are made once per shape and options. `output` overrides the output's size where the last windows are left out. */
export function convGeometry(
  x: readonly number[],
  w: readonly number[],
  stride: readonly number[],
  padding: readonly Side[],
  dilation: readonly number[],
  groups: number,
  activation: FusedActivation | null,
  output?: readonly number[],
): Geometry {
  const code = activation === null ? 0 : fusedActivations[activation];
  const [top, left] = padding;
  const key = [x[0], x[1], x[2], x[3], w[0], w[1], w[2], w[3], stride[0], stride[1], top[0], top[1], left[0], left[1]];
  key.push(dilation[0], dilation[1], groups, code, output?.[0] ?? 0, output?.[1] ?? 0);
  return geometries.get(key, () => makeGeometry(x, w, stride, padding, dilation, groups, activation, output));
}

function makeGeometry(
  ...[x, w, stride, padding, dilation, groups, activation, output]: Parameters<typeof convGeometry>
): Geometry {
  const [oh, ow] = output ?? [0, 1].map((i) => outputSize(x[2 + i], w[2 + i], stride[i], padding[i], dilation[i]));
  checkOutput('conv2d', [oh, ow], x.slice(2), w.slice(2));
  checkRows(ow, x, w, stride, padding, dilation, groups, activation);
  const desc = describe('ConvDesc', {
    n: x[0],
    c: x[1],
    h: x[2],
    w: x[3],
    k: w[0],
    kh: w[2],
    kw: w[3],
    oh,
    ow,
    strideH: stride[0],
    strideW: stride[1],
    padTop: padding[0][0],
    padLeft: padding[1][0],
    dilationH: dilation[0],
    dilationW: dilation[1],
    groups,
    activation: activation === null ? 0 : fusedActivations[activation],
  });
  const packedDesc = desc.slice();
  packedDesc[at.ConvDesc.packed] = 1;
  const weights = [...w, ...stride, ...dilation, groups];
  return {
    x: x.slice(),
    w: w.slice(),
    y: [x[0], w[0], oh, ow],
    activation,
    linear: activation === null ? null : convGeometry(x, w, stride, padding, dilation, groups, null, output),
    desc,
    packedDesc,
    packing: packingFor('conv2d', desc, weights),
    gradPacking: packingFor('conv2dInputGrad', desc, weights),
  };
}

/** Most values that one row of all channels may hold, padded, on either side of a convolution: the kernels copy it. */
const ROW_VALUES = 1_900_000_000;
/** Most phases of the stride: the kernels list them. */
const PHASES = 2 ** 20;

function checkRows(ow: number, ...[x, w, stride, padding, dilation, groups]: Parameters<typeof convGeometry>): void {
  if (stride[0] * stride[1] > PHASES)
    fail('conv2d', `stride expected a product of at most ${PHASES}, got ${show(stride)}`);
  const [channels, filters] = [x[1] / groups, w[0] / groups];
  const [down, across] = [0, 1].map((i) => Math.floor(((w[2 + i] - 1) * dilation[i]) / stride[i]));
  const [rows, columns] = [0, 1].map((i) => Math.min(w[2 + i], stride[i]));
  const width = Math.floor((x[3] + padding[1][0]) / stride[1]) + 1;
  const most = Math.max(
    channels * rows * (1 + down) * columns * (ow + across),
    filters * (1 + down) * (width + across),
    filters * ow,
    channels * width,
    w[2] * w[3],
  );
  if (most > ROW_VALUES) {
    fail(
      'conv2d',
      `input ${show(x)}, weight ${show(w)}, padding ${show(padding)}, stride ${show(stride)}, dilation ${show(dilation)}, groups ${groups}: a padded row of all channels of a group has ${most} values, ${ROW_VALUES} at most`,
    );
  }
}

const convOp: Op<Geometry> = defineOp<Geometry>({
  name: 'conv2d',
  saves: ({ activation }) => (activation === null ? 'inputs' : 'both'),
  run([x, w, b], { desc, packedDesc, packing, y }) {
    const out = emptyTensor(x.dtype, y);
    const [xd, wd, bd] = [dense(x), dense(w), b === null ? null : dense(b)];
    const packed = packedWeights(wd, packing, desc);
    const [d, weights] = packed === null ? [desc, elements(wd)] : [packedDesc, packed];
    kernelsFor(x.dtype).conv2d(d, elements(xd), weights, bd === null ? null : elements(bd), out.data);
    return out;
  },
  grad(call, gy): MaybeTensor[] {
    const { activation, linear } = call.attrs;
    const g = activation === null ? gy : activationGradient(activation, gy, call.output(0));
    const shapes = linear ?? call.attrs;
    return [
      call.needs(0) ? apply(inputGradOp, [g, call.input(1)], shapes) : null,
      call.needs(1) ? apply(weightGradOp, [call.input(0), g], shapes) : null,
      call.needs(2) ? sum(g, [0, 2, 3]) : null,
    ];
  },
});

/** @internal Also the forward pass of a transposed convolution. */
export const inputGradOp: Op<Geometry> = defineOp<Geometry>({
  name: 'conv2dInputGrad',
  saves: 'inputs',
  run([g, w], { desc, packedDesc, gradPacking, x }) {
    const out = emptyTensor(g.dtype, x);
    const [gd, wd] = [dense(g), dense(w)];
    const packed = packedWeights(wd, gradPacking, desc);
    const [d, weights] = packed === null ? [desc, elements(wd)] : [packedDesc, packed];
    kernelsFor(g.dtype).conv2dInputGrad(d, elements(gd), weights, out.data);
    return out;
  },
  grad: (call, gg) => [
    call.needs(0) ? apply(convOp, [gg, call.input(1), null], call.attrs) : null,
    call.needs(1) ? apply(weightGradOp, [gg, call.input(0)], call.attrs) : null,
  ],
});

const weightGradOp: Op<Geometry> = defineOp<Geometry>({
  name: 'conv2dWeightGrad',
  saves: 'inputs',
  run([x, g], { desc, w }) {
    const out = emptyTensor(x.dtype, w);
    const [xd, gd] = [dense(x), dense(g)];
    kernelsFor(x.dtype).conv2dWeightGrad(desc, elements(xd), elements(gd), out.data);
    return out;
  },
  grad: (call, gg) => [
    call.needs(0) ? apply(inputGradOp, [call.input(1), gg], call.attrs) : null,
    call.needs(1) ? apply(convOp, [call.input(0), gg, null], call.attrs) : null,
  ],
});

/** Options of `conv1d`, `conv2d` and `conv3d`. */
export interface ConvOptions {
  /** Step of the window, one number or one per axis. Default 1. */
  stride?: number | readonly number[];
  /** Zeros around the input: number, one per axis, `[before, after]` per axis, or 'same', 'same_lower', 'valid'. Default 0. */
  padding?: Padding;
  /** Distance between the taps of the kernel. Default 1. */
  dilation?: number | readonly number[];
  /** Number of blocks the channels are split into. Default 1. */
  groups?: number;
}
const convOptions = ['stride', 'padding', 'dilation', 'groups'] as const;

interface Checked {
  x: Tensor;
  weight: Tensor;
  bias: Tensor | null;
  stride: number[];
  padding: Side[];
  dilation: number[];
  groups: number;
  unbatched: boolean;
}

/** Names of the axes behind the channels, by their number. */
const spatial = ['', 'l', 'h, w', 'd, h, w'];

/** Checks what conv1d, conv2d and conv3d have in common; `axes` spatial axes. */
function check(
  op: string,
  axes: number,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null | undefined,
  opts?: ConvOptions,
): Checked {
  checkFloat(op, 'input', checkTensor(op, 'input', x));
  checkFloat(op, 'weight', checkTensor(op, 'weight', weight));
  if (bias) checkFloat(op, 'bias', checkTensor(op, 'bias', bias));
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options(op, opts, convOptions);
  if (x.ndim !== axes + 2 && x.ndim !== axes + 1)
    invalid(op, 'input', `shape [n, c, ${spatial[axes]}] or [c, ${spatial[axes]}]`, x.shape);
  if (weight.ndim !== axes + 2)
    invalid(op, 'weight', `shape [out, in/groups, ${spatial[axes].replace(/(\w)/g, 'k$1')}]`, weight.shape);
  integer(op, 'groups', groups, 1);
  const unbatched = x.ndim === axes + 1;
  const c = x.shape[unbatched ? 0 : 1];
  const [k, perGroup] = weight.shape;
  if (perGroup * groups !== c) {
    fail(
      op,
      `input has ${c} channels, weight of shape ${show(weight.shape)} with groups ${groups} expects ${perGroup * groups}`,
    );
  }
  if (k % groups !== 0)
    fail(op, `the ${k} output channels of weight ${show(weight.shape)} do not divide into ${groups} groups`);
  if (bias && (bias.ndim !== 1 || bias.shape[0] !== k)) invalid(op, 'bias', `shape [${k}]`, bias.shape);
  const kernel = weight.shape.slice(2);
  for (const size of kernel) if (size < 1) invalid(op, 'weight', 'a kernel of at least 1 element', weight.shape);
  const steps = sizes(op, 'dilation', dilation, axes, 1);
  let dtype = promoteTypes(x.dtype, weight.dtype);
  if (bias) dtype = promoteTypes(dtype, bias.dtype);
  return {
    x: (unbatched ? unsqueeze(x, 0) : x).to(dtype),
    weight: weight.to(dtype),
    bias: bias ? bias.to(dtype) : null,
    stride: sizes(op, 'stride', stride, axes, 1),
    padding: resolvePadding(op, padding, kernel, steps),
    dilation: steps,
    groups,
    unbatched,
  };
}

/**
 * Cross-correlation of x [n, c, h, w] (or [c, h, w]) with weight [out, c/groups, kh, kw], plus bias [out];
 * `torch.nn.functional.conv2d`, with asymmetric and 'same_lower' padding besides. One row of all channels of a group may
 * hold 1.9e9 values, padding included, here and in the gradients; the product of the strides is at most 2^20.
 */
export function conv2d(x: Tensor, weight: Tensor, bias?: Tensor | null, opts?: ConvOptions): Tensor {
  return conv2dActivated(x, weight, bias, opts, null);
}

/** @internal conv2d and an activation of its result in one pass; `null` for none. */
export function conv2dActivated(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null | undefined,
  opts: ConvOptions | undefined,
  activation: FusedActivation | null,
): Tensor {
  const c = check('conv2d', 2, x, weight, bias, opts);
  const shapes = convGeometry(c.x.shape, weight.shape, c.stride, c.padding, c.dilation, c.groups, activation);
  const y = apply(convOp, [c.x, c.weight, c.bias], shapes);
  return c.unbatched ? squeeze(y, 0) : y;
}

/** As conv2d with one spatial axis: x [n, c, l], weight [out, c/groups, k]; `torch.nn.functional.conv1d`. */
export function conv1d(x: Tensor, weight: Tensor, bias?: Tensor | null, opts?: ConvOptions): Tensor {
  const c = check('conv1d', 1, x, weight, bias, opts);
  const y = conv2d(unsqueeze(c.x, 2), unsqueeze(c.weight, 2), c.bias, {
    stride: [1, c.stride[0]],
    padding: [[0, 0], c.padding[0]],
    dilation: [1, c.dilation[0]],
    groups: c.groups,
  });
  return c.unbatched ? squeeze(squeeze(y, 2), 0) : squeeze(y, 2);
}

/**
 * As conv2d with three spatial axes: x [n, c, d, h, w], weight [out, c/groups, kd, kh, kw]; `torch.nn.functional.conv3d`.
 * One 2-d convolution: the taps along depth become channels, the positions along depth become images.
 */
export function conv3d(x: Tensor, weight: Tensor, bias?: Tensor | null, opts?: ConvOptions): Tensor {
  const c = check('conv3d', 3, x, weight, bias, opts);
  const [n, channels] = c.x.shape;
  const [k, perGroup, kd, kh, kw] = weight.shape;
  const [h, w] = c.x.shape.slice(3);
  const padded = pad(c.x, [0, 0, 0, 0, ...c.padding[0]]);
  const od = outputSize(c.x.shape[2], kd, c.stride[0], c.padding[0], c.dilation[0]);
  checkOutput('conv3d', [od], c.x.shape.slice(2), [kd, kh, kw]);
  const windows = selectRows(padded, 2, depthTaps(od, kd, c.stride[0], c.dilation[0]));
  const images = reshape(permute(reshape(windows, [n, channels, od, kd, h, w]), [0, 2, 1, 3, 4, 5]), [
    n * od,
    channels * kd,
    h,
    w,
  ]);
  const y = conv2d(images, reshape(c.weight, [k, perGroup * kd, kh, kw]), c.bias, {
    stride: c.stride.slice(1),
    padding: c.padding.slice(1),
    dilation: c.dilation.slice(1),
    groups: c.groups,
  });
  const volume = permute(reshape(y, [n, od, k, ...y.shape.slice(2)]), [0, 2, 1, 3, 4]);
  return (c.unbatched ? squeeze(volume, 0) : volume).contiguous();
}

/** For each of `positions` windows the depths of its taps. */
export function depthTaps(positions: number, taps: number, stride: number, dilation: number): number[] {
  return Array.from({ length: positions * taps }, (_, i) => Math.floor(i / taps) * stride + (i % taps) * dilation);
}
