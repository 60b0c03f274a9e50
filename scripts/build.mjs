// node scripts/build.mjs [native|ts] [--strict] [--prebuild]: builds the addon, the TypeScript, or both; what is up to date
// is left alone. A machine that cannot build the addon gets one line that says why, and the reference backend.
//   --strict    that is an error
//   --prebuild  copies the addon to prebuilds/<os>[-musl]-<cpu>/, where the published package looks for it
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { strict: { type: 'boolean', default: false }, prebuild: { type: 'boolean', default: false } },
});
const [part = 'all'] = positionals;
if (!['all', 'native', 'ts'].includes(part) || positionals.length > 1) {
  throw new Error(`build: expected native, ts or nothing, got ${positionals.join(' ')}`);
}
const binary = join(root, 'build/Release/gemmule.node');

/** Every file below the given folders and files, in order. */
function filesBelow(...paths) {
  return paths.flatMap((path) => {
    const full = join(root, path);
    if (!fs.statSync(full).isDirectory()) return [full];
    const entries = fs.readdirSync(full, { recursive: true }).map((name) => join(full, name));
    return entries.filter((name) => fs.statSync(name).isFile()).sort();
  });
}

function modified(path) {
  return fs.existsSync(path) ? fs.statSync(path).mtimeMs : 0;
}

function newest(files) {
  return Math.max(...files.map(modified));
}

/** Whether the stamp was written for this content and after every file's last change. */
function upToDate(stamp, content, files) {
  return fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === content && modified(stamp) > newest(files);
}

/** Runs fn while no other build runs in this folder. */
async function alone(fn) {
  const lock = join(root, 'build/.lock');
  fs.mkdirSync(dirname(lock), { recursive: true });
  for (;;) {
    try {
      fs.writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    try {
      process.kill(Number(fs.readFileSync(lock, 'utf8')), 0);
      await sleep(200);
    } catch {
      fs.rmSync(lock, { force: true }); // its owner is gone
    }
  }
  try {
    return fn();
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

function run(command, args) {
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) throw error;
  if (status !== 0) process.exitCode = 1;
  return status === 0 && signal === null;
}

function works(command) {
  return !spawnSync(command, ['--version'], { stdio: 'ignore' }).error;
}

/** What a source build lacks on this machine, or null. On Windows node-gyp looks for Visual Studio itself. */
function missingTool() {
  if (process.platform === 'win32') return null;
  const compilers = process.env.CXX ? [process.env.CXX.split(' ')[0]] : ['c++', 'g++', 'clang++'];
  if (!compilers.some(works)) return `no C++ compiler (${compilers.join(', ')})`;
  if (!works(process.env.MAKE ?? 'make')) return 'no make';
  const pythons = [process.env.npm_config_python, process.env.PYTHON, 'python3', 'python'].filter(Boolean);
  return pythons.some(works) ? null : 'no python3';
}

/** Headers that came with this very Node, so that node-gyp does not have to fetch them. */
function headersOption() {
  if (process.env.npm_config_nodedir) return [];
  const prefix = join(dirname(process.execPath), '..');
  const header = join(prefix, 'include/node/node_version.h');
  if (!fs.existsSync(header)) return [];
  const text = fs.readFileSync(header, 'utf8');
  const version = ['MAJOR', 'MINOR', 'PATCH'].map((x) => new RegExp(`NODE_${x}_VERSION (\\d+)`).exec(text)?.[1]);
  return `v${version.join('.')}` === process.version ? [`--nodedir=${prefix}`] : [];
}

function buildNative() {
  const files = filesBelow('native', 'binding.gyp');
  const recipe = filesBelow('binding.gyp', 'native/sources.mjs').map((file) => fs.readFileSync(file, 'utf8'));
  const hash = createHash('sha256').update(recipe.concat(files.filter((f) => f.endsWith('.cc'))).join('\n'));
  const content = `${process.version} ${process.arch} ${hash.digest('hex')}`;
  const stamp = join(root, 'build/native.stamp');
  const configured = fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === content;
  if (configured && fs.existsSync(binary) && upToDate(stamp, content, files)) return true;

  const lacking = missingTool();
  if (lacking) {
    const line = `gemmule: native kernels are not built: ${lacking}. The reference backend runs instead.`;
    console.error(line);
    if (options.strict) process.exitCode = 1;
    return false;
  }
  const steps = configured && fs.existsSync(join(root, 'build/Makefile')) ? ['build'] : ['configure', 'build'];
  fs.rmSync(stamp, { force: true });
  const started = new Date();
  const gyp = [
    require.resolve('node-gyp/bin/node-gyp.js'),
    ...steps,
    '--jobs',
    'max',
    '--loglevel',
    'warn',
    '--silent',
  ];
  if (!run(process.execPath, [...gyp, ...headersOption()])) return false;
  fs.writeFileSync(stamp, content);
  fs.utimesSync(stamp, started, started); // a file saved during the build is newer than the stamp
  return true;
}

function copyPrebuild() {
  const musl = process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime;
  const folder = join(root, 'prebuilds', `${process.platform}${musl ? '-musl' : ''}-${process.arch}`);
  fs.mkdirSync(folder, { recursive: true });
  fs.copyFileSync(binary, join(folder, 'gemmule.node'));
}

function buildTypeScript() {
  const files = filesBelow('src', 'tsconfig.json');
  const content = files.join('\n');
  const stamp = join(root, 'build/ts.stamp');
  const dist = join(root, 'dist');
  if (fs.existsSync(dist) && upToDate(stamp, content, files)) return;
  const before = fs.existsSync(stamp) ? fs.readFileSync(stamp, 'utf8') : '';
  if (before !== content) fs.rmSync(dist, { recursive: true, force: true }); // no output of a source that is gone
  fs.rmSync(stamp, { force: true });
  const started = new Date();
  const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
  if (!run(process.execPath, [compiler, '-p', 'tsconfig.json'])) return;
  fs.writeFileSync(stamp, content);
  fs.utimesSync(stamp, started, started);
}

await alone(() => {
  if (part !== 'ts' && buildNative() && options.prebuild) copyPrebuild();
  if (part !== 'native') buildTypeScript();
});
