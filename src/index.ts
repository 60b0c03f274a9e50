/** The public names of gemmule. */
import './tensor/install.ts';

export { enableGrad, isGradEnabled, noGrad } from './autograd/mode.ts';
export * as autograd from './autograd/public.ts';
export { type BackendInfo, backend, getNumThreads, setNumThreads } from './backend/index.ts';
export type { NumberArray } from './backend/kernels.ts';
export * as data from './data/index.ts';
export * as io from './io/index.ts';
export { corr2d, corr2dMultiIn, corr2dMultiInOut, pool2d } from './models/by-hand.ts';
export * as models from './models/index.ts';
export { type ReceptiveField, receptiveField } from './models/receptive-field.ts';
export { type Summary, type SummaryRow, summary } from './models/summary.ts';
export * as nn from './nn/index.ts';
export * from './ops/public.ts';
export * as optim from './optim/index.ts';
export type { DType } from './tensor/dtype.ts';
export { type Slice, slice } from './tensor/indexing.ts';
export { scope } from './tensor/scope.ts';
export { Tensor } from './tensor/tensor.ts';
export * as testing from './testing.ts';
export * as train from './train/index.ts';
