import { describe, expect, it } from 'vitest';
import { nn, ones, type Tensor, tensor, zeros } from '../../src/index.ts';

const F = nn.functional;

/** The gradient of the weights, tap by tap as its definition says: only what a tap meets counts. */
function expected(x: number[][], size: number, taps: number): number[] {
  const out: number[] = [];
  for (let i = 0; i < taps; i++)
    for (let j = 0; j < taps; j++) {
      let sum = 0;
      for (let r = 0; r + taps <= size; r++) for (let c = 0; c + taps <= size; c++) sum += x[r + i][c + j];
      out.push(sum);
    }
  return out;
}

describe('gradient of convolution weights where the image has an infinity', () => {
  for (const size of [8, 11, 20])
    for (const outputs of [1, 3, 6, 8])
      it(`${outputs} outputs, ${size}x${size}: taps that never meet it stay finite`, () => {
        for (const column of [0, size - 1]) {
          const rows = Array.from({ length: size }, (_, r) => Array.from({ length: size }, (_, c) => (r * 3 + c) % 5));
          rows[3][column] = Number.POSITIVE_INFINITY;
          const w = zeros([outputs, 1, 3, 3], { requiresGrad: true });
          const y = F.conv2d(tensor(rows).reshape(1, 1, size, size), w);
          y.backward(ones([...y.shape]));
          const want = expected(rows, size, 3);
          for (let k = 0; k < outputs; k++)
            expect([...(w.grad as Tensor).select(0, k).flatten().toTypedArray()].map(Number)).toEqual(want);
        }
      });

  it('channels by themselves', () => {
    const [size, channels] = [11, 8];
    const rows = Array.from({ length: size }, (_, r) => Array.from({ length: size }, (_, c) => (r * 3 + c) % 5));
    for (const column of [0, size - 1]) {
      const one = rows.map((row, r) => row.map((v, c) => (r === 3 && c === column ? Number.POSITIVE_INFINITY : v)));
      const w = zeros([channels, 1, 3, 3], { requiresGrad: true });
      const x = tensor([Array.from({ length: channels }, (_, k) => (k === 2 ? one : rows))]);
      const y = F.conv2d(x, w, null, { groups: channels });
      y.backward(ones([...y.shape]));
      for (let k = 0; k < channels; k++)
        expect([...(w.grad as Tensor).select(0, k).flatten().toTypedArray()].map(Number)).toEqual(
          expected(k === 2 ? one : rows, size, 3),
        );
    }
  });
});
