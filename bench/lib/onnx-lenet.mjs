/** The course's LeNet, with the weights that all workers share, as the bytes of an ONNX model (opset 13). */
import { fill } from './data.mjs';

// Protocol buffers: varints, and fields that are varints (wire type 0) or bytes (2).
function varint(value) {
  const bytes = [];
  for (let v = value; ; v = Math.floor(v / 128)) {
    if (v < 128) return Uint8Array.from([...bytes, v]);
    bytes.push((v % 128) + 128);
  }
}
const join = (...parts) => Buffer.concat(parts.flat(Number.POSITIVE_INFINITY));
const int = (field, value) => join(varint(field * 8), varint(value));
const bytes = (field, value) => join(varint(field * 8 + 2), varint(value.length), value);
const text = (field, value) => bytes(field, Buffer.from(value));

const attribute = (name, value) =>
  Array.isArray(value)
    ? join(
        text(1, name),
        int(20, 7),
        value.map((v) => int(8, v)),
      )
    : join(text(1, name), int(20, 2), int(3, value));
const node = (op, inputs, output, attributes = {}) =>
  join(
    inputs.map((name) => text(1, name)),
    text(2, output),
    text(4, op),
    Object.entries(attributes).map(([name, value]) => bytes(5, attribute(name, value))),
  );
const weights = (name, dims, data) =>
  join(
    dims.map((d) => int(1, d)),
    int(2, 1),
    text(8, name),
    bytes(9, Buffer.from(data.buffer, data.byteOffset, data.byteLength)),
  );
const value = (name, dims) =>
  join(text(1, name), bytes(2, bytes(1, join(int(1, 1), bytes(2, join(dims.map((d) => bytes(1, int(1, d)))))))));

export function onnxLenet(batch) {
  const shapes = [[6, 1, 5, 5], [6], [16, 6, 5, 5], [16], [120, 400], [120], [84, 120], [84], [10, 84], [10]];
  const initializers = shapes.map((dims, i) => {
    const scale = dims.length > 1 ? 0.3 : 0.1;
    const data = fill(
      dims.reduce((a, b) => a * b, 1),
      10 + i,
    ).map((v) => Math.fround(v * scale));
    return weights(`w${i}`, dims, data);
  });
  const pool = { kernel_shape: [2, 2], strides: [2, 2] };
  const nodes = [
    node('Conv', ['x', 'w0', 'w1'], 'a0', { kernel_shape: [5, 5], pads: [2, 2, 2, 2] }),
    node('Sigmoid', ['a0'], 'a1'),
    node('AveragePool', ['a1'], 'a2', pool),
    node('Conv', ['a2', 'w2', 'w3'], 'a3', { kernel_shape: [5, 5] }),
    node('Sigmoid', ['a3'], 'a4'),
    node('AveragePool', ['a4'], 'a5', pool),
    node('Flatten', ['a5'], 'a6', { axis: 1 }),
    node('Gemm', ['a6', 'w4', 'w5'], 'a7', { transB: 1 }),
    node('Sigmoid', ['a7'], 'a8'),
    node('Gemm', ['a8', 'w6', 'w7'], 'a9', { transB: 1 }),
    node('Sigmoid', ['a9'], 'a10'),
    node('Gemm', ['a10', 'w8', 'w9'], 'y', { transB: 1 }),
  ];
  const graph = join(
    nodes.map((n) => bytes(1, n)),
    text(2, 'lenet'),
    initializers.map((t) => bytes(5, t)),
    bytes(11, value('x', [batch, 1, 28, 28])),
    bytes(12, value('y', [batch, 10])),
  );
  return join(int(1, 7), bytes(7, graph), bytes(8, int(2, 13)));
}
