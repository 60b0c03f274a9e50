/** Checks of arguments that ops and layers share. Each throws an error that names op, argument and value. */
import { fail, invalid, show } from './errors.ts';

/** A size given once or per axis: `3` or `[3, 5]`. */
export type Pair = number | readonly [number, number];
export type Triple = number | readonly [number, number, number];

/**
 * Options as an object; an unknown name is an error that lists the known ones. null stands for an option that is not given,
 * except for the names in `nullable`, where it means something.
 */
export function options<T extends object>(
  op: string,
  given: T | null | undefined,
  known: readonly (keyof T & string)[],
  nullable: readonly (keyof T & string)[] = [],
): T {
  if (given === undefined || given === null) return {} as T;
  if (typeof given !== 'object' || Array.isArray(given) || ArrayBuffer.isView(given)) {
    return invalid(op, 'options', `an object with ${known.join(', ') || 'no names'}`, given);
  }
  let hasNull = false;
  const values = given as Record<string, unknown>;
  // in place of Object.entries: this runs in every call that takes options
  for (const name in values) {
    if (!(known as readonly string[]).includes(name)) {
      fail(
        op,
        `unknown option ${show(name)}; ${known.length ? `known options are ${known.join(', ')}` : 'it has no options'}`,
      );
    }
    hasNull ||= values[name] === null && !(nullable as readonly string[]).includes(name);
  }
  if (!hasNull) return given;
  const kept: Record<string, unknown> = {};
  for (const name in values) {
    if (values[name] !== null || (nullable as readonly string[]).includes(name)) kept[name] = values[name];
  }
  return kept as T;
}

/** A whole number ≥ min. */
export function integer(op: string, name: string, value: unknown, min = Number.MIN_SAFE_INTEGER): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min) {
    invalid(op, name, min === Number.MIN_SAFE_INTEGER ? 'an integer' : `an integer >= ${min}`, value);
  }
  return value;
}

/** A number, NaN excluded, within [min, max]. */
export function number(op: string, name: string, value: unknown, min = -Infinity, max = Infinity): number {
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    const range = min === -Infinity && max === Infinity ? '' : ` in [${min}, ${max}]`;
    invalid(op, name, `a number${range}`, value);
  }
  return value;
}

export function boolean(op: string, name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') invalid(op, name, 'true or false', value);
  return value;
}

/** One of a list of words. */
export function oneOf<T extends string>(op: string, name: string, value: unknown, words: readonly T[]): T {
  if (!(words as readonly unknown[]).includes(value)) invalid(op, name, words.map(show).join(' or '), value);
  return value as T;
}

/** `count` integers ≥ min from one integer or a list of that length. */
export function sizes(op: string, name: string, value: unknown, count: number, min = 0): number[] {
  if (typeof value === 'number') {
    const v = integer(op, name, value, min);
    return new Array<number>(count).fill(v);
  }
  if (Array.isArray(value) && value.length === 1) return sizes(op, name, value[0], count, min);
  if (!Array.isArray(value) || value.length !== count) {
    return invalid(op, name, `an integer or ${count} integers >= ${min}`, value);
  }
  return value.map((v) => integer(op, name, v, min));
}

/** Two integers ≥ min from `3` or `[3, 5]`. */
export function pair(op: string, name: string, value: unknown, min = 0): [number, number] {
  return sizes(op, name, value, 2, min) as [number, number];
}

/** An axis number, negative ones counted from the end, as 0 ≤ axis < ndim. A 0-d tensor takes 0 and -1. */
export function axis(op: string, name: string, value: unknown, ndim: number): number {
  const n = Math.max(ndim, 1);
  if (typeof value !== 'number' || !Number.isInteger(value) || value < -n || value >= n) {
    invalid(op, name, `an integer in [${-n}, ${n - 1}]`, value);
  }
  return value < 0 ? value + n : value;
}

/** A list of distinct axes from one axis, a list, or undefined for all of them. */
export function axisList(op: string, name: string, value: unknown, ndim: number): number[] {
  if (value === undefined || value === null) return Array.from({ length: ndim }, (_, i) => i);
  const list = (Array.isArray(value) ? value : [value]).map((v) => axis(op, name, v, ndim));
  if (new Set(list).size !== list.length) invalid(op, name, 'distinct axes', value);
  return list;
}

/** @inline The `dim` of an op that has no other option, bare or named: `1` or `{dim: 1}`. */
export type DimOption = number | { dim?: number };

/** The axis number in a DimOption. */
export function dimOption(op: string, given: DimOption | undefined, fallback: number): number {
  return typeof given === 'number' ? given : (options(op, given, ['dim']).dim ?? fallback);
}
