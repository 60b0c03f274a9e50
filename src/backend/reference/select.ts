/** Choosing without a jump: on random data a jump that is guessed wrongly costs five times the whole element. */

const pair = new Float64Array(2);

/** `yes` where bit is 1, `no` where it is 0. */
export function select(bit: number, yes: number, no: number): number {
  pair[0] = no;
  pair[1] = yes;
  return pair[bit];
}
