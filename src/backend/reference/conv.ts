/**
 * Convolution and its two gradients as matrix products over padded images: element (tap, pixel) of the im2col matrix
 * lies at tapOffset + pixelOffset in the image, so the matrix is never written out.
 */
import { at } from '../descriptors.ts';
import type { NumberArray } from '../kernels.ts';
import { activate } from './activation.ts';
import { multiply, padColumns, paddedColumns } from './gemm.ts';
import { packRows } from './pack.ts';
import { scratchF64, scratchI32 } from './scratch.ts';

type X = NumberArray;

const D = at.ConvDesc;

const imageScratch = scratchF64();
const weightScratch = scratchF64();
const gradScratch = scratchF64();
const outScratch = scratchF64();
const tapScratch = scratchI32();
const pixelScratch = scratchI32();
const rowScratch = scratchI32();
const columnScratch = scratchI32();

/** The sizes that follow from a ConvDesc, per group, and the offsets into a padded image of one group. */
interface Plan {
  readonly channels: number;
  readonly filters: number;
  readonly taps: number;
  readonly pixels: number;
  /** Rows and columns of the padded image, as far as windows reach. */
  readonly height: number;
  readonly width: number;
  readonly tapOffset: Int32Array;
  readonly pixelOffset: Int32Array;
}

function plan(d: Int32Array): Plan {
  const channels = d[D.c] / d[D.groups];
  const filters = d[D.k] / d[D.groups];
  const kh = d[D.kh];
  const kw = d[D.kw];
  const taps = channels * kh * kw;
  const pixels = d[D.oh] * d[D.ow];
  const height = (d[D.oh] - 1) * d[D.strideH] + (kh - 1) * d[D.dilationH] + 1;
  const width = (d[D.ow] - 1) * d[D.strideW] + (kw - 1) * d[D.dilationW] + 1;
  const tapOffset = tapScratch(paddedColumns(taps));
  const pixelOffset = pixelScratch(paddedColumns(pixels));
  for (let c = 0, t = 0; c < channels; c++) {
    for (let i = 0; i < kh; i++) {
      for (let j = 0; j < kw; j++) tapOffset[t++] = (c * height + i * d[D.dilationH]) * width + j * d[D.dilationW];
    }
  }
  for (let i = 0, p = 0; i < d[D.oh]; i++) {
    for (let j = 0; j < d[D.ow]; j++) pixelOffset[p++] = i * d[D.strideH] * width + j * d[D.strideW];
  }
  padColumns(tapOffset, taps);
  padColumns(pixelOffset, pixels);
  return { channels, filters, taps, pixels, height, width, tapOffset, pixelOffset };
}

/** Offsets 0, step, 2·step, … with room for whole tiles. */
function ramp(scratch: (n: number) => Int32Array, n: number, step: number): Int32Array {
  const offsets = scratch(paddedColumns(n));
  for (let i = 0; i < n; i++) offsets[i] = i * step;
  padColumns(offsets, n);
  return offsets;
}

/** Copies the channels of one group, from x[from] on, into the padded image, whose border is zero already. */
function loadImage(d: Int32Array, { channels, height, width }: Plan, x: X, from: number, image: Float64Array): void {
  const h = d[D.h];
  const w = d[D.w];
  const top = d[D.padTop];
  const left = d[D.padLeft];
  const rows = Math.min(h, height - top);
  const columns = Math.min(w, width - left);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < rows; i++) {
      const source = from + (c * h + i) * w;
      const target = (c * height + top + i) * width + left;
      for (let j = 0; j < columns; j++) image[target + j] = x[source + j];
    }
  }
}

/** The reverse of loadImage; what no window reached is zero. */
function storeImage(d: Int32Array, { channels, height, width }: Plan, image: Float64Array, y: X, to: number): void {
  const h = d[D.h];
  const w = d[D.w];
  const top = d[D.padTop];
  const left = d[D.padLeft];
  const columns = Math.min(w, width - left);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < h; i++) {
      const target = to + (c * h + i) * w;
      const reached = top + i < height ? columns : 0;
      const source = (c * height + top + i) * width + left;
      for (let j = 0; j < reached; j++) y[target + j] = image[source + j];
      for (let j = Math.max(0, reached); j < w; j++) y[target + j] = 0;
    }
  }
}

