import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { nn, ones, type Tensor, tensor, zeros } from '../../src/index.ts';

class Block extends nn.Module {
  conv = new nn.Conv2d(1, 2, 3);
  norm = new nn.BatchNorm2d(2);
  scale = new nn.Parameter(ones([1]));
  notFound = zeros([3]);

  constructor() {
    super();
    this.registerBuffer('count', zeros([], { dtype: 'int32' }));
    this.registerBuffer('scratch', zeros([2]), { persistent: false });
  }

  override forward(x: Tensor): Tensor {
    return this.norm.forward(this.conv.forward(x)).relu().mul(this.scale);
  }
}

class Net extends nn.Module {
  first = new Block();
  second = new nn.Sequential(new nn.Flatten(), new nn.Linear(8, 2));
  tied = this.second.at(1);

  override forward(x: Tensor): Tensor {
    return this.second.forward(this.first.forward(x));
  }
}

const names = (pairs: [string, unknown][]) => pairs.map(([name]) => name);

describe('what a module holds', () => {
  it('is found in fields, in order, each once', () => {
    const net = new Net();
    expect(names(net.namedParameters())).toEqual([
      'first.scale',
      'first.conv.weight',
      'first.conv.bias',
      'first.norm.weight',
      'first.norm.bias',
      'second.1.weight',
      'second.1.bias',
    ]);
    expect(net.parameters()).toHaveLength(7);
    expect(names(net.namedParameters({ recurse: false }))).toEqual([]);
    expect(names(net.namedBuffers())).toEqual([
      'first.count',
      'first.scratch',
      'first.norm.running_mean',
      'first.norm.running_var',
      'first.norm.num_batches_tracked',
    ]);
    expect(names(net.namedModules())).toEqual([
      '',
      'first',
      'first.conv',
      'first.norm',
      'second',
      'second.0',
      'second.1',
    ]);
    expect(net.children()).toEqual([net.first, net.second, net.tied]);
  });

  it('has a state dict with PyTorch’s keys: twice what has two names, without what is not persistent', () => {
    expect(Object.keys(new Net().stateDict())).toEqual([
      'first.scale',
      'first.count',
      'first.conv.weight',
      'first.conv.bias',
      'first.norm.weight',
      'first.norm.bias',
      'first.norm.running_mean',
      'first.norm.running_var',
      'first.norm.num_batches_tracked',
      'second.1.weight',
      'second.1.bias',
      'tied.weight',
      'tied.bias',
    ]);
  });

  it('refuses names that are taken', () => {
    const net = new Net();
    expect(() => net.registerBuffer('forward', zeros([1]))).toThrow('registerBuffer: the name "forward" is taken');
    expect(() => net.addModule('a.b', new nn.ReLU())).toThrow('addModule: name expected a word without ".", got "a.b"');
    expect(() => net.registerParameter('x', zeros([1]) as nn.Parameter)).toThrow('expected a Parameter or null');
    net.addModule('first', new nn.Identity() as never);
    expect(net.first).toBeInstanceOf(nn.Identity);
  });
});

describe('loadStateDict', () => {
  const make = () => new nn.Sequential(new nn.Linear(2, 3), new nn.BatchNorm1d(3));

  it('copies, and keeps the parameters themselves', () => {
    const [a, b] = [make(), make()];
    const weight = (b.at(0) as nn.Linear).weight;
    expect(b.loadStateDict(a.stateDict())).toEqual({ missingKeys: [], unexpectedKeys: [] });
    expect((b.at(0) as nn.Linear).weight).toBe(weight);
    expect(weight.toArray()).toEqual((a.at(0) as nn.Linear).weight.toArray());
    expect(weight.requiresGrad).toBe(true);
  });

  it('lists all that does not fit, and changes nothing', () => {
    const net = make();
    const before = net.stateDict()['0.weight'].toArray();
    const { '0.bias': _, ...rest } = make().stateDict();
    const state = { ...rest, 'x.y': zeros([1]), '1.running_mean': zeros([4]) };
    expect(() => net.loadStateDict(state)).toThrow(
      'loadStateDict: missing keys: "0.bias"; unexpected keys: "x.y"; wrong shapes: "1.running_mean" expected shape [3], got [4]',
    );
    expect(net.stateDict()['0.weight'].toArray()).toEqual(before);
    expect(() => net.loadStateDict(state, { strict: false })).toThrow(/^loadStateDict: wrong shapes/);
    expect(() => net.loadStateDict({ ...rest, '0.bias': [1, 2, 3] } as never)).toThrow('"0.bias" expected a Tensor');
    expect(() => net.loadStateDict(null as never)).toThrow('state expected an object of tensors by name, got null');
  });

  it('says what was missing where it is not strict', () => {
    const net = make();
    const state = { '0.weight': ones([3, 2]), other: zeros([1]) };
    const { missingKeys, unexpectedKeys } = net.loadStateDict(state, { strict: false });
    expect(missingKeys).toEqual(['0.bias', '1.weight', '1.bias', '1.running_mean', '1.running_var']);
    expect(unexpectedKeys).toEqual(['other']);
    expect(net.stateDict()['0.weight'].toArray()).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
  });

  it('takes batch norms without a count, as PyTorch does', () => {
    const net = make();
    net.forward(
      tensor([
        [1, 2],
        [3, 5],
      ]),
    );
    const { '1.num_batches_tracked': count, ...state } = net.stateDict();
    expect(count.item()).toBe(1);
    net.loadStateDict(state);
    expect(net.stateDict()['1.num_batches_tracked'].item()).toBe(0);
  });
});

