/** The one form of message: `op: argument expected …, got …`. */

/** A value as it appears in a message: short, unambiguous. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`;
  if (value !== null && typeof value === 'object') {
    const name = value.constructor?.name ?? 'Object';
    const shape = (value as { shape?: unknown }).shape;
    if (Array.isArray(shape)) return `${name} of shape ${show(shape)}`;
    if (ArrayBuffer.isView(value)) return `${name} of length ${(value as Uint8Array).length}`;
    return name === 'Object' ? `{${Object.keys(value).join(', ')}}` : name;
  }
  return Object.is(value, -0) ? '-0' : String(value);
}

/** Throws the error of a bad argument: `op: name expected …, got …`. */
export function invalid(op: string, name: string, expected: string, got: unknown): never {
  throw new Error(`${op}: ${name} expected ${expected}, got ${show(got)}`);
}

/** Throws `op: message`. */
export function fail(op: string, message: string): never {
  throw new Error(`${op}: ${message}`);
}
