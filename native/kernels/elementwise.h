// Loops over contiguous arrays, one vector at a time, and how they are cut for the pool.
#pragma once
#include "../simd/prefetch.h"
#include "kernel.h"
#include "parallel.h"

namespace gemmule {
namespace GEMMULE_ISA {

/// Elements of one tile of an elementwise kernel. Below `grain` elements a kernel runs at once on the calling
/// thread.
constexpr int64_t tileElements = 16384;
constexpr int64_t lightGrain = 131072;  // a few cycles a vector: bound by memory
constexpr int64_t heavyGrain = 32768;   // tens of cycles a vector

/// body(begin, end) over [0, n), in tiles of the pool where n is large.
template <class Body>
inline void parallelRange(int64_t n, int64_t grain, Body body) {
  if (n <= grain) {
    if (n > 0) body((int64_t)0, n);
    return;
  }
  parallel((n + tileElements - 1) / tileElements, [&](int64_t tile, int) {
    const int64_t begin = tile * tileElements;
    body(begin, begin + tileElements < n ? begin + tileElements : n);
  });
}

/// body(i) for i in [0, n): in the pool by groups of `group`, or at once on the calling thread.
template <class Body>
inline void parallelGroups(int64_t n, int64_t group, bool pooled, Body body) {
  if (!pooled || n <= group) {
    for (int64_t i = 0; i < n; i++) body(i);
    return;
  }
  parallel((n + group - 1) / group, [&](int64_t tile, int) {
    for (int64_t i = tile * group; i < (tile + 1) * group && i < n; i++) body(i);
  });
}

/// full(i) for every whole vector from begin on, then tail(i, n) for the n < W elements that are left.
template <int Unroll, class Full, class Tail>
GEMMULE_INLINE void vectorLoop(int64_t begin, int64_t end, Full full, Tail tail) {
  int64_t i = begin;
  for (; i + Unroll * W <= end; i += Unroll * W)
    for (int u = 0; u < Unroll; u++) full(i + u * W);
  if (Unroll > 1)
    for (; i + W <= end; i += W) full(i);
  if (i < end) tail(i, (int)(end - i));
}

/// y[i] = one(i) for the W elements from i on, some(i, n) for n < W of them. What is y itself, if any of the
/// operands is, comes as `operand`: y is in the caches then.
template <int Unroll, class One, class Some>
GEMMULE_INLINE void mapInto(double count, const float* operand, float* y, One one, Some some) {
  const bool streams = count >= (double)streamLeast && operand != y && canStream(y, 0);
  parallelRange((int64_t)count, Unroll > 1 ? lightGrain : heavyGrain, [=](int64_t begin, int64_t end) {
    vectorLoop<Unroll>(
        begin, end,
        [=](int64_t i) {
          if (streams)
            stream(y + i, one(i));
          else
            store(y + i, one(i));
        },
        [=](int64_t i, int n) { storeN(y + i, some(i, n), n); });
    if (streams) endStream();
  });
}

/// y[i] = f(x[i])
template <int Unroll, class F>
GEMMULE_INLINE void mapUnary(double count, const float* x, float* y, F f) {
  mapInto<Unroll>(
      count, x, y, [=](int64_t i) { return f(load(x + i)); },
      [=](int64_t i, int n) { return f(loadN(x + i, n)); });
}

/// y[i] = f(a[i], b[i])
template <int Unroll, class F>
GEMMULE_INLINE void mapBinary(double count, const float* a, const float* b, float* y, F f) {
  const bool far = 2 * count >= (double)farLeast;
  mapInto<Unroll>(
      count, a == y ? a : b, y,
      [=](int64_t i) {
        if (far) {
          prefetchSoon(a + i + aheadBy);
          prefetchSoon(b + i + aheadBy);
        }
        return f(load(a + i), load(b + i));
      },
      [=](int64_t i, int n) { return f(loadN(a + i, n), loadN(b + i, n)); });
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
