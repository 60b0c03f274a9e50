/**
 * What a normalisation may be off beyond `assert_close`: the same c · √K · ε · Σ|terms| as of other sums (see slack.ts),
 * with the terms written out. The result is x·rstd·w - mean·rstd·w + b with statistics of K elements: where x lies far from
 * 0 for its spread, these terms cancel and the rounding of each stays. PyTorch computes just so.
 */
import { type Case, isTensorRef, type Json, type RawTensor, type TensorRef } from './format.ts';
import { signatureOf } from './names.ts';

type Read = (ref: TensorRef) => RawTensor;

/** How elements of x are grouped: which share statistics, and which parameter each has. */
interface Layout {
  readonly group: (i: number) => number;
  readonly groups: number;
  readonly parameter: (i: number) => number;
}

const product = (list: readonly number[]): number => list.reduce((a, b) => a * b, 1);

function argumentsOf(recorded: Case): Record<string, Json | undefined> {
  const { parameters } = signatureOf(recorded.op, recorded.args.length);
  return {
    ...Object.fromEntries(recorded.args.slice(1).map((value, i) => [parameters[i], value])),
    ...recorded.kwargs,
  };
}

function layoutOf(op: string, shape: readonly number[], given: Record<string, Json | undefined>): Layout {
  const size = product(shape);
  if (op.endsWith('layer_norm')) {
    const inner = product((given.normalized_shape as number[]) ?? []);
    return { group: (i) => Math.floor(i / inner), groups: size / inner, parameter: (i) => i % inner };
  }
  const [n, c] = shape;
  const plane = product(shape.slice(2));
  const channel = (i: number): number => Math.floor(i / plane) % c;
  if (op.endsWith('batch_norm')) return { group: channel, groups: c, parameter: channel };
  const blocks = op.endsWith('group_norm') ? (given.num_groups as number) : c;
  const inner = (c / blocks) * plane;
  return { group: (i) => Math.floor(i / inner), groups: n * blocks, parameter: channel };
}

export const normalisations = new Set(
  ['batch_norm', 'instance_norm', 'group_norm', 'layer_norm'].map((name) => `nn.functional.${name}`),
);

/** The allowance of the output and of the gradients of x, weight and bias, by recorded name. */
export function normSlack(recorded: Case, read: Read, c: number, eps32: number): Map<string, Float64Array> {
  const given = argumentsOf(recorded);
  const tensorOf = (name: string): RawTensor | null =>
    isTensorRef(given[name]) ? read(given[name] as unknown as TensorRef) : null;
  const x = read(recorded.args[0] as unknown as TensorRef);
  const layout = layoutOf(recorded.op, x.shape, given);
  const { group, parameter } = layout;
  const size = x.data.length;
  const perGroup = size / Math.max(layout.groups, 1);
  const over = (f: (i: number) => number, slots: number, of: (i: number) => number): Float64Array => {
    const sums = new Float64Array(slots);
    for (let i = 0; i < size; i++) sums[of(i)] += f(i);
    return sums;
  };
  const average = (f: (i: number) => number): Float64Array => over(f, layout.groups, group).map((v) => v / perGroup);

  const fixed = recorded.op.endsWith('batch_norm') && given.training !== true;
  const mean = fixed ? tensorOf('running_mean')?.data : average((i) => x.data[i]);
  const variance = fixed
    ? tensorOf('running_var')?.data
    : average((i) => (x.data[i] - (mean as ArrayLike<number>)[group(i)]) ** 2);
  if (!mean || !variance) return new Map();
  const rstd = Array.from(variance, (v) => 1 / Math.sqrt(Math.max(v + ((given.eps as number) ?? 1e-5), 1e-30)));
  const w = tensorOf('weight')?.data;
  const weightAt = (i: number): number => Math.abs(w ? w[parameter(i)] : 1);
  /** |x|·rstd + |mean|·rstd: the two terms of the normal value. */
  const normal = (i: number): number => (Math.abs(x.data[i]) + Math.abs(mean[group(i)])) * rstd[group(i)];

  const slack = new Map<string, Float64Array>();
  const put = (name: string | undefined, k: number, terms: Float64Array): void => {
    if (name !== undefined)
      slack.set(
        name,
        terms.map((v) => c * Math.sqrt(k) * eps32 * v),
      );
  };
  const each = (f: (i: number) => number): Float64Array => Float64Array.from({ length: size }, (_, i) => f(i));
  put(
    recorded.out[0].t,
    perGroup,
    each((i) => normal(i) * weightAt(i)),
  );
  const cotangent = recorded.gradOut[0];
  if (!cotangent) return slack;
  const g = read(cotangent).data;
  const gw = (i: number): number => Math.abs(g[i]) * weightAt(i);
  const [first, second] = [average(gw), average((i) => gw(i) * normal(i))];
  put(
    recorded.grads[(recorded.args[0] as unknown as TensorRef).t],
    perGroup,
    each((i) => rstd[group(i)] * (gw(i) + first[group(i)] + normal(i) * second[group(i)])),
  );
  for (const [name, terms] of Object.entries({
    weight: (i: number) => Math.abs(g[i]) * normal(i),
    bias: (i: number) => Math.abs(g[i]),
  })) {
    const raw = tensorOf(name);
    if (!raw) continue;
    const count = raw.data.length;
    put(recorded.grads[(given[name] as unknown as TensorRef).t], size / count, over(terms, count, parameter));
  }
  return slack;
}
