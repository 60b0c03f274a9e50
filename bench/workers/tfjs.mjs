/** TensorFlow.js on LeNet. Usage: tfjs.mjs cpu|wasm */
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { createInterface } from 'node:readline';
import { fill, sample, serve } from '../lib/data.mjs';
import { lenet } from '../lib/lenet.mjs';

const name = process.argv[2];
const require = createRequire(import.meta.url);
const tf = require('@tensorflow/tfjs-core');
require('@tensorflow/tfjs-layers'); // registers the gradients
if (name === 'wasm') {
  const wasm = require('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')) + sep);
} else require('@tensorflow/tfjs-backend-cpu');
await tf.setBackend(name);

/**
 * The gradient of a convolution's weights, which the wasm backend lacks, as what a user can do about it: a forward
 * convolution of x by gy, with batch and channels changing places. Stride 1 only.
 */
function weightGradient({ inputs: { x, dy }, attrs: { pad, filterShape }, backend }) {
  const run = (kernel, given, attrs) => tf.getKernel(kernel, 'wasm').kernelFunc({ inputs: given, backend, attrs });
  const used = [];
  const step = (...args) => {
    used.push(run(...args));
    return used.at(-1);
  };
  let image = step('Transpose', { x }, { perm: [3, 1, 2, 0] });
  const filter = step('Transpose', { x: dy }, { perm: [1, 2, 0, 3] });
  const edge = pad === 'same' ? (filterShape[0] - 1) / 2 : 0;
  if (edge > 0) {
    const sides = [edge, edge];
    image = step('PadV2', { x: image }, { paddings: [[0, 0], sides, sides, [0, 0]], constantValue: 0 });
  }
  const plain = { strides: [1, 1], pad: 'valid', dataFormat: 'NHWC', dilations: [1, 1] };
  const product = step('Conv2D', { x: image, filter }, plain);
  const result = run('Transpose', { x: product }, { perm: [1, 2, 0, 3] });
  for (const part of used) backend.disposeData(part.dataId);
  return result;
}
if (name === 'wasm')
  tf.registerKernel({ kernelName: 'Conv2DBackpropFilter', backendName: 'wasm', kernelFunc: weightGradient });

/** gemmule's weights in TensorFlow's layouts: kernels [h, w, in, out], matrices [in, out]. */
function variables() {
  return lenet()
    .parameters()
    .map((p, i) => {
      const values = tf.tensor(p.detach().toTypedArray(), [...p.shape]);
      if (p.ndim === 4) return tf.variable(tf.transpose(values, [2, 3, 1, 0]));
      if (p.ndim === 1) return tf.variable(values);
      // the first matrix takes the last feature map, which lies [h, w, channels] here
      const rows =
        i === 4 ? tf.reshape(tf.transpose(tf.reshape(values, [120, 16, 5, 5]), [0, 2, 3, 1]), [120, 400]) : values;
      return tf.variable(tf.transpose(rows));
    });
}

function setup({ mode, batch }) {
  if (name === 'cpu' && batch > 32) return { unsupported: 'larger batches take minutes' };
  const [w1, b1, w2, b2, w3, b3, w4, b4, w5, b5] = variables();
  const x = tf.tensor4d(
    fill(batch * 784, 5).map((v) => v + 0.5),
    [batch, 28, 28, 1],
  );
  const forward = () => {
    let y = tf.avgPool(tf.sigmoid(tf.add(tf.conv2d(x, w1, 1, 'same'), b1)), 2, 2, 'valid');
    y = tf.avgPool(tf.sigmoid(tf.add(tf.conv2d(y, w2, 1, 'valid'), b2)), 2, 2, 'valid');
    y = tf.sigmoid(tf.add(tf.matMul(tf.reshape(y, [batch, 400]), w3), b3));
    y = tf.sigmoid(tf.add(tf.matMul(y, w4), b4));
    return tf.add(tf.matMul(y, w5), b5);
  };
  if (mode === 'infer') {
    const infer = () => tf.tidy(() => forward().dataSync());
    return { run: infer, sample: () => sample(infer()) };
  }
  const target = tf.oneHot(
    Int32Array.from({ length: batch }, (_, i) => (i * 7) % 10),
    10,
  );
  const optimizer = tf.train.sgd(0.9);
  const step = () => {
    const cost = optimizer.minimize(() => tf.losses.softmaxCrossEntropy(target, forward()), true);
    const value = cost.dataSync()[0];
    cost.dispose();
    return value;
  };
  return { run: step, sample: () => [...Array.from({ length: 5 }, step), ...new Array(59).fill(0)] };
}

process.stdout.write(`${JSON.stringify({ ready: `tfjs-${name}`, version: tf.version_core })}\n`);
serve(setup, createInterface({ input: process.stdin }));
