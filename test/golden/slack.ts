/**
 * What a long sum may be off beyond `assert_close`: c · √K · ε · Σ|terms|, for a sum of K terms.
 *
 * Rounding K additions in two different orders gives two results that are each within about √K · ε/2 · Σ|terms| of the
 * true sum (errors of random sign; the worst case is K in place of √K). Two such results differ by no more than twice
 * that, so c = 1 is the expected size of the difference; c = 4 leaves room for its spread. One constant serves all ops.
 *
 * `sums` are linear in each operand, so both numbers come from the op itself: the same call on absolute values gives
 * Σ|terms| of every output and gradient, and the same call on ones gives K. In `spread`, the gradient of an operand that
 * was broadcast is a sum: its terms are the gradient of the same call on the operand written out in full.
 */
import { callRecorded } from './adapter.ts';
import { epsilon } from './compare.ts';
import type { Case, Json, RawTensor, TensorRef } from './format.ts';
import type { Library, TensorLike } from './library.ts';
import { normalisations, normSlack } from './norm-slack.ts';

export const c = 4;

const sums = new Set(
  `sum mean nansum cumsum matmul linalg.matmul mm bmm mv dot inner addmm addmv addbmm baddbmm
   nn.functional.linear nn.Conv1d nn.Conv2d nn.Conv3d
   nn.functional.conv1d nn.functional.conv2d nn.functional.conv3d
   nn.functional.conv_transpose1d nn.functional.conv_transpose2d nn.functional.conv_transpose3d
   nn.functional.avg_pool1d nn.functional.avg_pool2d nn.functional.avg_pool3d
   nn.functional.adaptive_avg_pool1d nn.functional.adaptive_avg_pool2d nn.functional.adaptive_avg_pool3d
   nn.functional.fold nn.functional.unfold`.split(/\s+/),
);

const spread = new Set(
  `add sub mul div pow rsub maximum minimum max min atan2 where clamp masked_fill lerp addcmul addcdiv remainder fmod
   floor_divide __radd__ __rsub__ __rmul__ __rdiv__ __rpow__ nn.functional.prelu nn.functional.mse_loss
   nn.functional.l1_loss nn.functional.smooth_l1_loss nn.functional.huber_loss nn.functional.kl_div
   nn.functional.binary_cross_entropy nn.functional.binary_cross_entropy_with_logits`.split(/\s+/),
);

const isFloat = (raw: RawTensor): boolean => raw.data instanceof Float32Array || raw.data instanceof Float64Array;
const mapped = (raw: RawTensor, f: (v: number) => number): RawTensor =>
  isFloat(raw) ? { ...raw, data: raw.data.map(f) } : raw;

/** alpha and beta count as factors of the terms. */
function scaled(recorded: Case, f: (v: number) => number): Case {
  const kwargs: Record<string, Json> = { ...recorded.kwargs };
  for (const name of ['alpha', 'beta']) if (typeof kwargs[name] === 'number') kwargs[name] = f(kwargs[name]);
  return { ...recorded, kwargs };
}

/** Runs the call and its backward on changed numbers; outputs and gradients by recorded name. */
function evaluate(
  library: Library,
  recorded: Case,
  read: (ref: TensorRef) => RawTensor,
  f: (v: number) => number,
): Map<string, TensorLike> {
  const call = callRecorded(library, scaled(recorded, f), (ref) => mapped(read(ref), f));
  backward(library, recorded, call.outputs, (ref) => mapped(read(ref), f));
  const results = new Map<string, TensorLike>();
  recorded.out.forEach((ref, i) => {
    results.set(ref.t, call.outputs[i]);
  });
  for (const [input, name] of Object.entries(recorded.grads)) {
    const grad = call.leaves.get(input)?.grad;
    if (grad) results.set(name, grad);
  }
  return results;
}

