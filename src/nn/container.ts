/** Modules made of modules. */
import { invalid } from '../errors.ts';
import { integer } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { runChain } from './chain.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/** A module whose children have the names 0, 1, 2, …. */
class Numbered<Output> extends Module<Output> implements Iterable<Module> {
  [index: number]: Module;

  /** Number of modules. */
  get length(): number {
    return this.namedChildren().length;
  }

  /** Adds one at the end. */
  append(module: Module): this {
    this.addModule(String(this.length), module);
    return this;
  }

  /** Module number `index`, from the end for a negative one. */
  at(index: number): Module {
    const list = [...this];
    const i = integer(this.constructor.name, 'index', index, -list.length);
    if (i >= list.length) invalid(this.constructor.name, 'index', `an integer below ${list.length}`, index);
    return list.at(i) as Module;
  }

  /** The modules, in order. */
  *[Symbol.iterator](): IterableIterator<Module> {
    for (const [, module] of this.namedChildren()) yield module as Module;
  }
}

/**
 * Modules one after the other, each given the result of the one before; `torch.nn.Sequential`. Takes a list of modules
 * (state-dict keys `0.weight`, …) or one object of them by name (`conv.weight`).
 */
export class Sequential extends Numbered<Tensor> {
  constructor(...modules: Module[] | [Record<string, Module>]) {
    super();
    const [first] = modules;
    const isNamed = modules.length === 1 && first !== null && typeof first === 'object' && !(first instanceof Module);
    const entries = isNamed ? Object.entries(first) : modules.map((module, i) => [String(i), module] as const);
    for (const [name, module] of entries) this.addModule(name, module as Module);
  }

  /** The modules, in order. */
  private layers(): Module[] {
    // integer keys come first and ascending, the others in the order they were added: the order of the modules
    const found: Module[] = [];
    for (const key in this) {
      const value: unknown = this[key];
      if (value instanceof Module) found.push(value as Module);
    }
    return found;
  }

  override forward(x: Tensor): Tensor {
    return runChain(this.layers(), x);
  }
}

/** A list of modules, for use in the `forward` of the module that holds it; `torch.nn.ModuleList`. */
export class ModuleList extends Numbered<never> {
  constructor(modules: Iterable<Module> = []) {
    super();
    for (const module of modules) this.append(module);
  }
}

/** Modules by name, for use in the `forward` of the module that holds it; `torch.nn.ModuleDict`. */
export class ModuleDict extends Module<never> {
  constructor(modules: Readonly<Record<string, Module>> = {}) {
    super();
    for (const [name, module] of Object.entries(modules)) this.set(name, module);
  }

  /** Number of modules. */
  get length(): number {
    return this.namedChildren().length;
  }

  /** Whether there is a module of that name. */
  has(name: string): boolean {
    return this.keys().includes(name);
  }

  /** The module of that name. */
  get(name: string): Module {
    const found = this.namedChildren().find(([key]) => key === name);
    if (found === undefined)
      return invalid('ModuleDict', 'name', this.keys().join(' or ') || 'a name (it is empty)', name);
    return found[1] as Module;
  }

  /** Adds a module, or replaces the one of that name. */
  set(name: string, module: Module): this {
    this.addModule(name, module);
    return this;
  }

  /** The names, in order. */
  keys(): string[] {
    return this.namedChildren().map(([name]) => name);
  }

  /** Names and modules, in order. */
  entries(): [string, Module][] {
    return this.namedChildren() as [string, Module][];
  }
}

/** A list of parameters, keys 0, 1, 2, …; `torch.nn.ParameterList`. Plain tensors become parameters. */
export class ParameterList extends Module<never> implements Iterable<Parameter> {
  [index: number]: Parameter;

  constructor(parameters: Iterable<Tensor> = []) {
    super();
    for (const p of parameters) this.append(p);
  }

  /** Number of parameters. */
  get length(): number {
    return this.parameterFields().length;
  }

  /** Adds one at the end. */
  append(p: Tensor): this {
    this.registerParameter(String(this.length), p instanceof Parameter ? p : new Parameter(p));
    return this;
  }

  /** The parameters, in order. */
  *[Symbol.iterator](): IterableIterator<Parameter> {
    yield* this.parameterFields();
  }

  private parameterFields(): Parameter[] {
    return Object.values(this).filter((value) => value instanceof Parameter);
  }
}

/** Gives its input; `torch.nn.Identity`. */
export class Identity extends Module {
  override forward(x: Tensor): Tensor {
    return x;
  }
}
