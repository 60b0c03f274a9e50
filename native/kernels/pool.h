// What the pooling kernels share: planes spread over the pool of threads, padded copies of planes, strided
// loads.
#pragma once
#include <string.h>

#include "elementwise.h"

namespace gemmule {
namespace GEMMULE_ISA {

/// Every second element: 2m of them from p on, in m lanes each.
GEMMULE_INLINE void loadPairs(const float* p, int m, VF& even, VF& odd) {
  if (m == W) return load2(p, even, odd);
  const int n = 2 * m;
  deinterleave(loadN(p, n < W ? n : W), n > W ? loadN(p + W, n - W) : zero(), even, odd);
}
GEMMULE_INLINE void storePairs(float* p, VF even, VF odd, int m) {
  if (m == W) return store2(p, even, odd);
  VF lo, hi;
  interleave(even, odd, lo, hi);
  const int n = 2 * m;
  storeN(p, lo, n < W ? n : W);
  if (n > W) storeN(p + W, hi, n - W);
}

/// Elements 0, S, 2S, … in m lanes; S of 0 stands for any `stride`. Touches nothing behind the last of them,
/// but one element where `more` says that windows follow in the row.
template <int S>
GEMMULE_INLINE VF loadStride(const float* p, int m, int stride, bool more) {
  if (S == 1) return m == W ? load(p) : loadN(p, m);
  if (S == 2) {
    const int n = 2 * m - 1;
    VF even, odd;
    if (more)
      load2(p, even, odd);
    else
      deinterleave(loadN(p, n < W ? n : W), n > W ? loadN(p + W, n - W) : zero(), even, odd);
    return even;
  }
  return gather(p, min(mul(iota(), set1I(stride)), set1I((m - 1) * stride)));
}

/// Whether an array holds a NaN.
inline bool containsNaN(const float* x, int64_t n) {
  VM found = isNaN(zero());
  int64_t i = 0;
  for (; i + 4 * W <= n; i += 4 * W) {
    const VM low = or_(isNaN(load(x + i)), isNaN(load(x + i + W)));
    found = or_(found, or_(low, or_(isNaN(load(x + i + 2 * W)), isNaN(load(x + i + 3 * W)))));
  }
  for (; i < n; i += W) found = or_(found, isNaN(loadN(x + i, n - i < W ? (int)(n - i) : W)));
  return any(found);
}

/// Non-overlapping 2×2 windows that lie inside the plane.
inline bool isHalving(const PoolDesc& d) {
  return d.kh == 2 && d.kw == 2 && d.strideH == 2 && d.strideW == 2 && d.dilationH == 1 && d.dilationW == 1 &&
         d.padTop == 0 && d.padLeft == 0 && 2 * d.oh <= d.h && 2 * d.ow <= d.w;
}

/// Rows and columns that the windows reach over, from the padding's first row and column on.
inline int64_t reachH(const PoolDesc& d) {
  return (int64_t)(d.oh - 1) * d.strideH + (int64_t)(d.kh - 1) * d.dilationH + 1;
}
inline int64_t reachW(const PoolDesc& d) {
  return (int64_t)(d.ow - 1) * d.strideW + (int64_t)(d.kw - 1) * d.dilationW + 1;
}
inline bool staysInside(const PoolDesc& d) {
  return d.padTop == 0 && d.padLeft == 0 && reachH(d) <= d.h && reachW(d) <= d.w;
}

/// body(plane, slot) for every plane.
template <class Body>
inline void eachPlane(const PoolDesc& d, Body body) {
  const int64_t planes = d.planes, size = (int64_t)d.h * d.w + (int64_t)d.oh * d.ow;
  const int64_t group = size < tileElements ? tileElements / size : 1;
  if (planes * size <= lightGrain || planes <= group) {
    for (int64_t p = 0; p < planes; p++) body(p, 0);
    return;
  }
  parallel((planes + group - 1) / group, [&](int64_t tile, int slot) {
    for (int64_t p = tile * group; p < (tile + 1) * group && p < planes; p++) body(p, slot);
  });
}

/// The plane with `value` around it, so that every window of it can be read: rows of reachW(d) elements.
inline void padPlane(const PoolDesc& d, const float* x, float value, float* to) {
  const int64_t rows = reachH(d), columns = reachW(d);
  const int64_t right = d.padLeft + d.w < columns ? d.padLeft + d.w : columns;
  for (int64_t r = 0; r < rows; r++, to += columns) {
    const int64_t y = r - d.padTop;
    int64_t c = 0;
    if (y >= 0 && y < d.h) {
      for (; c < d.padLeft && c < columns; c++) to[c] = value;
      if (right > c) memcpy(to + c, x + y * d.w, (size_t)(right - c) * sizeof(float));
      if (right > c) c = right;
    }
    for (; c < columns; c++) to[c] = value;
  }
}

/// body(plane, x, width): x is the first element of the first window, with `width` elements in a row; padded
/// planes come out of scratch.
template <class Body>
inline void eachPaddedPlane(const PoolDesc& d, const float* x, float value, Body body) {
  const int64_t size = (int64_t)d.h * d.w;
  if (staysInside(d)) return eachPlane(d, [=](int64_t p, int) { body(p, x + p * size, (int64_t)d.w); });
  const int64_t padded = reachH(d) * reachW(d);
  Scratch<float> scratch((size_t)(parallelSlots() * padded));
  if (!scratch.data) return;
  float* const all = scratch.data;
  eachPlane(d, [=, &d](int64_t p, int slot) {
    padPlane(d, x + p * size, value, all + slot * padded);
    body(p, (const float*)all + slot * padded, reachW(d));
  });
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
