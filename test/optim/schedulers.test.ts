import { describe, expect, it } from 'vitest';
import { optim, zeros } from '../../src/index.ts';
import { camelOptions, expectNear, fixture } from '../helpers/fixtures.ts';

const { lrScheduler } = optim;
type Options = Record<string, unknown>;
type Rows = number[][];
interface Recorded {
  cases: { name: string; options: Options; optimizer: 'SGD' | 'Adam'; rows: Rows; state: Options }[];
  functions: { name: string; rows: Rows }[];
  metrics: number[];
  plateau: { options: Options; rows: Rows; best: number }[];
  sequential: Rows;
  chained: Rows;
}
const recorded = fixture<Recorded>('schedulers');

interface Stepping {
  step(metric?: number): void;
  stateDict(): Options;
  loadStateDict(state: Options): void;
}
type AnyScheduler = new (optimizer: optim.Optimizer, options: unknown) => Stepping;
const classes = lrScheduler as unknown as Record<string, AnyScheduler>;

function makeOptimizer(kind: 'SGD' | 'Adam' = 'SGD'): optim.Optimizer {
  const groups = [
    { params: [zeros([1])], lr: 0.1 },
    { params: [zeros([2])], lr: 0.02 },
  ];
  return kind === 'Adam' ? new optim.Adam(groups, { lr: 0.1 }) : new optim.SGD(groups, { lr: 0.1, momentum: 0.9 });
}

/** Learning rates, then momenta, of both groups. */
function rates(optimizer: optim.Optimizer): number[] {
  const groups = optimizer.paramGroups as { lr: number; momentum?: number; betas?: number[] }[];
  return [...groups.map((g) => g.lr), ...groups.map((g) => (g.betas ? g.betas[0] : (g.momentum as number)))];
}

function follow(optimizer: optim.Optimizer, rows: Rows, step: (i: number) => void): void {
  rows.forEach((expected, i) => {
    if (i > 0) step(i - 1);
    expectNear(rates(optimizer), expected, 1e-12);
  });
}

/** What PyTorch saves and gemmule does not need. */
const unsaved = ['verbose', '_get_lr_called_within_step', '_schedule_phases', 'anneal_func', 'use_beta1'];

describe('schedules follow PyTorch’s', () => {
  it.each(recorded.cases.map((c) => [`${c.name} ${JSON.stringify(c.options)} ${c.optimizer}`, c] as const))(
    '%s',
    (_, { name, options, optimizer: kind, rows, state }) => {
      const optimizer = makeOptimizer(kind);
      const scheduler = new classes[name](optimizer, camelOptions(options));
      follow(optimizer, rows, () => scheduler.step());
      const mine = scheduler.stateDict();
      for (const [key, value] of Object.entries(state)) {
        if (unsaved.includes(key)) continue;
        const flat = (v: unknown) => (typeof v === 'number' ? [v] : Array.isArray(v) ? (v as number[]) : null);
        const [got, expected] = [flat(mine[key]), flat(value)];
        if (expected === null || got === null) expect(mine[key], key).toEqual(value);
        else expectNear(got, expected, 1e-12);
      }
    },
  );

  it.each(recorded.cases.map((c) => [`${c.name} ${JSON.stringify(c.options)} ${c.optimizer}`, c] as const))(
    '%s, resumed from a state dict',
    (_, { name, options, optimizer: kind, rows }) => {
      const half = 11;
      const first = makeOptimizer(kind);
      const before = new classes[name](first, camelOptions(options));
      for (let i = 0; i < half; i++) before.step();
      const optimizer = makeOptimizer(kind);
      const scheduler = new classes[name](optimizer, camelOptions(options));
      optimizer.loadStateDict(JSON.parse(JSON.stringify(first.stateDict())));
      scheduler.loadStateDict(JSON.parse(JSON.stringify(before.stateDict())));
      follow(optimizer, rows.slice(half), () => scheduler.step());
    },
  );

  it.each(recorded.functions.map((c) => [c.name, c.rows] as const))('%s', (name, rows) => {
    const optimizer = makeOptimizer();
    const lrLambda = name === 'LambdaLR' ? (epoch: number) => 0.95 ** epoch : (epoch: number) => 1 - 0.01 * epoch;
    const scheduler = new classes[name](optimizer, { lrLambda });
    follow(optimizer, rows, () => scheduler.step());
    expect(Object.keys(scheduler.stateDict())).not.toContain('lr_lambdas');
  });

  it.each(recorded.plateau.map((c) => [JSON.stringify(c.options), c] as const))('ReduceLROnPlateau %s', (_, c) => {
    const optimizer = makeOptimizer();
    const scheduler = new lrScheduler.ReduceLROnPlateau(optimizer, camelOptions(c.options));
    follow(optimizer, c.rows, (i) => scheduler.step(recorded.metrics[i]));
    expect(scheduler.best).toBe(c.best);
    const other = new lrScheduler.ReduceLROnPlateau(makeOptimizer(), camelOptions(c.options));
    other.loadStateDict(scheduler.stateDict());
    expect(other.stateDict()).toEqual(scheduler.stateDict());
  });

  it('SequentialLR', () => {
    const optimizer = makeOptimizer();
    const make = (o: optim.Optimizer) =>
      new lrScheduler.SequentialLR(o, {
        schedulers: [
          new lrScheduler.LinearLR(o, { totalIters: 4 }),
          new lrScheduler.CosineAnnealingLR(o, { tMax: 10 }),
          new lrScheduler.ExponentialLR(o, { gamma: 0.8 }),
        ],
        milestones: [5, 15],
      });
    const scheduler = make(optimizer);
    follow(optimizer, recorded.sequential, () => scheduler.step());

    const first = makeOptimizer();
    const before = make(first);
    for (let i = 0; i < 9; i++) before.step();
    const second = makeOptimizer();
    const after = make(second);
    second.loadStateDict(first.stateDict());
    after.loadStateDict(before.stateDict());
    follow(second, recorded.sequential.slice(9), () => after.step());
  });

  it('ChainedScheduler', () => {
    const optimizer = makeOptimizer();
    const scheduler = new lrScheduler.ChainedScheduler([
      new lrScheduler.ConstantLR(optimizer, { factor: 0.1, totalIters: 6 }),
      new lrScheduler.ExponentialLR(optimizer, { gamma: 0.9 }),
    ]);
    follow(optimizer, recorded.chained, () => scheduler.step());
    expectNear(scheduler.getLastLr(), rates(optimizer).slice(0, 2), 1e-15);
  });
});

