/** The recorded graph: one Node per op call, edges to the nodes of its inputs. */
import { fail, show } from '../errors.ts';
import type { Op } from '../ops/define.ts';
import type { DType } from '../tensor/dtype.ts';
import { releaseIfPassed } from '../tensor/storage.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Sees a gradient on its way; a tensor that it returns replaces it. */
export type TensorHook = (grad: Tensor) => Tensor | undefined;

let sequence = 0;

export class Node {
  readonly op: Op<unknown>;
  readonly attrs: unknown;
  /** For each input the node its gradient goes to, or null where none is wanted. */
  readonly next: readonly (Node | null)[];
  /** Which output of `next[i]` input i was. */
  readonly nextIndex: readonly number[];
  readonly inputShapes: readonly (readonly number[])[];
  readonly inputDTypes: readonly (DType | null)[];
  readonly outputShapes: readonly (readonly number[])[];
  readonly outputDTypes: readonly DType[];
  /** Order of creation: backward runs from the highest. */
  readonly order: number;
  /** Inputs, then outputs, that the gradient rule reads; null where it does not, and all null once consumed. */
  private saved: (Tensor | null)[] | null = null;
  private versions: number[] = [];
  /** Hooks on the outputs, by index. */
  hooks: (TensorHook[] | undefined)[] | null = null;
  /** Where the op was called, in anomaly mode. */
  readonly trace: string | null;
  private inputCount: number;

  constructor(
    op: Op<unknown>,
    attrs: unknown,
    next: readonly (Node | null)[],
    nextIndex: readonly number[],
    inputShapes: readonly (readonly number[])[],
    inputDTypes: readonly (DType | null)[],
    outputShapes: readonly (readonly number[])[],
    outputDTypes: readonly DType[],
    trace: string | null,
  ) {
    this.op = op;
    this.attrs = attrs;
    this.next = next;
    this.nextIndex = nextIndex;
    this.inputShapes = inputShapes;
    this.inputDTypes = inputDTypes;
    this.outputShapes = outputShapes;
    this.outputDTypes = outputDTypes;
    this.trace = trace;
    this.inputCount = next.length;
    this.order = sequence++;
  }

  /** The op's name. */
  get name(): string {
    return this.op.name;
  }

  save(tensors: (Tensor | null)[]): void {
    this.saved = tensors;
    this.versions = new Array<number>(tensors.length);
    for (let i = 0; i < tensors.length; i++) {
      const t = tensors[i];
      this.versions[i] = t === null ? 0 : t.storage.version;
      if (t !== null) t.storage.holders++;
    }
  }

  /** Drops what was saved, so that memory goes as backward proceeds. */
  consume(): void {
    if (this.saved === null) return;
    for (const t of this.saved) {
      if (t === null) continue;
      t.storage.holders--;
      releaseIfPassed(t.storage);
    }
    this.saved = null;
  }

  get isConsumed(): boolean {
    return this.saved === null;
  }

  private read(i: number, what: string): Tensor {
    if (this.saved === null) {
      fail(
        'backward',
        `what '${this.name}' saved has been freed by an earlier backward; pass {retainGraph: true} to that one`,
      );
    }
    const t = this.saved[i];
    if (t === null || t === undefined) fail(this.name, `its gradient rule reads ${what}, which was not saved`);
    if (t.storage.version !== this.versions[i]) {
      fail(
        'backward',
        `a tensor of shape ${show(t.shape)} that '${this.name}' needs for its gradient was changed in place: it is at version ${t.storage.version}, expected ${this.versions[i]}`,
      );
    }
    return t;
  }

  /** Input i as it was. */
  input(i: number): Tensor {
    return this.read(i, `input ${i}`);
  }

  /** Output i as it was. */
  output(i: number): Tensor {
    return this.read(this.inputCount + i, `output ${i}`);
  }

  /** Whether the gradient of input i is wanted. */
  needs(i: number): boolean {
    return this.next[i] !== null;
  }
}
