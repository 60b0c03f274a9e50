/** Runs recorded cases against gemmule and says which pass. */
import { callRecorded } from './adapter.ts';
import { difference } from './compare.ts';
import type { Case, RawTensor, Recording, TensorRef } from './format.ts';
import { type Callable, type Library, type TensorLike, Unsupported } from './library.ts';
import { backward, slackOf } from './slack.ts';

export type Outcome = 'passed' | 'failed' | 'unsupported';

export interface Result {
  readonly id: string;
  readonly op: string;
  readonly outcome: Outcome;
  readonly message: string;
}

/** Ops whose positions among equal values are not defined: what is compared is the value at the position. */
const positions: Record<string, 'both' | 'only'> = { sort: 'both', topk: 'both', argmax: 'only', argmin: 'only' };

/** A refusal of a form that the op does not have, in the words that gemmule's errors use for it: an option, or a word. */
const refusal = /unknown option|not supported|unsupported|not differentiable|expected .*, got "[^"]*"$/i;

/** One comparison: of the recorded tensor `name`, with the slack that it is given. */
interface Check {
  readonly name: string;
  run(slack: Float64Array | null): string | null;
}

/** The value that each position names must be the value that the recorded position names. */
function comparePositions(
  recorded: Case,
  got: TensorLike,
  i: number,
  expected: RawTensor,
  read: (ref: TensorRef) => RawTensor,
): string | null {
  if (got.dtype !== 'int32' || got.shape.join() !== expected.shape.join()) {
    return difference(`out${i}`, got, expected, 'int32');
  }
  const input = read(recorded.args[0] as unknown as TensorRef);
  const given = recorded.kwargs.dim ?? recorded.args[recorded.op === 'topk' ? 2 : 1];
  const dim = typeof given === 'number' ? given : recorded.op.startsWith('arg') ? null : -1;
  const lines = valuesAt(input, dim, got.toTypedArray());
  const recordedLines = valuesAt(input, dim, expected.data);
  const bad = lines.findIndex((v, at) => !Object.is(v, recordedLines[at]) && v !== recordedLines[at]);
  return bad < 0 ? null : `out${i}: position ${bad} names ${lines[bad]}, expected ${recordedLines[bad]}`;
}

/** input[…, index, …] along `dim`, for indices in the order of a contiguous result; along all of it without a dim. */
function valuesAt(input: RawTensor, dim: number | null, indices: ArrayLike<number>): number[] {
  const rank = input.shape.length;
  if (dim === null || rank === 0) return Array.from(indices, (index) => input.data[index]);
  const axis = dim < 0 ? dim + rank : dim;
  const n = input.shape[axis];
  const inner = input.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const outer = input.shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const k = indices.length / Math.max(outer * inner, 1);
  return Array.from(indices, (index, at) => {
    const o = Math.floor(at / (k * inner));
    return input.data[(o * n + index) * inner + (at % inner)];
  });
}

/** Runs one case: forward, backward with the recorded cotangents, comparison. */
export function runCase(library: Library, recorded: Case, tensors: ReadonlyMap<string, RawTensor>): Result {
  const read = (ref: TensorRef): RawTensor => {
    const raw = tensors.get(ref.t);
    if (!raw) throw new Error(`the recording lacks tensor ${ref.t}`);
    return raw;
  };
  const result = (outcome: Outcome, message = ''): Result => ({ id: recorded.id, op: recorded.op, outcome, message });
  try {
    const call = callRecorded(library, recorded, read);
    if (call.outputs.length !== recorded.out.length) {
      return result('failed', `expected ${recorded.out.length} results, got ${call.outputs.length}`);
    }
    const checks = recorded.out.map((ref, i): Check => {
      const expected = read(ref);
      const asValues = recorded.op in positions && (positions[recorded.op] === 'only' || i === 1);
      return asValues
        ? { name: '', run: () => comparePositions(recorded, call.outputs[i], i, expected, read) }
        : { name: ref.t, run: (slack) => difference(`out${i}`, call.outputs[i], expected, ref.dtype, slack) };
    });
    backward(library, recorded, call.outputs, read);
    for (const [input, name] of Object.entries(recorded.grads)) {
      const expected = read({ t: name, dtype: '' });
      const dtype = expected.data instanceof Float64Array ? 'float64' : 'float32';
      const grad = call.leaves.get(input)?.grad;
      const what = `gradient of ${input}`;
      checks.push({
        name,
        run: (slack) => (grad ? difference(what, grad, expected, dtype, slack) : `${what}: none`),
      });
    }
    const failed = checks.filter((check) => check.run(null) !== null);
    if (failed.length === 0) return result('passed');
    const slack = slackOf(library, recorded, read);
    const messages = failed.map((check) => check.run(slack.get(check.name) ?? null)).filter((m) => m !== null);
    return messages.length === 0 ? result('passed') : result('failed', messages.join('; '));
  } catch (error) {
    const { message } = error as Error;
    return result(error instanceof Unsupported || refusal.test(message) ? 'unsupported' : 'failed', message);
  }
}

export function runAll(library: Library, recording: Recording): Result[] {
  const scope = library.scope as Callable | undefined;
  const one = (recorded: Case): Result => runCase(library, recorded, recording.tensors);
  return recording.cases.map((recorded) => {
    let result: Result | undefined;
    const run = (): void => {
      result = one(recorded);
    };
    if (scope) scope(run);
    else run();
    return result as Result;
  });
}
