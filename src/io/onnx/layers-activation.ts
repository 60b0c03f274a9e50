/** How activations are written. */
import * as nn from '../../nn/index.ts';
import { type LayerContext, type LayerRow, row } from './graph.ts';

/** Softplus without its threshold differs from it by less than a float's precision from here on. */
const LEAST_THRESHOLD = 15;

/** Layers that are one node without settings. */
const plain: readonly (readonly [new () => nn.Module, string])[] = [
  [nn.ReLU, 'Relu'],
  [nn.Sigmoid, 'Sigmoid'],
  [nn.Tanh, 'Tanh'],
  [nn.SELU, 'Selu'],
  [nn.Softsign, 'Softsign'],
];

const clip = (c: LayerContext, low: number, high: number): string => c.node('Clip', [c.x, c.float(low), c.float(high)]);

const hardSigmoid = (c: LayerContext): string =>
  c.node('HardSigmoid', [c.x], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } });

/** The layer's axis as an attribute. */
const along = (name: string) => (layer: { readonly dim: number }, c: LayerContext) =>
  c.node(name, [c.x], { axis: layer.dim });

/** By its formula: the operator is younger than most readers of files. */
function gelu({ approximate }: nn.GELU, c: LayerContext): string {
  const half = c.node('Mul', [c.x, c.float(0.5)]);
  if (approximate === 'none') {
    const erf = c.node('Erf', [c.node('Mul', [c.x, c.float(Math.SQRT1_2)])]);
    return c.node('Mul', [half, c.node('Add', [erf, c.float(1)])]);
  }
  const cube = c.node('Mul', [c.node('Mul', [c.node('Mul', [c.x, c.x]), c.x]), c.float(0.044715)]);
  const inner = c.node('Mul', [c.node('Add', [c.x, cube]), c.float(Math.sqrt(2 / Math.PI))]);
  return c.node('Mul', [half, c.node('Add', [c.node('Tanh', [inner]), c.float(1)])]);
}

function softplus({ beta, threshold }: nn.Softplus, c: LayerContext): string {
  if (threshold < LEAST_THRESHOLD) c.unsupported(`threshold expected at least ${LEAST_THRESHOLD}, got ${threshold}`);
  if (beta === 1) return c.node('Softplus', [c.x]);
  const factor = c.float(beta);
  return c.node('Div', [c.node('Softplus', [c.node('Mul', [c.x, factor])]), factor]);
}

function prelu({ weight }: nn.PReLU, c: LayerContext): string {
  const slope = c.weight('weight', weight);
  const spread = new Array<number>(Math.max(c.inputDims.length - 2, 0)).fill(1);
  if (weight.size === 1 || spread.length === 0) return c.node('PRelu', [c.x, slope]);
  return c.node('PRelu', [c.x, c.reshape(slope, [weight.size, ...spread])]);
}

function glu({ dim }: nn.GLU, c: LayerContext): string {
  const half = (c.inputDims.at(dim) ?? c.unsupported('the halved axis varies with the batch')) / 2;
  const [a, b] = c.graph.nodeOf(c.path, 'Split', [c.x, c.ints([half, half])], { axis: dim }, 2);
  return c.node('Mul', [a, c.node('Sigmoid', [b])]);
}

export const activationLayers: readonly LayerRow[] = [
  ...plain.map(([type, name]) => row(type, (_, c) => c.node(name, [c.x]))),
  row(nn.ReLU6, (_, c) => clip(c, 0, 6)),
  row(nn.Hardtanh, ({ minVal, maxVal }, c) => clip(c, minVal, maxVal)),
  row(nn.Hardsigmoid, (_, c) => hardSigmoid(c)),
  row(nn.Hardswish, (_, c) => c.node('Mul', [c.x, hardSigmoid(c)])),
  row(nn.LogSigmoid, (_, c) => c.node('Neg', [c.node('Softplus', [c.node('Neg', [c.x])])])),
  row(nn.Tanhshrink, (_, c) => c.node('Sub', [c.x, c.node('Tanh', [c.x])])),
  row(nn.SiLU, (_, c) => c.node('Mul', [c.x, c.node('Sigmoid', [c.x])])),
  row(nn.Mish, (_, c) => c.node('Mul', [c.x, c.node('Tanh', [c.node('Softplus', [c.x])])])),
  row(nn.LeakyReLU, ({ negativeSlope }, c) => c.node('LeakyRelu', [c.x], { alpha: { float: negativeSlope } })),
  row(nn.ELU, ({ alpha }, c) => c.node('Elu', [c.x], { alpha: { float: alpha } })),
  row(nn.CELU, ({ alpha }, c) => c.node('Celu', [c.x], { alpha: { float: alpha } })),
  row(nn.GELU, gelu),
  row(nn.Softplus, softplus),
  row(nn.PReLU, prelu),
  row(nn.Threshold, ({ threshold, value }, c) =>
    c.node('Where', [c.node('LessOrEqual', [c.x, c.float(threshold)]), c.float(value), c.x]),
  ),
  row(nn.Hardshrink, ({ lambd }, c) => c.node('Shrink', [c.x], { lambd: { float: lambd }, bias: { float: 0 } })),
  row(nn.Softshrink, ({ lambd }, c) => c.node('Shrink', [c.x], { lambd: { float: lambd }, bias: { float: lambd } })),
  row(nn.Softmax, along('Softmax')),
  row(nn.LogSoftmax, along('LogSoftmax')),
  row(nn.Softmin, ({ dim }, c) => c.node('Softmax', [c.node('Neg', [c.x])], { axis: dim })),
  row(nn.GLU, glu),
];
