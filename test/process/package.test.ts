/** The packed tarball: what is in it, and that it works where it is installed, without network and without scripts. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'gemmule-package-'));
const isBuilt = existsSync(join(root, 'build/Release/gemmule.node'));
let files: string[] = [];

function run(command: string, args: readonly string[], cwd = folder): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 300_000 });
}

const program = `
const { backend, data, models, nn, optim } = gemmule;
gemmule.manualSeed(0);
const net = models.lenet({ activation: 'relu', pool: 'max' });
const optimizer = new optim.Adam(net.parameters(), { lr: 0.005 });
const loss = new nn.CrossEntropyLoss();
const { train } = data.digits({ train: 640, test: 32, seed: 1 });
const losses = [];
(async () => {
  for await (const [x, y] of new data.DataLoader(train, { batchSize: 32, shuffle: true, seed: 1 })) {
    optimizer.zeroGrad();
    const l = loss.forward(net.forward(x), y);
    l.backward();
    optimizer.step();
    losses.push(l.item());
  }
  console.log(JSON.stringify({ losses, backend: backend.name, why: backend.info().why }));
})();
`;

interface Report {
  losses: number[];
  backend: string;
  why: string;
}

beforeAll(() => {
  run(process.execPath, ['scripts/build.mjs', ...(isBuilt ? ['--prebuild'] : [])], root);
  const packed = run('npm', ['pack', '--json', '--pack-destination', folder], root);
  const [{ filename, files: listed }] = JSON.parse(packed.slice(packed.indexOf('['))) as [
    { filename: string; files: { path: string }[] },
  ];
  files = listed.map((file) => file.path);
  writeFileSync(join(folder, 'package.json'), '{"name": "user", "version": "1.0.0", "private": true}');
  run('npm', ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', join(folder, filename)]);
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the tarball', () => {
  it('holds what runs and nothing else', () => {
    const allowed = /^(dist\/|prebuilds\/[\w-]+\/gemmule\.node$|package\.json$|README\.md$|LICENSE$|CHANGELOG\.md$)/;
    expect(files.filter((file) => !allowed.test(file))).toEqual([]);
    expect(files).toContain('dist/index.js');
    expect(files).toContain('dist/index.d.ts');
    expect(files).toContain('LICENSE');
  });

  it.runIf(isBuilt)("holds this platform's binary", () => {
    expect(files.some((file) => file.startsWith('prebuilds/') && file.includes(process.arch))).toBe(true);
  });

  it('runs nothing at install and depends on nothing', () => {
    const manifest = JSON.parse(readFileSync(join(folder, 'node_modules/gemmule/package.json'), 'utf8'));
    const scripts = Object.keys(manifest.scripts ?? {});
    expect(scripts.filter((name) => /^(pre|post)?(install|prepare|publish)/.test(name))).toEqual([]);
    expect(manifest.dependencies ?? {}).toEqual({});
    expect(existsSync(join(folder, 'node_modules/gemmule/binding.gyp'))).toBe(false);
  });
});

describe('installed', () => {
  const check = (output: string): void => {
    const { losses, backend, why } = JSON.parse(output.trim().split('\n').at(-1) as string) as Report;
    expect(losses.length).toBe(20);
    expect(losses.slice(-3).reduce((a, b) => a + b) / 3).toBeLessThan(losses[0] * 0.8);
    expect(backend).toBe(process.env.GEMMULE_BACKEND ?? backend);
    if (backend === 'native') expect(why).toMatch(/^prebuilds\//);
  };

  it('trains from an ES module', () => {
    writeFileSync(join(folder, 'train.mjs'), `import * as gemmule from 'gemmule';\n${program}`);
    check(run(process.execPath, ['train.mjs']));
  });

  it('trains from CommonJS, with the same single instance', () => {
    const text = `const gemmule = require('gemmule');\n${program}
      import('gemmule').then((m) => { if (m.Tensor !== gemmule.Tensor) throw new Error('two instances'); });`;
    writeFileSync(join(folder, 'train.cjs'), text);
    check(run(process.execPath, ['--no-warnings', 'train.cjs']));
  });

  it('has the command', () => {
    const printed = run('npx', ['--offline', 'gemmule', 'doctor', '--json']);
    const last = JSON.parse(printed.trim().split('\n').at(-1) as string) as Record<string, unknown>;
    expect(JSON.stringify(last)).toContain(process.env.GEMMULE_BACKEND ?? '');
  });
});
