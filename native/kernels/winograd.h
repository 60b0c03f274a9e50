// The transforms of Winograd's F(t x t, r x r), t + r = 7 (Lavin and Gray, 2016): for a patch d of 6x6 inputs
// and a kernel w of r x r taps,
//   y [t x t] = A' [ (G w G') * (B' d B) ] A,
// and the gradient of the kernel is G' [ (B' d B) * (A dy A') ] G. The points are 0, a, -a, b, -b and
// infinity; row p of A is 1 p p^2 …, of G the same over the product of p's distances, of B' the product of x
// - q over the other points q. With a = 5/8 and b = 3/2 rounding errors are about a quarter of those with 1
// and 2. Each lane holds a channel.
#pragma once
#include "gemm/microkernel.h"

namespace gemmule {
namespace GEMMULE_ISA {

constexpr int winogradPatch = 6, winogradPoints = 36;
/// t, given r.
constexpr int winogradTile(int taps) { return winogradPatch + 1 - taps; }

constexpr float pointA = 0.625f, pointB = 1.5f;
constexpr float squareA = pointA * pointA, squareB = pointB * pointB;
constexpr float squareSum = squareA + squareB, squareProduct = squareA * squareB;
constexpr float scale0 = (float)(1.0 / squareProduct);
constexpr float scaleA = (float)(1.0 / (2.0 * squareA * (squareA - squareB)));
constexpr float scaleB = (float)(1.0 / (2.0 * squareB * (squareB - squareA)));
constexpr float power(float p, int n) { return n > 0 ? p * power(p, n - 1) : 1; }

/// B' x: six inputs to six points.
GEMMULE_INLINE void toPoints(const VF (&x)[6], VF (&y)[6]) {
  const VF evenA = fnma(set1(squareB), x[2], x[4]), oddA = fnma(set1(squareB), x[1], x[3]);
  const VF evenB = fnma(set1(squareA), x[2], x[4]), oddB = fnma(set1(squareA), x[1], x[3]);
  y[0] = fma(set1(squareProduct), x[0], fnma(set1(squareSum), x[2], x[4]));
  y[1] = fma(set1(pointA), oddA, evenA);
  y[2] = fnma(set1(pointA), oddA, evenA);
  y[3] = fma(set1(pointB), oddB, evenB);
  y[4] = fnma(set1(pointB), oddB, evenB);
  y[5] = fma(set1(squareProduct), x[1], fnma(set1(squareSum), x[3], x[5]));
}

/// The even and the odd terms of x[0] + x[1] p + … + x[N - 1] p^(N - 1).
template <int N>
GEMMULE_INLINE void terms(const VF (&x)[N], float p, VF& even, VF& odd) {
  even = x[0];
  odd = mul(set1(p), x[1]);
  GEMMULE_UNROLL
  for (int i = 2; i < N; i++) {
    VF& sum = i % 2 ? odd : even;
    sum = fma(set1(power(p, i)), x[i], sum);
  }
}
/// y[i] = the sum of p^i x[p] over the points, given those of a and -a, of b and -b, and their differences.
template <int N>
GEMMULE_INLINE void sumPowers(VF x0, VF sumA, VF differenceA, VF sumB, VF differenceB, VF infinity,
                              VF (&y)[N]) {
  y[0] = add(x0, add(sumA, sumB));
  GEMMULE_UNROLL
  for (int i = 1; i < N; i++) {
    const VF xA = i % 2 ? differenceA : sumA, xB = i % 2 ? differenceB : sumB;
    const VF powerB = set1(power(pointB, i));
    y[i] = fma(set1(power(pointA, i)), xA, i + 1 < N ? mul(powerB, xB) : fma(powerB, xB, infinity));
  }
}

/// A x: a tile's gradients of results to six points.
template <int N>
GEMMULE_INLINE void gradientsToPoints(const VF (&x)[N], VF (&y)[6]) {
  VF evenA, oddA, evenB, oddB;
  terms(x, pointA, evenA, oddA);
  terms(x, pointB, evenB, oddB);
  y[0] = x[0];
  y[1] = add(evenA, oddA);
  y[2] = sub(evenA, oddA);
  y[3] = add(evenB, oddB);
  y[4] = sub(evenB, oddB);
  y[5] = x[N - 1];
}
/// G x: weights to six points.
template <int N>
GEMMULE_INLINE void weightsToPoints(const VF (&x)[N], VF (&y)[6]) {
  gradientsToPoints(x, y);
  y[0] = mul(set1(scale0), y[0]);
  y[1] = mul(set1(scaleA), y[1]);
  y[2] = mul(set1(scaleA), y[2]);
  y[3] = mul(set1(scaleB), y[3]);
  y[4] = mul(set1(scaleB), y[4]);
}
/// A' x: six points to a tile's results.
template <int N>
GEMMULE_INLINE void resultsFromPoints(const VF (&x)[6], VF (&y)[N]) {
  sumPowers(x[0], add(x[1], x[2]), sub(x[1], x[2]), add(x[3], x[4]), sub(x[3], x[4]), x[5], y);
}
/// G' x: six points to gradients of weights.
template <int N>
GEMMULE_INLINE void weightsFromPoints(const VF (&x)[6], VF (&y)[N]) {
  const VF a = set1(scaleA), b = set1(scaleB);
  sumPowers(mul(set1(scale0), x[0]), mul(a, add(x[1], x[2])), mul(a, sub(x[1], x[2])),
            mul(b, add(x[3], x[4])), mul(b, sub(x[3], x[4])), x[5], y);
}

/// body(the taps, 3 to 5, as a type's constant)
template <class Body>
GEMMULE_INLINE void withTaps(int taps, Body body) {
  withConstant<3, 5>(taps, body);
}

/// A one-dimensional transform along both axes: In×In vectors, from(row, column), become Out×Out, given to
/// put(row, column, vector).
template <int In, int Out, void (*Transform)(const VF (&)[In], VF (&)[Out]), class From, class Put>
GEMMULE_INLINE void transformBoth(From from, Put put) {
  VF half[Out][In];
  GEMMULE_UNROLL
  for (int j = 0; j < In; j++) {
    VF column[In], points[Out];
    GEMMULE_UNROLL
    for (int i = 0; i < In; i++) column[i] = from(i, j);
    Transform(column, points);
    GEMMULE_UNROLL
    for (int i = 0; i < Out; i++) half[i][j] = points[i];
  }
  GEMMULE_UNROLL
  for (int i = 0; i < Out; i++) {
    VF points[Out];
    Transform(half[i], points);
    GEMMULE_UNROLL
    for (int j = 0; j < Out; j++) put(i, j, points[j]);
  }
}
/// The same in memory: vectors at `from` + row * fromRow + column * fromColumn become some at `to` + (row *
/// Out + column) * step.
template <int In, int Out, void (*Transform)(const VF (&)[In], VF (&)[Out])>
GEMMULE_INLINE void transformBoth(const float* from, intptr_t fromRow, intptr_t fromColumn, float* to,
                                  intptr_t step) {
  transformBoth<In, Out, Transform>([&](int i, int j) { return load(from + i * fromRow + j * fromColumn); },
                                    [&](int i, int j, VF value) { store(to + (i * Out + j) * step, value); });
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
