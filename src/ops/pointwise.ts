/** What the elementwise ops are made with: operands, and a factory for each kind. */
import { apply } from '../autograd/apply.ts';
import type { KernelName, Kernels } from '../backend/kernels.ts';
import { fail } from '../errors.ts';
import { type DType, isFloat, resultType, resultTypeWithScalar } from '../tensor/dtype.ts';
import { broadcastShapes } from '../tensor/shape.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';
import { dense, elements, to } from './copy.ts';
import { scalarTensor, zerosLike } from './create.ts';
import { defineOp, emptyTensor, kernelsFor, type MaybeTensor, type Op, type Recorded } from './define.ts';
import { stridedDesc } from './strided.ts';

/** What a binary op takes beside a tensor. */
export type Operand = Tensor | number | boolean;

export function operand(op: string, name: string, value: unknown): Tensor {
  if (value instanceof Tensor) return value;
  if (typeof value === 'number' || typeof value === 'boolean') return scalarTensor(value);
  return checkTensor(op, name, value);
}

/** Both operands; a number beside a tensor is made in the dtype that the two result in. */
export function operands(op: string, left: Operand, right: Operand): [Tensor, Tensor] {
  if (left instanceof Tensor && typeof right === 'number') {
    return [left, scalarTensor(right, resultTypeWithScalar(left.dtype, right))];
  }
  return [operand(op, 'input', left), operand(op, 'other', right)];
}
// ---- one operand

type UnaryKernel = {
  [K in KernelName]: Kernels[K] extends (n: number, x: never, y: never) => void ? K : never;
}[KernelName];
/** Gradient of y = f(x) from the call and the gradient of y. */
export type UnaryRule = (g: Tensor, x: () => Tensor, y: () => Tensor) => MaybeTensor;

interface UnaryOptions {
  /** What the rule reads. */
  saves?: 'inputs' | 'outputs' | 'both';
  /** Integers keep their dtype instead of becoming float32. */
  integers?: boolean;
}

/** The dtype a function of real numbers computes in: integers become float32. */
export function floatType(dtype: DType): DType {
  return isFloat(dtype) ? dtype : 'float32';
}

function runUnary(name: KernelName, x: Tensor): Tensor {
  const source = dense(x);
  const out = emptyTensor(x.dtype, x.shape);
  (kernelsFor(x.dtype)[name] as Kernels['exp'])(x.size, elements(source), out.data);
  return out;
}

/** A function of one number that has its own kernel of the same name. */
export function unary(name: UnaryKernel, rule: UnaryRule | null, opts?: UnaryOptions): (x: Tensor) => Tensor {
  return unaryOp(name, (x) => runUnary(name, x), rule, opts);
}

/** A function of one number that is rare enough to do without a kernel: `f`, in double precision, element by element. */
export function computed(name: string, f: (x: number) => number, rule: UnaryRule): (x: Tensor) => Tensor {
  const run = (x: Tensor): Tensor => {
    const source = elements(dense(x));
    const out = emptyTensor(x.dtype, x.shape);
    for (let i = 0; i < x.size; i++) out.data[i] = f(source[i]);
    return out;
  };
  return unaryOp(name, run, rule, { saves: 'both' });
}

function unaryOp(
  name: string,
  run: (x: Tensor) => Tensor,
  rule: UnaryRule | null,
  { saves, integers = false }: UnaryOptions = {},
): (x: Tensor) => Tensor {
  const op: Op<null> = defineOp<null>({
    name,
    saves,
    run: ([x]) => run(x),
    grad:
      rule === null
        ? (_call, g) => [zerosLike(g)]
        : (call, g) => [
            rule(
              g,
              () => call.input(0),
              () => call.output(0),
            ),
          ],
  });
  return (x: Tensor): Tensor => {
    checkTensor(name, 'input', x);
    if (x.dtype === 'bool' && integers) fail(name, 'input expected a dtype of numbers, got bool');
    return apply(op, [integers || isFloat(x.dtype) ? x : to(x, 'float32')], null);
  };
}
// ---- two operands

export type BinaryKernel =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'pow'
  | 'maximum'
  | 'minimum'
  | 'floorDivide'
  | 'truncDivide'
  | 'remainder'
  | 'fmod'
  | 'atan2';
export type BinaryRule = (
  call: Recorded<null>,
  g: Tensor,
  a: () => Tensor,
  b: () => Tensor,
  y: () => Tensor,
) => MaybeTensor[];

function runBinary(name: BinaryKernel, a: Tensor, b: Tensor): Tensor {
  const shape = broadcastShapes(name, a.shape, b.shape);
  const out = emptyTensor(a.dtype, shape);
  const desc = stridedDesc(shape, a, b, null);
  kernelsFor(a.dtype)[name](desc, a.data, b.data, out.data);
  // true + true is true
  if (out.dtype === 'bool' && name === 'add') for (let i = 0; i < out.size; i++) if (out.data[i] !== 0) out.data[i] = 1;
  return out;
}

interface BinaryOptions {
  saves?: 'inputs' | 'outputs' | 'both';
  /** Integers become float32. */
  float?: boolean;
  /** bool operands are an error. */
  noBool?: boolean;
}

export interface Binary {
  (a: Operand, b: Operand): Tensor;
  op: Op<null>;
  convert(a: Operand, b: Operand): [Tensor, Tensor];
}

/** A function of two numbers with its kernel of the same name. */
export function binary(name: BinaryKernel, rule: BinaryRule | null, opts: BinaryOptions = {}): Binary {
  const op: Op<null> = defineOp<null>({
    name,
    saves: opts.saves,
    run: ([a, b]) => runBinary(name, a, b),
    grad:
      rule === null
        ? undefined
        : (call, g) =>
            rule(
              call,
              g,
              () => call.input(0),
              () => call.input(1),
              () => call.output(0),
            ),
  });
  const convert = (left: Operand, right: Operand): [Tensor, Tensor] => {
    const [a, b] = operands(name, left, right);
    let dtype = resultType(a, b);
    if (dtype === 'bool' && opts.noBool) fail(name, 'bool tensors have no such operation; use to()');
    if (opts.float) dtype = floatType(dtype);
    return [a.dtype === dtype ? a : to(a, dtype), b.dtype === dtype ? b : to(b, dtype)];
  };
  const call = (a: Operand, b: Operand): Tensor => apply(op, convert(a, b), null);
  return Object.assign(call, { op, convert });
}
// ---- comparisons

type CompareKernel = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';

export function compare(name: CompareKernel): (a: Operand, b: Operand) => Tensor {
  const op = defineOp<null>({
    name,
    run([a, b]) {
      const shape = broadcastShapes(name, a.shape, b.shape);
      const out = emptyTensor('bool', shape);
      kernelsFor(a.dtype)[name](stridedDesc(shape, a, b, null), a.data, b.data, out.data as Uint8Array);
      return out;
    },
  });
  return (left, right) => {
    const [a, b] = operands(name, left, right);
    const dtype = resultType(a, b);
    return apply(op, [a.dtype === dtype ? a : to(a, dtype), b.dtype === dtype ? b : to(b, dtype)], null);
  };
}
