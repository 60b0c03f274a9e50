// The transforms of Winograd's F(4x4, 3x3) (Lavin and Gray, 2016): for a patch d of 6x6 inputs and a kernel w
// of 3x3,
//   y [4x4] = A' [ (G w G') * (B' d B) ] A,
// and the gradient of the kernel is G' [ (B' d B) * (A dy A') ] G. The points are 0, a, -a, b, -b and
// infinity; row p of A is 1 p p^2 p^3, of G 1 p p^2 over the product of p's distances, of B' the product of x
// - q over the other points q. With a = 5/8 and b = 3/2 rounding errors are about a quarter of those with 1
// and 2. Each lane holds a channel.
#pragma once
#include "gemm/microkernel.h"

namespace gemmule {
namespace GEMMULE_ISA {

constexpr int winogradTile = 4, winogradPatch = 6, winogradPoints = 36;

constexpr float pointA = 0.625f, pointB = 1.5f;
constexpr float squareA = pointA * pointA, squareB = pointB * pointB;
constexpr float cubeA = squareA * pointA, cubeB = squareB * pointB;
constexpr float squareSum = squareA + squareB, squareProduct = squareA * squareB;
constexpr float scale0 = (float)(1.0 / squareProduct);
constexpr float scaleA = (float)(1.0 / (2.0 * squareA * (squareA - squareB)));
constexpr float scaleB = (float)(1.0 / (2.0 * squareB * (squareB - squareA)));

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
/// A' x: six points to four results.
GEMMULE_INLINE void fromPoints(const VF (&x)[6], VF (&y)[4]) {
  const VF sumA = add(x[1], x[2]), differenceA = sub(x[1], x[2]), sumB = add(x[3], x[4]),
           differenceB = sub(x[3], x[4]);
  y[0] = add(x[0], add(sumA, sumB));
  y[1] = fma(set1(pointA), differenceA, mul(set1(pointB), differenceB));
  y[2] = fma(set1(squareA), sumA, mul(set1(squareB), sumB));
  y[3] = fma(set1(cubeA), differenceA, fma(set1(cubeB), differenceB, x[5]));
}
/// G x: three weights to six points.
GEMMULE_INLINE void weightsToPoints(const VF (&x)[3], VF (&y)[6]) {
  const VF evenA = fma(set1(squareA), x[2], x[0]), oddA = mul(set1(pointA), x[1]);
  const VF evenB = fma(set1(squareB), x[2], x[0]), oddB = mul(set1(pointB), x[1]);
  y[0] = mul(set1(scale0), x[0]);
  y[1] = mul(set1(scaleA), add(evenA, oddA));
  y[2] = mul(set1(scaleA), sub(evenA, oddA));
  y[3] = mul(set1(scaleB), add(evenB, oddB));
  y[4] = mul(set1(scaleB), sub(evenB, oddB));
  y[5] = x[2];
}
/// A x: four gradients of results to six points.
GEMMULE_INLINE void gradientsToPoints(const VF (&x)[4], VF (&y)[6]) {
  const VF evenA = fma(set1(squareA), x[2], x[0]), oddA = fma(set1(cubeA), x[3], mul(set1(pointA), x[1]));
  const VF evenB = fma(set1(squareB), x[2], x[0]), oddB = fma(set1(cubeB), x[3], mul(set1(pointB), x[1]));
  y[0] = x[0];
  y[1] = add(evenA, oddA);
  y[2] = sub(evenA, oddA);
  y[3] = add(evenB, oddB);
  y[4] = sub(evenB, oddB);
  y[5] = x[3];
}
/// G' x: six points to three gradients of weights.
GEMMULE_INLINE void weightsFromPoints(const VF (&x)[6], VF (&y)[3]) {
  const VF sumA = mul(set1(scaleA), add(x[1], x[2])), differenceA = mul(set1(scaleA), sub(x[1], x[2]));
  const VF sumB = mul(set1(scaleB), add(x[3], x[4])), differenceB = mul(set1(scaleB), sub(x[3], x[4]));
  y[0] = fma(set1(scale0), x[0], add(sumA, sumB));
  y[1] = fma(set1(pointA), differenceA, mul(set1(pointB), differenceB));
  y[2] = fma(set1(squareA), sumA, fma(set1(squareB), sumB, x[5]));
}

/// A one-dimensional transform along both axes: In×In vectors, at `from` + row * fromRow + column *
/// fromColumn, become Out×Out, stored at `to` + (row * Out + column) * step.
template <int In, int Out, void (*Transform)(const VF (&)[In], VF (&)[Out])>
GEMMULE_INLINE void transformBoth(const float* from, intptr_t fromRow, intptr_t fromColumn, float* to,
                                  intptr_t step) {
  VF half[Out][In];
  GEMMULE_UNROLL
  for (int j = 0; j < In; j++) {
    VF column[In], points[Out];
    GEMMULE_UNROLL
    for (int i = 0; i < In; i++) column[i] = load(from + i * fromRow + j * fromColumn);
    Transform(column, points);
    GEMMULE_UNROLL
    for (int i = 0; i < Out; i++) half[i][j] = points[i];
  }
  GEMMULE_UNROLL
  for (int i = 0; i < Out; i++) {
    VF points[Out];
    Transform(half[i], points);
    GEMMULE_UNROLL
    for (int j = 0; j < Out; j++) store(to + (i * Out + j) * step, points[j]);
  }
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
