/** What the drivers over the sample records share. */
import * as gemmule from '../../src/index.ts';
import { type DType, Tensor } from '../../src/index.ts';
import { isConstant, Make } from '../samples/make.ts';
import { type OpRecord, type Sample, tensorsOf } from '../samples/record.ts';

type Callable = (...args: unknown[]) => unknown;

/** The public function or method of a record. */
export function publicOp(name: string): Callable {
  const packageOps = gemmule as unknown as Record<string, unknown>;
  const functional = (packageOps.nn as { functional: Record<string, unknown> } | undefined)?.functional;
  for (const found of [packageOps[name], functional?.[name]]) {
    if (typeof found === 'function') return found as Callable;
  }
  const method = (Tensor.prototype as unknown as Record<string, unknown>)[name];
  if (typeof method !== 'function') throw new Error(`no op ${name}`);
  return (self, ...args) => (method as Callable).apply(self, args);
}

/** Every tensor of a sample's arguments replaced, options included. */
export function mapTensors(args: Sample, f: (t: Tensor) => Tensor): unknown[] {
  const walk = (value: unknown): unknown => {
    if (value instanceof Tensor) return f(value);
    if (Array.isArray(value)) return value.map(walk);
    if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
      return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, walk(v)]));
    }
    return value;
  };
  return args.map(walk);
}

export function tensorsIn(args: Sample): Tensor[] {
  const found: Tensor[] = [];
  mapTensors(args, (t) => {
    found.push(t);
    return t;
  });
  return found;
}

const isFloat = (dtype: DType): boolean => dtype === 'float32' || dtype === 'float64';

/** Whether the gradient by this input is part of the record. */
export const isDifferentiated = (t: Tensor): boolean => isFloat(t.dtype) && !isConstant(t);

export interface Outcome {
  readonly outputs: readonly Tensor[];
  /** The gradient of each differentiated input for fixed cotangents; null where there is none. */
  readonly gradients: readonly (Tensor | null)[];
}

interface RunOptions {
  /** Turns each fresh leaf into what the op is given. */
  view?: (leaf: Tensor) => Tensor;
  /** Changes the cotangents. */
  cotangent?: (g: Tensor) => Tensor;
}

const asItIs = (t: Tensor): Tensor => t;

/** Runs an op forward and backward. */
export function run(record: OpRecord, args: Sample, { view = asItIs, cotangent = asItIs }: RunOptions = {}): Outcome {
  const leaves: Tensor[] = [];
  const differentiable = record.differentiable ?? true;
  const given = mapTensors(args, (t) => {
    const leaf = t.clone();
    if (differentiable && isDifferentiated(t)) {
      leaf.requiresGrad = true;
      leaves.push(leaf);
    }
    return view(leaf);
  });
  const outputs = tensorsOf(publicOp(record.name)(...given));
  const make = new Make('float32');
  for (const out of outputs) {
    if (!out.requiresGrad) continue;
    out.backward(cotangent(make.t(out.shape).to(out.dtype)), { retainGraph: true });
  }
  return { outputs, gradients: leaves.map((leaf) => leaf.grad) };
}

/** The samples of a dtype, larger ones included on request. */
export function samplesOf(record: OpRecord, dtype: DType, large = false): readonly Sample[] {
  const make = new Make(dtype);
  return large && record.large ? [...record.samples(make), ...record.large(make)] : record.samples(make);
}

/** A call as one line, for messages. */
export function describeCall(record: OpRecord, args: Sample): string {
  const show = (value: unknown): string => {
    if (value instanceof Tensor) return `${value.dtype}[${value.shape}]`;
    if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
    if (value !== null && typeof value === 'object') {
      const entries = Object.entries(value).map(([key, v]) => `${key}: ${show(v)}`);
      return `{${entries.join(', ')}}`;
    }
    return typeof value === 'string' ? `'${value}'` : String(value);
  };
  return `${record.name}(${args.map(show).join(', ')})`;
}
