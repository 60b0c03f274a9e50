/** Transposed convolution: the gradient of a convolution by its input, as a layer. */
import { apply } from '../autograd/apply.ts';
import { fail, invalid, show } from '../errors.ts';
import { integer, options, sizes } from '../options.ts';
import { promoteTypes } from '../tensor/dtype.ts';
import { checkFloat, checkTensor, type Tensor } from '../tensor/tensor.ts';
import { add } from './binary.ts';
import { convGeometry, depthTaps, inputGradOp } from './conv.ts';
import { spreadRows } from './gather.ts';
import { permute, range, reshape, squeeze, unsqueeze } from './view.ts';

/** Options of `convTranspose1d`, `convTranspose2d` and `convTranspose3d`. */
export interface ConvTransposeOptions {
  /** Distance between the places that neighbouring input elements write to. Default 1. */
  stride?: number | readonly number[];
  /** Elements cut off on both sides of the result. Default 0. */
  padding?: number | readonly number[];
  /** Elements added at the end of the result, less than stride or dilation. Default 0. */
  outputPadding?: number | readonly number[];
  /** Number of blocks the channels are split into. Default 1. */
  groups?: number;
  /** Distance between the taps of the kernel. Default 1. */
  dilation?: number | readonly number[];
}

interface Checked {
  x: Tensor;
  weight: Tensor;
  bias: Tensor | null;
  stride: number[];
  padding: number[];
  dilation: number[];
  groups: number;
  /** Spatial size of the result. */
  output: number[];
  unbatched: boolean;
}

function check(
  op: string,
  axes: number,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null | undefined,
  opts?: ConvTransposeOptions,
): Checked {
  checkFloat(op, 'input', checkTensor(op, 'input', x));
  checkFloat(op, 'weight', checkTensor(op, 'weight', weight));
  if (bias) checkFloat(op, 'bias', checkTensor(op, 'bias', bias));
  const given = options(op, opts, ['stride', 'padding', 'outputPadding', 'groups', 'dilation']);
  if (x.ndim !== axes + 2 && x.ndim !== axes + 1)
    invalid(op, 'input', `${axes + 2} axes, or ${axes + 1} without a batch`, x.shape);
  if (weight.ndim !== axes + 2) invalid(op, 'weight', `${axes + 2} axes: [in, out/groups, kernel]`, weight.shape);
  const groups = integer(op, 'groups', given.groups ?? 1, 1);
  const stride = sizes(op, 'stride', given.stride ?? 1, axes, 1);
  const padding = sizes(op, 'padding', given.padding ?? 0, axes);
  const extra = sizes(op, 'outputPadding', given.outputPadding ?? 0, axes);
  const dilation = sizes(op, 'dilation', given.dilation ?? 1, axes, 1);
  const unbatched = x.ndim === axes + 1;
  const c = x.shape[unbatched ? 0 : 1];
  if (weight.shape[0] !== c)
    fail(op, `input has ${c} channels, weight of shape ${show(weight.shape)} expects ${weight.shape[0]}`);
  if (c % groups !== 0) fail(op, `groups expected a divisor of the ${c} input channels, got ${groups}`);
  const out = weight.shape[1] * groups;
  if (bias && (bias.ndim !== 1 || bias.shape[0] !== out)) invalid(op, 'bias', `shape [${out}]`, bias.shape);
  extra.forEach((p, i) => {
    if (p >= Math.max(stride[i], dilation[i])) {
      fail(op, `outputPadding expected less than stride ${stride[i]} or dilation ${dilation[i]}, got ${p}`);
    }
  });
  const kernel = weight.shape.slice(2);
  const output = x.shape
    .slice(-axes)
    .map((size, i) => (size - 1) * stride[i] - 2 * padding[i] + dilation[i] * (kernel[i] - 1) + extra[i] + 1);
  if (output.some((size) => size < 1))
    fail(op, `input of shape ${show(x.shape)} gives an output of size ${show(output)}`);
  let dtype = promoteTypes(x.dtype, weight.dtype);
  if (bias) dtype = promoteTypes(dtype, bias.dtype);
  return {
    x: (unbatched ? unsqueeze(x, 0) : x).to(dtype),
    weight: weight.to(dtype),
    bias: bias ? bias.to(dtype) : null,
    stride,
    padding,
    dilation,
    groups,
    output,
    unbatched,
  };
}

