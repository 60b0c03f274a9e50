/** What an installation costs: the packed and unpacked size of this package, and of the peers installed under bench/. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../lib/peers.mjs';
import { emit, say, table } from '../lib/report.mjs';

function folderBytes(folder) {
  let total = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) total += folderBytes(path);
    else if (entry.isFile()) total += statSync(path).size;
  }
  return total;
}

const mib = (bytes) => (bytes / 2 ** 20).toFixed(2);

export function runInstallSize() {
  say('\n## Size of an installation\n');
  const pack = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8' });
  if (pack.status !== 0) throw new Error(`bench: npm pack failed: ${pack.stderr}`);
  const parsed = JSON.parse(pack.stdout);
  const [own] = Array.isArray(parsed) ? parsed : Object.values(parsed);
  const rows = [['gemmule', mib(own.size), mib(own.unpackedSize), String(own.entryCount)]];
  emit({ suite: 'install-size', package: 'gemmule', packed: own.size, unpacked: own.unpackedSize });
  const modules = join(root, 'bench', 'node_modules');
  for (const name of ['onnxruntime-node', 'convnetjs', '@tensorflow']) {
    if (!existsSync(join(modules, name))) continue;
    const bytes = folderBytes(join(modules, name));
    rows.push([`${name} (its folder alone)`, '', mib(bytes), '']);
    emit({ suite: 'install-size', package: name, unpacked: bytes });
  }
  table(['package', 'packed MiB', 'unpacked MiB', 'files'], rows);
}
