import { describe, expect, it } from 'vitest';
import { io, models, nn, noGrad, type Tensor, zeros } from '../../src/index.ts';
import { ElementType } from '../../src/io/onnx/proto.ts';
import { Message } from '../../src/io/onnx/wire.ts';
import { fileOf, fileWith, float32s, int64s, type NodeSpec, node, value } from '../helpers/onnx.ts';

class Doubled extends nn.ReLU {
  override forward(x: Tensor): Tensor {
    return super.forward(x).mul(2);
  }
}
class Own extends nn.Module {}
class Renamed extends nn.ReLU {}

describe('exportOnnx refuses', () => {
  it.each<[string, () => unknown, string]>([
    ['a model that is none', () => io.exportOnnx({} as never, [1]), 'model expected a Module, got {}'],
    ['a shape', () => io.exportOnnx(new nn.ReLU(), [-1]), 'inputShape expected a list of integers >= 0, got [-1]'],
    ['an empty input', () => io.exportOnnx(new nn.ReLU(), [0, 3]), 'inputShape expected sizes >= 1, got [0, 3]'],
    ['an old opset', () => io.exportOnnx(new nn.ReLU(), [1], { opset: 12 }), 'opset expected an integer >= 13, got 12'],
    [
      'a new opset',
      () => io.exportOnnx(new nn.ReLU(), [1], { opset: 99 }),
      'opset expected an integer from 13 to 21, got 99',
    ],
    ['an option', () => io.exportOnnx(new nn.ReLU(), [1], { bogus: 1 } as never), 'unknown option "bogus"'],
    ['an empty name', () => io.exportOnnx(new nn.ReLU(), [1], { inputName: '' }), 'inputName expected a name, got ""'],
    [
      'one name for both',
      () => io.exportOnnx(new nn.ReLU(), [1], { inputName: 'output' }),
      'outputName expected another name',
    ],
    [
      'a batch without axes',
      () => io.exportOnnx(new nn.ReLU(), [], { dynamicBatch: true }),
      'dynamicBatch expected an inputShape',
    ],
    [
      'a weight of that name',
      () => io.exportOnnx(new nn.Linear(2, 2), [1, 2], { inputName: 'weight' }),
      'the name "weight" of a weight is taken by an input or output',
    ],
    [
      'an unknown layer',
      () => io.exportOnnx(new nn.Sequential({ a: new Own() }), [1]),
      'layer "a" (Own): no form in ONNX is known',
    ],
    [
      'a layer with a forward of its own',
      () => io.exportOnnx(new nn.Sequential(new nn.Sequential({ b: new Doubled() })), [1]),
      'layer "0.b" (Doubled): no form in ONNX is known',
    ],
    [
      'returnIndices',
      () => io.exportOnnx(new nn.MaxPool2d(2, { returnIndices: true }) as never, [1, 1, 4, 4]),
      'layer "" (MaxPool2d): expected one Tensor as its result',
    ],
    [
      'statistics of the batch',
      () => io.exportOnnx(new nn.BatchNorm2d(2, { trackRunningStats: false }), [2, 2, 3, 3]),
      'layer "" (BatchNorm2d): trackRunningStats expected true, got false',
    ],
    [
      'windows of different sizes',
      () => io.exportOnnx(new nn.AdaptiveAvgPool1d(3), [1, 1, 7]),
      'layer "" (AdaptiveAvgPool1d): outputSize expected a divisor of the input\'s size [7], got [3]',
    ],
    [
      'no batch',
      () => io.exportOnnx(new nn.Conv2d(1, 1, 2), [1, 4, 4]),
      'input expected 4 axes, batch and channels first, got 3',
    ],
    ['area', () => io.exportOnnx(new nn.Upsample({ size: 3, mode: 'area' }), [1, 1, 2, 2]), 'got area'],
    [
      'a softplus threshold',
      () => io.exportOnnx(new nn.Softplus({ threshold: 2 }), [1]),
      'threshold expected at least 15, got 2',
    ],
    ['an even LRN', () => io.exportOnnx(new nn.LocalResponseNorm(2), [1, 2, 3]), 'size expected an odd number, got 2'],
    [
      'LayerNorm before 17',
      () => io.exportOnnx(new nn.LayerNorm(2), [1, 2], { opset: 16 }),
      'LayerNorm needs opset 17, got 16',
    ],
    [
      'a batch that a layer fixes',
      () => io.exportOnnx(new nn.Unflatten(0, [2, 1]), [2, 3], { dynamicBatch: true }),
      'unflatten: ',
    ],
    ['an input that does not fit', () => io.exportOnnx(models.lenet(), [1, 3, 28, 28]), 'conv2d: input has 3 channels'],
  ])('%s', (_what, run, message) => {
    expect(run).toThrow(message);
  });

  it('hooks that change a result, and only those', () => {
    const model = new nn.Sequential(new nn.ReLU(), new nn.Tanh());
    const remove = (model.at(1) as nn.Module).registerForwardHook((_m, _i, y) => (y as Tensor).mul(2));
    expect(() => io.exportOnnx(model, [3])).toThrow(
      'exportOnnx: layer "1" (Tanh): hooks, or a forward of its own, change its result; they cannot be part of a file',
    );
    remove();
    (model.at(0) as nn.Module).registerForwardHook(() => undefined);
    expect(io.importOnnx(io.exportOnnx(model, [3])).outputs[0].shape).toEqual([3]);
  });

  it('and leaves the model as it was; a subclass without a forward of its own is its base', () => {
    const model = new nn.Sequential(new Renamed(), new nn.Dropout(), new Own()).train();
    expect(() => io.exportOnnx(model, [3])).toThrow('layer "2" (Own)');
    expect(model.modules().every((m) => m.training)).toBe(true);
    expect(io.exportOnnx(new Renamed(), [3]).length).toBeGreaterThan(0);
  });
});

