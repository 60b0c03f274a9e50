/** Tensors as text, in PyTorch's form to the character (`torch/_tensor_str.py`, default print options). */
import type { NumberArray } from '../backend/kernels.ts';
import type { DType } from './dtype.ts';
import { isFloat } from './dtype.ts';
import type { Tensor } from './tensor.ts';

const PRECISION = 4;
/** Above this many elements, the middle is left out. */
const THRESHOLD = 1000;
/** Elements shown at either end of an axis that is cut. */
const EDGE = 3;
const LINE_WIDTH = 80;
const PREFIX = 'tensor(';

/** Digits that settle whether a number lies halfway between two printed ones. */
const EXACT_DIGITS = 60;

/** JavaScript rounds a number halfway between two decimals up, Python to the even one: `up` corrected, from `exact` digits. */
function halfToEven(up: string, exact: string): string {
  const end = up.indexOf('.') + PRECISION;
  const rest = exact.slice(exact.indexOf('.') + 1 + PRECISION).replace(/e.*/, '');
  const isOdd = Number(up[end]) % 2 === 1;
  return isOdd && /^50*$/.test(rest) ? `${up.slice(0, end)}${Number(up[end]) - 1}${up.slice(end + 1)}` : up;
}

const fixed = (v: number): string => halfToEven(v.toFixed(PRECISION), v.toFixed(EXACT_DIGITS));
const scientific = (v: number): string =>
  halfToEven(v.toExponential(PRECISION), v.toExponential(EXACT_DIGITS)).replace(/e([+-])(\d)$/, 'e$10$2');
const whole = (v: number): string => `${Object.is(v, -0) ? '-0' : v.toFixed(0)}.`;

/** `nan` and `inf` as Python writes them; finite numbers by `finite`. */
function floatText(v: number, finite: (v: number) => string): string {
  return Number.isFinite(v) ? finite(v) : Number.isNaN(v) ? 'nan' : v > 0 ? 'inf' : '-inf';
}

/** How one element is written, chosen from all that are shown. */
function formatter(dtype: DType, shown: readonly number[]): { width: number; format: (v: number) => string } {
  const widest = (texts: readonly string[]): number => texts.reduce((width, text) => Math.max(width, text.length), 1);
  if (!isFloat(dtype)) {
    const format = (v: number): string => (dtype === 'bool' ? (v === 0 ? 'False' : 'True') : String(v));
    return { width: widest(shown.map(format)), format };
  }
  const counted = shown.filter((v) => v !== 0 && Number.isFinite(v));
  const sizes = counted.map(Math.abs);
  const largest = sizes.reduce((a, b) => Math.max(a, b), 0);
  const smallest = sizes.reduce((a, b) => Math.min(a, b), Infinity);
  const areWhole = counted.every(Number.isInteger);
  const isWide = counted.length > 0 && (largest / smallest > 1000 || largest > 1e8 || (!areWhole && smallest < 1e-4));
  const finite = isWide ? scientific : areWhole ? whole : fixed;
  return { width: widest(counted.map(finite)), format: (v) => floatText(v, finite) };
}

/** Positions along an axis of `size` that are shown; null stands for the gap. */
function positions(size: number, cut: boolean): (number | null)[] {
  const all = Array.from({ length: size }, (_, i) => i);
  return cut && size > 2 * EDGE ? [...all.slice(0, EDGE), null, ...all.slice(-EDGE)] : all;
}

/** Elements that are shown, of the block of `data` that starts at `start`. */
function* shownElements(data: NumberArray, shape: readonly number[], start: number, cut: boolean): Generator<number> {
  if (shape.length === 0) {
    yield data[start];
    return;
  }
  const [size, ...inner] = shape;
  const block = inner.reduce((a, b) => a * b, 1);
  for (const i of positions(size, cut)) {
    if (i !== null) yield* shownElements(data, inner, start + i * block, cut);
  }
}

/** The bracketed text of the elements. */
function body(t: Tensor): string {
  const data = t.toTypedArray();
  const cut = t.size > THRESHOLD;
  const { width, format } = formatter(t.dtype, [...shownElements(data, t.shape, 0, cut)]);
  const element = (at: number): string => format(data[at]).padStart(width);
  const perLine = (indent: number): number => Math.max(1, Math.floor((LINE_WIDTH - indent) / (width + 2)));

  const level = (shape: readonly number[], start: number, indent: number): string => {
    if (shape.length === 0) return element(start);
    const [size, ...inner] = shape;
    const block = inner.reduce((a, b) => a * b, 1);
    const margin = ' '.repeat(indent + 1);
    const gap = inner.length === 0 ? ' ...' : '...';
    const parts = positions(size, cut).map((i) => (i === null ? gap : level(inner, start + i * block, indent + 1)));
    if (inner.length > 0) return `[${parts.join(`,${'\n'.repeat(inner.length)}${margin}`)}]`;
    const lines: string[] = [];
    const step = perLine(indent);
    for (let i = 0; i < parts.length; i += step) lines.push(parts.slice(i, i + step).join(', '));
    return `[${lines.join(`,\n${margin}`)}]`;
  };
  return level(t.shape, 0, PREFIX.length);
}

/** PyTorch's names for what made a tensor, where they are not the op's own. */
const gradNames: Record<string, string> = {
  conv2d: 'Convolution',
  linear: 'Addmm',
  maxPool2d: 'MaxPool2DWithIndices',
  avgPool2d: 'AvgPool2D',
  reshape: 'ReshapeAlias',
  asStrided: 'AsStrided',
  to: 'ToCopy',
};

function gradName(op: string): string {
  return `${gradNames[op] ?? op[0].toUpperCase() + op.slice(1)}Backward0`;
}

function suffixes(t: Tensor): string[] {
  const list: string[] = [];
  if (t.size === 0 && t.ndim !== 1) list.push(`size=(${t.shape.join(', ')})`);
  const isPlain = t.dtype === 'float32' || (t.dtype === 'bool' && t.size > 0);
  if (!isPlain) list.push(`dtype=torch.${t.dtype}`);
  if (t.gradFn !== null) list.push(`grad_fn=<${gradName(t.gradFn.name)}>`);
  else if (t.requiresGrad) list.push('requires_grad=True');
  return list;
}

/** What `str(tensor)` gives in PyTorch. */
export function print(t: Tensor): string {
  let text = PREFIX + (t.size === 0 ? '[]' : body(t));
  let lineLength = text.length - text.lastIndexOf('\n') + 1;
  for (const suffix of suffixes(t)) {
    if (lineLength + suffix.length + 2 > LINE_WIDTH) {
      text += `,\n${' '.repeat(PREFIX.length)}${suffix}`;
      lineLength = PREFIX.length + suffix.length;
    } else {
      text += `, ${suffix}`;
      lineLength += suffix.length + 2;
    }
  }
  return `${text})`;
}
