/** How linear layers, normalisations and layers that move elements are written. */
import * as nn from '../../nn/index.ts';
import { type LayerContext, type LayerRow, row } from './graph.ts';

function linear({ weight, bias }: nn.Linear, c: LayerContext): string {
  const w = c.weight('weight', weight);
  const summand = bias === null ? [] : [c.weight('bias', bias)];
  if (c.inputDims.length === 2) return c.node('Gemm', [c.x, w, ...summand], { transB: 1 });
  const product = c.node('MatMul', [c.x, c.node('Transpose', [w], { perm: [1, 0] })]);
  return bias === null ? product : c.node('Add', [product, ...summand]);
}

/** Factors and summands of a normalisation: the layer's own, or ones and zeros. */
function affine(
  layer: { readonly weight: nn.Parameter | null; readonly bias: nn.Parameter | null },
  dims: readonly number[],
  c: LayerContext,
): [string, string] {
  const { weight, bias } = layer;
  return [
    weight === null ? c.fill(dims, 1) : c.weight('weight', weight),
    bias === null ? c.fill(dims, 0) : c.weight('bias', bias),
  ];
}

type RunningNorm = Pick<nn.BatchNorm2d, 'weight' | 'bias' | 'runningMean' | 'runningVar' | 'numFeatures' | 'eps'>;

/** Normalisation by running statistics, or null where the layer keeps none. */
function byRunningStatistics(layer: RunningNorm, c: LayerContext): string | null {
  const { runningMean, runningVar, numFeatures, eps } = layer;
  if (runningMean === null || runningVar === null) return null;
  const statistics = [c.weight('running_mean', runningMean), c.weight('running_var', runningVar)];
  const inputs = [c.x, ...affine(layer, [numFeatures], c), ...statistics];
  return c.node('BatchNormalization', inputs, { epsilon: { float: eps } });
}

function batchNorm(layer: RunningNorm, c: LayerContext): string {
  return byRunningStatistics(layer, c) ?? c.unsupported('trackRunningStats expected true, got false');
}

function instanceNorm(axes: number) {
  return (layer: RunningNorm, c: LayerContext): string => {
    c.spatial(axes);
    const inputs = (): string[] => [c.x, ...affine(layer, [layer.numFeatures], c)];
    return (
      byRunningStatistics(layer, c) ?? c.node('InstanceNormalization', inputs(), { epsilon: { float: layer.eps } })
    );
  };
}

function layerNorm(layer: nn.LayerNorm, c: LayerContext): string {
  c.needs(17, 'LayerNorm');
  const { normalizedShape, eps } = layer;
  const inputs = [c.x, ...affine(layer, normalizedShape, c)];
  return c.node('LayerNormalization', inputs, { axis: -normalizedShape.length, epsilon: { float: eps } });
}

/** Each block of channels as one channel, normalised by itself; then the factors of the channels. */
function groupNorm(layer: nn.GroupNorm, c: LayerContext): string {
  const { numGroups, numChannels, weight, bias, eps } = layer;
  const [batch, ...rest] = c.inputDims;
  const volume = rest.reduce<number>((n, size) => n * (size ?? c.unsupported('sizes that vary')), 1);
  const blocks = c.reshape(c.x, [batch, numGroups, volume / numGroups]);
  const ones = c.fill([numGroups], 1);
  const zeros = c.fill([numGroups], 0);
  const normal = c.node('InstanceNormalization', [blocks, ones, zeros], { epsilon: { float: eps } });
  const whole = c.reshape(normal, c.inputDims);
  if (weight === null || bias === null) return whole;
  const perChannel = [numChannels, ...new Array<number>(rest.length - 1).fill(1)];
  const scaled = c.node('Mul', [whole, c.reshape(c.weight('weight', weight), perChannel)]);
  return c.node('Add', [scaled, c.reshape(c.weight('bias', bias), perChannel)]);
}

function localResponseNorm({ size, alpha, beta, k }: nn.LocalResponseNorm, c: LayerContext): string {
  // with an even size the two lay the window differently
  if (size % 2 === 0) c.unsupported(`size expected an odd number, got ${size}`);
  return c.node('LRN', [c.x], { size, alpha: { float: alpha }, beta: { float: beta }, bias: { float: k } });
}

function flatten({ startDim, endDim }: nn.Flatten, c: LayerContext): string {
  const n = c.inputDims.length;
  const isUsual = startDim === 1 && (endDim === -1 || endDim === n - 1);
  return isUsual ? c.node('Flatten', [c.x], { axis: 1 }) : c.reshape(c.x, c.outputDims);
}

