import { describe, expect, it } from 'vitest';
import { optim, type Tensor, tensor } from '../../src/index.ts';
import type { OptimizerStateDict } from '../../src/optim/state-dict.ts';
import { camelOptions, expectNear, fixture } from '../helpers/fixtures.ts';

type Options = Record<string, unknown>;
interface Nested {
  state: Record<string, Record<string, unknown>>;
  param_groups: Options[];
}
interface Recorded {
  start: number[][];
  gradients: number[][][];
  cases: { name: string; options: Options; after: number[][][]; stateDict: Nested }[];
  lbfgs: { options: Options; after: { loss: number; x: number[] }[]; evaluations: number; iterations: number }[];
}
const recorded = fixture<Recorded>('optimizers');

type AnyOptimizer = new (params: Tensor[], options?: Options) => optim.Optimizer;
const make = (name: string, params: Tensor[], options: Options): optim.Optimizer =>
  new (optim as unknown as Record<string, AnyOptimizer>)[name](params, camelOptions(options));

type Float = 'float32' | 'float64';
const shapes = [[2, 3], [2]];
const startParams = (dtype: Float): Tensor[] =>
  recorded.start.map((p, i) => tensor(p, { dtype }).reshape(shapes[i]).clone());

function setGradients(params: Tensor[], step: number): void {
  params.forEach((p, i) => {
    p.grad = tensor(recorded.gradients[step][i], { dtype: p.dtype }).reshape(p.shape);
  });
}

const tolerance: Record<Float, number> = { float64: 1e-10, float32: 2e-5 };
const title = ({ name, options }: { name: string; options: Options }) => `${name} ${JSON.stringify(options)}`;

describe.each(['float64', 'float32'] as const)('%s', (dtype) => {
  it.each(recorded.cases.map((c) => [title(c), c] as const))('%s', (_, { name, options, after, stateDict }) => {
    const params = startParams(dtype);
    const optimizer = make(name, params, options);
    after.forEach((expected, step) => {
      setGradients(params, step);
      optimizer.step();
      params.forEach((p, i) => {
        expectNear(p.toTypedArray(), expected[i], tolerance[dtype], tolerance[dtype]);
      });
    });
    const { state } = optimizer.stateDict();
    for (const [index, theirs] of Object.entries(stateDict.state)) {
      for (const [key, value] of Object.entries(theirs)) {
        if (value === null) continue;
        const mine = state[Number(index)][key] as Tensor;
        const flat = [value].flat(3) as number[];
        expectNear(mine.toTypedArray(), flat, tolerance[dtype] * 10, tolerance[dtype]);
      }
    }
  });
});

/** PyTorch's state dict with its lists as tensors. */
function asTensors({ state, param_groups }: Nested): OptimizerStateDict {
  const convert = (value: unknown) => (value === null ? null : tensor(value as number, { dtype: 'float64' }));
  return {
    state: Object.fromEntries(
      Object.entries(state).map(([i, values]) => [
        i,
        Object.fromEntries(Object.entries(values).map(([key, value]) => [key, convert(value)])),
      ]),
    ),
    param_groups: param_groups as OptimizerStateDict['param_groups'],
  };
}