/** Gives each output its recorded cotangent; gradients add up in the leaves. */
export function backward(
  library: Library,
  recorded: Case,
  outputs: readonly TensorLike[],
  read: (ref: TensorRef) => RawTensor,
): void {
  if (Object.keys(recorded.grads).length === 0) return;
  recorded.gradOut.forEach((ref, i) => {
    if (ref === null) return;
    const { data, shape } = read(ref);
    const flat = library.tensor(data, { dtype: ref.dtype }) as TensorLike & { reshape(shape: unknown): TensorLike };
    outputs[i].backward(flat.reshape(shape), { retainGraph: true });
  });
}

/** `raw` repeated along the axes that `shape` stretches. */
function written(raw: RawTensor, shape: readonly number[]): RawTensor {
  const skip = shape.length - raw.shape.length;
  const size = shape.reduce((a, b) => a * b, 1);
  const data = new (raw.data.constructor as Float32ArrayConstructor)(size);
  for (let i = 0; i < size; i++) data[i] = raw.data[sourceOf(i, shape, raw.shape, skip)];
  return { ...raw, shape, data };
}

/** Where element i of `shape` comes from in a tensor of `from` that was broadcast to it. */
function sourceOf(i: number, shape: readonly number[], from: readonly number[], skip: number): number {
  let rest = i;
  let at = 0;
  let step = 1;
  for (let axis = shape.length - 1; axis >= skip; axis--) {
    const index = rest % shape[axis];
    rest = (rest - index) / shape[axis];
    if (from[axis - skip] !== 1) at += index * step;
    step *= from[axis - skip];
  }
  return at;
}

/** Σ|terms| and K of the gradient of every operand that was broadcast. */
function spreadSlack(library: Library, recorded: Case, read: (ref: TensorRef) => RawTensor): Map<string, Float64Array> {
  const slack = new Map<string, Float64Array>();
  const inputs = new Set(Object.keys(recorded.grads));
  const { shape } = read(recorded.out[0]);
  const size = shape.reduce((a, b) => a * b, 1);
  const full = (ref: TensorRef): RawTensor => (inputs.has(ref.t) ? written(read(ref), shape) : read(ref));
  const call = callRecorded(library, recorded, full);
  backward(library, recorded, call.outputs, read);
  for (const [input, name] of Object.entries(recorded.grads)) {
    const gradient = call.leaves.get(input)?.grad;
    const { shape: from, data } = read({ t: input, dtype: '' });
    if (!gradient || data.length === size || data.length === 0) continue;
    const sum = new Float64Array(data.length);
    gradient.toTypedArray().forEach((v, i) => {
      sum[sourceOf(i, shape, from, shape.length - from.length)] += Math.abs(v);
    });
    const factor = c * Math.sqrt(size / data.length) * epsilon[gradient.dtype];
    slack.set(
      name,
      sum.map((v) => v * factor),
    );
  }
  return slack;
}

/** The additional allowance of every output and gradient of a case, by recorded name; empty where the op is no sum. */
export function slackOf(
  library: Library,
  recorded: Case,
  read: (ref: TensorRef) => RawTensor,
): ReadonlyMap<string, Float64Array> {
  if (normalisations.has(recorded.op)) return normSlack(recorded, read, c, epsilon.float32);
  if (spread.has(recorded.op)) return spreadSlack(library, recorded, read);
  const slack = new Map<string, Float64Array>();
  if (!sums.has(recorded.op)) return slack;
  const magnitudes = evaluate(library, recorded, read, Math.abs);
  const counts = evaluate(library, recorded, read, () => 1);
  for (const [name, magnitude] of magnitudes) {
    const eps = epsilon[magnitude.dtype];
    if (eps === undefined) continue;
    const m = magnitude.toTypedArray();
    const k = counts.get(name)?.toTypedArray() ?? m;
    slack.set(
      name,
      Float64Array.from(m, (v, i) => c * Math.sqrt(Math.max(k[i], 1)) * eps * v),
    );
  }
  return slack;
}