describe('mistakes', () => {
  const optimizer = makeOptimizer();
  it.each([
    ['StepLR', {}, 'StepLR: stepSize expected an integer >= 1, got undefined'],
    ['StepLR', { stepSize: 3, step: 1 }, 'StepLR: unknown option "step"'],
    ['CosineAnnealingLR', { tMax: 0 }, 'CosineAnnealingLR: tMax expected an integer >= 1, got 0'],
    ['OneCycleLR', { maxLr: 1 }, 'OneCycleLR: expected totalSteps, or epochs and stepsPerEpoch'],
    ['OneCycleLR', { maxLr: [1], totalSteps: 3 }, 'OneCycleLR: maxLr expected one value, or 2 (one for each group)'],
    ['MultiStepLR', { milestones: 3 }, 'MultiStepLR: milestones expected a list of epochs, got 3'],
    ['LambdaLR', { lrLambda: 3 }, 'LambdaLR: lrLambda expected a function, got 3'],
    ['ReduceLROnPlateau', { factor: 1 }, 'ReduceLROnPlateau: factor expected a number below 1, got 1'],
    ['ExponentialLR', { gamma: 0.5, lastEpoch: 3 }, 'ExponentialLR: paramGroups[0] expected initialLr'],
  ])('%s %j', (name, options, message) => {
    expect(() => new classes[name](makeOptimizer(), options)).toThrow(message);
  });

  it('other optimizers', () => {
    expect(() => new lrScheduler.StepLR({} as optim.Optimizer, { stepSize: 1 })).toThrow('StepLR: optimizer expected');
    const schedulers = [new lrScheduler.StepLR(makeOptimizer(), { stepSize: 1 })];
    expect(() => new lrScheduler.SequentialLR(optimizer, { schedulers, milestones: [] })).toThrow('another optimizer');
    const adagrad = new optim.Adagrad([zeros([1])]);
    expect(() => new lrScheduler.OneCycleLR(adagrad, { maxLr: 1, totalSteps: 3 })).toThrow(
      'with momentum, got Adagrad',
    );
  });

  it('steps past the end of a cycle', () => {
    const scheduler = new lrScheduler.OneCycleLR(makeOptimizer(), { maxLr: 1, totalSteps: 2 });
    scheduler.step();
    scheduler.step();
    expect(() => scheduler.step()).toThrow('OneCycleLR: step 4 is past totalSteps 2');
  });
});
