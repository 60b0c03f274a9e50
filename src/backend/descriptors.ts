/**
 * The integer descriptors that go with a kernel call: an Int32Array with these fields in this order.
 * `native/descriptors.def` holds the same list; test/ops/coverage.test.ts compares the two.
 */

/** Most axes that a strided kernel walks. Axes that can be merged are merged before they are counted. */
export const MAX_AXES = 8;

const axes = (prefix: string): string[] => Array.from({ length: MAX_AXES }, (_, i) => `${prefix}${i}`);

export const descriptorFields = {
  /**
   * Up to three strided operands a, b, c over one index space of `n` elements. Axis 0 is the outermost; unused axes are
   * not read. Strides and offsets count elements; stride 0 broadcasts. A result that has no letter is contiguous.
   */
  StridedDesc: [
    'n',
    'ndim',
    'offsetA',
    'offsetB',
    'offsetC',
    ...axes('size'),
    ...axes('a'),
    ...axes('b'),
    ...axes('c'),
  ],
  /** A contiguous array seen as [outer, n, inner], worked on along its middle axis. */
  ReduceDesc: ['outer', 'n', 'inner'],
  /** Row-wise gather and scatter: `rows` indices, each naming one of `sourceRows` rows of `inner` contiguous elements. */
  RowsDesc: ['rows', 'sourceRows', 'inner'],
  /**
   * C[batch, m, n] = op(A)·op(B) (+ bias) then activation. A is m×k (k×m where transA is 1) with row stride lda, and so on;
   * strideA/B are the distance between two matrices of a batch (0 shares one). C is contiguous.
   * bias: 0 none, 1 one value per row (m), 2 one per column (n). activation: 0 none, 1 relu, 2 sigmoid, 3 tanh.
   * packed: 1 where B comes as the native backend packed it ahead (native/packers.def).
   */
  GemmDesc: [
    'batch',
    'm',
    'n',
    'k',
    'transA',
    'transB',
    'lda',
    'ldb',
    'strideA',
    'strideB',
    'offsetA',
    'offsetB',
    'bias',
    'activation',
    'packed',
  ],
  /**
   * Cross-correlation of x [n, c, h, w] with weights [k, c/groups, kh, kw] to y [n, k, oh, ow]. The padding at the bottom
   * and on the right follows from oh and ow. activation as in GemmDesc; packed: 1 where the weights come packed ahead.
   */
  ConvDesc: [
    'n',
    'c',
    'h',
    'w',
    'k',
    'kh',
    'kw',
    'oh',
    'ow',
    'strideH',
    'strideW',
    'padTop',
    'padLeft',
    'dilationH',
    'dilationW',
    'groups',
    'activation',
    'packed',
  ],
  /**
   * Pooling of `planes` images h×w to oh×ow. divisor: 0 divides an average by its window, otherwise by this number.
   * countIncludePad counts padding (bounded by h + padBottom, w + padRight) in the window's size, as PyTorch does.
   */
  PoolDesc: [
    'planes',
    'h',
    'w',
    'oh',
    'ow',
    'kh',
    'kw',
    'strideH',
    'strideW',
    'padTop',
    'padLeft',
    'padBottom',
    'padRight',
    'dilationH',
    'dilationW',
    'countIncludePad',
    'divisor',
  ],
  /** x seen as [n, c, inner], normalised per c over n and inner. */
  NormDesc: ['n', 'c', 'inner'],
} as const satisfies Record<string, readonly string[]>;

export type DescriptorName = keyof typeof descriptorFields;

/** Position of every field: `at.ConvDesc.padTop`. */
export const at = Object.fromEntries(
  Object.entries(descriptorFields).map(([name, fields]) => [
    name,
    Object.fromEntries(fields.map((field, i) => [field, i])),
  ]),
) as { [D in DescriptorName]: Record<(typeof descriptorFields)[D][number], number> };

/** A new descriptor of kind `name`; fields that are not given are 0. */
export function describe<D extends DescriptorName>(
  name: D,
  values: Partial<Record<(typeof descriptorFields)[D][number], number>>,
): Int32Array {
  const fields = descriptorFields[name] as readonly string[];
  const desc = new Int32Array(fields.length);
  for (let i = 0; i < fields.length; i++) desc[i] = (values as Record<string, number>)[fields[i]] ?? 0;
  return desc;
}
