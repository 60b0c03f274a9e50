// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
#include "elementwise.h"
#include "table.h"

namespace gemmule {
namespace GEMMULE_ISA {

namespace {

/// The blocks of `lanes` counters from `counter` on: 4 · lanes floats in [0, 1). One loop per step, for the
/// compiler to make vectors of: there is no 32×32→64 product in the vector header.
constexpr int lanes = 16;
void philox(uint32_t key0, uint32_t key1, uint64_t counter, float* out) {
  uint32_t a[lanes], b[lanes], c[lanes], d[lanes];
  for (int i = 0; i < lanes; i++) {
    a[i] = (uint32_t)(counter + (uint64_t)i);
    b[i] = (uint32_t)((counter + (uint64_t)i) >> 32);
    c[i] = d[i] = 0;
  }
  for (int round = 0; round < 10; round++) {
    for (int i = 0; i < lanes; i++) {
      const uint64_t p = (uint64_t)0xd2511f53u * a[i], q = (uint64_t)0xcd9e8d57u * c[i];
      a[i] = (uint32_t)(q >> 32) ^ b[i] ^ key0;
      b[i] = (uint32_t)q;
      c[i] = (uint32_t)(p >> 32) ^ d[i] ^ key1;
      d[i] = (uint32_t)p;
    }
    key0 += 0x9e3779b9u;
    key1 += 0xbb67ae85u;
  }
  const float unit = 1.0f / 16777216.0f;
  for (int i = 0; i < lanes; i++) {
    out[4 * i] = (float)(int32_t)(a[i] >> 8) * unit;
    out[4 * i + 1] = (float)(int32_t)(b[i] >> 8) * unit;
    out[4 * i + 2] = (float)(int32_t)(c[i] >> 8) * unit;
    out[4 * i + 3] = (float)(int32_t)(d[i] >> 8) * unit;
  }
}

}  // namespace

void randomUniform(double n, double key0, double key1, double first, Out<float> out) {
  float* const y = out;
  const uint32_t k0 = (uint32_t)(int64_t)key0, k1 = (uint32_t)(int64_t)key1;
  const uint64_t counter = (uint64_t)first;
  parallelRange((int64_t)n, heavyGrain, [=](int64_t begin, int64_t end) {
    const int64_t step = 4 * lanes;
    int64_t i = begin;  // a multiple of 4: tiles are
    for (; i + step <= end; i += step) philox(k0, k1, counter + (uint64_t)(i / 4), y + i);
    if (i < end) {
      float rest[4 * lanes];
      philox(k0, k1, counter + (uint64_t)(i / 4), rest);
      for (int64_t k = 0; i + k < end; k++) y[i + k] = rest[k];
    }
  });
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
