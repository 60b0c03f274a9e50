/** Wrong calls throw the exact message of their record. */
import { describe, expect, it } from 'vitest';
import { records } from '../samples/index.ts';
import { Make } from '../samples/make.ts';
import { publicOp } from './calls.ts';

describe('errors', () => {
  for (const record of records) {
    for (const { args, message } of record.errors) {
      it(message, () => {
        const given = args(new Make(record.dtypes[0]));
        let thrown: unknown;
        try {
          publicOp(record.name)(...given);
        } catch (error) {
          thrown = error;
        }
        expect(thrown).toBeInstanceOf(Error);
        expect((thrown as Error).message).toBe(message);
      });
    }
  }
});
