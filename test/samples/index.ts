/** Every record of every family. */
import { activations } from './activation.ts';
import { composed } from './composed.ts';
import { conv } from './conv.ts';
import { elementwise } from './elementwise.ts';
import { indexing } from './indexing.ts';
import { losses } from './loss.ts';
import { norms } from './norm.ts';
import { pool } from './pool.ts';
import { products } from './products.ts';
import { rearrange } from './rearrange.ts';
import type { OpRecord } from './record.ts';
import { reduce, softmaxes } from './reduce.ts';
import { spatial } from './spatial.ts';
import { statistics } from './statistics.ts';
import { view } from './view.ts';

export const records: readonly OpRecord[] = [
  ...elementwise,
  ...reduce,
  ...softmaxes,
  ...view,
  ...indexing,
  ...composed,
  ...statistics,
  ...rearrange,
  ...products,
  ...conv,
  ...pool,
  ...spatial,
  ...activations,
  ...losses,
  ...norms,
];
