/** Module: the base of all layers and models. */
import { noGrad } from '../autograd/mode.ts';
import { fail, invalid, show } from '../errors.ts';
import { boolean, options } from '../options.ts';
import { checkDType, type DType, isFloat } from '../tensor/dtype.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import { addHook, type BackwardHook, type ForwardHook, type ForwardPreHook, Hooks } from './hooks.ts';
import { Parameter } from './parameter.ts';
import { indent } from './repr.ts';
import { type LoadResult, loadInto, type Slot, type StateDict } from './state-dict.ts';

/** Options of `registerBuffer`. */
export interface BufferOptions {
  /** Whether the state dict has it. Default true. */
  persistent?: boolean;
}

/** Options of the methods that list parameters and buffers. */
export interface RecurseOptions {
  /** Whether those of modules inside count. Default true. */
  recurse?: boolean;
}

/** Options of `loadStateDict`. */
export interface LoadOptions {
  /** Whether missing and unexpected keys are errors. Default true. */
  strict?: boolean;
}

/**
 * A layer, or a model made of layers; `torch.nn.Module`. Extend it, keep layers and parameters in fields, and define
 * `forward`. A field that holds a Module or a Parameter is found by its name; a plain Tensor is a buffer only after
 * `registerBuffer`.
 */
export class Module<Output = Tensor> {
  /** Whether layers such as dropout and batch norm behave as in training. Set by `train()` and `eval()`. */
  training = true;
  readonly #buffers = new Map<string, boolean>();
  #attached: Hooks | null = null;

  /** The module's result. Hooks, where there are any, run with it. */
  forward(_input: Tensor, ..._more: unknown[]): Output {
    return fail(this.constructor.name, 'a subclass of Module expected to define forward');
  }

  /** The same as `forward`: `net(x)` in PyTorch. */
  call(...inputs: Parameters<this['forward']>): ReturnType<this['forward']> {
    return (this.forward as (...all: unknown[]) => unknown)(...inputs) as ReturnType<this['forward']>;
  }

  // ---- what it holds

  /** Key of a field in names and state dicts: the field's name, where a subclass does not say otherwise. */
  protected keyOf(field: string): string {
    return field;
  }

  /** Buffers (by key) that a state dict may lack. */
  protected get optionalKeys(): readonly string[] {
    return [];
  }

