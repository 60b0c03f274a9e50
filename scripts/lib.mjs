// What the scripts share.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** The script behind a development dependency's command. */
export function bin(name, command = name) {
  const folder = join(root, 'node_modules', name);
  const { bin: entry } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof entry === 'string' ? entry : entry[command]);
}

/** Every file under a folder, by path. */
export function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Whether dist/ is missing or older than a source. */
export function distIsStale() {
  const built = join(root, 'dist', 'index.js');
  if (!existsSync(built)) return true;
  const { mtimeMs } = statSync(built);
  return filesUnder(join(root, 'src')).some((file) => statSync(file).mtimeMs > mtimeMs);
}
