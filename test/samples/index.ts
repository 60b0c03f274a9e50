/** Every record of every family. */
import { elementwise } from './elementwise.ts';
import type { OpRecord } from './record.ts';

export const records: readonly OpRecord[] = [...elementwise];
