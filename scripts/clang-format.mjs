// node scripts/clang-format.mjs [--write]: checks, or puts right, the layout of all C++ files. Where clang-format is not
// installed it says so and succeeds.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { filesUnder, root } from './lib.mjs';

const write = process.argv.includes('--write');
const folders = ['native', 'test/native', 'bench/native', 'bench/peers'];
const files = folders.flatMap((folder) => filesUnder(join(root, folder))).filter((file) => /\.(cc|h)$/.test(file));
const { status, error } = spawnSync('clang-format', [...(write ? ['-i'] : ['--dry-run', '--Werror']), ...files], {
  stdio: 'inherit',
});
if (error?.code === 'ENOENT') console.log('clang-format is not installed: C++ files are left as they are');
else if (error) throw error;
else process.exitCode = status ?? 1;
