/** Data sets: a length, and batches of elements picked by their numbers. */
import type { NumberArray } from '../backend/kernels.ts';
import { fail, invalid, show } from '../errors.ts';
import { emptyTensor } from '../ops/define.ts';
import { integer } from '../options.ts';
import { contiguousStrides } from '../tensor/shape.ts';
import { checkTensor, Tensor } from '../tensor/tensor.ts';

/** What a DataLoader reads. */
export interface Dataset {
  /** Number of elements. */
  readonly length: number;
  /** The elements `indices` stacked along axis 0: one tensor for each part (image, label, …). */
  batch(indices: Int32Array): Tensor[];
}

/** Tensors whose rows belong together: element i is row i of each (`torch.utils.data.TensorDataset`). */
export class TensorDataset implements Dataset {
  /** Number of elements. */
  readonly length: number;
  private readonly parts: readonly Tensor[];

  /** @param tensors at least one, each of shape [length, …] */
  constructor(...tensors: Tensor[]) {
    if (tensors.length === 0) fail('TensorDataset', 'expected at least one tensor');
    tensors.forEach((t, i) => {
      if (checkTensor('TensorDataset', `tensor ${i}`, t).ndim === 0) fail('TensorDataset', `tensor ${i} has no axis 0`);
      if (t.shape[0] !== tensors[0].shape[0]) {
        invalid('TensorDataset', `tensor ${i}`, `${tensors[0].shape[0]} rows as tensor 0`, t);
      }
    });
    this.length = tensors[0].shape[0];
    this.parts = tensors.map((t) => t.detach().contiguous());
  }

  /** The tensors that elements are rows of. */
  get tensors(): readonly Tensor[] {
    return this.parts;
  }

  /** Element `index` (counted from the end where negative): one tensor for each part, without axis 0. */
  get(index: number): Tensor[] {
    const i = integer('Dataset.get', 'index', index);
    if (i < -this.length || i >= this.length) invalid('Dataset.get', 'index', `within ${this.length} elements`, index);
    return this.batch(Int32Array.of(i < 0 ? i + this.length : i)).map((t) => {
      const shape = t.shape.slice(1);
      return new Tensor(t.storage, shape, contiguousStrides(shape), 0, true);
    });
  }

  batch(indices: Int32Array): Tensor[] {
    return this.parts.map((part) => {
      const out = emptyTensor(part.dtype, [indices.length, ...part.shape.slice(1)]);
      copyRows(part.data, part.offset, part.size / this.length, indices, out.data);
      return out;
    });
  }
}

/**
 * Images kept as bytes, delivered as float32 in [0, 1] (byte / 255): a quarter of the memory of a TensorDataset of the same
 * images. Elements are `[image, label]`.
 */
export class ImageDataset extends TensorDataset {
  /** The bytes. */
  readonly images: Tensor;
  /** The class of each image, int32 [length]. */
  readonly labels: Tensor;
  private floats: readonly Tensor[] | null = null;

  /**
   * @param images uint8 [length, channels, height, width]
   * @param labels int32 [length]
   */
  constructor(images: Tensor, labels: Tensor) {
    super(images, labels);
    if (images.dtype !== 'uint8' || images.ndim !== 4) {
      fail('ImageDataset', `images expected uint8 with 4 axes, got ${images.dtype} of shape ${show(images.shape)}`);
    }
    if (labels.dtype !== 'int32' || labels.ndim !== 1) {
      fail('ImageDataset', `labels expected int32 with 1 axis, got ${labels.dtype} of shape ${show(labels.shape)}`);
    }
    [this.images, this.labels] = super.tensors;
  }

  /** All images as float32, and the labels. Made at the first use; takes four bytes per pixel. */
  override get tensors(): readonly Tensor[] {
    this.floats ??= this.batch(Int32Array.from({ length: this.length }, (_, i) => i)).map((t) => t.keep());
    return this.floats;
  }

  /** The first `count` elements, sharing the memory of all. */
  take(count: number): ImageDataset {
    integer('ImageDataset.take', 'count', count, 0);
    if (count > this.length) invalid('ImageDataset.take', 'count', `at most ${this.length}`, count);
    const [images, labels] = [this.images, this.labels].map(
      (t) => new Tensor(t.storage, [count, ...t.shape.slice(1)], t.strides, t.offset, true),
    );
    return new ImageDataset(images, labels);
  }

  override batch(indices: Int32Array): Tensor[] {
    const shape = this.images.shape.slice(1);
    const pixels = shape[0] * shape[1] * shape[2];
    const out = emptyTensor('float32', [indices.length, ...shape]);
    scaleRows(this.images.data as Uint8Array, this.images.offset, pixels, indices, out.data as Float32Array);
    const labels = emptyTensor('int32', [indices.length]);
    copyRows(this.labels.data, this.labels.offset, 1, indices, labels.data);
    return [out, labels];
  }
}

/** Row `indices[r]` of `source` to row r of `out`. */
function copyRows(source: NumberArray, offset: number, row: number, indices: Int32Array, out: NumberArray): void {
  if (row === 1) {
    for (let r = 0; r < indices.length; r++) out[r] = source[offset + indices[r]];
    return;
  }
  for (let r = 0; r < indices.length; r++) {
    const from = offset + indices[r] * row;
    out.set(source.subarray(from, from + row), r * row);
  }
}

/** byte / 255 rounded once to float32, as `ToTensor` does. */
const unit = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

function scaleRows(source: Uint8Array, offset: number, row: number, indices: Int32Array, out: Float32Array): void {
  let to = 0;
  for (let r = 0; r < indices.length; r++) {
    const from = offset + indices[r] * row;
    for (let i = 0; i < row; i++) out[to++] = unit[source[from + i]];
  }
}
