// Optimizer steps in place, by PyTorch's formulas (torch.optim.SGD, Adam, AdamW).
#include "../simd/math.h"
#include "elementwise.h"
#include "table.h"

namespace gemmule {
namespace GEMMULE_ISA {

namespace {

/// step(i, m) for all vectors of n elements; m is W but for the last.
template <class Step>
void eachVector(double n, Step step) {
  parallelRange((int64_t)n, lightGrain, [=](int64_t begin, int64_t end) {
    vectorLoop<2>(
        begin, end, [=](int64_t i) { step(i, W); }, [=](int64_t i, int m) { step(i, m); });
  });
}

GEMMULE_INLINE VF take(const float* p, int n) { return n == W ? load(p) : loadN(p, n); }
GEMMULE_INLINE void put(float* p, VF v, int n) {
  if (n == W)
    store(p, v);
  else
    storeN(p, v, n);
}

}  // namespace

void sgdStep(double n, double lr, double momentum, double dampening, double weightDecay, double nesterov,
             double first, In<float> grad, Out<float> param, Out<float> state) {
  const float* const g = grad;
  float *const p = param, *const buffer = state;
  const VF rate = set1((float)lr), decay = set1((float)weightDecay), keep = set1((float)momentum);
  const bool decays = weightDecay != 0, looksAhead = nesterov != 0;
  const auto gradient = [=](int64_t i, VF old, int m) {
    const VF d = take(g + i, m);
    return decays ? fma(decay, old, d) : d;
  };
  if (momentum == 0)
    return eachVector(n, [=](int64_t i, int m) {
      const VF old = take(p + i, m);
      put(p + i, fnma(rate, gradient(i, old, m), old), m);
    });
  const bool fresh = first != 0;  // a first buffer is not read
  const VF share = set1((float)(1 - dampening));
  eachVector(n, [=](int64_t i, int m) {
    const VF old = take(p + i, m), d = gradient(i, old, m);
    const VF velocity = fresh ? d : fma(keep, take(buffer + i, m), mul(share, d));
    put(buffer + i, velocity, m);
    put(p + i, fnma(rate, looksAhead ? fma(keep, velocity, d) : velocity, old), m);
  });
}

void adamStep(double n, double lr, double beta1, double beta2, double eps, double weightDecay,
              double decoupled, double step, double amsgrad, double maximize, In<float> grad,
              Out<float> param, Out<float> first, Out<float> second) {
  const float* const g = grad;
  float *const p = param, *const mean = first, *const square = second, *const bound = square + (int64_t)n;
  const VF size = set1((float)(lr / (1 - ::pow(beta1, step))));
  const VF root = set1((float)::sqrt(1 - ::pow(beta2, step))), tiny = set1((float)eps);
  const VF keep1 = set1((float)beta1), share1 = set1((float)(1 - beta1));
  const VF keep2 = set1((float)beta2), share2 = set1((float)(1 - beta2));
  const VF shrink = set1((float)(1 - lr * weightDecay)), decay = set1((float)weightDecay);
  const bool shrinks = decoupled != 0 && weightDecay != 0, decays = decoupled == 0 && weightDecay != 0;
  const bool up = maximize != 0, bounded = amsgrad != 0;
  eachVector(n, [=](int64_t i, int m) {
    VF old = take(p + i, m), d = take(g + i, m);
    if (up) d = neg(d);
    if (shrinks) old = mul(old, shrink);
    if (decays) d = fma(decay, old, d);
    const VF average = fma(keep1, take(mean + i, m), mul(share1, d));
    VF power = fma(keep2, take(square + i, m), mul(share2, mul(d, d)));
    put(mean + i, average, m);
    put(square + i, power, m);
    if (bounded) {
      power = maxNaN(take(bound + i, m), power);
      put(bound + i, power, m);
    }
    put(p + i, sub(old, div(mul(size, average), add(div(sqrt(power), root), tiny))), m);
  });
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