/** The two-dimensional case without bias. */
function transposed(
  x: Tensor,
  weight: Tensor,
  c: Pick<Checked, 'stride' | 'padding' | 'dilation' | 'groups' | 'output'>,
): Tensor {
  const shape = [x.shape[0], weight.shape[1] * c.groups, ...c.output];
  const sides = c.padding.map((p) => [p, p] as const);
  const shapes = convGeometry(shape, weight.shape, c.stride, sides, c.dilation, c.groups, null, x.shape.slice(2));
  return apply(inputGradOp, [x, weight], shapes);
}

function finish(y: Tensor, c: Checked): Tensor {
  const shifted = c.bias === null ? y : add(y, reshape(c.bias, [-1, ...Array<number>(y.ndim - 2).fill(1)]));
  return c.unbatched ? squeeze(shifted, 0) : shifted;
}

/**
 * Transposed convolution of x [n, in, h, w] (or [in, h, w]) with weight [in, out/groups, kh, kw] and bias [out];
 * `torch.nn.functional.conv_transpose2d`.
 */
export function convTranspose2d(x: Tensor, weight: Tensor, bias?: Tensor | null, opts?: ConvTransposeOptions): Tensor {
  const c = check('convTranspose2d', 2, x, weight, bias, opts);
  return finish(transposed(c.x, c.weight, c), c);
}

/** As convTranspose2d with one spatial axis; `torch.nn.functional.conv_transpose1d`. */
export function convTranspose1d(x: Tensor, weight: Tensor, bias?: Tensor | null, opts?: ConvTransposeOptions): Tensor {
  const c = check('convTranspose1d', 1, x, weight, bias, opts);
  const y = transposed(unsqueeze(c.x, 2), unsqueeze(c.weight, 2), {
    stride: [1, ...c.stride],
    padding: [0, ...c.padding],
    dilation: [1, ...c.dilation],
    groups: c.groups,
    output: [1, ...c.output],
  });
  return finish(squeeze(y, 2), c);
}

/**
 * As convTranspose2d with three spatial axes; `torch.nn.functional.conv_transpose3d`. The taps along depth are channels of
 * a two-dimensional one, and are then added up where they belong.
 */
export function convTranspose3d(x: Tensor, weight: Tensor, bias?: Tensor | null, opts?: ConvTransposeOptions): Tensor {
  const c = check('convTranspose3d', 3, x, weight, bias, opts);
  const [n, channels, depth, h, w] = c.x.shape;
  const [, perGroup, kd, kh, kw] = weight.shape;
  const [od, oh, ow] = c.output;
  const images = reshape(permute(c.x, [0, 2, 1, 3, 4]), [n * depth, channels, h, w]);
  const y = transposed(images, reshape(c.weight, [channels, perGroup * kd, kh, kw]), {
    stride: c.stride.slice(1),
    padding: c.padding.slice(1),
    dilation: c.dilation.slice(1),
    groups: c.groups,
    output: [oh, ow],
  });
  const out = perGroup * c.groups;
  const taps = permute(reshape(y, [n, depth, out, kd, oh, ow]), [0, 2, 1, 3, 4, 5]);
  const places = depthTaps(depth, kd, c.stride[0], c.dilation[0]);
  const whole = Math.max(c.padding[0] + od, (places[places.length - 1] ?? -1) + 1);
  const volume = spreadRows(reshape(taps, [n, out, depth * kd, oh, ow]), 2, places, whole);
  return finish(range(volume, 2, c.padding[0], od).contiguous(), c);
}
