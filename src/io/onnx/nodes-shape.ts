/** Operators that move, join and pick elements. */
import { fail, show } from '../../errors.ts';
import { add } from '../../ops/binary.ts';
import { lt, where } from '../../ops/compare.ts';
import { fromFlat, full } from '../../ops/create.ts';
import { flip, indexSelect } from '../../ops/gather.ts';
import { cat } from '../../ops/join.ts';
import { type PadMode, pad } from '../../ops/pad.ts';
import { split } from '../../ops/parts.ts';
import { expand, permute, range, reshape } from '../../ops/view.ts';
import { axis, axisList } from '../../options.ts';
import { broadcastShapes, sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { type Inputs, type NodeReader, numberOr, numbers, type OnnxOp } from './node.ts';
import { toTensor } from './tensor.ts';

const reshapeOp: OnnxOp = {
  inputs: [2, 2],
  settings: [1],
  prepare(node) {
    const takesZero = node.opset >= 14 && node.flag('allowzero', false);
    return ([x, shape]) => {
      const input = x as Tensor;
      // 0 keeps the size of the input
      const to = numbers(shape as Tensor).map((size, i) => (size === 0 && !takesZero ? (input.shape[i] ?? 0) : size));
      return reshape(input, to);
    };
  },
};

const flatten: OnnxOp = {
  inputs: [1, 1],
  prepare(node) {
    const from = node.int('axis', 1);
    return ([x]) => {
      const { shape, ndim } = x as Tensor;
      const at = from === ndim ? ndim : axis('Flatten', 'axis', from, ndim);
      return reshape(x as Tensor, [sizeOf(shape.slice(0, at)), sizeOf(shape.slice(at))]);
    };
  },
};

const transpose: OnnxOp = {
  inputs: [1, 1],
  prepare(node) {
    const perm = node.ints('perm', 0);
    return ([x]) => permute(x as Tensor, perm ?? (x as Tensor).shape.map((_, i) => i).reverse());
  },
};

const concat: OnnxOp = {
  inputs: [1, Infinity],
  prepare(node) {
    if (!node.has('axis')) node.wrong('attribute axis is missing');
    const dim = node.int('axis', 0);
    return (inputs) => cat(inputs as Tensor[], dim);
  },
};

/** A list of integers that was an attribute before opset `since` and is an input from then on. */
function listOf(node: NodeReader, name: string, since: number, index: number): (inputs: Inputs) => number[] | null {
  if (node.opset < since) {
    const fixed = node.ints(name);
    return () => fixed;
  }
  return (inputs) => {
    const t = inputs[index];
    return t ? numbers(t) : null;
  };
}

const splitOp: OnnxOp = {
  inputs: [1, 2],
  outputs: Infinity,
  settings: [1],
  prepare(node) {
    const dim = node.int('axis', 0);
    const given = listOf(node, 'split', 13, 1);
    const count = node.proto.outputs.length;
    if (node.opset >= 18 && node.int('num_outputs', count) !== count) {
      node.wrong(`attribute num_outputs expected ${count}, the number of outputs`);
    }
    return (inputs) => {
      const x = inputs[0] as Tensor;
      const size = x.shape[axis('Split', 'axis', dim, x.ndim)];
      const each = Math.ceil(size / count);
      const sizes =
        given(inputs) ?? Array.from({ length: count }, (_, i) => Math.min(each, Math.max(size - i * each, 0)));
      if (sizes.length !== count) fail('run', `split expected ${count} sizes, got ${show(sizes)}`);
      return split(x, sizes, dim);
    };
  },
};

/** Elements start, start + step, … before end along one axis, with NumPy's rules. */
function sliced(x: Tensor, d: number, start: number, end: number, step: number): Tensor {
  if (step === 0) fail('run', 'steps expected integers other than 0, got 0');
  const n = x.shape[d];
  const within = (v: number, low: number, high: number): number => Math.min(Math.max(v < 0 ? v + n : v, low), high);
  if (step > 0) {
    const first = within(start, 0, n);
    return range(x, d, first, Math.max(Math.ceil((within(end, 0, n) - first) / step), 0), step);
  }
  // backwards: the same elements from the other end
  const first = within(start, -1, n - 1);
  const count = Math.max(Math.ceil((first - within(end, -1, n - 1)) / -step), 0);
  return count === 0 ? range(x, d, 0, 0) : flip(range(x, d, first + (count - 1) * step, count, -step), d);
}

const slice: OnnxOp = {
  inputs: [1, 5],
  settings: [1, 2, 3, 4],
  prepare(node) {
    const [startsOf, endsOf, axesOf] = ['starts', 'ends', 'axes'].map((name, i) => listOf(node, name, 10, i + 1));
    return (inputs) => {
      const x = inputs[0] as Tensor;
      const [starts, ends] = [startsOf(inputs), endsOf(inputs)];
      if (starts === null || ends === null) return fail('run', 'starts and ends are needed');
      const axes = axisList('Slice', 'axes', axesOf(inputs) ?? starts.map((_, i) => i), x.ndim);
      const steps = inputs[4] ? numbers(inputs[4]) : starts.map(() => 1);
      for (const [name, list] of Object.entries({ ends, axes, steps })) {
        if (list.length !== starts.length) fail('run', `${name} expected ${starts.length} integers, got ${show(list)}`);
      }
      return axes.reduce((y, d, i) => sliced(y, d, starts[i], ends[i], steps[i]), x);
    };
  },
};

const gather: OnnxOp = {
  inputs: [2, 2],
  prepare(node) {
    const dim = node.int('axis', 0);
    return (inputs) => {
      const [x, index] = inputs as [Tensor, Tensor];
      const d = axis('Gather', 'axis', dim, x.ndim);
      const flat = reshape(index, [-1]);
      const rows = indexSelect(x, d, where(lt(flat, 0), add(flat, x.shape[d]), flat));
      return reshape(rows, [...x.shape.slice(0, d), ...index.shape, ...x.shape.slice(d + 1)]);
    };
  },
};

const unsqueeze: OnnxOp = {
  inputs: [1, 2],
  settings: [1],
  prepare(node) {
    const axesOf = listOf(node, 'axes', 13, 1);
    return (inputs) => {
      const x = inputs[0] as Tensor;
      const axes = axesOf(inputs) ?? [];
      const ndim = x.ndim + axes.length;
      const fresh = axisList('Unsqueeze', 'axes', axes, ndim);
      const rest = [...x.shape];
      return reshape(
        x,
        Array.from({ length: ndim }, (_, i) => (fresh.includes(i) ? 1 : (rest.shift() as number))),
      );
    };
  },
};

const squeeze: OnnxOp = {
  inputs: [1, 2],
  settings: [1],
  prepare(node) {
    const axesOf = listOf(node, 'axes', 13, 1);
    return (inputs) => {
      const x = inputs[0] as Tensor;
      const axes = axesOf(inputs);
      const drop =
        axes === null ? x.shape.flatMap((n, i) => (n === 1 ? i : [])) : axisList('Squeeze', 'axes', axes, x.ndim);
      if (drop.some((d) => x.shape[d] !== 1))
        fail('run', `axes ${show(axes)} of shape ${show(x.shape)} expected size 1`);
      return reshape(
        x,
        x.shape.filter((_, i) => !drop.includes(i)),
      );
    };
  },
};

const shape: OnnxOp = {
  inputs: [1, 1],
  prepare(node) {
    const start = node.int('start', 0);
    const end = node.has('end') ? node.int('end', 0) : undefined;
    return ([x]) => {
      const sizes = (x as Tensor).shape.slice(start, end);
      return fromFlat(sizes, [sizes.length], 'int32');
    };
  },
};

const constantOfShape: OnnxOp = {
  inputs: [1, 1],
  settings: [0],
  prepare(node) {
    const proto = node.tensor('value');
    const value = proto === null ? null : toTensor(proto, `${node.label}: attribute value`);
    if (value !== null && value.size !== 1)
      node.wrong(`attribute value expected one element, got shape ${show(value.shape)}`);
    return ([sizes]) => full(numbers(sizes as Tensor), value?.item() ?? 0, { dtype: value?.dtype ?? 'float32' });
  },
};

const padModes: Readonly<Record<'constant' | 'reflect' | 'edge' | 'wrap', PadMode>> = {
  constant: 'constant',
  reflect: 'reflect',
  edge: 'replicate',
  wrap: 'circular',
};

const padOp: OnnxOp = {
  inputs: [1, 4],
  settings: [1, 2, 3],
  prepare(node) {
    const mode = padModes[node.word('mode', 'constant', ['constant', 'reflect', 'edge', 'wrap'])];
    const padsOf = listOf(node, 'pads', 11, 1);
    const fixed = node.opset < 11 ? node.float('value', 0) : 0;
    return (inputs) => {
      const x = inputs[0] as Tensor;
      const axes = axisList('Pad', 'axes', inputs[3] ? numbers(inputs[3]) : undefined, x.ndim);
      const pads = padsOf(inputs) ?? [];
      if (pads.length !== 2 * axes.length) fail('run', `pads expected ${2 * axes.length} integers, got ${show(pads)}`);
      const sides = x.shape.map(() => [0, 0]);
      axes.forEach((d, i) => {
        sides[d] = [pads[i], pads[axes.length + i]];
      });
      const list = sides.reverse().flat();
      return mode === 'constant' ? pad(x, list, { value: numberOr(inputs, 2, fixed) }) : pad(x, list, { mode });
    };
  },
};

const expandOp: OnnxOp = {
  inputs: [2, 2],
  settings: [1],
  prepare: () => (inputs) => {
    const [x, to] = inputs as [Tensor, Tensor];
    return expand(x, broadcastShapes('Expand', x.shape, numbers(to)));
  },
};

/** Elements between channels and space, through six axes: `order` of them is where they go. */
function rearranged(toSpace: boolean): OnnxOp {
  return {
    inputs: [1, 1],
    prepare(node) {
      const b = node.int('blocksize', 0);
      if (b < 1) node.wrong(`attribute blocksize expected an integer >= 1, got ${b}`);
      const isColumnFirst = toSpace && node.word('mode', 'DCR', ['DCR', 'CRD']) === 'DCR';
      return ([given]) => {
        const x = given as Tensor;
        if (x.ndim !== 4) fail('run', `input expected 4 axes, got shape ${show(x.shape)}`);
        const [n, c, h, w] = x.shape;
        if (!toSpace) {
          const parts = reshape(x, [n, c, h / b, b, w / b, b]);
          return reshape(permute(parts, [0, 3, 5, 1, 2, 4]), [n, c * b * b, h / b, w / b]);
        }
        const rest = c / (b * b);
        const parts = reshape(x, isColumnFirst ? [n, b, b, rest, h, w] : [n, rest, b, b, h, w]);
        const order = isColumnFirst ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3];
        return reshape(permute(parts, order), [n, rest, h * b, w * b]);
      };
    },
  };
}

export const shapeOps: Readonly<Record<string, OnnxOp>> = {
  Reshape: reshapeOp,
  Flatten: flatten,
  Transpose: transpose,
  Concat: concat,
  Split: splitOp,
  Slice: slice,
  Gather: gather,
  Unsqueeze: unsqueeze,
  Squeeze: squeeze,
  Shape: shape,
  ConstantOfShape: constantOfShape,
  Pad: padOp,
  Expand: expandOp,
  DepthToSpace: rearranged(true),
  SpaceToDepth: rearranged(false),
};
