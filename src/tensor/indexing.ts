/** Slices: what `slice(2, 6)` and `'2:6'` stand for. */
import { fail, invalid, show } from '../errors.ts';

/** A range along one axis; each part may be null, as in Python. */
export class Slice {
  /** First position; from the end where negative. null: the first. */
  readonly start: number | null;
  /** The position after the last; from the end where negative. null: the end. */
  readonly stop: number | null;
  /** Distance between positions, at least 1. */
  readonly step: number;

  constructor(start: number | null, stop: number | null, step: number) {
    this.start = start;
    this.stop = stop;
    this.step = step;
  }

  /** `slice(start, stop, step)`. */
  toString(): string {
    return `slice(${this.start}, ${this.stop}, ${this.step})`;
  }
}

function part(name: string, value: unknown): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number' || !Number.isInteger(value)) invalid('slice', name, 'an integer or null', value);
  return value;
}

/**
 * The elements start, start + step, … below stop of an axis, for `x.at` and `x.set`. Negative places count from the end,
 * null ones are the ends; places outside are cut off. step ≥ 1. Python's `start:stop:step`.
 */
export function slice(start?: number | null, stop?: number | null, step?: number | null): Slice {
  const stride = part('step', step) ?? 1;
  if (stride < 1) invalid('slice', 'step', 'an integer >= 1', step);
  return new Slice(part('start', start), part('stop', stop), stride);
}

const pattern = /^\s*(-?\d+)?\s*:\s*(-?\d+)?\s*(?::\s*(-?\d+)?\s*)?$/;

/** `'2:6'`, `':'`, `'::2'` as a Slice. */
export function parseSlice(op: string, text: string): Slice {
  const parts = pattern.exec(text);
  if (parts === null)
    return fail(op, `index expected a slice such as ':', '2:6' or '::2', or '...', got ${show(text)}`);
  const [start, stop, step] = parts.slice(1).map((p) => (p === undefined ? null : Number(p)));
  return slice(start, stop, step);
}

/** First element, count and step of a slice of an axis of `size` elements. */
export function sliceRange(s: Slice, size: number): { start: number; length: number; step: number } {
  const place = (value: number) => Math.min(Math.max(value < 0 ? value + size : value, 0), size);
  const start = place(s.start ?? 0);
  const stop = place(s.stop ?? size);
  return { start, length: Math.max(Math.ceil((stop - start) / s.step), 0), step: s.step };
}