  *#own<T>(select: (value: unknown, field: string) => value is T): Generator<[string, T]> {
    for (const [field, value] of Object.entries(this)) if (select(value, field)) yield [this.keyOf(field), value];
  }

  #ownParameters(): Iterable<[string, Parameter]> {
    return this.#own((value) => value instanceof Parameter);
  }

  #ownBuffers(): Iterable<[string, Tensor]> {
    return this.#own((value, field): value is Tensor => this.#buffers.has(field) && value instanceof Tensor);
  }

  /** Modules directly inside, by name. */
  namedChildren(): [string, Module<unknown>][] {
    return [...this.#own((value) => value instanceof Module)];
  }

  /** Modules directly inside. */
  children(): Module<unknown>[] {
    return [...new Set(this.namedChildren().map(([, module]) => module))];
  }

  /** This module (named '') and all inside it, each once, by path: `features.0`. */
  namedModules(): [string, Module<unknown>][] {
    const found = new Map<Module<unknown>, string>();
    const visit = (module: Module<unknown>, path: string): void => {
      if (found.has(module)) return;
      found.set(module, path);
      for (const [name, child] of module.namedChildren()) visit(child, path === '' ? name : `${path}.${name}`);
    };
    visit(this, '');
    return [...found].map(([module, path]) => [path, module]);
  }

  /** This module and all inside it, each once. */
  modules(): Module<unknown>[] {
    return this.namedModules().map(([, module]) => module);
  }

  #collect<T>(
    op: string,
    of: (module: Module<unknown>) => Iterable<[string, T]>,
    opts?: RecurseOptions,
  ): [string, T][] {
    const { recurse = true } = options(op, opts, ['recurse']);
    const found = new Map<T, string>();
    for (const [path, module] of boolean(op, 'recurse', recurse) ? this.namedModules() : [['', this] as const]) {
      for (const [key, value] of of(module))
        if (!found.has(value)) found.set(value, path === '' ? key : `${path}.${key}`);
    }
    return [...found].map(([value, name]) => [name, value]);
  }

  /** Parameters by path (`0.weight`), each once. */
  namedParameters(opts?: RecurseOptions): [string, Parameter][] {
    return this.#collect('namedParameters', (module) => module.#ownParameters(), opts);
  }

  /** Parameters, each once: what an optimizer takes. */
  parameters(opts?: RecurseOptions): Parameter[] {
    return this.#collect('parameters', (module) => module.#ownParameters(), opts).map(([, p]) => p);
  }

  /** Buffers by path (`1.running_mean`), each once. */
  namedBuffers(opts?: RecurseOptions): [string, Tensor][] {
    return this.#collect('namedBuffers', (module) => module.#ownBuffers(), opts);
  }

  /** Buffers: tensors that belong to the state but are not learned. */
  buffers(opts?: RecurseOptions): Tensor[] {
    return this.#collect('buffers', (module) => module.#ownBuffers(), opts).map(([, b]) => b);
  }

  /** Makes field `name` a buffer that holds `tensor`, or null for none yet. */
  registerBuffer(name: string, tensor: Tensor | null, opts?: BufferOptions): void {
    const { persistent = true } = options('registerBuffer', opts, ['persistent']);
    this.#checkName('registerBuffer', name, this.#buffers.has(name));
    if (tensor !== null) checkTensor('registerBuffer', 'tensor', tensor).keep();
    this.#buffers.set(name, boolean('registerBuffer', 'persistent', persistent));
    (this as Record<string, unknown>)[name] = tensor;
  }

  /** Makes field `name` a parameter; the same as assigning it. */
  registerParameter(name: string, parameter: Parameter | null): void {
    if (parameter !== null && !(parameter instanceof Parameter)) {
      invalid('registerParameter', 'parameter', 'a Parameter or null', parameter);
    }
    this.#checkName('registerParameter', name, this.#has(name, Parameter));
    (this as Record<string, unknown>)[name] = parameter;
  }

  /** Puts `module` into field `name`; the same as assigning it. */
  addModule(name: string, module: Module<unknown>): void {
    if (!(module instanceof Module)) invalid('addModule', `module ${show(name)}`, 'a Module', module);
    this.#checkName('addModule', name, this.#has(name, Module));
    (this as Record<string, unknown>)[name] = module;
  }

  #has(name: string, kind: new (...args: never[]) => unknown): boolean {
    return Object.hasOwn(this, name) && (this as Record<string, unknown>)[name] instanceof kind;
  }

  #checkName(op: string, name: string, replaces: boolean): void {
    if (typeof name !== 'string' || name === '' || name.includes('.')) invalid(op, 'name', 'a word without "."', name);
    const taken = (this as Record<string, unknown>)[name];
    if (!replaces && name in this && taken !== undefined && taken !== null) fail(op, `the name ${show(name)} is taken`);
  }

  // ---- state

  #slots(prefix: string, into: Map<string, Slot>): Map<string, Slot> {
    for (const [key, tensor] of this.#ownParameters()) into.set(prefix + key, { tensor, optional: false });
    for (const [field, persistent] of this.#buffers) {
      const tensor = (this as Record<string, unknown>)[field];
      const key = this.keyOf(field);
      const optional = this.optionalKeys.includes(key);
      if (persistent && tensor instanceof Tensor) into.set(prefix + key, { tensor, optional });
    }
    for (const [name, child] of this.namedChildren()) child.#slots(`${prefix}${name}.`, into);
    return into;
  }

  /** Parameters and buffers by PyTorch's keys. They share memory with the module: save or clone them to keep them. */
  stateDict(): StateDict {
    return Object.fromEntries([...this.#slots('', new Map())].map(([key, { tensor }]) => [key, tensor.detach()]));
  }

  /**
   * Copies a state dict into the parameters and buffers, converting dtypes. The error for one that does not fit lists the
   * missing and the unexpected keys and the wrong shapes, and leaves the module as it was.
   */
  loadStateDict(state: StateDict, opts?: LoadOptions): LoadResult {
    const { strict = true } = options('loadStateDict', opts, ['strict']);
    return loadInto('loadStateDict', this.#slots('', new Map()), state, boolean('loadStateDict', 'strict', strict));
  }

  /** Converts float parameters and buffers, in place. */
  to(dtype: DType): this {
    checkDType('to', 'dtype', dtype);
    if (!isFloat(dtype)) invalid('to', 'dtype', "'float32' or 'float64'", dtype);
    for (const t of [...this.parameters(), ...this.buffers()]) if (isFloat(t.dtype)) convert(t, dtype);
    return this;
  }

  /** Sets training mode in this module and all inside it. */
  train(mode = true): this {
    boolean('train', 'mode', mode);
    for (const module of this.modules()) module.training = mode;
    return this;
  }

  /** Evaluation mode: `train(false)`. */
  eval(): this {
    return this.train(false);
  }

  /** Removes the gradients of all parameters, or sets them to zero. */
  zeroGrad(opts?: { setToNone?: boolean }): void {
    const { setToNone = true } = options('zeroGrad', opts, ['setToNone']);
    boolean('zeroGrad', 'setToNone', setToNone);
    for (const p of this.parameters()) clearGrad(p, setToNone);
  }

  /** Calls `fn` with every module inside, then with this one. */
  apply(fn: (module: Module<unknown>) => void): this {
    if (typeof fn !== 'function') invalid('apply', 'fn', 'a function', fn);
    for (const child of this.children()) child.apply(fn);
    fn(this);
    return this;
  }

  /** Whether gradients are computed for the parameters: false freezes them. */
  requiresGrad_(requiresGrad = true): this {
    for (const p of this.parameters()) p.requiresGrad = requiresGrad;
    return this;
  }

  // ---- hooks

  /** Calls `hook(module, inputs)` before each forward. Gives a function that removes it. */
  registerForwardPreHook(hook: ForwardPreHook): () => void {
    return addHook('registerForwardPreHook', this.#hooks().pre, hook);
  }

  /** Calls `hook(module, inputs, output)` after each forward. Gives a function that removes it. */
  registerForwardHook(hook: ForwardHook): () => void {
    return addHook('registerForwardHook', this.#hooks().forward, hook);
  }

  /** Calls `hook(module, gradInput, gradOutput)` when backward has passed the module. Gives a function that removes it. */
  registerFullBackwardHook(hook: BackwardHook): () => void {
    return addHook('registerFullBackwardHook', this.#hooks().backward, hook);
  }

  /** The module's hooks; from the first call on, `forward` runs them. */
  #hooks(): Hooks {
    if (this.#attached !== null) return this.#attached;
    const hooks = new Hooks();
    const forward = this.forward as (...inputs: unknown[]) => unknown;
    Object.defineProperty(this, 'forward', {
      value: (...inputs: unknown[]) => hooks.run(this, forward.bind(this), inputs),
      writable: true,
      configurable: true,
    });
    this.#attached = hooks;
    return hooks;
  }

  // ---- text

  /** Settings in the printed form, such as `in_features=2, out_features=3`. */
  extraRepr(): string {
    return '';
  }

  /** The module and what is inside it, in PyTorch's form. */
  toString(): string {
    const extra = this.extraRepr();
    const children = this.namedChildren().map(([name, child]) => `(${name}): ${indent(child.toString())}`);
    const lines = extra === '' ? children : [...extra.split('\n'), ...children];
    const inner = children.length === 0 && lines.length <= 1 ? extra : `\n  ${lines.join('\n  ')}\n`;
    return `${this.constructor.name}(${inner})`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** Removes a leaf's gradient, or zeroes it. */
export function clearGrad(t: Tensor, setToNone: boolean): void {
  if (t.grad === null) return;
  t.grad = setToNone ? null : t.grad.detach().zero_();
}

/** Changes the dtype of a leaf that others, such as an optimizer, hold on to. */
function convert(t: Tensor, dtype: DType): void {
  if (t.dtype === dtype) return;
  const { storage, strides, offset, isContiguous } = noGrad(() => t.detach().to(dtype)).keep();
  const grad = t.grad === null ? null : noGrad(() => (t.grad as Tensor).to(dtype));
  if (grad !== null) grad.storage.gradientOf = t;
  Object.assign(t, { storage, strides, offset, isContiguous, dtype, grad, accumulator: null });
}
