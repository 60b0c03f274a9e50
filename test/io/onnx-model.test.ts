import { describe, expect, it } from 'vitest';
import { io, nn, noGrad, optim, randn, type Tensor, tensor } from '../../src/index.ts';
import { draw, fixture } from '../helpers/fixtures.ts';
import { fileWith, float32s, int64s, node, value } from '../helpers/onnx.ts';
import { notClose } from '../helpers/same.ts';

interface TorchFiles {
  shape: number[];
  seed: number;
  y: number[][];
  label: number[];
  files: { opset: number; fold: boolean; bytes: string }[];
}
const torch = fixture<TorchFiles>('exported');

describe('a file that PyTorch wrote', () => {
  it.each(torch.files)('opset $opset, constants folded: $fold', ({ opset, bytes }) => {
    const model = io.importOnnx(Buffer.from(bytes, 'base64'));
    const x = tensor(draw(594, torch.seed)).reshape(torch.shape);
    const { y, label } = noGrad(() => model.run({ x }));
    expect(notClose('y', y, tensor(torch.y))).toBeNull();
    expect([label.toArray(), model.opset]).toEqual([torch.label, opset]);
    expect(model.namedParameters().map(([name]) => name)).toEqual(expect.arrayContaining(['out.weight', 'ln.bias']));
  });
});

describe('an imported model', () => {
  const net = (): nn.Module =>
    new nn.Sequential(
      new nn.Conv2d(1, 2, 3),
      new nn.BatchNorm2d(2),
      new nn.ReLU(),
      new nn.Flatten(),
      new nn.Linear(8, 2),
    );

  it('has the weights as parameters, the running statistics as buffers, and loads the state dict of the original', () => {
    const model = net();
    const back = io.importOnnx(io.exportOnnx(model, [1, 1, 4, 4]));
    expect(
      back
        .namedParameters()
        .map(([name]) => name)
        .sort(),
    ).toEqual(
      model
        .namedParameters()
        .map(([name]) => name)
        .sort(),
    );
    expect(
      back
        .namedBuffers()
        .map(([name]) => name)
        .sort(),
    ).toEqual(['1.running_mean', '1.running_var']);
    const other = net().eval();
    back.loadStateDict(
      Object.fromEntries(Object.entries(other.stateDict()).filter(([key]) => key !== '1.num_batches_tracked')),
    );
    const x = randn(1, 1, 4, 4);
    expect(notClose('loaded', back.forward(x), other.forward(x) as Tensor)).toBeNull();
    expect(String(back)).toBe('OnnxModel(input: float32 [1, 1, 4, 4] -> output: float32 [1, 2], nodes=5)');
    expect(back.opset).toBe(17);
  });

  it('comes from a Buffer too, such as a file that was read', () => {
    const model = net().eval();
    const bytes = io.exportOnnx(model, [1, 1, 4, 4]);
    const buffer = Buffer.concat([Buffer.of(0, 0, 0), bytes]).subarray(3);
    const x = randn(1, 1, 4, 4);
    expect(notClose('y', io.importOnnx(buffer).forward(x), model.forward(x) as Tensor)).toBeNull();
  });

  it('can be trained: its gradients are those of the original', () => {
    const model = net().eval();
    const back = io.importOnnx(io.exportOnnx(model, [4, 1, 4, 4]));
    const [x, target] = [randn(4, 1, 4, 4), tensor(Int32Array.of(0, 1, 1, 0))];
    const loss = (m: nn.Module): Tensor => nn.functional.crossEntropy(m.forward(x) as Tensor, target);
    const first = loss(back);
    first.backward();
    loss(model).backward();
    const gradients = new Map(model.namedParameters().map(([name, p]) => [name, p.grad as Tensor]));
    for (const [name, p] of back.namedParameters()) {
      expect(notClose(name, p.grad as Tensor, gradients.get(name) as Tensor)).toBeNull();
    }
    const optimizer = new optim.SGD(back.parameters(), { lr: 0.05 });
    optimizer.step();
    expect(loss(back).item()).toBeLessThan(first.item());
  });

  it('takes formula constants for what they are, not for parameters', () => {
    expect(io.importOnnx(io.exportOnnx(new nn.GELU(), [1, 4])).parameters()).toEqual([]);
    const pow = fileWith([node('Pow', 'x two')], { two: float32s(2) });
    expect(io.importOnnx(pow).namedParameters()).toEqual([]);
    const factor = fileWith([node('Mul', 'x two')], { two: float32s(2) });
    expect(
      io
        .importOnnx(factor)
        .namedParameters()
        .map(([name]) => name),
    ).toEqual(['two']);
  });

  it('runs several inputs and outputs by name, and keeps values that are read again', () => {
    const bytes = fileWith(
      [node('Add', 'x z'), node('Mul', 'v0 x')],
      {},
      {
        inputs: [value('x', ['n']), value('z', ['n'])],
      },
    );
    const model = io.importOnnx(bytes);
    expect(model.run({ z: tensor([1, 2]), x: tensor([3, 4]) }).y.toArray()).toEqual([12, 24]);
    expect(() => model.forward(tensor([1]))).toThrow(
      'forward: expected a model with one input and one output, this has 2 and 1',
    );
    expect(() => model.run({ x: tensor([1, 2]), z: tensor([1]) })).toThrow(
      'run: input "z" expected shape [2], got [1]',
    );
    expect(() => model.run({ x: tensor([1]) })).toThrow('run: input "z" is missing');
    expect(() => model.run({ x: tensor([1]), z: tensor([1]), w: tensor([1]) })).toThrow(
      'run: unknown input "w"; the inputs are x, z',
    );
    expect(() => model.run({ x: tensor([1]), z: tensor([1], { dtype: 'int32' }) })).toThrow(
      'run: input "z" expected float32, got "int32"',
    );
    expect(() => model.run({ x: tensor([[1]]), z: tensor([1]) })).toThrow(
      'run: input "x" expected shape [n], got [1, 1]',
    );
    expect(() => model.run({ x: [1] as never, z: tensor([1]) })).toThrow(
      'run: input "x" expected a Tensor, got an array',
    );
  });

  it('names the node in errors of its operators', () => {
    const model = io.importOnnx(fileWith([node('Gather', 'x i', { axis: 3 })], { i: int64s(0) }));
    expect(() => model.run({ x: tensor([1]) })).toThrow(
      'run: node "n0" (Gather): Gather: axis expected an integer in [-1, 0], got 3',
    );
  });
});
