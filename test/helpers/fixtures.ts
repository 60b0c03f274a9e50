/** Numbers that PyTorch computed: test/fixtures/NAME.json, written by the script of the same name. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';

export function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8')) as T;
}

/** PyTorch's option names as ours: `T_max` → `tMax`. */
export function camelOptions(options: Record<string, unknown>): Record<string, unknown> {
  const rename = (name: string) => name.replace(/^T_/, 't_').replace(/_([a-z0-9])/g, (_, c: string) => c.toUpperCase());
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [rename(name), value]));
}

/** Elementwise |got - expected| ≤ atol + rtol·|expected|. */
export function expectNear(
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
  rtol: number,
  atol = rtol * 1e-2,
): void {
  expect(got.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const slack = atol + rtol * Math.abs(expected[i]);
    if (!(Math.abs(got[i] - expected[i]) <= slack)) {
      expect.fail(`element ${i} expected ${expected[i]} within ${slack}, got ${got[i]}`);
    }
  }
}

/** n numbers in [-1, 1), exact in float32: `draw` of the scripts. */
export function draw(n: number, seed: number): number[] {
  let state = Math.imul(seed, 2654435761 | 0);
  return Array.from({ length: n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) / 2 ** 23 - 1;
  });
}