/** A file with one graph message. */
const modelOf = (graph: Message, opset = 17): Uint8Array =>
  new Message().inner(7, graph).inner(8, new Message().int(2, opset)).bytes();
const raw = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);
const nodes = (...list: NodeSpec[]): Uint8Array => fileWith(list);

describe('importOnnx says what is wrong with', () => {
  it.each<[string, Uint8Array, string]>([
    ['nothing', raw(), 'the file has no graph'],
    ['a cut varint', raw(8, 0x80), 'ModelProto.ir_version: needs 1 bytes, 0 are left, at byte 2'],
    [
      'a varint without end',
      raw(8, ...new Array(11).fill(0xff)),
      'ModelProto.ir_version: a varint expected at most 10 bytes, at byte 1',
    ],
    ['a message that is too long', raw(0x3a, 5, 0), 'ModelProto.graph: needs 5 bytes, 1 are left, at byte 2'],
    [
      'a length beyond all bytes',
      raw(0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f),
      'ModelProto.graph: needs 4398046511103 bytes',
    ],
    ['the wrong layout', raw(0x38, 1), 'ModelProto.graph: expected a length and bytes, got a varint, at byte 1'],
    [
      'a group',
      raw(0x9b, 1),
      'ModelProto.field 19: layout expected a varint, 4 or 8 bytes, or a length and bytes, got code 3, at byte 0',
    ],
    ['field number 0', raw(0, 1), 'ModelProto: field number expected 1 to 536870911, got 0, at byte 0'],
    [
      'text that is not UTF-8',
      modelOf(new Message().inner(1, new Message().blob(4, raw(0xff)))),
      'ModelProto.graph.node[0].op_type: expected UTF-8 text, at byte',
    ],
    ['a file of another kind', new TextEncoder().encode('{"a": 1}'), 'ModelProto.'],
    ['no opset', new Message().inner(7, new Message()).bytes(), 'the file names no opset of the operators'],
    ['an opset of the future', modelOf(new Message(), 99), 'opset expected 7 to 22, got 99'],
    ['no output', modelOf(new Message()), 'the graph has no output'],
    ['sparse weights', modelOf(new Message().inner(15, new Message())), 'sparse initializers are not supported'],
    [
      'unknown operators',
      nodes(node('Relu'), node('Einsum'), node('Loop'), node('Einsum')),
      'operators Einsum, Loop are not supported; the first is node "n1" (Einsum)',
    ],
    [
      'an unknown attribute',
      nodes(node('Relu', 'x', { slope: 1 })),
      'node "n0" (Relu): attribute slope is not supported with opset 17',
    ],
    [
      'an attribute of another opset',
      nodes(node('Squeeze', 'x', { axes: [0] })),
      'node "n0" (Squeeze): attribute axes is not supported with opset 17',
    ],
    [
      'an attribute of another type',
      nodes(node('Elu', 'x', { alpha: 1 })),
      'node "n0" (Elu): attribute alpha expected FLOAT, got INT',
    ],
    [
      'a word',
      nodes(node('Pad', 'x x', { mode: 'odd' })),
      'attribute mode expected "constant" or "reflect" or "edge" or "wrap", got "odd"',
    ],
    [
      'a value that is not supported',
      nodes(node('ArgMax', 'x', { select_last_index: 1 })),
      'attribute select_last_index 1 is not supported, only 0 is',
    ],
    [
      'strides of another length',
      nodes(node('MaxPool', 'x', { kernel_shape: [2], strides: [1, 1] })),
      'attribute strides expected 1 integers, got [1, 1]',
    ],
    [
      'a kernel without size',
      nodes(node('MaxPool', 'x', { kernel_shape: [0] })),
      'attribute kernel_shape expected integers >= 1, got [0]',
    ],
    ['a pool without kernel', nodes(node('MaxPool')), 'attribute kernel_shape is missing'],
    ['an operator with too few inputs', nodes(node('Add', 'x')), 'node "n0" (Add): inputs expected 2, got ["x"]'],
    ['one left out', nodes(node('Add', 'x _')), 'node "n0" (Add): inputs expected 2, got ["x", ""]'],
    ['an input from nowhere', nodes(node('Relu', 'z')), 'node "n0" (Relu): input "z" is not known here'],
    [
      'an input from later',
      nodes(node('Relu', 'v1'), node('Relu', 'x'), node('Relu', 'v0')),
      'node "n0" (Relu): input "v1" is not known here',
    ],
    ['an output too many', nodes(node('Relu', 'x', {}, 'a b')), 'node "n0" (Relu): outputs expected 1, got ["a", "b"]'],
    ['two values of one name', nodes(node('Relu', 'x', {}, 'x')), 'node "n0" (Relu): output "x" is taken'],
    ['an output from nowhere', nodes(node('Relu', 'x', {}, 'z')), 'output "y" is made by no node'],
    [
      'a type that is not supported',
      nodes(node('Cast', 'x', { to: 10 })),
      'node "n0" (Cast): attribute to: element type expected one of FLOAT, UINT8, INT32, INT64, BOOL, DOUBLE, got FLOAT16',
    ],
    [
      'an input of such a type',
      fileWith([node('Relu')], {}, { inputs: [value('x', [1], ElementType.STRING)] }),
      'input "x": element type expected one of',
    ],
    [
      'a size below 0',
      fileWith([node('Relu')], {}, { inputs: [value('x', [-1])] }),
      'input "x": shape expected sizes >= 0, got [-1]',
    ],
    [
      'too few bytes',
      fileWith([node('Add', 'x b')], { b: { ...float32s(1), dims: [2] } }),
      'initializer "b": FLOAT of dims [2] needs 8 bytes, raw_data has 4',
    ],
    [
      'dims below 0',
      fileWith([node('Add', 'x b')], { b: { ...float32s(1), dims: [-1] } }),
      'initializer "b": dims expected integers >= 0, got [-1]',
    ],
    [
      'dims without end',
      fileWith([node('Add', 'x b')], { b: { ...float32s(1), dims: [2 ** 40, 2 ** 40] } }),
      'have more than 2147483647 elements',
    ],
    [
      'integers of 64 bits',
      fileWith([node('Reshape', 'x b')], { b: int64s(2n ** 31n) }),
      'initializer "b": element 0 expected a 32-bit integer, got 2147483648',
    ],
    [
      'a truth value',
      fileWith([node('Where', 'b x x')], { b: { ...fileOf(Uint8Array.of(2)), type: ElementType.BOOL } }),
      'initializer "b": element 0 expected 0 or 1, got 2',
    ],
  ])('%s', (_what, bytes, message) => {
    expect(() => io.importOnnx(bytes)).toThrow('importOnnx: ');
    expect(() => io.importOnnx(bytes)).toThrow(message);
  });

  it('what is no Uint8Array', () => {
    expect(() => io.importOnnx('model.onnx' as never)).toThrow(
      'importOnnx: bytes expected a Uint8Array, got "model.onnx"',
    );
  });
});

