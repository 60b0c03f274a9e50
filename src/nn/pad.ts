/** Padding layers. */
import { invalid } from '../errors.ts';
import { integer, number } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type PadMode, pad } from './functional.ts';
import { Module } from './module.ts';
import { text } from './repr.ts';

/** A number for all sides, or `[before, after]` per axis, the last axis first. */
export type PadSizes = number | readonly number[];

class Pad extends Module {
  /** Elements before and after each axis, the last axis first; one number for all. Negative: cut off. */
  readonly padding: readonly number[];
  private readonly mode: PadMode;

  constructor(name: string, axes: number, padding: PadSizes, mode: PadMode) {
    super();
    const sides = typeof padding === 'number' ? new Array<number>(2 * axes).fill(padding) : padding;
    if (!Array.isArray(sides) || sides.length !== 2 * axes) {
      invalid(name, 'padding', `an integer or ${2 * axes} integers`, padding);
    }
    this.padding = sides.map((side) => integer(name, 'padding', side));
    this.mode = mode;
  }

  override forward(x: Tensor): Tensor {
    return pad(x, this.padding, { mode: this.mode });
  }

  override extraRepr(): string {
    return text(this.padding);
  }
}

class ConstantPad extends Pad {
  /** What the new elements hold. */
  readonly value: number;

  constructor(name: string, axes: number, padding: PadSizes, value: number) {
    super(name, axes, padding, 'constant');
    this.value = number(name, 'value', value);
  }

  override forward(x: Tensor): Tensor {
    return pad(x, this.padding, { value: this.value });
  }

  override extraRepr(): string {
    return `padding=${text(this.padding)}, value=${text(this.value)}`;
  }
}

/** Surrounds […, l] with a number; `torch.nn.ConstantPad1d`. */
export class ConstantPad1d extends ConstantPad {
  constructor(padding: PadSizes, value: number) {
    super('ConstantPad1d', 1, padding, value);
  }
}

/** Surrounds […, h, w] with a number; `torch.nn.ConstantPad2d`. */
export class ConstantPad2d extends ConstantPad {
  constructor(padding: PadSizes, value: number) {
    super('ConstantPad2d', 2, padding, value);
  }
}

/** Surrounds […, d, h, w] with a number; `torch.nn.ConstantPad3d`. */
export class ConstantPad3d extends ConstantPad {
  constructor(padding: PadSizes, value: number) {
    super('ConstantPad3d', 3, padding, value);
  }
}

/** Surrounds […, l] with zeros; `torch.nn.ZeroPad1d`. */
export class ZeroPad1d extends Pad {
  constructor(padding: PadSizes) {
    super('ZeroPad1d', 1, padding, 'constant');
  }
}

/** Surrounds […, h, w] with zeros; `torch.nn.ZeroPad2d`. */
export class ZeroPad2d extends Pad {
  constructor(padding: PadSizes) {
    super('ZeroPad2d', 2, padding, 'constant');
  }
}

/** Surrounds […, d, h, w] with zeros; `torch.nn.ZeroPad3d`. */
export class ZeroPad3d extends Pad {
  constructor(padding: PadSizes) {
    super('ZeroPad3d', 3, padding, 'constant');
  }
}

/** Surrounds […, l] with its mirror image without the edge; `torch.nn.ReflectionPad1d`. */
export class ReflectionPad1d extends Pad {
  constructor(padding: PadSizes) {
    super('ReflectionPad1d', 1, padding, 'reflect');
  }
}

/** Surrounds […, h, w] with its mirror image without the edge; `torch.nn.ReflectionPad2d`. */
export class ReflectionPad2d extends Pad {
  constructor(padding: PadSizes) {
    super('ReflectionPad2d', 2, padding, 'reflect');
  }
}

/** Surrounds […, d, h, w] with its mirror image without the edge; `torch.nn.ReflectionPad3d`. */
export class ReflectionPad3d extends Pad {
  constructor(padding: PadSizes) {
    super('ReflectionPad3d', 3, padding, 'reflect');
  }
}

/** Surrounds […, l] with copies of the edge; `torch.nn.ReplicationPad1d`. */
export class ReplicationPad1d extends Pad {
  constructor(padding: PadSizes) {
    super('ReplicationPad1d', 1, padding, 'replicate');
  }
}

/** Surrounds […, h, w] with copies of the edge; `torch.nn.ReplicationPad2d`. */
export class ReplicationPad2d extends Pad {
  constructor(padding: PadSizes) {
    super('ReplicationPad2d', 2, padding, 'replicate');
  }
}

/** Surrounds […, d, h, w] with copies of the edge; `torch.nn.ReplicationPad3d`. */
export class ReplicationPad3d extends Pad {
  constructor(padding: PadSizes) {
    super('ReplicationPad3d', 3, padding, 'replicate');
  }
}

/** Surrounds […, l] with what lies at the other end; `torch.nn.CircularPad1d`. */
export class CircularPad1d extends Pad {
  constructor(padding: PadSizes) {
    super('CircularPad1d', 1, padding, 'circular');
  }
}

/** Surrounds […, h, w] with what lies at the other end; `torch.nn.CircularPad2d`. */
export class CircularPad2d extends Pad {
  constructor(padding: PadSizes) {
    super('CircularPad2d', 2, padding, 'circular');
  }
}

/** Surrounds […, d, h, w] with what lies at the other end; `torch.nn.CircularPad3d`. */
export class CircularPad3d extends Pad {
  constructor(padding: PadSizes) {
    super('CircularPad3d', 3, padding, 'circular');
  }
}
