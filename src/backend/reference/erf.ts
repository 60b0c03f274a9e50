/** The error function in double precision. */

const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

/** exp(-x²) with the rounding error of x² taken into account. */
function gauss(x: number): number {
  const high = Math.fround(x); // 24 bits: its square is exact
  return Math.exp(-high * high) * Math.exp(-(x - high) * (x + high));
}

/** Kummer's series below 2 (all terms positive), the continued fraction of erfc from there (DLMF 7.6.2, 7.9.1). Error < 1e-15. */
export function erf(x: number): number {
  const u = Math.abs(x);
  if (!(u < 6)) return Number.isNaN(x) ? x : Math.sign(x);
  if (u < 2) {
    const square = 2 * u * u;
    let term = x;
    let sum = x;
    for (let i = 3; Math.abs(term) > 1e-17 * Math.abs(sum); i += 2) {
      term *= square / i;
      sum += term;
    }
    return TWO_OVER_SQRT_PI * gauss(u) * sum;
  }
  return x < 0 ? tail(u) - 1 : 1 - tail(u);
}

/** erfc for u ≥ 2. */
function tail(u: number): number {
  let fraction = u;
  for (let i = 50; i > 0; i--) fraction = u + (0.5 * i) / fraction;
  return (0.5 * TWO_OVER_SQRT_PI * gauss(u)) / fraction;
}

/** 1 - erf(x), without cancellation from 2 on. */
export function erfc(x: number): number {
  return x < 2 || Number.isNaN(x) ? 1 - erf(x) : tail(x);
}