describe('modes', () => {
  it('train and eval reach every module', () => {
    const net = new Net();
    expect(
      net
        .eval()
        .modules()
        .every((m) => !m.training),
    ).toBe(true);
    expect(
      net
        .train()
        .modules()
        .every((m) => m.training),
    ).toBe(true);
    expect(() => net.train(1 as never)).toThrow('train: mode expected true or false, got 1');
  });

  it('requiresGrad_ freezes', () => {
    const net = new Net();
    net.first.requiresGrad_(false);
    net
      .forward(ones([2, 1, 4, 4]))
      .sum()
      .backward();
    expect(net.first.parameters().every((p) => p.grad === null)).toBe(true);
    expect(net.second.parameters().every((p) => p.grad !== null)).toBe(true);
    net.zeroGrad();
    expect(net.parameters().every((p) => p.grad === null)).toBe(true);
  });

  it('to changes the dtype of the parameters that others hold', () => {
    const net = new Net();
    const weight = net.first.conv.weight;
    const before = weight.toArray();
    net
      .forward(ones([2, 1, 4, 4]))
      .sum()
      .backward();
    net.to('float64');
    expect(weight.dtype).toBe('float64');
    expect(weight.grad?.dtype).toBe('float64');
    expect(weight.toArray()).toEqual(before);
    expect(net.stateDict()['first.count'].dtype).toBe('int32');
    const y = net.forward(ones([2, 1, 4, 4], { dtype: 'float64' }));
    expect(y.dtype).toBe('float64');
    y.sum().backward();
    expect(() => net.to('int32')).toThrow("to: dtype expected 'float32' or 'float64', got \"int32\"");
  });

  it('apply visits children first', () => {
    const seen: string[] = [];
    const net = new nn.Sequential(new nn.Sequential(new nn.ReLU()), new nn.Tanh());
    expect(net.apply((m) => void seen.push(m.constructor.name))).toBe(net);
    expect(seen).toEqual(['ReLU', 'Sequential', 'Tanh', 'Sequential']);
  });
});

describe('containers', () => {
  it('Sequential takes a list or names', () => {
    const named = new nn.Sequential({ conv: new nn.Conv2d(1, 1, 1), act: new nn.ReLU() });
    expect(Object.keys(named.stateDict())).toEqual(['conv.weight', 'conv.bias']);
    expect(named.length).toBe(2);
    const listed = new nn.Sequential(new nn.ReLU()).append(new nn.Tanh());
    expect(listed[1]).toBe(listed.at(-1));
    expect([...listed].map((m) => m.constructor.name)).toEqual(['ReLU', 'Tanh']);
    expect(() => listed.at(2)).toThrow('Sequential: index expected an integer below 2, got 2');
    expect(() => new nn.Sequential(new nn.ReLU(), 3 as never)).toThrow(
      'addModule: module "1" expected a Module, got 3',
    );
    expect(new nn.Sequential().forward(ones([1])).item()).toBe(1);
  });

  it('ModuleList, ModuleDict and ParameterList hold state', () => {
    class Many extends nn.Module {
      layers = new nn.ModuleList([new nn.Linear(1, 1), new nn.Linear(1, 1, { bias: false })]);
      heads = new nn.ModuleDict({ a: new nn.Linear(1, 1) });
      scales = new nn.ParameterList([ones([2]), new nn.Parameter(zeros([1]))]);
    }
    const many = new Many();
    expect(Object.keys(many.stateDict())).toEqual([
      'layers.0.weight',
      'layers.0.bias',
      'layers.1.weight',
      'heads.a.weight',
      'heads.a.bias',
      'scales.0',
      'scales.1',
    ]);
    expect(many.scales[0].requiresGrad).toBe(true);
    expect(many.heads.get('a')).toBeInstanceOf(nn.Linear);
    expect(() => many.heads.get('b')).toThrow('ModuleDict: name expected a, got "b"');
    expect(() => many.layers.forward(ones([1]))).toThrow('ModuleList: a subclass of Module expected to define forward');
  });
});

describe('text', () => {
  it('is PyTorch’s', () => {
    const net = new nn.Sequential(new nn.Sequential(new nn.ReLU(), new nn.BatchNorm2d(2)), new nn.Flatten());
    const text = `Sequential(
  (0): Sequential(
    (0): ReLU()
    (1): BatchNorm2d(2, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
  )
  (1): Flatten(start_dim=1, end_dim=-1)
)`;
    expect(String(net)).toBe(text);
    expect(inspect(net)).toBe(text);
    expect(String(new nn.Sequential())).toBe('Sequential()');
    expect(
      String(
        new nn.Conv2d(1, 1, 2, {
          padding: [
            [0, 1],
            [1, 0],
          ],
        }),
      ),
    ).toBe('Conv2d(1, 1, kernel_size=(2, 2), stride=(1, 1), padding=((0, 1), (1, 0)))');
    expect(String(new nn.Parameter(ones([2])))).toBe('Parameter containing:\ntensor([1., 1.], requires_grad=True)');
  });
});
