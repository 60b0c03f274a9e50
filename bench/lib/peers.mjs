/** The libraries to compare with: which are on this machine, and how each is started. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as cmake from '../../scripts/cmake.mjs';
import { instructionSets } from '../../scripts/lib.mjs';
import { Worker } from './worker.mjs';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const buildFolder = join(root, 'build', 'peers');
const program = (name) => join(buildFolder, name);
const python = process.env.GEMMULE_PYTHON ?? '/usr/bin/python3';
const hasTorch = () => spawnSync(python, ['-c', 'import torch, numpy'], { stdio: 'ignore' }).status === 0;
const hasPackage = (name) => existsSync(join(root, 'bench', 'node_modules', name, 'package.json'));
const library = (name) => spawnSync('sh', ['-c', `ldconfig -p | grep -q ${name}`]).status === 0;

/** Builds the C++ peers and the probe of the machine's limits; quick where they are up to date. Gives what went wrong, or null. */
export async function buildPeers() {
  const settings = { silent: true, defines: { GEMMULE_PEERS: 'ON' } };
  try {
    await cmake.configure(buildFolder, settings);
    await cmake.build(buildFolder, ['peers'], settings);
    return null;
  } catch (error) {
    return `the C++ peers are not built: ${error.message}`;
  }
}

/** What each kind of process is started with, for this processor's best kernels or held to AVX2. */
export function environments(isa, threads) {
  const count = String(threads);
  const isHeld = isa === 'avx2';
  // OpenBLAS and BLIS know few processors by name: the kernels of their own that fit this one best
  const blas =
    isHeld || !instructionSets().includes('avx512')
      ? { OPENBLAS_CORETYPE: 'Haswell', BLIS_ARCH_TYPE: '3' }
      : { OPENBLAS_CORETYPE: 'SkylakeX', BLIS_ARCH_TYPE: '0' };
  const held = { ONEDNN_MAX_CPU_ISA: 'AVX2', DNNL_MAX_CPU_ISA: 'AVX2', ATEN_CPU_CAPABILITY: 'avx2', ...blas };
  const plain = { OMP_NUM_THREADS: count, ...(isHeld ? held : {}) };
  return {
    gemmule: { GEMMULE_NUM_THREADS: count, ...(isa ? { GEMMULE_ISA: isa } : {}) },
    plain,
    blas,
    /** PyTorch's best settings: BLAS on the same OpenMP runtime, its kernels for this processor, a malloc that keeps large blocks. */
    tuned: {
      ...plain,
      ...blas,
      LD_LIBRARY_PATH: '/usr/lib/x86_64-linux-gnu/openblas-openmp',
      MALLOC_MMAP_MAX_: '0',
      MALLOC_TRIM_THRESHOLD_: '17179869184',
      MALLOC_TOP_PAD_: '268435456',
    },
  };
}

/**
 * Every peer: the suites it takes part in, whether it is here, how it starts, and the variants of a request it answers.
 * `isWinograd` results are shown but count apart.
 */
