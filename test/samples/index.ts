/** Every record of every family. */
import { conv } from './conv.ts';
import { elementwise } from './elementwise.ts';
import { pool } from './pool.ts';
import { products } from './products.ts';
import type { OpRecord } from './record.ts';
import { reduce, softmaxes } from './reduce.ts';
import { view } from './view.ts';

export const records: readonly OpRecord[] = [
  ...elementwise,
  ...reduce,
  ...softmaxes,
  ...view,
  ...products,
  ...conv,
  ...pool,
];
