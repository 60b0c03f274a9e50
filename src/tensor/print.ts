import type { Tensor } from './tensor.ts';
export function print(t: Tensor): string {
  return `tensor(${JSON.stringify(t.toArray())})`;
}
