/** Layers that change the size of images. */
import { fail } from '../errors.ts';
import { boolean, integer, number, oneOf, options } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { channelShuffle, type InterpolateMode, interpolate, pixelShuffle, pixelUnshuffle } from './functional.ts';
import { Module } from './module.ts';
import { decimal, text } from './repr.ts';

/** Options of `nn.Upsample`. */
export interface UpsampleOptions {
  /** Size of the result, one number or one per axis. Either this or scaleFactor. */
  size?: number | readonly number[] | null;
  /** Factor of the size, one number or one per axis. */
  scaleFactor?: number | readonly number[] | null;
  /** How values between the elements are found. Default 'nearest'. */
  mode?: InterpolateMode;
  /** Whether the outermost centres fall together, for the linear and cubic modes. Default false. */
  alignCorners?: boolean | null;
  /** Whether the scale is computed anew from the sizes. Default false. */
  recomputeScaleFactor?: boolean | null;
}

const modes = ['nearest', 'nearest-exact', 'linear', 'bilinear', 'bicubic', 'trilinear', 'area'] as const;

/** Interpolates [n, c, …] to a size or by a factor; `torch.nn.Upsample`. */
export class Upsample extends Module {
  readonly size: number | readonly number[] | null;
  readonly scaleFactor: number | readonly number[] | null;
  readonly mode: InterpolateMode;
  readonly alignCorners: boolean | null;
  readonly recomputeScaleFactor: boolean | null;

  constructor(opts: UpsampleOptions) {
    super();
    const names = ['size', 'scaleFactor', 'mode', 'alignCorners', 'recomputeScaleFactor'] as const;
    const given = options('Upsample', opts, names);
    const {
      size = null,
      scaleFactor = null,
      mode = 'nearest',
      alignCorners = null,
      recomputeScaleFactor = null,
    } = given;
    if ((size === null) === (scaleFactor === null)) fail('Upsample', 'expected either size or scaleFactor');
    for (const n of [size ?? []].flat()) integer('Upsample', 'size', n, 1);
    for (const factor of [scaleFactor ?? []].flat()) number('Upsample', 'scaleFactor', factor, Number.MIN_VALUE);
    this.size = size;
    this.scaleFactor = scaleFactor;
    this.mode = oneOf('Upsample', 'mode', mode, modes);
    this.alignCorners = alignCorners === null ? null : boolean('Upsample', 'alignCorners', alignCorners);
    this.recomputeScaleFactor =
      recomputeScaleFactor === null ? null : boolean('Upsample', 'recomputeScaleFactor', recomputeScaleFactor);
  }

  override forward(x: Tensor): Tensor {
    const { size, scaleFactor, mode, alignCorners, recomputeScaleFactor } = this;
    return interpolate(x, { size, scaleFactor, mode, alignCorners, recomputeScaleFactor });
  }

  override extraRepr(): string {
    const { size, scaleFactor, mode } = this;
    if (scaleFactor === null) return `size=${text(size)}, mode=${mode}`;
    const factor = typeof scaleFactor === 'number' ? decimal(scaleFactor) : `(${scaleFactor.map(decimal).join(', ')})`;
    return `scale_factor=${factor}, mode=${mode}`;
  }
}

/** [n, c·r², h, w] → [n, c, h·r, w·r] (Shi et al., 2016); `torch.nn.PixelShuffle`. */
export class PixelShuffle extends Module {
  /** r, by which height and width grow. */
  readonly upscaleFactor: number;

  constructor(upscaleFactor: number) {
    super();
    this.upscaleFactor = integer('PixelShuffle', 'upscaleFactor', upscaleFactor, 1);
  }

  override forward(x: Tensor): Tensor {
    return pixelShuffle(x, this.upscaleFactor);
  }

  override extraRepr(): string {
    return `upscale_factor=${this.upscaleFactor}`;
  }
}

/** [n, c, h·r, w·r] → [n, c·r², h, w]; `torch.nn.PixelUnshuffle`. */
export class PixelUnshuffle extends Module {
  /** r, by which height and width shrink. */
  readonly downscaleFactor: number;

  constructor(downscaleFactor: number) {
    super();
    this.downscaleFactor = integer('PixelUnshuffle', 'downscaleFactor', downscaleFactor, 1);
  }

  override forward(x: Tensor): Tensor {
    return pixelUnshuffle(x, this.downscaleFactor);
  }

  override extraRepr(): string {
    return `downscale_factor=${this.downscaleFactor}`;
  }
}

/** Channels of `groups` blocks dealt out in turn (Zhang et al., 2018); `torch.nn.ChannelShuffle`. */
export class ChannelShuffle extends Module {
  /** Number of blocks the channels are split into. */
  readonly groups: number;

  constructor(groups: number) {
    super();
    this.groups = integer('ChannelShuffle', 'groups', groups, 1);
  }

  override forward(x: Tensor): Tensor {
    return channelShuffle(x, this.groups);
  }

  override extraRepr(): string {
    return `groups=${this.groups}`;
  }
}
