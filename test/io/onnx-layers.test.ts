import { describe, expect, it } from 'vitest';
import { io, models, nn, noGrad, randn, type Tensor } from '../../src/index.ts';
import { ort, ortRun } from '../helpers/onnx.ts';
import { notClose } from '../helpers/same.ts';

/** Running statistics and factors that are not the ones a fresh layer has. */
function shaken<M extends nn.Module>(model: M): M {
  noGrad(() => {
    for (const [name, t] of [...model.namedParameters(), ...model.namedBuffers()]) {
      if (name.endsWith('running_var')) t.copy_(randn(t.shape).square().add(0.5));
      else if (name.endsWith('running_mean') || t.ndim === 1) t.copy_(randn(t.shape).mul(0.3));
    }
  });
  return model;
}

const deep = new nn.Sequential({
  stem: new nn.Sequential(
    new nn.Conv2d(2, 8, [3, 4], {
      stride: [2, 1],
      padding: [
        [0, 2],
        [1, 0],
      ],
      groups: 2,
      bias: false,
    }),
    new nn.BatchNorm2d(8),
    new nn.ReLU(),
  ),
  body: new nn.Sequential(
    new nn.Conv2d(8, 8, 3, { padding: 'same', groups: 8 }),
    new nn.BatchNorm2d(8, { affine: false }),
    new nn.Hardswish(),
    new nn.MaxPool2d(3, { stride: 2, padding: 1, ceilMode: true }),
    new nn.Dropout2d(0.5),
    new nn.Conv2d(8, 6, 2, { padding: 'same_lower', dilation: 2 }),
    new nn.SiLU(),
  ),
  head: new nn.Sequential(
    new nn.AdaptiveAvgPool2d(1),
    new nn.Flatten(),
    new nn.Dropout(),
    new nn.Linear(6, 5),
    new nn.LogSoftmax(1),
  ),
});

/** Batches of any size must do, and the default opset. */
const nets: [string, nn.Module, number[]][] = [
  ['LeNet, sigmoid and average', models.lenet(), [2, 1, 28, 28]],
  ['LeNet, tanh and max', models.lenet({ activation: 'tanh', pool: 'max' }), [2, 1, 28, 28]],
  ['LeNet, relu', models.lenet({ activation: 'relu', classes: 3 }), [2, 1, 28, 28]],
  ['batch norm, groups, asymmetric and word paddings, named and nested', deep, [2, 2, 15, 12]],
];

