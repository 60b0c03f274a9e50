/** Where the recorded answers and MNIST are: beside the repository, or where GEMMULE_SHARED says. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

export const shared = resolve(import.meta.dirname, '../..', process.env.GEMMULE_SHARED ?? '../shared');

/** The path of a shared file, or null where it is not there. */
export function sharedFile(name: string): string | null {
  const path = resolve(shared, name);
  return existsSync(path) ? path : null;
}
