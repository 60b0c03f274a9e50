/** The text of a layer's settings, in PyTorch's form. */

/** A setting: an integer, a tuple, a word, true or false, None. */
export function text(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return value.length === 1 ? `(${text(value[0])},)` : `(${value.map(text).join(', ')})`;
  if (typeof value === 'number' && !Number.isInteger(value)) return decimal(value);
  return String(value);
}

/** A number that is a float in PyTorch: `1.0`, `0.01`, `1e-05`. */
export function decimal(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-4 && size < 1e16)) return Number.isInteger(value) ? value.toFixed(1) : String(value);
  const [digits, exponent] = value.toExponential().split('e');
  const power = Number(exponent);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** Every line but the first, moved two columns to the right. */
export function indent(lines: string): string {
  return lines.replaceAll('\n', '\n  ');
}
