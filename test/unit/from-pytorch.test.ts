/** docs/from-pytorch.md names nothing that is not there. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as gemmule from '../../src/index.ts';
import { tensor } from '../../src/index.ts';
import { camelCase } from '../golden/names.ts';

const text = readFileSync(resolve(import.meta.dirname, '../../docs/from-pytorch.md'), 'utf8');
const tables = text.slice(0, text.indexOf('side by side\n\n```'));
/** [PyTorch's column, gemmule's] of each row. */
const rows = tables
  .split('\n')
  .filter((line) => line.startsWith('|') && !line.startsWith('|---'))
  .map((line) => line.replaceAll('\\|', '¦').split('|').slice(1, 3));
const x = tensor([1]) as unknown as Record<string, unknown>;
const library = gemmule as unknown as Record<string, unknown>;
const functional = gemmule.nn.functional as unknown as Record<string, unknown>;

function named(pattern: RegExp, column = 1): string[] {
  return [...new Set(rows.flatMap((row) => [...(row[column] ?? '').matchAll(pattern)].map((match) => match[1])))];
}

/** Follows a path such as `optim.lrScheduler.StepLR`. */
function find(path: string): unknown {
  return path.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], library);
}

describe('what the table of names promises', () => {
  it.each(named(/`(?:x|input)\.(\w+)/g))('x.%s', (name) => {
    expect(name in x).toBe(true);
  });
  it.each(named(/`F\.(\w+)/g))('nn.functional.%s', (name) => {
    expect(typeof functional[name]).toBe('function');
  });
  it.each(named(/\b((?:nn|optim|data|io|autograd|testing)(?:\.\w+)+)/g))('%s', (path) => {
    expect(find(path)).toBeDefined();
  });
  it.each(named(/`((?!F\.|x\.|nn\.)[a-z]\w+)\((?!\))/g))('%s', (name) => {
    const { nn, optim } = gemmule;
    const places = [library, x, functional, nn.init, nn.utils, nn.Module.prototype, optim.SGD.prototype];
    expect(places.some((place) => name in (place as unknown as Record<string, unknown>))).toBe(true);
  });
  it.each(named(/`F\.(\w+)/g, 0))('F.%s has its place in gemmule', (name) => {
    expect(typeof functional[camelCase(name)]).toBe('function');
  });
  it.each(named(/`nn\.([A-Z]\w+)/g, 0))('nn.%s has its place in gemmule', (name) => {
    expect((gemmule.nn as unknown as Record<string, unknown>)[name]).toBeDefined();
  });
});
