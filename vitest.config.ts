import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
// @ts-expect-error a plain script without types
import * as lib from './scripts/lib.mjs';

const { addon, instructionSets } = lib as { addon: string; instructionSets: () => string[] };

/** Tests that start whole programs: on the reference backend and on the best native one. */
const programs = ['test/{cli,process,examples}/**/*.test.ts'];
/** Tests that need no backend: once. */
const units = ['test/unit/**/*.test.ts'];
/** All others run on every backend and instruction set. */
const everything = ['test/**/*.test.ts'];

const sets = existsSync(addon) ? instructionSets() : [];
const best = sets.at(-1);

interface Suite {
  name: string;
  include: string[];
  exclude: string[];
  env: Record<string, string>;
}
const suites: Suite[] = [
  { name: 'unit', include: units, exclude: [], env: {} },
  { name: 'reference', include: everything, exclude: units, env: { GEMMULE_BACKEND: 'reference' } },
  ...sets.map((isa) => ({
    name: isa,
    include: everything,
    exclude: isa === best ? units : [...units, ...programs],
    env: { GEMMULE_BACKEND: 'native', GEMMULE_ISA: isa },
  })),
];

export default defineConfig({
  test: {
    // Vitest leaves one processor idle, and of two that is half
    maxWorkers: availableParallelism(),
    projects: suites.map((suite) => ({
      // modules are loaded once per worker: tests set what they need and leave no state behind
      test: { ...suite, pool: 'forks', isolate: false, testTimeout: 60_000, hookTimeout: 60_000 },
    })),
  },
});
