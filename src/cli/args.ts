/** Options of a command: their values checked, their help text, errors that name option and value. */
import { parseArgs } from 'node:util';

/** A mistake of the person at the keyboard; the program ends with exit code 2. */
export class UsageError extends Error {}

/** How the text after an option becomes a value. */
export interface Option<T> {
  /** What stands for the value in the help; null for a flag, which has none. */
  readonly placeholder: string | null;
  readonly help: string;
  /** Throws a message saying what is expected. */
  parse(text: string): T;
  readonly fallback: T;
}

export type OptionTable = Record<string, Option<unknown>>;
export type Values<S extends OptionTable> = { [K in keyof S]: S[K] extends Option<infer T> ? T : never };

/** How a command's words are read. */
export interface Usage<S extends OptionTable = OptionTable> {
  readonly summary: string;
  /** Names of the words that are not options, each needed. */
  readonly words: readonly string[];
  readonly options: S;
}

class Expected extends Error {}

export function text(placeholder: string, help: string): Option<string | undefined>;
export function text(placeholder: string, help: string, fallback: string): Option<string>;
export function text(placeholder: string, help: string, fallback?: string): Option<string | undefined> {
  return {
    placeholder,
    help,
    fallback,
    parse(value) {
      if (value === '') throw new Expected('some text');
      return value;
    },
  };
}

export function flag(help: string): Option<boolean> {
  return { placeholder: null, help, fallback: false, parse: () => true };
}

export function choice<const T extends string>(words: readonly T[], help: string): Option<T | undefined>;
export function choice<const T extends string>(words: readonly T[], help: string, fallback: T): Option<T>;
export function choice<const T extends string>(words: readonly T[], help: string, fallback?: T): Option<T | undefined> {
  return {
    placeholder: words.join('|'),
    help,
    fallback,
    parse(value) {
      if (!(words as readonly string[]).includes(value)) throw new Expected(words.join(' or '));
      return value as T;
    },
  };
}

interface Range {
  min: number;
  max?: number;
  integer?: boolean;
  /** `min` itself is too small. */
  above?: boolean;
}

export function numeric(range: Range, help: string): Option<number | undefined>;
export function numeric(range: Range, help: string, fallback: number): Option<number>;
export function numeric(range: Range, help: string, fallback?: number): Option<number | undefined> {
  const { min, max = Infinity, integer = false, above = false } = range;
  const limits = `${above ? '>' : '>='} ${min}${max < Infinity ? ` and <= ${max}` : ''}`;
  return {
    placeholder: integer ? 'N' : 'X',
    help,
    fallback,
    parse(value) {
      const n = value.trim() === '' ? Number.NaN : Number(value);
      const inRange = (above ? n > min : n >= min) && n <= max && n < Infinity;
      if (!inRange || (integer && !Number.isInteger(n))) {
        throw new Expected(`${integer ? 'an integer' : 'a number'} ${limits}`);
      }
      return n;
    },
  };
}

/** Reads the words after a command's name. */
export function readArgs<S extends OptionTable>(
  command: string,
  usage: Usage<S>,
  argv: readonly string[],
): { values: Values<S>; words: string[] } {
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      Object.entries(usage.options).map(([name, option]) => [
        name,
        { type: option.placeholder === null ? ('boolean' as const) : ('string' as const) },
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(usage.options)) values[name] = option.fallback;
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(usage.options, token.name) ? usage.options[token.name] : undefined;
    if (!option || token.rawName !== `--${token.name}`) {
      throw new UsageError(`unknown option ${token.rawName}; see gemmule ${command} --help`);
    }
    if (option.placeholder === null && token.value !== undefined) {
      throw new UsageError(`option ${token.rawName} takes no value, got ${JSON.stringify(token.value)}`);
    }
    const swallowed = token.inlineValue === false && token.value.startsWith('--');
    if (option.placeholder !== null && (token.value === undefined || swallowed)) {
      throw new UsageError(`option ${token.rawName} expected a value: ${option.placeholder}`);
    }
    try {
      values[token.name] = option.parse(token.value ?? '');
    } catch (error) {
      if (!(error instanceof Expected)) throw error;
      throw new UsageError(`option ${token.rawName} expected ${error.message}, got ${JSON.stringify(token.value)}`);
    }
  }
  if (words.length > usage.words.length) {
    throw new UsageError(`unexpected ${JSON.stringify(words[usage.words.length])}; see gemmule ${command} --help`);
  }
  if (words.length < usage.words.length && values.help !== true) {
    throw new UsageError(`${usage.words[words.length]} is missing; see gemmule ${command} --help`);
  }
  return { values: values as Values<S>, words };
}

/** The text of `gemmule COMMAND --help`. */
export function helpText(command: string, usage: Usage): string {
  const rows = Object.entries(usage.options).map(([name, option]) => {
    const shown = option.fallback === undefined || option.placeholder === null ? '' : ` (default ${option.fallback})`;
    return [`--${name}${option.placeholder === null ? '' : ` ${option.placeholder}`}`, `${option.help}${shown}`];
  });
  const width = Math.max(...rows.map(([left]) => left.length));
  const lines = rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
  return [`${['gemmule', command, ...usage.words].join(' ')} [options]`, '', usage.summary, '', ...lines].join('\n');
}
