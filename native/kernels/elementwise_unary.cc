// y[i] = f(x[i]), and the gradients of activations.
#include "../simd/math.h"
#include "elementwise.h"
#include "table.h"

namespace gemmule {
namespace GEMMULE_ISA {

// Bound by memory: four vectors in flight.
void neg(double n, In<float> x, Out<float> y) {
  mapUnary<4>(n, x, y, [](VF v) { return neg(v); });
}
void abs(double n, In<float> x, Out<float> y) {
  mapUnary<4>(n, x, y, [](VF v) { return abs(v); });
}
void sign(double n, In<float> x, Out<float> y) {
  mapUnary<4>(n, x, y, [](VF v) {
    const VF one = set1(1.0f), negative = select(lt(v, zero()), neg(one), zero());
    return select(gt(v, zero()), one, negative);
  });
}
void square(double n, In<float> x, Out<float> y) {
  mapUnary<4>(n, x, y, [](VF v) { return mul(v, v); });
}
void sqrt(double n, In<float> x, Out<float> y) {
  mapUnary<4>(n, x, y, [](VF v) { return sqrt(v); });
}
void rsqrt(double n, In<float> x, Out<float> y) {
  mapUnary<4>(n, x, y, [](VF v) { return div(set1(1.0f), sqrt(v)); });
}
void reciprocal(double n, In<float> x, Out<float> y) {
  mapUnary<4>(n, x, y, [](VF v) { return div(set1(1.0f), v); });
}
void floor(double n, In<float> x, Out<float> y) {
  mapUnary<4>(n, x, y, [](VF v) { return floor(v); });
}
void ceil(double n, In<float> x, Out<float> y) {
  mapUnary<4>(n, x, y, [](VF v) { return ceil(v); });
}
void round(double n, In<float> x, Out<float> y) {
  mapUnary<4>(n, x, y, [](VF v) { return roundEven(v); });
}
void trunc(double n, In<float> x, Out<float> y) {
  mapUnary<4>(n, x, y, [](VF v) { return trunc(v); });
}
void relu(double n, In<float> x, Out<float> y) {
  // max gives its second operand where either is NaN.
  mapUnary<4>(n, x, y, [](VF v) { return max(zero(), v); });
}

// Bound by arithmetic.
void exp(double n, In<float> x, Out<float> y) {
  mapUnary<1>(n, x, y, [](VF v) { return exp(v); });
}
void expm1(double n, In<float> x, Out<float> y) {
  mapUnary<1>(n, x, y, [](VF v) { return expm1(v); });
}
void log(double n, In<float> x, Out<float> y) {
  mapUnary<1>(n, x, y, [](VF v) { return log(v); });
}
void log1p(double n, In<float> x, Out<float> y) {
  mapUnary<1>(n, x, y, [](VF v) { return log1p(v); });
}
void log2(double n, In<float> x, Out<float> y) {
  mapUnary<1>(n, x, y, [](VF v) { return log2(v); });
}
void log10(double n, In<float> x, Out<float> y) {
  mapUnary<1>(n, x, y, [](VF v) { return log10(v); });
}
void sin(double n, In<float> x, Out<float> y) {
  mapUnary<1>(n, x, y, [](VF v) { return sin(v); });
}
void cos(double n, In<float> x, Out<float> y) {
  mapUnary<1>(n, x, y, [](VF v) { return cos(v); });
}
void tan(double n, In<float> x, Out<float> y) {
  mapUnary<1>(n, x, y, [](VF v) { return tan(v); });
}
void asin(double n, In<float> x, Out<float> y) {
  mapUnary<1>(n, x, y, [](VF v) { return perLane(v, [](float s) { return ::asinf(s); }); });
}
void acos(double n, In<float> x, Out<float> y) {
  mapUnary<1>(n, x, y, [](VF v) { return perLane(v, [](float s) { return ::acosf(s); }); });
}
void atan(double n, In<float> x, Out<float> y) {
  mapUnary<1>(n, x, y, [](VF v) { return atan(v); });
}
void sinh(double n, In<float> x, Out<float> y) {
  mapUnary<1>(n, x, y, [](VF v) { return sinh(v); });
}
void cosh(double n, In<float> x, Out<float> y) {
  mapUnary<1>(n, x, y, [](VF v) { return cosh(v); });
}
void erf(double n, In<float> x, Out<float> y) {
  mapUnary<1>(n, x, y, [](VF v) { return erf(v); });
}
void sigmoid(double n, In<float> x, Out<float> y) {
  mapUnary<1>(n, x, y, [](VF v) { return sigmoid(v); });
}
void tanh(double n, In<float> x, Out<float> y) {
  mapUnary<1>(n, x, y, [](VF v) { return tanh(v); });
}

void sigmoidBackward(double n, In<float> g, In<float> s, Out<float> y) {
  mapBinary<4>(n, g, s, y, [](VF a, VF b) { return mul(a, mul(b, sub(set1(1.0f), b))); });
}
void tanhBackward(double n, In<float> g, In<float> t, Out<float> y) {
  mapBinary<4>(n, g, t, y, [](VF a, VF b) { return mul(a, fnma(b, b, set1(1.0f))); });
}
void reluBackward(double n, In<float> g, In<float> r, Out<float> y) {
  mapBinary<4>(n, g, r, y, [](VF a, VF b) { return select(gt(b, zero()), a, zero()); });
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
