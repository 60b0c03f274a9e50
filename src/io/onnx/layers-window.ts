/** How layers with windows are written: convolutions, poolings, padding. */
import * as nn from '../../nn/index.ts';
import type { PadMode } from '../../ops/pad.ts';
import { positions, type Window } from '../../ops/pool-window.ts';
import { resolvePadding, type Side } from '../../ops/window.ts';
import { sizes } from '../../options.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { type LayerContext, type LayerRow, row } from './graph.ts';

const op = 'exportOnnx';
const padModes: Record<PadMode, string> = {
  constant: 'constant',
  reflect: 'reflect',
  replicate: 'edge',
  circular: 'wrap',
};

/** All begins, then all ends, as ONNX lists paddings. */
const pads = (sides: readonly Side[]): number[] => [...sides.map(([b]) => b), ...sides.map(([, e]) => e)];

/** A Pad node around the last axes; `x` itself where there is nothing to add. */
function padded(c: LayerContext, x: string, sides: readonly Side[], mode: PadMode, value = 0): string {
  if (sides.flat().every((p) => p === 0)) return x;
  if (mode === 'circular') c.needs(19, 'circular padding');
  if (mode !== 'constant' && sides.flat().some((p) => p < 0)) {
    c.unsupported(`negative padding is supported with constants only, got ${mode}`);
  }
  const lead = new Array<Side>(c.inputDims.length - sides.length).fill([0, 0]);
  const inputs = [x, c.ints(pads([...lead, ...sides]))];
  if (value !== 0) inputs.push(c.float(value));
  return c.node('Pad', inputs, { mode: padModes[mode] });
}

function conv(layer: nn.Conv1d | nn.Conv2d | nn.Conv3d, c: LayerContext): string {
  const { kernelSize, stride, dilation, groups, paddingMode, weight, bias } = layer;
  c.spatial(kernelSize.length);
  const sides = resolvePadding(op, layer.padding, kernelSize, dilation);
  const isZeros = paddingMode === 'zeros';
  const x = isZeros ? c.x : padded(c, c.x, sides, paddingMode);
  const inputs = [x, c.weight('weight', weight), ...(bias === null ? [] : [c.weight('bias', bias)])];
  return c.node('Conv', inputs, {
    kernel_shape: kernelSize,
    strides: stride,
    pads: isZeros ? pads(sides) : new Array<number>(2 * sides.length).fill(0),
    dilations: dilation,
    group: groups,
  });
}

function convTranspose(layer: nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d, c: LayerContext): string {
  const { kernelSize, stride, padding, outputPadding, dilation, groups, weight, bias } = layer;
  c.spatial(kernelSize.length);
  const inputs = [c.x, c.weight('weight', weight), ...(bias === null ? [] : [c.weight('bias', bias)])];
  return c.node('ConvTranspose', inputs, {
    kernel_shape: kernelSize,
    strides: stride,
    pads: [...padding, ...padding],
    dilations: dilation,
    group: groups,
    output_padding: outputPadding,
  });
}

/** What the poolings have in common. */
interface PoolLayer {
  readonly kernelSize: number | readonly number[];
  readonly stride: number | readonly number[];
  readonly padding: number | readonly number[];
  readonly dilation?: number | readonly number[];
  readonly ceilMode: boolean;
}

/**
 * The window, and how far the last one hangs over the padding behind the input: only with ceilMode. Written as padding, so
 * that every reader of the file agrees on the number of windows.
 */
function windowOf(layer: PoolLayer, axes: number, c: LayerContext): { window: Window; extra: number[] } {
  const window: Window = {
    kernel: sizes(op, 'kernelSize', layer.kernelSize, axes, 1),
    stride: sizes(op, 'stride', layer.stride, axes, 1),
    padding: sizes(op, 'padding', layer.padding, axes),
    dilation: sizes(op, 'dilation', layer.dilation ?? 1, axes, 1),
    ceilMode: layer.ceilMode,
  };
  const extra = c.spatial(axes).map((size, i) => {
    const last = (positions(size, window, i) - 1) * window.stride[i] + window.dilation[i] * (window.kernel[i] - 1) + 1;
    return layer.ceilMode ? Math.max(last - size - 2 * window.padding[i], 0) : 0;
  });
  return { window, extra };
}

/** Padding on both sides, more behind. */
const sidesOf = (padding: readonly number[], extra: readonly number[]): Side[] =>
  padding.map((p, i) => [p, p + extra[i]]);

