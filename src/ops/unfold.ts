/** Windows of an image as columns, and columns added up to an image. */
import { apply } from '../autograd/apply.ts';
import { describe } from '../backend/descriptors.ts';
import { fail, invalid, show } from '../errors.ts';
import { options, pair } from '../options.ts';
import { checkFloat, checkTensor, type Tensor } from '../tensor/tensor.ts';
import { dense, elements } from './copy.ts';
import { defineOp, emptyTensor, kernelsFor, type Op } from './define.ts';
import { squeeze, unsqueeze } from './view.ts';
import { checkOutput, outputSize } from './window.ts';

interface Geometry {
  readonly desc: Int32Array;
  readonly image: readonly number[];
  readonly columns: readonly number[];
}

const unfoldOp: Op<Geometry> = defineOp<Geometry>({
  name: 'unfold',
  run([x], { desc, columns }) {
    const out = emptyTensor(x.dtype, columns);
    const source = dense(x);
    kernelsFor(x.dtype).unfold(desc, elements(source), out.data);
    return out;
  },
  grad: (call, g) => [apply(foldOp, [g], call.attrs)],
});

const foldOp: Op<Geometry> = defineOp<Geometry>({
  name: 'fold',
  run([x], { desc, image }) {
    const out = emptyTensor(x.dtype, image);
    const source = dense(x);
    kernelsFor(x.dtype).fold(desc, elements(source), out.data);
    return out;
  },
  grad: (call, g) => [apply(unfoldOp, [g], call.attrs)],
});

/** Options of `unfold` and `fold`. */
export interface UnfoldOptions {
  /** Distance between the taps of a window. Default 1. */
  dilation?: number | readonly number[];
  /** Zeros on both sides. Default 0. */
  padding?: number | readonly number[];
  /** Step of the window. Default 1. */
  stride?: number | readonly number[];
}

function geometry(
  op: string,
  image: readonly number[],
  kernelSize: number | readonly number[],
  opts: UnfoldOptions | undefined,
): Geometry {
  const given = options(op, opts, ['dilation', 'padding', 'stride']);
  const kernel = pair(op, 'kernelSize', kernelSize, 1);
  const dilation = pair(op, 'dilation', given.dilation ?? 1, 1);
  const padding = pair(op, 'padding', given.padding ?? 0);
  const stride = pair(op, 'stride', given.stride ?? 1, 1);
  const [n, c, h, w] = image;
  const [oh, ow] = [h, w].map((size, i) =>
    outputSize(size, kernel[i], stride[i], [padding[i], padding[i]], dilation[i]),
  );
  checkOutput(op, [oh, ow], [h, w], kernel);
  const desc = describe('ConvDesc', {
    n,
    c,
    h,
    w,
    k: 1,
    kh: kernel[0],
    kw: kernel[1],
    oh,
    ow,
    strideH: stride[0],
    strideW: stride[1],
    padTop: padding[0],
    padLeft: padding[1],
    dilationH: dilation[0],
    dilationW: dilation[1],
    groups: 1,
  });
  return { desc, image, columns: [n, c * kernel[0] * kernel[1], oh * ow] };
}

/** The windows of x [n, c, h, w] (or [c, h, w]) as columns [n, c·kh·kw, windows]; `torch.nn.functional.unfold`. */
export function unfold(x: Tensor, kernelSize: number | readonly number[], opts?: UnfoldOptions): Tensor {
  checkFloat('unfold', 'input', checkTensor('unfold', 'input', x));
  if (x.ndim !== 3 && x.ndim !== 4) invalid('unfold', 'input', 'shape [n, c, h, w] or [c, h, w]', x.shape);
  const batch = x.ndim === 3 ? unsqueeze(x, 0) : x;
  const y = apply(unfoldOp, [batch], geometry('unfold', batch.shape, kernelSize, opts));
  return x.ndim === 3 ? squeeze(y, 0) : y;
}

/**
 * Columns [n, c·kh·kw, windows] (or without n) written back to images [n, c, ...outputSize], overlaps added;
 * `torch.nn.functional.fold`.
 */
export function fold(
  x: Tensor,
  outputSize: number | readonly number[],
  kernelSize: number | readonly number[],
  opts?: UnfoldOptions,
): Tensor {
  checkFloat('fold', 'input', checkTensor('fold', 'input', x));
  if (x.ndim !== 2 && x.ndim !== 3)
    invalid('fold', 'input', 'shape [n, c·kh·kw, windows] or [c·kh·kw, windows]', x.shape);
  const batch = x.ndim === 2 ? unsqueeze(x, 0) : x;
  const size = pair('fold', 'outputSize', outputSize, 1);
  const taps = pair('fold', 'kernelSize', kernelSize, 1).reduce((a, b) => a * b);
  const [n, rows, windows] = batch.shape;
  if (rows % taps !== 0) fail('fold', `input has ${rows} rows, not a multiple of the ${taps} elements of kernelSize`);
  const shapes = geometry('fold', [n, rows / taps, ...size], kernelSize, opts);
  if (shapes.columns[2] !== windows) {
    fail('fold', `input has ${windows} windows, outputSize ${show(size)} with these options has ${shapes.columns[2]}`);
  }
  const y = apply(foldOp, [batch], shapes);
  return x.ndim === 2 ? squeeze(y, 0) : y;
}
