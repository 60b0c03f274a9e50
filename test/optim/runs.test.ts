/** Training runs that follow PyTorch's, loss by loss. */
import { describe, expect, it } from 'vitest';
import { nn, noGrad, optim, type Tensor, tensor } from '../../src/index.ts';
import { draw, expectNear, fixture } from '../helpers/fixtures.ts';

const { runs } = fixture<{ runs: { name: string; losses: number[]; logits: number[]; text: string }[] }>('runs');
const [STEPS, BATCH, SAMPLES, CLASSES] = [60, 16, 64, 5];

function images(): [Tensor, Tensor] {
  const pixels = draw(SAMPLES * 2 * 10 * 10, 5);
  const labels = Array.from({ length: SAMPLES }, (_, i) => i % CLASSES);
  labels.forEach((label, i) => {
    // a pattern to learn: a bright row per class
    const row = ((i * 2 + (label % 2)) * 10 + 2 * label) * 10;
    for (let j = 0; j < 10; j++) pixels[row + j] += 1.5;
  });
  return [tensor(pixels).reshape(SAMPLES, 2, 10, 10), tensor(labels, { dtype: 'int32' })];
}

const nets: Record<string, () => nn.Sequential> = {
  'adamw-cosine': () =>
    new nn.Sequential(
      new nn.Conv2d(2, 8, 3, { padding: 1, paddingMode: 'reflect' }),
      new nn.BatchNorm2d(8),
      new nn.ReLU(),
      new nn.Conv2d(8, 8, 3, { padding: 2, dilation: 2, groups: 4, paddingMode: 'circular' }),
      new nn.BatchNorm2d(8),
      new nn.SiLU(),
      new nn.MaxPool2d(2),
      new nn.Conv2d(8, 12, 3, { stride: 2, padding: 1, paddingMode: 'replicate', bias: false }),
      new nn.BatchNorm2d(12, { momentum: null }),
      new nn.GELU(),
      new nn.AdaptiveAvgPool2d(2),
      new nn.Flatten(),
      new nn.Linear(48, CLASSES),
    ),
  'rmsprop-step': () =>
    new nn.Sequential(
      new nn.Conv2d(2, 6, [3, 2], { padding: 'same' }),
      new nn.GroupNorm(3, 6),
      new nn.LeakyReLU({ negativeSlope: 0.1 }),
      new nn.AvgPool2d(3, { stride: 2, padding: 1, countIncludePad: false }),
      new nn.Conv2d(6, 8, 3, { groups: 2 }),
      new nn.InstanceNorm2d(8, { affine: true }),
      new nn.Hardswish(),
      new nn.Flatten(),
      new nn.Linear(72, 16),
      new nn.LayerNorm(16),
      new nn.Tanh(),
      new nn.Linear(16, CLASSES),
    ),
  'nesterov-decay': () =>
    new nn.Sequential(
      new nn.Conv2d(2, 4, 3, { stride: 2, padding: 1 }),
      new nn.PReLU({ numParameters: 4 }),
      new nn.ConvTranspose2d(4, 4, 3, { stride: 2, padding: 1, outputPadding: 1 }),
      new nn.BatchNorm2d(4),
      new nn.Mish(),
      new nn.MaxPool2d(3, { stride: 3 }),
      new nn.Flatten(),
      new nn.Linear(36, 20),
      new nn.BatchNorm1d(20),
      new nn.ELU(),
      new nn.Linear(20, CLASSES),
    ),
};

interface Tools {
  optimizer: optim.Optimizer;
  scheduler: optim.lrScheduler.LRScheduler;
  criterion: nn.CrossEntropyLoss;
}

function tools(name: string, params: Tensor[]): Tools {
  const { CosineAnnealingLR, ExponentialLR, StepLR } = optim.lrScheduler;
  if (name === 'adamw-cosine') {
    const optimizer = new optim.AdamW(params, { lr: 3e-3, weightDecay: 0.05 });
    const scheduler = new CosineAnnealingLR(optimizer, { tMax: STEPS, etaMin: 1e-5 });
    return { optimizer, scheduler, criterion: new nn.CrossEntropyLoss({ labelSmoothing: 0.1 }) };
  }
  const criterion = new nn.CrossEntropyLoss();
  if (name === 'rmsprop-step') {
    const optimizer = new optim.RMSprop(params, { lr: 2e-3, alpha: 0.95, momentum: 0.5 });
    return { optimizer, scheduler: new StepLR(optimizer, { stepSize: 20, gamma: 0.5 }), criterion };
  }
  const optimizer = new optim.SGD(params, { lr: 0.05, momentum: 0.9, nesterov: true, weightDecay: 1e-2 });
  return { optimizer, scheduler: new ExponentialLR(optimizer, { gamma: 0.98 }), criterion };
}

function initialise(net: nn.Sequential): void {
  noGrad(() => {
    net.parameters().forEach((p, i) => {
      const fanIn = p.size / p.shape[0];
      if (p.ndim > 1)
        p.copy_(
          tensor(draw(p.size, 10 + i))
            .mul(fanIn ** -0.5)
            .reshape(p.shape),
        );
      // factors and summands as they are, biases of the others 0
      else if (![0, 1, 0.25].includes(p.at(0).item())) p.zero_();
    });
  });
}

describe('60 steps', () => {
  it.each(runs.map((run) => [run.name, run] as const))('%s', (name, { losses, logits, text }) => {
    const net = nets[name]();
    expect(String(net)).toBe(text);
    initialise(net);
    const { optimizer, scheduler, criterion } = tools(name, net.parameters());
    const [x, labels] = images();
    losses.forEach((expected, step) => {
      const begin = (step * BATCH) % SAMPLES;
      optimizer.zeroGrad();
      const loss = criterion.forward(net.forward(x.narrow(0, begin, BATCH)), labels.narrow(0, begin, BATCH));
      expectNear([loss.item()], [expected], 1e-3, 0);
      loss.backward();
      optimizer.step();
      scheduler.step();
    });
    net.eval();
    expectNear(net.forward(x.narrow(0, 0, 4)).toTypedArray(), logits, 1e-2, 1e-2);
  });
});