export function peers(isa) {
  const env = (threads) => environments(isa, threads);
  const torch = join(root, 'bench', 'workers', 'pytorch.py');
  const js = join(root, 'bench', 'workers', 'js.mjs');
  return [
    {
      name: 'gemmule',
      suites: ['conv', 'gemm', 'pool', 'elementwise', 'lenet'],
      here: () => true,
      start: (threads) => [process.execPath, [join(root, 'bench', 'workers', 'gemmule.mjs')], env(threads).gemmule],
    },
    {
      name: 'gemmule-reference',
      suites: ['lenet'],
      threads: [1],
      here: () => true,
      start: () => [
        process.execPath,
        [join(root, 'bench', 'workers', 'gemmule.mjs')],
        { GEMMULE_BACKEND: 'reference' },
      ],
    },
    {
      name: 'pytorch',
      suites: ['lenet', 'elementwise', 'pool'],
      here: hasTorch,
      start: (threads) => [python, [torch, String(threads)], env(threads).plain],
    },
    {
      name: 'pytorch-tuned',
      suites: ['conv', 'gemm', 'pool', 'elementwise', 'lenet'],
      here: hasTorch,
      start: (threads) => [python, [torch, String(threads)], env(threads).tuned],
    },
    {
      name: 'pytorch-tuned-channels-last',
      suites: ['lenet'],
      variant: 'channels_last',
      here: hasTorch,
      start: (threads) => [python, [torch, String(threads)], env(threads).tuned],
    },
    ...['reorder', 'nchw', 'winograd'].map((variant) => ({
      name: `onednn-${variant}`,
      suites: variant === 'nchw' ? ['conv', 'gemm', 'pool'] : ['conv'],
      variant,
      isWinograd: variant === 'winograd',
      here: () => existsSync(program('peer_onednn')),
      start: (threads) => [program('peer_onednn'), [String(threads)], env(threads).plain],
    })),
    {
      name: 'openblas',
      suites: ['gemm'],
      here: () => existsSync(program('peer_blas')) && library('libopenblas.so.0'),
      start: (threads) => [program('peer_blas'), ['openblas', String(threads)], env(threads).blas],
    },
    {
      name: 'blis',
      suites: ['gemm'],
      here: () => existsSync(program('peer_blas')) && library('libblis.so.4'),
      start: (threads) => [program('peer_blas'), ['blis', String(threads)], env(threads).blas],
    },
    {
      name: 'onnxruntime-node',
      suites: ['lenet'],
      here: () => hasPackage('onnxruntime-node'),
      start: (threads) => [process.execPath, [js, 'onnxruntime-node', String(threads)], {}],
    },
    ...['cpu', 'wasm'].map((kind) => ({
      name: `tfjs-${kind}`,
      suites: ['lenet'],
      threads: [1],
      here: () => hasPackage(`@tensorflow/tfjs-backend-${kind}`),
      start: () => [process.execPath, [join(root, 'bench', 'workers', 'tfjs.mjs'), kind], {}],
    })),
    {
      name: 'convnetjs',
      suites: ['lenet'],
      threads: [1],
      here: () => hasPackage('convnetjs'),
      start: () => [process.execPath, [js, 'convnetjs', '1'], {}],
    },
  ];
}

/** Who trains epochs of MNIST: programs that print `{seconds, accuracy, peakMiB}`. gemmule is the first. */
export function epochPeers(dir, epochs, isa, threads) {
  const env = environments(isa, threads);
  const worker = (file) => join(root, 'bench', 'workers', file);
  const own = [worker('epoch.mjs'), dir, String(epochs)];
  const torch = [worker('pytorch_epoch.py'), dir, String(epochs), String(threads)];
  return [
    { name: 'gemmule', command: process.execPath, args: own, env: env.gemmule },
    ...(hasTorch()
      ? [
          { name: 'pytorch', command: python, args: torch, env: env.plain },
          { name: 'pytorch-tuned', command: python, args: torch, env: env.tuned },
        ]
      : []),
  ];
}

/** Starts a peer and waits until it can be asked; null, with the reason on stderr, where it cannot. */
export async function startPeer(peer, threads) {
  const [command, args, env] = peer.start(threads);
  const worker = new Worker(peer.name, command, args, env);
  const ready = new Promise((resolve, reject) => {
    worker.waiting.push({ resolve, reject });
  });
  try {
    worker.ready = await ready;
    return worker;
  } catch (error) {
    process.stderr.write(`bench: ${peer.name} does not start: ${error.message}\n`);
    return null;
  }
}

/** Peak rate and bandwidths of the machine, or null where the probe is not built. */
export function machineLimits(isa, threads) {
  if (!existsSync(program('peer_limits'))) return null;
  const run = spawnSync(program('peer_limits'), [isa, String(threads)], { encoding: 'utf8' });
  return run.status === 0 ? JSON.parse(run.stdout) : null;
}
