/** A node of a file as the operators see it when they are made ready. */
import { fail, show } from '../../errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { type AttributeProto, AttributeType, type NodeProto, type TensorProto } from './proto.ts';

/** A node's inputs in one run; null for one that is left out. Those that an operator needs are there. */
export type Inputs = readonly (Tensor | null | undefined)[];
/** What a node does in each run. */
export type Run = (inputs: Inputs) => Tensor | readonly Tensor[];

/** An operator of ONNX. */
export interface OnnxOp {
  /** Least and most inputs. */
  readonly inputs: readonly [number, number];
  /** Most outputs. Default 1. */
  readonly outputs?: number;
  /** Inputs that are settings, such as a shape: a file's number there is no parameter. */
  readonly settings?: readonly number[];
  /** Inputs that are learned without gradients: running statistics. */
  readonly statistics?: readonly number[];
  /** Reads and checks the attributes. */
  prepare(node: NodeReader): Run;
}

/** Attributes of one node. Each must be asked for: one that is not is not supported, and an error. */
export class NodeReader {
  readonly proto: NodeProto;
  /** Version of the operators. */
  readonly opset: number;
  private readonly attributes = new Map<string, AttributeProto>();
  private readonly asked = new Set<string>();

  constructor(proto: NodeProto, opset: number) {
    this.proto = proto;
    this.opset = opset;
    for (const attribute of proto.attributes) {
      if (this.attributes.has(attribute.name)) this.wrong(`attribute ${show(attribute.name)} appears twice`);
      this.attributes.set(attribute.name, attribute);
    }
  }

  /** The node in messages. */
  get label(): string {
    const { name, op, outputs } = this.proto;
    return `node ${show(name === '' ? (outputs[0] ?? '') : name)} (${op})`;
  }

  wrong(message: string): never {
    fail('importOnnx', `${this.label}: ${message}`);
  }

  private find(name: string, type: number): AttributeProto | null {
    this.asked.add(name);
    const attribute = this.attributes.get(name);
    if (attribute === undefined) return null;
    if (attribute.type !== type) {
      const word = (code: number): string =>
        Object.entries(AttributeType).find(([, known]) => known === code)?.[0] ?? `type ${code}`;
      this.wrong(`attribute ${name} expected ${word(type)}, got ${word(attribute.type)}`);
    }
    return attribute;
  }

  has(name: string): boolean {
    return this.attributes.has(name);
  }

  float(name: string, fallback: number): number {
    return this.find(name, AttributeType.FLOAT)?.f ?? fallback;
  }

  int(name: string, fallback: number): number {
    return this.find(name, AttributeType.INT)?.i ?? fallback;
  }

  /** An integer that is 0 or 1. */
  flag(name: string, fallback: boolean): boolean {
    const value = this.int(name, fallback ? 1 : 0);
    if (value !== 0 && value !== 1) this.wrong(`attribute ${name} expected 0 or 1, got ${value}`);
    return value === 1;
  }

  /** A list of integers; null where the node has none. */
  ints(name: string, least = -Infinity): number[] | null {
    const list = this.find(name, AttributeType.INTS)?.ints ?? null;
    if (list?.some((v) => v < least)) this.wrong(`attribute ${name} expected integers >= ${least}, got ${show(list)}`);
    return list;
  }

  /** As `ints`, of a known length. */
  intsOf(name: string, count: number, fallback: number, least: number): number[] {
    const list = this.ints(name, least) ?? new Array<number>(count).fill(fallback);
    if (list.length !== count) this.wrong(`attribute ${name} expected ${count} integers, got ${show(list)}`);
    return list;
  }

  floats(name: string): number[] | null {
    return this.find(name, AttributeType.FLOATS)?.floats ?? null;
  }

  /** One of a list of words. */
  word<T extends string>(name: string, fallback: T, words: readonly T[]): T {
    const value = this.find(name, AttributeType.STRING)?.s ?? fallback;
    if (!(words as readonly string[]).includes(value)) {
      this.wrong(`attribute ${name} expected ${words.map(show).join(' or ')}, got ${show(value)}`);
    }
    return value as T;
  }

  tensor(name: string): TensorProto | null {
    return this.find(name, AttributeType.TENSOR)?.t ?? null;
  }

  /** An attribute that must have this value where it is there. */
  only(name: string, value: number | string): void {
    const isText = typeof value === 'string';
    const found = this.find(name, isText ? AttributeType.STRING : AttributeType.INT);
    const got = found === null ? value : isText ? found.s : found.i;
    if (got !== value) this.wrong(`attribute ${name} ${show(got)} is not supported, only ${show(value)} is`);
  }

  /** An attribute that changes nothing in evaluation. */
  ignore(...names: string[]): void {
    for (const name of names) this.asked.add(name);
  }

  /** Throws where an attribute was not asked for. */
  finish(): void {
    const rest = [...this.attributes.keys()].filter((name) => !this.asked.has(name));
    if (rest.length > 0) this.wrong(`attribute ${rest.join(', ')} is not supported with opset ${this.opset}`);
  }
}

/** The numbers of an input that is a setting. */
export function numbers(t: Tensor): number[] {
  return Array.from(t.toTypedArray());
}

/** The one number of an input, or a default where it is left out. */
export function numberOr(inputs: Inputs, i: number, fallback: number): number {
  return inputs[i]?.item() ?? fallback;
}
