/** How the backend is chosen: settings, a binary that is missing, and what is said about it. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const built = existsSync(join(root, 'build/Release/gemmule.node'));

/** Prints what a fresh process says of its backend; `where` holds dist. */
function probe(where: string, env: Record<string, string> = {}, code = 'm.backend.info()') {
  const url = pathToFileURL(join(where, 'dist/backend/index.js')).href;
  const script = `import(${JSON.stringify(url)}).then((m) => console.log(JSON.stringify(${code})))`;
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GEMMULE_')));
  const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', script], {
    env: { ...inherited, ...env } as NodeJS.ProcessEnv,
    encoding: 'utf8',
  });
  return { info: stdout ? JSON.parse(stdout) : null, stderr, status };
}

describe('a machine without a binary', () => {
  let bare: string;
  beforeAll(() => {
    bare = mkdtempSync(join(tmpdir(), 'gemmule-bare-'));
    cpSync(join(root, 'dist'), join(bare, 'dist'), { recursive: true });
    writeFileSync(join(bare, 'package.json'), '{"type": "module"}');
  });
  afterAll(() => rmSync(bare, { recursive: true }));

  it('runs the reference backend with one warning that says why and how to mend it', () => {
    const { info, stderr, status } = probe(bare);
    expect(status).toBe(0);
    expect(info).toMatchObject({ name: 'reference', isa: 'none', threads: 1, nativeKernels: 0 });
    expect(stderr.match(/GemmuleWarning/g)).toHaveLength(1);
    expect(stderr).toContain('build/Release/gemmule.node: not there');
    expect(stderr).toContain('node scripts/build.mjs native');
  });

  it('is quiet where the reference backend was asked for', () => {
    const { info, stderr } = probe(bare, { GEMMULE_BACKEND: 'reference' });
    expect(info).toMatchObject({ name: 'reference', why: 'GEMMULE_BACKEND=reference' });
    expect(stderr).toBe('');
  });

  it('fails where the native backend was asked for', () => {
    const { stderr, status } = probe(bare, { GEMMULE_BACKEND: 'native' });
    expect(status).not.toBe(0);
    expect(stderr).toContain('GEMMULE_BACKEND=native: no native binary');
  });

  it('says what is wrong with a binary that does not load', () => {
    mkdirSync(join(bare, 'build/Release'), { recursive: true });
    writeFileSync(join(bare, 'build/Release/gemmule.node'), 'not a library');
    const { info, stderr } = probe(bare);
    expect(info).toMatchObject({ name: 'reference' });
    expect(stderr).toMatch(/build\/Release\/gemmule\.node: .*(too short|invalid|header|not a)/);
  });
});

describe('settings', () => {
  it.each([
    ['GEMMULE_BACKEND', 'gpu', 'environment: GEMMULE_BACKEND expected native or reference, got "gpu"'],
    ['GEMMULE_ISA', 'sse9', 'environment: GEMMULE_ISA expected one of avx512, avx2, neon, portable, got "sse9"'],
    ['GEMMULE_NUM_THREADS', '0', 'environment: GEMMULE_NUM_THREADS expected an integer in [1, 256], got "0"'],
    ['GEMMULE_NUM_THREADS', 'two', 'environment: GEMMULE_NUM_THREADS expected an integer in [1, 256], got "two"'],
  ])('%s=%s is an error', (name, value, message) => {
    const { stderr, status } = probe(root, { [name]: value });
    expect(status).not.toBe(0);
    expect(stderr).toContain(message);
  });

  it.skipIf(!built)('names an instruction set that this machine has not got', () => {
    const { info } = probe(root);
    const missing = ['neon', 'avx512', 'avx2'].find((isa) => !info.isas.includes(isa))!;
    const { stderr, status } = probe(root, { GEMMULE_ISA: missing });
    expect(status).not.toBe(0);
    expect(stderr).toContain(`environment: GEMMULE_ISA expected one this machine has (${info.isas.join(', ')})`);
  });

  it.skipIf(!built)('choose the instruction set and the number of threads', () => {
    const { info, stderr } = probe(root, { GEMMULE_ISA: 'portable', GEMMULE_NUM_THREADS: '3' });
    expect(stderr).toBe('');
    expect(info).toMatchObject({ name: 'native', isa: 'portable', threads: 3 });
    expect(info.nativeKernels).toBeGreaterThan(50);
    const code = '[m.getNumThreads(), m.setNumThreads(1), m.getNumThreads()]';
    expect(probe(root, { GEMMULE_NUM_THREADS: '2' }, code).info).toEqual([2, null, 1]);
  });
});