const layers: [nn.Module, number[]][] = [
  [new nn.Conv1d(4, 6, 3, { stride: 2, padding: 1, groups: 2 }), [2, 4, 11]],
  [new nn.Conv2d(1, 2, 3, { padding: 2, paddingMode: 'reflect' }), [2, 1, 7, 6]],
  [
    new nn.Conv2d(1, 2, 3, {
      padding: [
        [1, 0],
        [2, 1],
      ],
      paddingMode: 'replicate',
    }),
    [2, 1, 7, 6],
  ],
  [new nn.Conv2d(2, 3, [2, 3], { padding: 'valid', dilation: [2, 1] }), [2, 2, 7, 6]],
  [new nn.Conv3d(2, 4, [2, 3, 3], { padding: [1, 0, 1], groups: 2 }), [2, 2, 4, 5, 6]],
  [new nn.ConvTranspose1d(3, 2, 4, { stride: 3, padding: 1, outputPadding: 2 }), [2, 3, 5]],
  [
    new nn.ConvTranspose2d(4, 6, 3, { stride: 2, padding: [1, 0], outputPadding: 1, groups: 2, dilation: 2 }),
    [2, 4, 5, 4],
  ],
  [new nn.MaxPool1d(3, { dilation: 2 }), [2, 3, 12]],
  [new nn.MaxPool2d([2, 3], { stride: 3, padding: 1, ceilMode: true }), [2, 3, 9, 8]],
  [new nn.MaxPool2d(2, { stride: 5, dilation: 4, ceilMode: true }), [1, 1, 11, 12]],
  [new nn.MaxPool3d(2, { ceilMode: true }), [2, 2, 5, 4, 5]],
  [new nn.AvgPool1d(3, { stride: 2, padding: 1 }), [2, 2, 9]],
  [new nn.AvgPool2d(3, { stride: 2, padding: 1, countIncludePad: false }), [2, 2, 9, 8]],
  [new nn.AvgPool2d(3, { stride: 2, padding: 1, ceilMode: true }), [2, 2, 8, 7]],
  [new nn.AvgPool2d(3, { stride: 2, padding: 1, ceilMode: true, countIncludePad: false }), [2, 2, 8, 7]],
  [new nn.AvgPool2d(2, { ceilMode: true, divisorOverride: 3 }), [2, 2, 5, 7]],
  [new nn.AvgPool3d([2, 1, 2]), [2, 2, 4, 3, 5]],
  [new nn.AdaptiveAvgPool2d([2, null]), [2, 3, 8, 5]],
  [new nn.AdaptiveMaxPool2d(1), [2, 3, 8, 5]],
  [new nn.AdaptiveMaxPool1d(3), [2, 3, 9]],
  [new nn.Linear(4, 3), [2, 5, 4]],
  [new nn.Linear(4, 3, { bias: false }), [2, 4]],
  [new nn.BatchNorm1d(4), [3, 4]],
  [new nn.BatchNorm3d(2), [2, 2, 3, 2, 2]],
  [new nn.InstanceNorm2d(3, { affine: true }), [2, 3, 4, 5]],
  [new nn.InstanceNorm1d(3, { trackRunningStats: true }), [2, 3, 5]],
  [new nn.LayerNorm([4, 5]), [2, 3, 4, 5]],
  [new nn.LayerNorm(5, { elementwiseAffine: false, eps: 0.1 }), [2, 5]],
  [new nn.GroupNorm(2, 4), [2, 4, 3, 3]],
  [new nn.GroupNorm(2, 4, { affine: false }), [2, 4, 3]],
  [new nn.LocalResponseNorm(3, { alpha: 0.5, k: 2 }), [2, 5, 3, 3]],
  ...[
    new nn.ReLU(),
    new nn.ReLU6(),
    new nn.Sigmoid(),
    new nn.Tanh(),
    new nn.LogSigmoid(),
    new nn.Tanhshrink(),
    new nn.SiLU(),
    new nn.Mish(),
    new nn.Hardswish(),
    new nn.Hardsigmoid(),
    new nn.SELU(),
    new nn.Softsign(),
    new nn.ELU({ alpha: 0.7 }),
    new nn.CELU({ alpha: 1.3 }),
    new nn.GELU(),
    new nn.GELU({ approximate: 'tanh' }),
    new nn.Hardtanh({ minVal: -0.2, maxVal: 0.6 }),
    new nn.LeakyReLU({ negativeSlope: 0.2 }),
    new nn.Softplus(),
    new nn.Softplus({ beta: 3 }),
    new nn.Threshold(0.1, -2),
    new nn.Hardshrink({ lambd: 0.3 }),
    new nn.Softshrink({ lambd: 0.3 }),
    new nn.PReLU(),
    new nn.PReLU({ numParameters: 4 }),
    new nn.Softmax(1),
    new nn.Softmin(-1),
    new nn.LogSoftmax(2),
    new nn.GLU(1),
    new nn.Identity(),
    new nn.AlphaDropout(0.5),
    new nn.Flatten(),
    new nn.Flatten({ startDim: 0, endDim: 1 }),
    new nn.Unflatten(1, [2, -1]),
    new nn.ChannelShuffle(2),
    new nn.PixelShuffle(2),
    new nn.PixelUnshuffle(3),
    new nn.ZeroPad2d([1, 2, 0, 1]),
    new nn.ZeroPad2d([-1, 2, 0, -2]),
    new nn.ConstantPad1d(1, 2.5),
    new nn.ReflectionPad2d(2),
    new nn.ReplicationPad3d(1),
    new nn.Upsample({ scaleFactor: 2 }),
    new nn.Upsample({ scaleFactor: [1.5, 3], mode: 'nearest-exact' }),
    new nn.Upsample({ scaleFactor: 2, mode: 'bilinear' }),
    new nn.Upsample({ scaleFactor: 2, mode: 'bilinear', alignCorners: true }),
    new nn.Upsample({ scaleFactor: 2, mode: 'bicubic' }),
    new nn.Upsample({ size: [12, 12] }),
  ].map((layer): [nn.Module, number[]] => [layer, [2, 4, 6, 9]]),
];

function forward(model: nn.Module, x: Tensor): Tensor {
  return noGrad(() => model.eval().forward(x) as Tensor);
}

async function check(model: nn.Module, shape: number[], opts?: io.ExportOnnxOptions): Promise<void> {
  shaken(model);
  const bytes = io.exportOnnx(model, shape, { dynamicBatch: true, ...opts });
  const back = io.importOnnx(bytes);
  for (const batch of opts?.dynamicBatch === false ? [shape[0]] : [shape[0], 3]) {
    const x = randn([batch, ...shape.slice(1)]);
    const expected = forward(model, x);
    expect(notClose('import', noGrad(() => back.run({ input: x })).output, expected)).toBeNull();
    if (ort !== null) expect(notClose('onnxruntime', (await ortRun(bytes, { input: x })).output, expected)).toBeNull();
  }
}

describe('a file gives what the model gives, here and in onnxruntime', () => {
  it.each(nets)('%s', async (_name, model, shape) => {
    await check(model, shape);
    await check(model, shape, { dynamicBatch: false, opset: 13 });
    expect(Object.keys(io.importOnnx(io.exportOnnx(model, shape)).stateDict()).sort()).toEqual(
      Object.keys(model.stateDict())
        .filter((key) => !key.endsWith('num_batches_tracked'))
        .sort(),
    );
  });

  it.each(layers.map(([layer, shape]) => [`${layer} of [${shape}]`, layer, shape] as const))(
    '%s',
    (_name, layer, shape) => check(layer, [...shape]),
  );

  it('a size instead of a factor', async () => {
    const layer = new nn.Upsample({ size: [11, 7], mode: 'bilinear' });
    await check(layer, [2, 2, 6, 9], { dynamicBatch: false });
  });

  it('circular padding, from opset 19 on', async () => {
    const layer = new nn.CircularPad2d([1, 2, 0, 1]);
    expect(() => io.exportOnnx(layer, [1, 1, 4, 4])).toThrow(
      'exportOnnx: layer "" (CircularPad2d): circular padding needs opset 19, got 17',
    );
    await check(layer, [2, 3, 4, 5], { opset: 19 });
    await check(new nn.Conv2d(2, 2, 3, { padding: 1, paddingMode: 'circular' }), [2, 2, 5, 5], { opset: 21 });
  });
});