export function conv2d(d: Int32Array, x: X, weights: X, bias: X | null, y: X): void {
  const p = plan(d);
  const { filters, taps, pixels } = p;
  const groups = d[D.groups];
  const imageSize = p.channels * p.height * p.width;
  const image = imageScratch(imageSize).fill(0, 0, imageSize);
  const packed = weightScratch(d[D.k] * taps);
  for (let g = 0; g < groups; g++)
    packRows(filters, taps, weights, g * filters * taps, taps, 1, packed, g * filters * taps);
  const out = outScratch(filters * pixels);
  const row = ramp(rowScratch, filters, pixels);
  const column = ramp(columnScratch, pixels, 1);
  for (let n = 0; n < d[D.n]; n++) {
    for (let g = 0; g < groups; g++) {
      loadImage(d, p, x, (n * groups + g) * p.channels * d[D.h] * d[D.w], image);
      out.fill(0, 0, filters * pixels);
      multiply(
        filters,
        pixels,
        taps,
        packed,
        g * filters * taps,
        image,
        0,
        p.tapOffset,
        p.pixelOffset,
        out,
        row,
        column,
      );
      for (let f = 0, i = 0, to = (n * groups + g) * filters * pixels; f < filters; f++) {
        const shift = bias === null ? 0 : bias[g * filters + f];
        for (let j = 0; j < pixels; j++) y[to++] = out[i++] + shift;
      }
    }
  }
  activate(d[D.activation], d[D.n] * d[D.k] * pixels, y);
}

export function conv2dInputGrad(d: Int32Array, grad: X, weights: X, y: X): void {
  const p = plan(d);
  const { filters, taps, pixels } = p;
  const groups = d[D.groups];
  const imageSize = p.channels * p.height * p.width;
  const image = imageScratch(imageSize);
  const packed = weightScratch(d[D.k] * taps);
  for (let g = 0; g < groups; g++)
    packRows(taps, filters, weights, g * filters * taps, 1, taps, packed, g * filters * taps);
  const gradient = gradScratch(filters * pixels);
  const row = ramp(rowScratch, filters, pixels);
  const column = ramp(columnScratch, pixels, 1);
  for (let n = 0; n < d[D.n]; n++) {
    for (let g = 0; g < groups; g++) {
      const from = (n * groups + g) * filters * pixels;
      for (let i = 0; i < filters * pixels; i++) gradient[i] = grad[from + i];
      image.fill(0, 0, imageSize);
      multiply(
        taps,
        pixels,
        filters,
        packed,
        g * filters * taps,
        gradient,
        0,
        row,
        column,
        image,
        p.tapOffset,
        p.pixelOffset,
      );
      storeImage(d, p, image, y, (n * groups + g) * p.channels * d[D.h] * d[D.w]);
    }
  }
}

export function conv2dWeightGrad(d: Int32Array, x: X, grad: X, y: X): void {
  const p = plan(d);
  const { filters, taps, pixels } = p;
  const groups = d[D.groups];
  const imageSize = p.channels * p.height * p.width;
  const image = imageScratch(imageSize).fill(0, 0, imageSize);
  const packed = gradScratch(filters * pixels);
  const out = outScratch(filters * taps);
  const row = ramp(rowScratch, filters, taps);
  const column = ramp(columnScratch, taps, 1);
  for (let g = 0; g < groups; g++) {
    out.fill(0, 0, filters * taps);
    for (let n = 0; n < d[D.n]; n++) {
      loadImage(d, p, x, (n * groups + g) * p.channels * d[D.h] * d[D.w], image);
      packRows(filters, pixels, grad, (n * groups + g) * filters * pixels, pixels, 1, packed, 0);
      multiply(filters, taps, pixels, packed, 0, image, 0, p.pixelOffset, p.tapOffset, out, row, column);
    }
    for (let i = 0; i < filters * taps; i++) y[g * filters * taps + i] = out[i];
  }
}