function maxPool(axes: number) {
  return (layer: PoolLayer, c: LayerContext): string => {
    const { window, extra } = windowOf(layer, axes, c);
    const { kernel, stride, padding, dilation } = window;
    // readers take no padding as large as the kernel
    const fits = sidesOf(padding, extra).every(([, end], i) => end < kernel[i]);
    const none = extra.map(() => 0);
    const x = fits ? c.x : padded(c, c.x, sidesOf(none, extra), 'constant', -Infinity);
    const sides = sidesOf(padding, fits ? extra : none);
    return c.node('MaxPool', [x], { kernel_shape: kernel, strides: stride, pads: pads(sides), dilations: dilation });
  };
}

function avgPool(axes: number) {
  return (
    layer: PoolLayer & { readonly countIncludePad: boolean; readonly divisorOverride: number | null },
    c: LayerContext,
  ): string => {
    const { window, extra } = windowOf(layer, axes, c);
    const { kernel, stride, padding } = window;
    const none = extra.map(() => 0);
    const hangs = extra.some((e) => e > 0);
    const mean = (x: string, sides: readonly Side[], counts: boolean): string =>
      c.node('AveragePool', [x], {
        kernel_shape: kernel,
        strides: stride,
        pads: pads(sides),
        count_include_pad: counts ? 1 : 0,
      });
    if (layer.divisorOverride !== null) {
      const whole = padded(c, c.x, sidesOf(padding, extra), 'constant');
      const factor = c.float(sizeOf(kernel) / layer.divisorOverride);
      return c.node('Mul', [mean(whole, sidesOf(none, none), false), factor]);
    }
    if (hangs && layer.countIncludePad) {
      // padding counts, what hangs over does not
      return mean(padded(c, c.x, sidesOf(padding, none), 'constant'), sidesOf(none, extra), false);
    }
    return mean(c.x, sidesOf(padding, extra), layer.countIncludePad && padding.some((p) => p > 0));
  };
}

function adaptivePool(axes: number, name: 'Average' | 'Max') {
  return (_layer: unknown, c: LayerContext): string => {
    const size = c.spatial(axes);
    const output = c.outputDims.slice(2) as number[];
    if (output.every((o) => o === 1)) return c.node(`Global${name}Pool`, [c.x]);
    const kernel = size.map((n, i) => n / output[i]);
    if (!kernel.every(Number.isInteger)) {
      c.unsupported(
        `outputSize expected a divisor of the input's size [${size.join(', ')}], got [${output.join(', ')}]`,
      );
    }
    return c.node(`${name}Pool`, [c.x], { kernel_shape: kernel, strides: kernel });
  };
}

/** A padding layer; its list is the last axis first. */
function pad(mode: PadMode) {
  return (layer: { readonly padding: readonly number[]; readonly value?: number }, c: LayerContext): string => {
    const sides: Side[] = [];
    for (let i = layer.padding.length - 2; i >= 0; i -= 2) sides.push([layer.padding[i], layer.padding[i + 1]]);
    return padded(c, c.x, sides, mode, layer.value ?? 0);
  };
}

export const windowLayers: readonly LayerRow[] = [
  ...[nn.Conv1d, nn.Conv2d, nn.Conv3d].map((type) => row(type, conv)),
  ...[nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d].map((type) => row(type, convTranspose)),
  ...[nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d].map((type, i) => row(type, maxPool(i + 1))),
  ...[nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d].map((type, i) => row(type, avgPool(i + 1))),
  ...[nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d].map((type, i) =>
    row(type, adaptivePool(i + 1, 'Average')),
  ),
  ...[nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, nn.AdaptiveMaxPool3d].map((type, i) =>
    row(type, adaptivePool(i + 1, 'Max')),
  ),
  ...[nn.ZeroPad1d, nn.ZeroPad2d, nn.ZeroPad3d].map((type) => row(type, pad('constant'))),
  ...[nn.ConstantPad1d, nn.ConstantPad2d, nn.ConstantPad3d].map((type) => row(type, pad('constant'))),
  ...[nn.ReflectionPad1d, nn.ReflectionPad2d, nn.ReflectionPad3d].map((type) => row(type, pad('reflect'))),
  ...[nn.ReplicationPad1d, nn.ReplicationPad2d, nn.ReplicationPad3d].map((type) => row(type, pad('replicate'))),
  ...[nn.CircularPad1d, nn.CircularPad2d, nn.CircularPad3d].map((type) => row(type, pad('circular'))),
];
