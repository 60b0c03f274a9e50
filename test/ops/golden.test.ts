/** PyTorch's recorded answers, case by case, on the backend of this run. */
import { describe, expect, it } from 'vitest';
import * as gemmule from '../../src/index.ts';
import { runCase } from '../golden/driver.ts';
import { type Case, readRecording } from '../golden/format.ts';
import type { Library } from '../golden/library.ts';
import { sharedFile } from '../helpers/shared.ts';

const file = sharedFile('golden/ops.json');
const recording = file === null ? null : readRecording(file.slice(0, -'.json'.length));
const byOp = new Map<string, Case[]>();
for (const recorded of recording?.cases ?? []) byOp.set(recorded.op, [...(byOp.get(recorded.op) ?? []), recorded]);

describe.skipIf(recording === null)("PyTorch's recorded cases", () => {
  it('are there', () => {
    expect(recording?.cases.length).toBeGreaterThan(1000);
  });
  for (const [op, cases] of byOp) {
    describe(op, () => {
      for (const recorded of cases) {
        it(recorded.id, () => {
          const { outcome, message } = runCase(
            gemmule as unknown as Library,
            recorded,
            recording?.tensors ?? new Map(),
          );
          expect(outcome, message).toBe('passed');
        });
      }
    });
  }
});
