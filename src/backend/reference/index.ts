/** Every kernel in TypeScript: the readable definition of each, and what runs where there is no native binary. */
import type { Kernels } from '../kernels.ts';
import { relu, reluBackward, sigmoid, sigmoidBackward, tanh, tanhBackward } from './activation.ts';
import * as binary from './binary.ts';
import * as compare from './compare.ts';
import { conv2d, conv2dInputGrad, conv2dWeightGrad } from './conv.ts';
import { copyStrided, fill } from './copy.ts';
import * as indexing from './indexing.ts';
import { matmul } from './matmul.ts';
import * as norm from './norm.ts';
import * as optim from './optim.ts';
import * as pool from './pool.ts';
import { randomUniform } from './random.ts';
import * as reduce from './reduce.ts';
import { cumprod, cumsum, sort } from './scan.ts';
import * as softmax from './softmax.ts';
import * as unary from './unary.ts';
import { fold, unfold } from './unfold.ts';

export const referenceKernels = {
  fill,
  copyStrided,
  ...unary,
  sigmoid,
  tanh,
  relu,
  ...binary,
  ...compare,
  sigmoidBackward,
  tanhBackward,
  reluBackward,
  ...reduce,
  cumsum,
  cumprod,
  sort,
  ...softmax,
  ...indexing,
  matmul,
  conv2d,
  conv2dInputGrad,
  conv2dWeightGrad,
  unfold,
  fold,
  ...pool,
  ...norm,
  ...optim,
  randomUniform,
} satisfies Kernels;
