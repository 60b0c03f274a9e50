// What the pooling kernels share: planes spread over the pool of threads, padded copies of planes, strided
// loads.
#pragma once
#include <string.h>

#include "elementwise.h"

namespace gemmule {
namespace GEMMULE_ISA {

// Rows are short, and a vector of exactly their length costs more than a whole one. So a row's last vector is
// read and written whole where `room`, the elements up to the end of the plane, allows: what it writes too
// much belongs to rows that are written after it.

GEMMULE_INLINE void storeRoom(float* p, VF v, int m, int64_t room) {
  if (room >= W)
    store(p, v);
  else
    storeN(p, v, m);
}
GEMMULE_INLINE void storeRoom(int32_t* p, VI v, int m, int64_t room) {
  if (room >= W)
    storeI(p, v);
  else
    storeIN(p, v, m);
}

GEMMULE_INLINE VF loadRoom(const float* p, int m, int64_t room) { return room >= W ? load(p) : loadN(p, m); }

/// 2m elements from p on, of which every second goes to `even`.
GEMMULE_INLINE void loadPairs(const float* p, int m, int64_t room, VF& even, VF& odd) {
  const int n = 2 * m;
  if (n <= W) return deinterleave(loadRoom(p, n, room), zero(), even, odd);
  if (room >= 2 * W) return load2(p, even, odd);
  deinterleave(load(p), loadN(p + W, n - W), even, odd);
}
/// n elements, of which every second comes from `even`.
GEMMULE_INLINE void storePairs(float* p, VF even, VF odd, int n, int64_t room) {
  VF lo, hi;
  interleave(even, odd, lo, hi);
  if (n <= W) return storeRoom(p, lo, n, room);
  store(p, lo);
  storeRoom(p + W, hi, n - W, room - W);
}

/// Elements 0, S, 2S, … in m lanes; S of 0 stands for any `stride`.
template <int S>
GEMMULE_INLINE VF loadStride(const float* p, int m, int64_t room, int stride) {
  if (S == 1) return room >= W ? load(p) : loadN(p, m);
  if (S == 2) {
    VF even, odd;
    if (room >= 2 * W) {
      load2(p, even, odd);
      return even;
    }
    const int n = 2 * m - 1;
    deinterleave(loadN(p, n < W ? n : W), n > W ? loadN(p + W, n - W) : zero(), even, odd);
    return even;
  }
  return gather(p, min(mul(iota(), set1I(stride)), set1I((m - 1) * stride)));
}

/// Two whole vectors at p, which begins with a line, past the caches.
GEMMULE_INLINE void streamPairs(float* p, VF even, VF odd) {
  VF lo, hi;
  interleave(even, odd, lo, hi);
  stream(p, lo);
  stream(p + W, hi);
}

/// What follows 2W values of two rows a while later: two rows at once are no stream to the hardware.
GEMMULE_INLINE void bringPairsNearer(const float* above, const float* below) {
  for (int i = 0; i < 2 * W; i += lineValues) {
    prefetchSoon(above + aheadBy + i);
    prefetchSoon(below + aheadBy + i);
  }
}
inline bool isFar(const PoolDesc& d) { return (int64_t)d.planes * d.h * d.w >= farLeast; }

/// Whether the gradient y of x goes past the caches.
inline bool streamsGradient(const PoolDesc& d, const float* y) {
  return (int64_t)d.planes * d.h * d.w >= streamLeast && canStream(y, d.w);
}

/// Tells whether one of the values seen was a NaN. Their largest bits are kept: compilers move masks to
/// general registers and back.
struct NaNWatch {
  VI largest = zeroI();
  void see(VF v) { largest = max(largest, and_(asInt(v), set1I(0x7fffffff))); }
  bool found() const { return any(gt(largest, asInt(infinity()))); }
};

/// Whether an array holds a NaN.
inline bool containsNaN(const float* x, int64_t n) {
  NaNWatch watch;
  vectorLoop<4>(
      0, n, [&](int64_t i) { watch.see(load(x + i)); },
      [&](int64_t i, int m) { watch.see(loadN(x + i, m)); });
  return watch.found();
}

/// Non-overlapping 2×2 windows that lie inside the plane.
inline bool isHalving(const PoolDesc& d) {
  return d.kh == 2 && d.kw == 2 && d.strideH == 2 && d.strideW == 2 && d.dilationH == 1 && d.dilationW == 1 &&
         d.padTop == 0 && d.padLeft == 0 && 2 * d.oh <= d.h && 2 * d.ow <= d.w;
}

/// The first rows of windows of a halved plane, where a row of outputs fits into two vectors and whole
/// vectors can be read and written: `vectors` of them in a row of x. What they write beyond a row,
/// those that follow write over.
struct NarrowRows {
  static constexpr int most = 4;
  int vectors;
  int64_t count;
};
inline NarrowRows narrowRows(const PoolDesc& d) {
  const int64_t w = d.w, ow = d.ow, vectors = (2 * ow + W - 1) / W;
  // Wider rows of arrays beyond the caches are asked for ahead, or streamed.
  if (ow == 0 || vectors > (isFar(d) ? 2 : NarrowRows::most)) return {1, 0};
  const int64_t write = (int64_t)d.oh * ow - (vectors + 1) / 2 * W, read = (int64_t)d.h * w - w - vectors * W;
  if (write < 0 || read < 0) return {1, 0};
  const int64_t count = write / ow < read / (2 * w) ? write / ow : read / (2 * w);
  return {(int)vectors, count + 1 < d.oh ? count + 1 : d.oh};
}
/// body(narrow.vectors), as a type's constant.
template <class Body>
GEMMULE_INLINE auto withVectors(NarrowRows narrow, Body body) {
  return withConstant<1, NarrowRows::most>(narrow.vectors, body);
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

/// Some rows of windows of one plane: rows [begin, end), the first of them beginning at x, with `width`
/// elements in a row and `room` elements to be read in all.
struct WindowRows {
  int64_t begin, end;
  const float* x;
  int64_t width, room;
  bool hasNaN;  // where that was asked for
};

/// body(plane, rows of windows) until every window was given. Planes that windows reach beyond are copied, a
/// band of rows at a time so that the copy stays in the first cache, into scratch that has `value` around
/// them.
template <bool watches, class Body>
inline void eachWindowRows(const PoolDesc& d, const float* x, float value, Body body) {
  const int64_t size = (int64_t)d.h * d.w, columns = reachW(d),
                overlap = (int64_t)(d.kh - 1) * d.dilationH + 1;
  if (staysInside(d))
    return eachPlane(d, [=](int64_t p, int) {
      const float* const from = x + p * size;
      const bool hasNaN = watches && containsNaN(from, (reachH(d) - 1) * d.w + columns);
      body(p, WindowRows{0, d.oh, from, d.w, size, hasNaN});
    });
  // Rows of the copy begin on a vector's boundary behind their padding; whole vectors are written.
  const int64_t left = d.padLeft, n = d.w < columns - left ? d.w : columns - left;
  const int64_t lead = (left + W - 1) / W * W, whole = (n + W - 1) / W * W;
  const int64_t pitch = lead + (whole > columns - left ? whole : (columns - left + W - 1) / W * W);
  const int64_t fitting = (2048 / pitch - overlap) / d.strideH + 1;
  const int64_t band = fitting < 1 ? 1 : fitting < d.oh ? fitting : d.oh;
  const int64_t rows = (band - 1) * d.strideH + overlap, slots = parallelSlots();
  const int64_t each = rows * pitch + 2 * W;
  Scratch<float> scratch((size_t)(slots * each));
  if (!scratch.data) return;
  float* const all = scratch.data;
  for (int64_t i = 0; i < slots * each; i++) all[i] = value;
  eachPlane(d, [=](int64_t p, int slot) {
    float* const to = all + slot * each + lead;
    for (int64_t begin = 0; begin < d.oh; begin += band) {
      const int64_t end = begin + band < d.oh ? begin + band : d.oh;
      const int64_t top = begin * d.strideH - d.padTop, count = (end - begin - 1) * d.strideH + overlap;
      NaNWatch watch;
      for (int64_t r = 0; r < count; r++) {
        float* const row = to + r * pitch;
        const float* const from = x + p * size + (top + r) * d.w;
        const VF outside = set1(value);
        if (top + r < 0 || top + r >= d.h)
          for (int64_t i = 0; i < n; i += W) store(row + i, outside);
        else
          vectorLoop<1>(
              0, n,
              [=, &watch](int64_t i) {
                // beyond the band: memory is busy while the windows are computed
                prefetchSoon(from + i + aheadBy);
                const VF v = load(from + i);
                if (watches) watch.see(v);
                store(row + i, v);
              },
              [=, &watch](int64_t i, int m) {
                const VF v = loadN(from + i, m);
                if (watches) watch.see(v);
                store(row + i, select(firstN(m), v, outside));
              });
      }
      body(p, WindowRows{begin, end, to - left, pitch, each - lead + left, watch.found()});
    }
  });
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
