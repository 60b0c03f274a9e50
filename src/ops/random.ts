/**
 * Random tensors. The generator is Philox4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", 2011):
 * the same seed gives the same numbers on every backend and machine. The numbers are not PyTorch's.
 */
import { fail, invalid } from '../errors.ts';
import { integer, number, options } from '../options.ts';
import type { DType } from '../tensor/dtype.ts';
import { isFloat } from '../tensor/dtype.ts';
import { checkShape } from '../tensor/shape.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import { elements } from './copy.ts';
import { leaf, shapeAndOptions, type TensorOptions, tensorSettings } from './create.ts';
import { emptyTensor, kernelsFor } from './define.ts';

/** A stream of random numbers: a key and a position. */
export class Generator {
  private key0 = 0;
  private key1 = 0;
  private counter = 0;

  /** @param seed integer in [0, 2⁵³). Default 0. */
  constructor(seed = 0) {
    this.manualSeed(seed);
  }

  /** Starts the stream of `seed` from its beginning. */
  manualSeed(seed: number): this {
    integer('manualSeed', 'seed', seed, 0);
    if (!Number.isSafeInteger(seed)) invalid('manualSeed', 'seed', 'an integer below 2**53', seed);
    this.key0 = seed % 2 ** 32;
    this.key1 = Math.floor(seed / 2 ** 32);
    this.counter = 0;
    return this;
  }

  /** Fills a contiguous float tensor with numbers in [0, 1): 24 random bits each in float32, 53 in float64. */
  fill(t: Tensor): void {
    kernelsFor(t.dtype).randomUniform(t.size, this.key0, this.key1, this.counter, elements(t));
    // a block of four words serves four float32 or two float64
    this.counter += Math.ceil(t.size / (t.dtype === 'float32' ? 4 : 2));
  }

  /** `n` numbers in [0, 1) with 53 bits. */
  doubles(n: number): Float64Array {
    const t = emptyTensor('float64', [n]);
    this.fill(t);
    return t.data.slice(0, n) as Float64Array;
  }
}

const shared = new Generator(0);

/** Seeds the generator that all random functions use by default; `torch.manual_seed`. */
export function manualSeed(seed: number): void {
  shared.manualSeed(seed);
}

/** The generator used where none is given. */
export function defaultGenerator(): Generator {
  return shared;
}

function floats(op: string, dtype: DType): DType {
  if (!isFloat(dtype)) invalid(op, 'dtype', "'float32' or 'float64'", dtype);
  return dtype;
}

type Args = Parameters<typeof shapeAndOptions>[1];

/** @internal Fills with standard normal numbers (Box and Muller's method, in double precision). */
export function fillNormal(t: Tensor, mean: number, std: number, generator: Generator): void {
  const pairs = Math.ceil(t.size / 2);
  const u = generator.doubles(pairs * 2);
  const out = elements(t);
  for (let i = 0; i < pairs; i++) {
    // 1 - u lies in (0, 1], so that the logarithm is finite
    const radius = Math.sqrt(-2 * Math.log(1 - u[2 * i])) * std;
    const angle = 2 * Math.PI * u[2 * i + 1];
    out[2 * i] = mean + radius * Math.cos(angle);
    if (2 * i + 1 < t.size) out[2 * i + 1] = mean + radius * Math.sin(angle);
  }
}

/** Uniform in [0, 1); `torch.rand`. */
export function rand(...args: Args): Tensor {
  const [shape, dtype, requiresGrad] = shapeAndOptions('rand', args);
  const out = emptyTensor(floats('rand', dtype), shape);
  shared.fill(out);
  return leaf(out, requiresGrad);
}

/** Standard normal; `torch.randn`. */
export function randn(...args: Args): Tensor {
  const [shape, dtype, requiresGrad] = shapeAndOptions('randn', args);
  const out = emptyTensor(floats('randn', dtype), shape);
  fillNormal(out, 0, 1, shared);
  return leaf(out, requiresGrad);
}

/** Uniform in [0, 1) in the shape and dtype of another tensor; `torch.rand_like`. */
export function randLike(t: Tensor, opts?: TensorOptions): Tensor {
  return rand(checkTensor('randLike', 'input', t).shape, { ...opts, dtype: opts?.dtype ?? t.dtype });
}

/** Standard normal in the shape and dtype of another tensor; `torch.randn_like`. */
export function randnLike(t: Tensor, opts?: TensorOptions): Tensor {
  return randn(checkTensor('randnLike', 'input', t).shape, { ...opts, dtype: opts?.dtype ?? t.dtype });
}

/** Integers from low (inclusive) to high (exclusive), int32 unless a dtype is given; `torch.randint`. `randint(high, shape)` or `randint(low, high, shape)`. */
export function randint(...args: readonly (number | readonly number[] | TensorOptions | undefined)[]): Tensor {
  const list = args.filter((v) => v !== undefined);
  const at = list.findIndex((v) => Array.isArray(v));
  if (at !== 1 && at !== 2) fail('randint', 'expected (high, shape) or (low, high, shape)');
  const low = at === 2 ? integer('randint', 'low', list[0]) : 0;
  const high = integer('randint', 'high', list[at - 1], low + 1);
  const shape = checkShape('randint', 'shape', list[at]);
  const { dtype, requiresGrad } = tensorSettings('randint', list[at + 1] as TensorOptions | undefined, 'int32');
  const out = emptyTensor(dtype, shape);
  const u = shared.doubles(out.size);
  for (let i = 0; i < out.size; i++) out.data[i] = low + Math.floor(u[i] * (high - low));
  return leaf(out, requiresGrad);
}

/** @internal 0 … n-1 in random order (Fisher and Yates's shuffle). */
export function permutation(n: number, generator: Generator): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  const u = generator.doubles(n);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(u[i] * (i + 1));
    const swap = order[i];
    order[i] = order[j];
    order[j] = swap;
  }
  return order;
}

/** Options of `randperm`. */
export interface RandpermOptions {
  /** Where the numbers come from. Default: the shared generator. */
  generator?: Generator;
}

/** 0 … n-1 in random order, int32; `torch.randperm`. */
export function randperm(n: number, opts?: RandpermOptions): Tensor {
  integer('randperm', 'n', n, 0);
  const { generator = shared } = options('randperm', opts, ['generator']);
  const out = emptyTensor('int32', [n]);
  (out.data as Int32Array).set(permutation(n, generator));
  return out;
}

/** 1 with probability x, else 0, element by element; `torch.bernoulli`. */
export function bernoulli(x: Tensor): Tensor {
  checkTensor('bernoulli', 'input', x);
  floats('bernoulli', x.dtype);
  const p = x.detach();
  if (x.size > 0 && (p.min().item() < 0 || p.max().item() > 1))
    fail('bernoulli', 'input expected probabilities in [0, 1]');
  return randLike(p).lt(p).to(x.dtype);
}

/** Normal numbers with the given mean and standard deviation; `torch.normal`. */
export function normal(mean: number, std: number, shape: readonly number[], opts?: TensorOptions): Tensor {
  number('normal', 'mean', mean);
  number('normal', 'std', std, 0);
  const { dtype, requiresGrad } = tensorSettings('normal', opts);
  const out = emptyTensor(floats('normal', dtype), checkShape('normal', 'shape', shape));
  fillNormal(out, mean, std, shared);
  return leaf(out, requiresGrad);
}