describe('damaged files', () => {
  const file = io.exportOnnx(models.lenet({ pool: 'max', classes: 3 }), [1, 1, 28, 28]);
  const small = io.exportOnnx(
    new nn.Sequential(
      new nn.Conv2d(1, 2, 2, { padding: 'same' }),
      new nn.BatchNorm2d(2),
      new nn.GELU(),
      new nn.Flatten(),
    ),
    [1, 1, 4, 4],
  );
  const x = zeros(1, 1, 4, 4);

  /** Whatever the bytes are: a model or an error of ours, and the same for running it. */
  function survives(bytes: Uint8Array): boolean {
    try {
      noGrad(() => io.importOnnx(bytes).run({ input: x }));
      return true;
    } catch (error) {
      expect((error as Error).message).toMatch(/^(importOnnx|run): /);
      return false;
    }
  }

  /** Integers below n, the same ones for a seed (Lehmer's generator). */
  function picker(seed: number): (n: number) => number {
    let state = seed;
    return (n) => {
      state = (state * 48271) % (2 ** 31 - 1);
      return state % n;
    };
  }

  it('cut at any byte are errors', () => {
    for (let n = 0; n < small.length; n++) expect(survives(small.subarray(0, n)), `${n} bytes`).toBe(false);
    for (let n = 0; n < file.length; n += 997) expect(() => io.importOnnx(file.subarray(0, n))).toThrow('importOnnx: ');
  });

  it('changed in any byte neither crash nor hang', () => {
    const pick = picker(7);
    let fine = 0;
    for (let round = 0; round < 3000; round++) {
      const bytes = small.slice();
      for (let k = 0; k <= pick(3); k++)
        bytes[pick(bytes.length)] = pick(2) === 0 ? pick(256) : bytes[pick(bytes.length)];
      if (survives(bytes)) fine++;
    }
    expect(fine).toBeGreaterThan(0);
    expect(fine).toBeLessThan(3000);
  });

  it('of noise are errors', () => {
    const pick = picker(8);
    for (let round = 0; round < 500; round++) {
      const bytes = Uint8Array.from({ length: pick(64) }, () => pick(256));
      expect(survives(bytes)).toBe(false);
    }
  });
});