describe('state dicts', () => {
  it.each(recorded.cases.map((c) => [title(c), c] as const))('%s goes on from PyTorch’s', (_, c) => {
    const whole = startParams('float64');
    const first = make(c.name, whole, c.options);
    c.after.forEach((_, step) => {
      setGradients(whole, step);
      first.step();
    });
    const resumed = c.after
      .at(-1)
      ?.map((p, i) => tensor(p, { dtype: 'float64' }).reshape(shapes[i]).clone()) as Tensor[];
    const second = make(c.name, resumed, { lr: 99 });
    second.loadStateDict(asTensors(c.stateDict));
    for (const step of [2, 5]) {
      for (const [params, optimizer] of [
        [whole, first],
        [resumed, second],
      ] as const) {
        setGradients(params, step);
        optimizer.step();
      }
    }
    resumed.forEach((p, i) => {
      expectNear(p.toTypedArray(), whole[i].toTypedArray(), 1e-9, 1e-12);
    });
  });

  it('has PyTorch’s form', () => {
    const params = startParams('float32');
    const optimizer = new optim.Adam([{ params: [params[0]], lr: 0.5 }, { params: params[1] }], { weightDecay: 0.1 });
    setGradients(params, 0);
    optimizer.step();
    const { state, param_groups } = optimizer.stateDict();
    const common = { betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0.1, amsgrad: false, maximize: false };
    expect(param_groups).toEqual([
      { lr: 0.5, ...common, params: [0] },
      { lr: 0.001, ...common, params: [1] },
    ]);
    expect(Object.keys(state)).toEqual(['0', '1']);
    expect(Object.keys(state[0])).toEqual(['step', 'exp_avg', 'exp_avg_sq']);
    expect((state[1].step as Tensor).item()).toBe(1);
    expect((state[0].exp_avg as Tensor).shape).toEqual([2, 3]);
  });

  it('is refused where it does not fit, and leaves all as it was', () => {
    const params = startParams('float32');
    const optimizer = new optim.SGD(params, { lr: 0.1, momentum: 0.9 });
    setGradients(params, 0);
    optimizer.step();
    const dict = optimizer.stateDict();
    const before = optimizer.paramGroups;
    const other = new optim.SGD([params[0]], { lr: 0.1 });
    expect(() => other.loadStateDict(dict)).toThrow('SGD: state dict expected groups of [1] parameters, got [2]');
    const group = { ...dict.param_groups[0], nonsense: 1 };
    expect(() => optimizer.loadStateDict({ ...dict, param_groups: [group] })).toThrow('unknown option "nonsense"');
    const wrong = { 0: { momentum_buffer: tensor([1, 2]) } };
    expect(() => optimizer.loadStateDict({ ...dict, state: wrong })).toThrow('momentum_buffer expected');
    expect(() => optimizer.loadStateDict({ ...dict, state: { 0: { exp_avg: tensor([1]) } } })).toThrow(
      'momentum_buffer',
    );
    expect(optimizer.paramGroups).toBe(before);
  });
});

describe('L-BFGS', () => {
  it.each(recorded.lbfgs.map((c) => [JSON.stringify(c.options), c] as const))('%s', (_, c) => {
    const x = tensor([-1.2, 1, 0.7], { dtype: 'float64', requiresGrad: true });
    const optimizer = new optim.LBFGS([x], camelOptions(c.options));
    const closure = () => {
      optimizer.zeroGrad();
      const [head, tail] = [x.narrow(0, 0, 2), x.narrow(0, 1, 2)];
      const loss = tail.sub(head.square()).square().mul(100).add(head.rsub(1).square()).sum();
      loss.backward();
      return loss;
    };
    for (const expected of c.after) {
      const loss = optimizer.step(closure);
      expectNear([loss.item()], [expected.loss], 1e-6, 1e-12);
      expectNear(x.toTypedArray(), expected.x, 1e-6);
    }
    const saved = optimizer.stateDict();
    expect((saved.state[0].func_evals as Tensor).item()).toBe(c.evaluations);
    expect((saved.state[0].n_iter as Tensor).item()).toBe(c.iterations);

    const y = tensor(x.detach().clone(), { requiresGrad: true });
    const other = new optim.LBFGS([y], {});
    other.loadStateDict(saved);
    expect(other.paramGroups[0].maxIter).toBe(optimizer.paramGroups[0].maxIter);
    expect(Object.keys(other.stateDict().state[0])).toEqual(Object.keys(saved.state[0]));
  });

  it('needs a closure, and takes one group', () => {
    const [a, b] = startParams('float32');
    expect(() => new optim.LBFGS([a]).step()).toThrow('LBFGS: closure expected a function, got undefined');
    expect(() => new optim.LBFGS([{ params: [a] }, { params: [b] }])).toThrow('one group');
  });
});
