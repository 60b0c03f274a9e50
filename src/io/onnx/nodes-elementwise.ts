/** Operators that work element by element, and softmax. */
import * as F from '../../nn/functional.ts';
import { add, div, maximum, minimum, mul, pow, sub } from '../../ops/binary.ts';
import * as compare from '../../ops/compare.ts';
import * as unary from '../../ops/unary.ts';
import { axis } from '../../options.ts';
import { isFloat } from '../../tensor/dtype.ts';
import { sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { type Inputs, type NodeReader, numberOr, type OnnxOp } from './node.ts';
import { dtypeOf } from './tensor.ts';

/** A function of one tensor, made from the node's attributes. */
function ofOne(prepare: (node: NodeReader) => (x: Tensor) => Tensor): OnnxOp {
  return {
    inputs: [1, 1],
    prepare(node) {
      const f = prepare(node);
      return ([x]) => f(x as Tensor);
    },
  };
}

function ofTwo(f: (a: Tensor, b: Tensor) => Tensor): OnnxOp {
  return { inputs: [2, 2], prepare: () => (inputs) => f(inputs[0] as Tensor, inputs[1] as Tensor) };
}

function ofMany(f: (a: Tensor, b: Tensor) => Tensor): OnnxOp {
  return { inputs: [1, Infinity], prepare: () => (inputs) => (inputs as Tensor[]).reduce((a, b) => f(a, b)) };
}

const each = <T>(table: Record<string, T>, make: (f: T) => OnnxOp): Record<string, OnnxOp> =>
  Object.fromEntries(Object.entries(table).map(([name, f]) => [name, make(f)]));

/** Integers divide towards zero. */
function divide(a: Tensor, b: Tensor): Tensor {
  return isFloat(a.dtype) || isFloat(b.dtype) ? div(a, b) : div(a, b, { roundingMode: 'trunc' });
}

/** A power in the dtype of its base. */
function power(a: Tensor, b: Tensor): Tensor {
  return (b.size === 1 && b.ndim <= a.ndim ? pow(a, b.item()) : pow(a, b)).to(a.dtype);
}

function limit(x: Tensor, min: number, max: number): Tensor {
  if (min === -Infinity && max === Infinity) return x;
  return compare.clamp(x, {
    ...(min === -Infinity ? {} : { min }),
    ...(max === Infinity ? {} : { max }),
  });
}

const clip: OnnxOp = {
  inputs: [1, 3],
  settings: [1, 2],
  prepare(node) {
    if (node.opset < 11) {
      const [min, max] = [node.float('min', -Infinity), node.float('max', Infinity)];
      return ([x]) => limit(x as Tensor, min, max);
    }
    return (inputs) => limit(inputs[0] as Tensor, numberOr(inputs, 1, -Infinity), numberOr(inputs, 2, Infinity));
  },
};

/** 0 within ±lambd; outside moved towards 0 by `bias`. */
function shrink(x: Tensor, lambd: number, bias: number): Tensor {
  const outside = compare.where(compare.gt(x, 0), sub(x, bias), add(x, bias));
  return compare.where(compare.gt(unary.abs(x), lambd), outside, mul(x, 0));
}

/** Softmax along an axis; before opset 13 over all axes from it on. */
function normalized(f: (x: Tensor, dim: number) => Tensor): OnnxOp {
  return ofOne((node) => {
    const dim = node.int('axis', node.opset < 13 ? 1 : -1);
    if (node.opset >= 13) return (x) => f(x, dim);
    return (x) => {
      const rows = sizeOf(x.shape.slice(0, axis(node.proto.op, 'axis', dim, x.ndim)));
      return f(x.reshape(rows, x.size / Math.max(rows, 1)), 1).reshape(x.shape);
    };
  });
}

export const elementwiseOps: Readonly<Record<string, OnnxOp>> = {
  ...each(
    {
      Abs: unary.abs,
      Ceil: unary.ceil,
      Cos: unary.cos,
      Erf: unary.erf,
      Exp: unary.exp,
      Floor: unary.floor,
      HardSwish: F.hardswish,
      Identity: (x: Tensor) => x,
      Log: unary.log,
      Mish: F.mish,
      Neg: unary.neg,
      Not: compare.logicalNot,
      Reciprocal: unary.reciprocal,
      Relu: unary.relu,
      Round: unary.round,
      Sigmoid: unary.sigmoid,
      Sign: unary.sign,
      Sin: unary.sin,
      Softplus: (x: Tensor) => F.softplus(x),
      Softsign: F.softsign,
      Sqrt: unary.sqrt,
      Tan: unary.tan,
      Tanh: unary.tanh,
    },
    (f) => ofOne(() => f),
  ),
  ...each(
    {
      Add: add,
      And: compare.logicalAnd,
      Div: divide,
      Equal: compare.eq,
      Greater: compare.gt,
      GreaterOrEqual: compare.ge,
      Less: compare.lt,
      LessOrEqual: compare.le,
      Mul: mul,
      Or: compare.logicalOr,
      PRelu: (x: Tensor, slope: Tensor) => compare.where(compare.gt(x, 0), x, mul(x, slope)),
      Sub: sub,
      Xor: compare.logicalXor,
    },
    ofTwo,
  ),
  ...each({ Max: maximum, Min: minimum, Sum: add }, ofMany),
  Pow: { ...ofTwo(power), settings: [1] },
  Where: {
    inputs: [3, 3],
    prepare: () => (inputs: Inputs) => compare.where(inputs[0] as Tensor, inputs[1] as Tensor, inputs[2] as Tensor),
  },
  Clip: clip,
  Celu: ofOne((node) => {
    const alpha = node.float('alpha', 1);
    return (x) => F.celu(x, { alpha });
  }),
  Elu: ofOne((node) => {
    const alpha = node.float('alpha', 1);
    return (x) => F.elu(x, { alpha });
  }),
  Gelu: ofOne((node) => {
    const approximate = node.word('approximate', 'none', ['none', 'tanh']);
    return (x) => F.gelu(x, { approximate });
  }),
  HardSigmoid: ofOne((node) => {
    const [alpha, beta] = [node.float('alpha', 0.2), node.float('beta', 0.5)];
    return (x) => compare.clamp(add(mul(x, alpha), beta), { min: 0, max: 1 });
  }),
  LeakyRelu: ofOne((node) => {
    const negativeSlope = node.float('alpha', 0.01);
    return (x) => F.leakyRelu(x, { negativeSlope });
  }),
  Selu: ofOne((node) => {
    const alpha = node.float('alpha', 1.6732632423543772);
    const gamma = node.float('gamma', 1.0507009873554805);
    return (x) => mul(F.elu(x, { alpha }), gamma);
  }),
  Shrink: ofOne((node) => {
    const [lambd, bias] = [node.float('lambd', 0.5), node.float('bias', 0)];
    return (x) => shrink(x, lambd, bias);
  }),
  Cast: ofOne((node) => {
    const dtype = dtypeOf(node.int('to', 0), `${node.label}: attribute to`);
    // about 8-bit floats, which are refused
    node.ignore('saturate');
    return (x) => x.to(dtype);
  }),
  Dropout: {
    inputs: [1, 3],
    settings: [1, 2],
    prepare(node) {
      node.ignore('ratio', 'seed');
      return (inputs) => {
        if (numberOr(inputs, 2, 0) !== 0) throw new Error('training_mode expected false, got true');
        return inputs[0] as Tensor;
      };
    },
  },
  Softmax: normalized(F.softmax),
  LogSoftmax: normalized(F.logSoftmax),
};
