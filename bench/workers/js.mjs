/** JavaScript peers, on LeNet. Usage: js.mjs onnxruntime-node|convnetjs THREADS */
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fill, sample, serve } from '../lib/data.mjs';
import { io } from '../lib/gemmule.mjs';
import { lenet } from '../lib/lenet.mjs';

const [name, threads] = process.argv.slice(2);
const require = createRequire(import.meta.url);

/** Its net has max pooling for average pooling and takes one image at a time: a yardstick, not the same computation. */
function convnetjs({ mode, batch }) {
  const { Net, SGDTrainer, Vol } = require('convnetjs');
  const net = new Net();
  net.makeLayers([
    { type: 'input', out_sx: 28, out_sy: 28, out_depth: 1 },
    { type: 'conv', sx: 5, filters: 6, stride: 1, pad: 2, activation: 'sigmoid' },
    { type: 'pool', sx: 2, stride: 2 },
    { type: 'conv', sx: 5, filters: 16, stride: 1, pad: 0, activation: 'sigmoid' },
    { type: 'pool', sx: 2, stride: 2 },
    { type: 'fc', num_neurons: 120, activation: 'sigmoid' },
    { type: 'fc', num_neurons: 84, activation: 'sigmoid' },
    { type: 'softmax', num_classes: 10 },
  ]);
  const trainer = new SGDTrainer(net, {
    method: 'sgd',
    learning_rate: 0.9,
    momentum: 0,
    batch_size: batch,
    l2_decay: 0,
  });
  const images = Array.from({ length: 32 }, (_, i) => {
    const image = new Vol(28, 28, 1);
    fill(784, 20 + i).forEach((v, at) => {
      image.w[at] = v + 0.5;
    });
    return image;
  });
  const one = mode === 'infer' ? (i) => net.forward(images[i % 32]) : (i) => trainer.train(images[i % 32], i % 10);
  return {
    run: () => {
      for (let i = 0; i < batch; i++) one(i);
    },
    sample: () => [],
  };
}

/** The same net as gemmule's worker, as an ONNX model; inference only. */
async function onnxruntime({ mode, batch }) {
  if (mode !== 'infer') return { unsupported: 'inference only' };
  const ort = require('onnxruntime-node');
  const session = await ort.InferenceSession.create(
    io.exportOnnx(lenet(), [batch, 1, 28, 28], { inputName: 'x', outputName: 'y' }),
    {
      intraOpNumThreads: Number(threads),
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      executionProviders: ['cpu'],
    },
  );
  const x = new ort.Tensor(
    'float32',
    fill(batch * 784, 5).map((v) => v + 0.5),
    [batch, 1, 28, 28],
  );
  const y = new ort.Tensor('float32', new Float32Array(batch * 10), [batch, 10]);
  const run = () => session.run({ x }, { y });
  await run();
  return { run, sample: () => sample(y.data) };
}

const { version } = require(`${name}/package.json`);
process.stdout.write(`${JSON.stringify({ ready: name, version })}\n`);
const lines = createInterface({ input: process.stdin });
if (name === 'convnetjs') {
  serve((request) => ({ ...convnetjs(request), unchecked: true }), lines);
} else {
  serveAsync(lines);
}

/** As `serve`, for calls that give promises. */
async function serveAsync(readline) {
  let current = null;
  for await (const line of readline) {
    const request = JSON.parse(line);
    let answer;
    if (request.cmd === 'setup') {
      current = await onnxruntime(request);
      answer = current.unsupported ? current : { sample: current.sample() };
    } else {
      const times = [];
      for (let total = 0; total < request.seconds || times.length < 3; ) {
        const before = process.hrtime.bigint();
        await current.run();
        const t = Number(process.hrtime.bigint() - before) / 1e9;
        times.push(t);
        total += t;
      }
      answer = { times, rss: process.memoryUsage.rss() };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}
