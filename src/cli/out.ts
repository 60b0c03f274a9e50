/** Files that commands write. */
import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { UsageError } from './args.ts';

/** Throws where `--out` cannot be written: better before the work than after it. */
export function checkWritable(out: string): void {
  try {
    accessSync(dirname(out), constants.W_OK);
  } catch {
    throw new UsageError(`option --out expected a file in a folder that can be written, got "${out}"`);
  }
  if (statSync(out, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`option --out expected a file, got the folder "${out}"`);
  }
}
