/** gemmule's side of every suite, through its public API. */
import { createInterface } from 'node:readline';
import { sample, serve } from '../lib/data.mjs';
import { autograd, backend, nn, noGrad, ones, optim, scope, tensor, zeros } from '../lib/gemmule.mjs';
import { lenet, make } from '../lib/lenet.mjs';

const F = nn.functional;
const leaf = (shape, salt) => {
  const t = make(shape, salt);
  t.requiresGrad = true;
  return t;
};
/** Runs `f` so that its memory is recycled, as a training loop does. */
const timed = (f) => ({
  run: () => {
    scope(() => {
      f();
    });
  },
  sample: () => sample(scope(() => f().toTypedArray())),
});
const forward = (f) => timed(() => noGrad(f));
/** Gradient of y by `wanted`: the graph is recorded once and kept. */
const gradient = (y, wanted, g) => timed(() => autograd.grad(y, wanted, g, { retainGraph: true })[0]);

function conv({ problem: p, dir }) {
  const options = { stride: [p.sh, p.sw], padding: [p.ph, p.pw], dilation: [p.dh + 1, p.dw + 1], groups: p.g };
  const [xs, ws, ys] = [
    [p.n, p.c, p.h, p.w],
    [p.k, p.c / p.g, p.kh, p.kw],
    [p.n, p.k, p.oh, p.ow],
  ];
  if (dir === 'bwd_w') {
    const w = leaf(ws, 2);
    return gradient(F.conv2d(make(xs, 1), w, null, options), w, make(ys, 3));
  }
  // The weights change before every call, as in training; else they would be kept packed, and peers pack at every call.
  const w = make(ws, 2);
  const first = w.flatten().narrow(0, 0, 1);
  const value = first.item();
  const changed = (f) => forward(() => f(first.fill_(value)));
  if (dir === 'fwd') {
    const x = make(xs, 1);
    return changed(() => F.conv2d(x, w, null, options));
  }
  // the gradient of the input is the transposed convolution, in the same kernel
  const g = make(ys, 3);
  const missing = (size, out, k, s, pad, d) => size - ((out - 1) * s - 2 * pad + d * (k - 1) + 1);
  const outputPadding = [
    missing(p.h, p.oh, p.kh, p.sh, p.ph, p.dh + 1),
    missing(p.w, p.ow, p.kw, p.sw, p.pw, p.dw + 1),
  ];
  return changed(() => F.convTranspose2d(g, w, null, { ...options, outputPadding }));
}

function gemm({ problem: p }) {
  const a = p.ta ? make([p.k, p.m], 1).t() : make([p.m, p.k], 1);
  const b = p.tb ? make([p.n, p.k], 2).t() : make([p.k, p.n], 2);
  return forward(() => a.matmul(b));
}

function pool({ problem: p, kind, dir }) {
  const options = { stride: [p.sh, p.sw], padding: [p.ph, p.pw] };
  const f = (x) => (kind === 'max' ? F.maxPool2d : F.avgPool2d)(x, [p.kh, p.kw], options);
  const x = leaf([p.n, p.c, p.h, p.w], 1);
  return dir === 'fwd' ? timed(() => f(x)) : gradient(f(x), x, make([p.n, p.c, p.oh, p.ow], 3));
}

function elementwise({ problem: { op, n } }) {
  const x = make([n], 1);
  if (op === 'add') {
    const y = make([n], 2);
    return forward(() => x.add(y));
  }
  if (op === 'softmax') {
    const rows = x.reshape(n / 64, 64);
    return forward(() => rows.softmax(1));
  }
  if (op === 'batchNorm') {
    const image = x.reshape(n / 1024, 16, 64);
    const [mean, variance, weight, bias] = [zeros(16), ones(16), ones(16), zeros(16)];
    return forward(() => F.batchNorm(image, mean, variance, { weight, bias, training: true }));
  }
  if (op === 'adam') {
    const p = leaf([n], 1);
    p.keep();
    p.grad = make([n], 2);
    const adam = new optim.Adam([p], { lr: 1e-6 });
    return { run: () => adam.step(), sample: () => sample(p.detach().toTypedArray()) };
  }
  return forward(() => x[op]());
}

function lenetSuite({ mode, batch }) {
  const model = lenet();
  const x = make([batch, 1, 28, 28], 5).add(0.5);
  if (mode === 'infer') return forward(() => model.forward(x));
  const y = tensor(Int32Array.from({ length: batch }, (_, i) => (i * 7) % 10));
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.9 });
  const loss = new nn.CrossEntropyLoss();
  const step = () => {
    optimizer.zeroGrad();
    const l = loss.forward(model.forward(x), y);
    l.backward();
    optimizer.step();
    return l;
  };
  const run = () => {
    step();
  };
  return {
    run: mode === 'plain' ? run : () => scope(run),
    sample: () => {
      // five losses in a row: the whole step is compared, not the forward pass alone
      const losses = Array.from({ length: 5 }, () => scope(() => step().item()));
      return [...losses, ...new Array(59).fill(0)];
    },
  };
}

const suites = { conv, gemm, pool, elementwise, lenet: lenetSuite };
process.stdout.write(`${JSON.stringify({ ready: 'gemmule', backend: backend.info() })}\n`);
serve((request) => suites[request.suite](request), createInterface({ input: process.stdin }));
