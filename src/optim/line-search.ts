/**
 * A line search for the strong Wolfe conditions: first a bracket that holds a good step, then smaller and smaller ones
 * (Nocedal and Wright, "Numerical Optimization", algorithms 3.5 and 3.6), with the constants of `torch.optim.LBFGS`.
 */
import type { Tensor } from '../tensor/tensor.ts';

/** A step along the search direction and what was found there. */
export interface Trial {
  readonly t: number;
  readonly loss: number;
  readonly gradient: Tensor;
  /** Derivative of the loss along the direction. */
  readonly slope: number;
}

/** Share of the expected decrease that is enough. */
const DECREASE = 1e-4;
/** Share of the first slope that is flat enough. */
const FLATNESS = 0.9;
const MAX_TRIALS = 25;

/** Where the cubic through two trials with their slopes is lowest, within [low, high]; the middle where it has no minimum. */
function cubicMinimum(a: Trial, b: Trial, low: number, high: number): number {
  const [left, right] = a.t <= b.t ? [a, b] : [b, a];
  const d = left.slope + right.slope - (3 * (left.loss - right.loss)) / (left.t - right.t);
  const square = d * d - left.slope * right.slope;
  if (!(square >= 0)) return (low + high) / 2;
  const root = Math.sqrt(square);
  const share = (right.slope + root - d) / (right.slope - left.slope + 2 * root);
  return Math.min(Math.max(right.t - (right.t - left.t) * share, low), high);
}

const isFlat = (trial: Trial, start: Trial): boolean => Math.abs(trial.slope) <= -FLATNESS * start.slope;
const isTooHigh = (trial: Trial, start: Trial): boolean => trial.loss > start.loss + DECREASE * trial.t * start.slope;

/**
 * A step that fulfils the conditions, or the best one found in 25 trials or before the bracket, times `reach` (the largest
 * component of the direction), is shorter than `tolerance`.
 */
export function strongWolfe(
  evaluate: (t: number) => Trial,
  start: Trial,
  first: number,
  reach: number,
  tolerance: number,
): { best: Trial; evaluations: number } {
  let before = start;
  let trial = evaluate(first);
  let trials = 0;
  let bracket: [Trial, Trial] | null = null;
  while (bracket === null && trials < MAX_TRIALS) {
    if (isTooHigh(trial, start) || (trials > 1 && trial.loss >= before.loss)) bracket = [before, trial];
    else if (isFlat(trial, start)) return { best: trial, evaluations: trials + 1 };
    else if (trial.slope >= 0) bracket = [before, trial];
    else {
      const t = cubicMinimum(before, trial, trial.t + 0.01 * (trial.t - before.t), trial.t * 10);
      before = trial;
      trial = evaluate(t);
      trials++;
    }
  }
  return shrink(evaluate, start, bracket ?? [start, trial], trials, reach, tolerance);
}

function shrink(
  evaluate: (t: number) => Trial,
  start: Trial,
  bracket: readonly [Trial, Trial],
  done: number,
  reach: number,
  tolerance: number,
): { best: Trial; evaluations: number } {
  let [low, high] = bracket[0].loss <= bracket[1].loss ? bracket : [bracket[1], bracket[0]];
  let trials = done;
  let wasAtEdge = false;
  while (trials < MAX_TRIALS && Math.abs(high.t - low.t) * reach >= tolerance) {
    const [from, to] = [Math.min(low.t, high.t), Math.max(low.t, high.t)];
    let t = cubicMinimum(low, high, from, to);
    const margin = 0.1 * (to - from);
    const isAtEdge = Math.min(to - t, t - from) < margin;
    // twice in a row at the edge, or outside, is no progress: move inside
    const moves: boolean = isAtEdge && (wasAtEdge || t >= to || t <= from);
    if (moves) t = Math.abs(t - to) < Math.abs(t - from) ? to - margin : from + margin;
    wasAtEdge = isAtEdge && !moves;
    const trial = evaluate(t);
    trials++;
    if (isTooHigh(trial, start) || trial.loss >= low.loss) {
      high = trial;
      if (high.loss < low.loss) [low, high] = [high, low];
      continue;
    }
    if (isFlat(trial, start)) return { best: trial, evaluations: trials + 1 };
    if (trial.slope * (high.t - low.t) >= 0) high = low;
    low = trial;
  }
  return { best: low, evaluations: trials + 1 };
}
