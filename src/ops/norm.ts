/** Normalisation to mean 0 and variance 1, per channel or per group: what batch, instance, group and layer norm share. */
import { applyAll } from '../autograd/apply.ts';
import { isGradEnabled, noGrad } from '../autograd/mode.ts';
import { describe } from '../backend/descriptors.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { add, mul, sub } from './binary.ts';
import { dense, elements } from './copy.ts';
import { defineOp, emptyTensor, kernelsFor, type MaybeTensor, type Op } from './define.ts';
import { copy_ } from './inplace.ts';
import { mean, sum } from './reduce.ts';
import { rsqrt, square } from './unary.ts';
import { reshape } from './view.ts';

interface Attrs {
  /** x is seen as [n, c, inner] and normalised per c. */
  readonly n: number;
  readonly c: number;
  readonly inner: number;
  readonly eps: number;
}

const normDesc = ({ n, c, inner }: Attrs): Int32Array => describe('NormDesc', { n, c, inner });
const optional = (t: Tensor | null) => (t === null ? null : elements(dense(t)));

/** (x - mean) · rstd · weight + bias; with the statistics as further results. */
const normOp: Op<Attrs> = defineOp<Attrs>({
  name: 'normalize',
  saves: 'both',
  run([x, weight, bias], attrs) {
    const source = dense(x);
    const desc = normDesc(attrs);
    const centre = emptyTensor(x.dtype, [attrs.c]);
    const rstd = emptyTensor(x.dtype, [attrs.c]);
    const out = emptyTensor(x.dtype, x.shape);
    const kernels = kernelsFor(x.dtype);
    kernels.normStats(desc, attrs.eps, elements(source), centre.data, rstd.data);
    const [w, b] = [optional(weight), optional(bias)];
    kernels.normForward(desc, elements(source), centre.data, rstd.data, w, b, out.data);
    return [out, centre, rstd];
  },
  grad(call, g): MaybeTensor[] {
    const x = call.input(0);
    const weight = call.inputDTypes[1] === null ? null : call.input(1);
    const [gx, gw, gb] = isGradEnabled()
      ? gradientOfOps(g, x, weight, call.attrs)
      : applyAll(backwardOp, [g, x, call.output(1), call.output(2), weight], call.attrs);
    return [gx, weight === null ? null : gw, call.needs(2) ? gb : null];
  },
});

/** The three gradients in one pass; where they are to be differentiated again, `gradientOfOps` stands in. */
const backwardOp = defineOp<Attrs>({
  name: 'normalizeBackward',
  run([g, x, centre, rstd, weight], attrs) {
    const gx = emptyTensor(x.dtype, x.shape);
    const gw = emptyTensor(x.dtype, [attrs.c]);
    const gb = emptyTensor(x.dtype, [attrs.c]);
    const [gd, xd] = [dense(g), dense(x)];
    kernelsFor(x.dtype).normBackward(
      normDesc(attrs),
      elements(gd),
      elements(xd),
      centre.data,
      rstd.data,
      optional(weight),
      gx.data,
      gw.data,
      gb.data,
    );
    return [gx, gw, gb];
  },
});

/** As backwardOp, made of ops that record themselves; the statistics are computed from x again. */
function gradientOfOps(g: Tensor, x: Tensor, weight: Tensor | null, { n, c, inner, eps }: Attrs): Tensor[] {
  const shape = [n, c, inner];
  const over = (t: Tensor) => mean(t, [0, 2], { keepdim: true });
  const [gs, xs] = [reshape(g, shape), reshape(x, shape)];
  const centred = sub(xs, over(xs));
  const rstd = rsqrt(add(over(square(centred)), eps));
  const normal = mul(centred, rstd);
  const scaled = weight === null ? gs : mul(gs, reshape(weight, [1, c, 1]));
  const gx = mul(rstd, sub(sub(scaled, over(scaled)), mul(normal, over(mul(scaled, normal)))));
  return [reshape(gx, x.shape), sum(mul(gs, normal), [0, 2]), sum(gs, [0, 2])];
}

/** What `normalizePer` gives: the result and, per c, the mean and 1 / √(biased variance + eps). */
export interface Normalized {
  readonly output: Tensor;
  readonly mean: Tensor;
  readonly rstd: Tensor;
}

/**
 * x, seen as [n, c, inner], normalised per c over n and inner, times weight [c] plus bias [c]. All of one float dtype.
 * The statistics carry no gradient.
 */
export function normalizePer(
  x: Tensor,
  c: number,
  inner: number,
  weight: Tensor | null,
  bias: Tensor | null,
  eps: number,
): Normalized {
  const n = c * inner === 0 ? 0 : sizeOf(x.shape) / (c * inner);
  const [output, centre, rstd] = applyAll(normOp, [x, weight, bias], { n, c, inner, eps });
  return { output, mean: centre.detach(), rstd: rstd.detach() };
}

/**
 * Moves running statistics [c] by a share `momentum` towards those of a batch of `count` values per channel, in place. The
 * running variance is that of a sample, divided by count - 1, as PyTorch keeps it.
 */
export function trackStatistics(
  mean: Tensor | null,
  variance: Tensor | null,
  batch: Pick<Normalized, 'mean' | 'rstd'>,
  count: number,
  eps: number,
  momentum: number,
): void {
  const move = (running: Tensor, of: Tensor, value: (x: number) => number) => {
    const moved = emptyTensor(running.dtype, running.shape);
    const [before, now, after] = [elements(dense(running)), elements(dense(of)), moved.data];
    for (let i = 0; i < running.size; i++) after[i] = (1 - momentum) * before[i] + momentum * value(now[i]);
    copy_(running, moved);
  };
  noGrad(() => {
    if (mean !== null) move(mean, batch.mean, (x) => x);
    const unbiased = count / (count - 1);
    if (variance !== null) move(variance, batch.rstd, (x) => unbiased * (1 / (x * x) - eps));
  });
}
