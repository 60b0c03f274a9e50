/**
 * Problems as strings, in benchdnn's manner: `mb256ic1ih28oc6kh5ph2`. Width, stride, padding and dilation follow the height
 * where they are not given; `g8` in front makes groups; dh/dw count the gaps (dh0 is an ordinary kernel).
 */
const convKeys = ['g', 'mb', 'ic', 'ih', 'iw', 'oc', 'oh', 'ow', 'kh', 'kw', 'sh', 'sw', 'ph', 'pw', 'dh', 'dw'];

function fields(text, keys) {
  const found = {};
  const pattern = /([a-z]+)(\d+)/gy;
  const body = text.replaceAll('_', '');
  let at = 0;
  for (let match = pattern.exec(body); match; match = pattern.exec(body)) {
    if (!keys.includes(match[1])) throw new Error(`bench: problem ${text}: unknown field ${match[1]}`);
    found[match[1]] = Number(match[2]);
    at = pattern.lastIndex;
  }
  if (at !== body.length) throw new Error(`bench: problem ${text}: cannot read ${body.slice(at)}`);
  return found;
}

function need(text, found, keys) {
  for (const key of keys) if (found[key] === undefined) throw new Error(`bench: problem ${text}: ${key} is missing`);
}

const out = (size, kernel, stride, pad, gap) =>
  Math.floor((size + 2 * pad - (gap + 1) * (kernel - 1) - 1) / stride) + 1;

/** Sizes of a convolution or pooling problem. */
export function parseWindow(text, kind) {
  const f = fields(text, convKeys);
  need(text, f, kind === 'conv' ? ['mb', 'ic', 'ih', 'oc', 'kh'] : ['mb', 'ic', 'ih', 'kh']);
  const p = { n: f.mb, c: f.ic, h: f.ih, w: f.iw ?? f.ih, k: f.oc ?? f.ic, g: f.g ?? 1 };
  Object.assign(p, { kh: f.kh, kw: f.kw ?? f.kh, sh: f.sh ?? 1, ph: f.ph ?? 0, dh: f.dh ?? 0 });
  Object.assign(p, { sw: f.sw ?? p.sh, pw: f.pw ?? p.ph, dw: f.dw ?? p.dh });
  p.oh = out(p.h, p.kh, p.sh, p.ph, p.dh);
  p.ow = out(p.w, p.kw, p.sw, p.pw, p.dw);
  if ((f.oh !== undefined && f.oh !== p.oh) || (f.ow !== undefined && f.ow !== p.ow)) {
    throw new Error(`bench: problem ${text}: the output is ${p.oh}x${p.ow}`);
  }
  return p;
}

/** `256x400:400x120`, with `t` behind a factor that lies transposed: `256x400:400x120t`. */
export function parseGemm(text) {
  const match = /^(\d+)x(\d+)(t?):(\d+)x(\d+)(t?)$/.exec(text);
  if (!match || match[2] !== match[4])
    throw new Error(`bench: problem ${text}: expected MxK:KxN, each with t if transposed`);
  return { m: +match[1], k: +match[2], n: +match[5], ta: match[3] === 't', tb: match[6] === 't' };
}

export const convFlops = (p) => 2 * p.n * p.k * p.oh * p.ow * (p.c / p.g) * p.kh * p.kw;

/** The convolution set: LeNet, ResNet, a stem, depthwise, grouped, dilated, VGG. */
export const convSet = {
  lenet1: 'mb256ic1ih28oc6kh5ph2',
  lenet2: 'mb256ic6ih14oc16kh5',
  res64_56_3x3: 'mb16ic64ih56oc64kh3ph1',
  res64_128_3x3s2: 'mb16ic64ih56oc128kh3sh2ph1',
  res128_28_3x3: 'mb16ic128ih28oc128kh3ph1',
  res256_14_3x3: 'mb16ic256ih14oc256kh3ph1',
  res512_7_3x3: 'mb16ic512ih7oc512kh3ph1',
  pw64_256: 'mb16ic64ih56oc256kh1',
  pw256_64: 'mb16ic256ih56oc64kh1',
  stem7x7s2: 'mb16ic3ih224oc64kh7sh2ph3',
  dw128_28: 'g128mb16ic128ih28oc128kh3ph1',
  grp8_128_28: 'g8mb16ic128ih28oc128kh3ph1',
  dil2_64_28: 'mb16ic64ih28oc64kh3ph2dh1',
  vgg64_112: 'mb8ic64ih112oc64kh3ph1',
};

export const gemmSet = {
  sq256: '256x256:256x256',
  sq512: '512x512:512x512',
  sq1024: '1024x1024:1024x1024',
  sq2048: '2048x2048:2048x2048',
  lenet_fc1_fwd: '256x400:400x120t',
  lenet_fc1_bwd_d: '256x120:120x400',
  lenet_fc1_bwd_w: '120x256t:256x400',
  lenet_fc2_fwd: '256x120:120x84t',
  lenet_fc2_bwd_d: '256x84:84x120',
  lenet_fc2_bwd_w: '84x256t:256x120',
  lenet_fc3_fwd: '256x84:84x10t',
  lenet_fc3_bwd_d: '256x10:10x84',
  lenet_fc3_bwd_w: '10x256t:256x84',
  res64_bwd_w: '64x3136:3136x576t',
  pw256_bwd_w: '64x3136:3136x256t',
};

export const poolSet = {
  lenet_2x2s2: 'mb256ic6ih28kh2sh2',
  lenet_3x3s2: 'mb256ic6ih28kh3sh2ph1',
  big_2x2s2: 'mb16ic64ih112kh2sh2',
  big_3x3s2: 'mb16ic64ih112kh3sh2ph1',
};

/** Elements: 16 Ki fit the first cache level, 64 Ki the second, 2 Mi the third. */
export const elementwiseSet = Object.fromEntries(
  ['sigmoid', 'tanh', 'exp', 'relu', 'add', 'softmax', 'batchNorm', 'adam'].flatMap((op) =>
    [4096, 65536, 2097152].map((n) => [`${op}_${n}`, `${op}:${n}`]),
  ),
);