/** Through a shape with more axes and another order of them. */
function rearrange(c: LayerContext, parts: readonly (number | null)[], perm: readonly number[]): string {
  return c.reshape(c.node('Transpose', [c.reshape(c.x, parts)], { perm }), c.outputDims);
}

function pixelUnshuffle({ downscaleFactor: r }: nn.PixelUnshuffle, c: LayerContext): string {
  const [h, w] = c.spatial(2);
  const [n, channels] = c.inputDims;
  return rearrange(c, [n, channels, h / r, r, w / r, r], [0, 1, 3, 5, 2, 4]);
}

function channelShuffle({ groups }: nn.ChannelShuffle, c: LayerContext): string {
  const [n, channels, ...rest] = c.inputDims;
  const each = (channels ?? c.unsupported('the number of channels varies')) / groups;
  return rearrange(c, [n, groups, each, ...rest], [0, 2, 1, ...rest.map((_, i) => i + 3)]);
}

const interpolations: Readonly<Record<string, readonly [mode: string, nearest: string, coordinates: string]>> = {
  nearest: ['nearest', 'floor', 'asymmetric'],
  'nearest-exact': ['nearest', 'round_prefer_ceil', 'half_pixel'],
  linear: ['linear', 'floor', 'half_pixel'],
  bilinear: ['linear', 'floor', 'half_pixel'],
  trilinear: ['linear', 'floor', 'half_pixel'],
  bicubic: ['cubic', 'floor', 'half_pixel'],
};

function upsample(layer: nn.Upsample, c: LayerContext): string {
  const { scaleFactor, mode, alignCorners, recomputeScaleFactor } = layer;
  if (!Object.hasOwn(interpolations, mode)) c.unsupported(`mode expected another than area, got ${mode}`);
  const [kind, nearest, coordinates] = interpolations[mode];
  const size = c.spatial(c.inputDims.length - 2);
  const output = c.outputDims.slice(2) as number[];
  const settings = {
    mode: kind,
    nearest_mode: nearest,
    coordinate_transformation_mode: alignCorners ? 'align_corners' : coordinates,
    cubic_coeff_a: { float: -0.75 },
  };
  const given = scaleFactor === null || recomputeScaleFactor ? null : scaleFactor;
  if (given === null && !c.inputDims.includes(null)) {
    return c.node('Resize', [c.x, '', '', c.ints([...(c.inputDims.slice(0, 2) as number[]), ...output])], settings);
  }
  const factors = size.map((n, i) => (given === null ? output[i] / n : typeof given === 'number' ? given : given[i]));
  // readers take the factors as float32
  const seen = size.map((n, i) => Math.floor(n * Math.fround(factors[i])));
  if (seen.some((o, i) => o !== output[i])) {
    c.unsupported(`sizes [${output.join(', ')}] follow from no float32 factor of [${size.join(', ')}]`);
  }
  const scales = c.graph.floats(c.path, [1, 1, ...factors], [factors.length + 2], 'float32');
  return c.node('Resize', [c.x, '', scales], settings);
}

const dropped = [
  nn.Identity,
  nn.Dropout,
  nn.Dropout1d,
  nn.Dropout2d,
  nn.Dropout3d,
  nn.AlphaDropout,
  nn.FeatureAlphaDropout,
];

export const otherLayers: readonly LayerRow[] = [
  row(nn.Linear, linear),
  ...[nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d].map((type) => row(type, batchNorm)),
  ...[nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d].map((type, i) => row(type, instanceNorm(i + 1))),
  row(nn.LayerNorm, layerNorm),
  row(nn.GroupNorm, groupNorm),
  row(nn.LocalResponseNorm, localResponseNorm),
  row(nn.Flatten, flatten),
  row(nn.Unflatten, (_, c) => c.reshape(c.x, c.outputDims)),
  row(nn.PixelShuffle, ({ upscaleFactor }, c) => {
    c.spatial(2);
    return c.node('DepthToSpace', [c.x], { blocksize: upscaleFactor, mode: 'CRD' });
  }),
  row(nn.PixelUnshuffle, pixelUnshuffle),
  row(nn.ChannelShuffle, channelShuffle),
  row(nn.Upsample, upsample),
  ...dropped.map((type) => row(type, (_, c) => c.x)),
];
