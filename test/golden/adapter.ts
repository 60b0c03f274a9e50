/** Turns a recorded PyTorch call into a gemmule call. */
import { type Case, isTensorRef, type Json, type RawTensor, type TensorRef } from './format.ts';
import { type LayerLike, type Library, lookUp, type TensorLike, Unsupported } from './library.ts';
import { camelCase, type Signature, signatureOf } from './names.ts';

export interface Call {
  readonly outputs: readonly TensorLike[];
  /** The leaf of every recorded input. */
  readonly leaves: ReadonlyMap<string, TensorLike>;
}

type Words = { readonly [name: string]: Json };
const isWords = (value: Json): value is Words => value !== null && typeof value === 'object' && !Array.isArray(value);

export function makeTensor(library: Library, raw: RawTensor, dtype: string): TensorLike {
  const flat = library.tensor(raw.data, { dtype });
  return lookUp(lookUp(flat, 'reshape', 'reshape')(raw.shape), 'clone', 'clone')() as TensorLike;
}

class Caller {
  readonly leaves = new Map<string, TensorLike>();
  private readonly library: Library;
  private readonly recorded: Case;
  private readonly read: (ref: TensorRef) => RawTensor;

  constructor(library: Library, recorded: Case, read: (ref: TensorRef) => RawTensor) {
    this.library = library;
    this.recorded = recorded;
    this.read = read;
  }

  private leaf(ref: TensorRef): TensorLike {
    const known = this.leaves.get(ref.t);
    if (known) return known;
    const leaf = makeTensor(this.library, this.read(ref), ref.dtype);
    if (ref.t in this.recorded.grads) leaf.requiresGrad = true;
    this.leaves.set(ref.t, leaf);
    return leaf;
  }

  /** A recorded value as gemmule takes it. */
  value(value: Json): unknown {
    if (isTensorRef(value)) return this.leaf(value as unknown as TensorRef);
    if (Array.isArray(value)) return value.map((v: Json) => this.value(v));
    if (!isWords(value)) return value;
    if ('dtype' in value) return value.dtype === 'int64' ? 'int32' : value.dtype;
    if ('float' in value) return { inf: Infinity, '-inf': -Infinity, nan: NaN }[value.float as string];
    if ('slice' in value) return this.library.slice(...(value.slice as (number | null)[]));
    if ('ellipsis' in value) return '...';
    throw new Unsupported(`a value of the form ${JSON.stringify(value)}`);
  }

  run(): unknown {
    const { op, args, kwargs } = this.recorded;
    if (op === '__getitem__') return this.index(args);
    const layer = /^nn\.(Conv[123]d)$/.exec(op);
    if (layer) return this.layer(layer[1], args, kwargs);
    const reflected = /^__r(\w+)__$/.exec(op);
    if (reflected || op === 'rsub') {
      const name = reflected ? ({ truediv: 'div', mod: 'remainder' }[reflected[1]] ?? reflected[1]) : 'sub';
      return this.call(signatureOf(name, 2), [args[1], args[0]], kwargs);
    }
    const signature = signatureOf(op, args.length);
    // forms that PyTorch tells apart by the type of the second argument
    if ((op === 'max' || op === 'min') && args.length > 1 && isTensorRef(args[1])) {
      return this.call(signatureOf(`${op}imum`, 2), args, kwargs);
    }
    if (signature.parameters.includes('unbiased') && typeof args[1] === 'boolean') {
      return this.call(signature, [args[0]], { ...kwargs, unbiased: args[1] });
    }
    return this.call(signature, args, kwargs);
  }

  private call(signature: Signature, args: readonly Json[], kwargs: Words): unknown {
    const { parameters, positional, missing, place } = signature;
    const named: Record<string, Json> = {};
    let first = args[0];
    args.slice(1).forEach((value, i) => {
      if (i >= parameters.length) throw new Unsupported(`${signature.name} with ${args.length} arguments`);
      named[parameters[i]] = value;
    });
    for (const [name, value] of Object.entries(kwargs)) {
      if (first === undefined && ['input', 'self', 'tensors'].includes(name)) first = value;
      else named[name === 'axis' && parameters.includes('dim') ? 'dim' : name] = value;
    }
    for (const name of missing) {
      if (named[name] !== undefined && named[name] !== null && named[name] !== false) {
        throw new Unsupported(`${signature.name} with ${name}`);
      }
      delete named[name];
    }
    const list: unknown[] = parameters.slice(0, positional).map((name) => {
      const value = named[name];
      delete named[name];
      return value === null || value === undefined ? undefined : this.value(value);
    });
    const options: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(named)) {
      // a name with a leading underscore is PyTorch's own business (_stacklevel)
      if (value !== null && !name.startsWith('_')) options[camelCase(name)] = this.value(value);
    }
    if (Object.keys(options).length > 0) list.push(options);
    else while (list.length > 0 && list[list.length - 1] === undefined) list.pop();
    const receiver = this.value(first);
    const isMethod = place === 'x' && receiver instanceof this.library.Tensor;
    if (isMethod) return lookUp(receiver, signature.name, `Tensor.${signature.name}`)(...list);
    const owner = place === 'F' ? this.library.nn.functional : this.library;
    return lookUp(owner, signature.name, signature.name)(receiver, ...list);
  }

  private index(args: readonly Json[]): unknown {
    const [x, index] = args;
    let entries: readonly Json[] = Array.isArray(index) ? index : [index];
    if (Array.isArray(index) && index.every((entry: Json) => typeof entry === 'number')) {
      // x[1, 2] and x[[1, 2]] are recorded alike: the former drops an axis for each number
      const axes = this.read(x as unknown as TensorRef).shape.length;
      const isTuple = this.read(this.recorded.out[0]).shape.length === axes - index.length;
      entries = isTuple ? index : [index];
    }
    return lookUp(this.value(x), 'at', 'Tensor.at')(...entries.map((entry: Json) => this.value(entry)));
  }

  /** The layer's forward with the recorded parameters, which then are the leaves. */
  private layer(name: string, args: readonly Json[], kwargs: Words): unknown {
    const [x, weight, bias] = args;
    const w = this.value(weight) as TensorLike;
    const { kernel_size: kernelSize, ...rest } = kwargs;
    const options: Record<string, unknown> = { bias: bias !== null && bias !== undefined };
    for (const [key, value] of Object.entries(rest)) options[camelCase(key)] = this.value(value);
    const Layer = this.library.nn[name] as new (i: number, o: number, k: unknown, options: object) => LayerLike;
    if (typeof Layer !== 'function') throw new Unsupported(`nn.${name} is not there`);
    const inChannels = w.shape[1] * ((rest.groups as number | undefined) ?? 1);
    const layer = new Layer(inChannels, w.shape[0], this.value(kernelSize) ?? w.shape.slice(2), options);
    const state: Record<string, TensorLike> = { weight: w };
    if (options.bias) state.bias = this.value(bias) as TensorLike;
    layer.loadStateDict(state);
    this.leaves.set((weight as unknown as TensorRef).t, layer.weight);
    if (layer.bias) this.leaves.set((bias as unknown as TensorRef).t, layer.bias);
    return layer.forward(this.value(x) as TensorLike);
  }
}

/** Several results as a list: `{values, indices}`, `[var, mean]`, pieces. */
function listOf(library: Library, result: unknown): TensorLike[] {
  if (result instanceof library.Tensor) return [result];
  if (Array.isArray(result)) return result as TensorLike[];
  if (result !== null && typeof result === 'object') return Object.values(result) as TensorLike[];
  throw new Error(`the result is ${typeof result}, not a tensor`);
}

/** Runs a recorded call. `read` gives the numbers of a recorded tensor. */
export function callRecorded(library: Library, recorded: Case, read: (ref: TensorRef) => RawTensor): Call {
  const caller = new Caller(library, recorded, read);
  const outputs = listOf(library, caller.run());
  return { outputs, leaves: caller.leaves };
}
