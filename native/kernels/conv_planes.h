// Copies of image planes in the layout that convolutions read: padded, and split by stride.
#pragma once
#include "../simd/prefetch.h"

namespace gemmule {
namespace GEMMULE_ISA {

/// Smallest integer >= a / b and largest <= a / b, for b > 0.
inline int ceilDiv(int a, int b) { return a > 0 ? (a + b - 1) / b : -(-a / b); }
inline int floorDiv(int a, int b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

/// Some rows, or columns.
struct Range {
  int begin, end;
  int count() const { return end - begin; }
};

/// One axis of a copy: cell i holds source position start + i * step, zero where that is outside.
struct Axis {
  int start, step;
  /// Cells [begin, end) of `count` lie inside a source of `size`.
  void inside(int size, int count, int& begin, int& end) const {
    begin = ceilDiv(-start, step);
    end = ceilDiv(size - start, step);
    if (begin < 0) begin = 0;
    if (begin > count) begin = count;
    if (end > count) end = count;
    if (end < begin) end = begin;
  }
};

/// How many cells at the end of a row of `columns` the first ones of the next row can stand for, at most
/// `most` and W: in both the source is zero.
inline int sharedCells(const Axis& axis, int size, int columns, int most) {
  int begin, end;
  axis.inside(size, columns, begin, end);
  const int both = begin < columns - end ? begin : columns - end, limit = most < W ? most : W;
  return both < limit ? both : limit;
}

inline void clear(float* p, intptr_t n) {
  intptr_t i = 0;
  for (; i + W <= n; i += W) store(p + i, zero());
  if (i < n) storeN(p + i, zero(), (int)(n - i));
}

/// dst[i] = src[i * step] for i < n
inline void copyStepped(const float* src, int step, float* dst, int n) {
  int i = 0;
  if (step == 1) {
    for (; i + W <= n; i += W) store(dst + i, load(src + i));
    if (i < n) storeN(dst + i, loadN(src + i, n - i), n - i);
    return;
  }
  if (step == 2)
    for (; i + W < n; i += W) {  // one short of the end: the second vector holds a value past src[2 (n - 1)]
      VF even, odd;
      load2(src + 2 * i, even, odd);
      store(dst + i, even);
    }
  for (; i < n; i++) dst[i] = src[(intptr_t)i * step];
}

/// dst[rows, columns] = the cells of src[h, w] that the two axes name.
inline void copyPlane(const float* src, int h, int w, const Axis& vertical, const Axis& horizontal,
                      float* dst, int rows, int columns) {
  int top, bottom, left, right;
  vertical.inside(h, rows, top, bottom);
  horizontal.inside(w, columns, left, right);
  clear(dst, (intptr_t)top * columns);
  for (int r = top; r < bottom; r++) {
    float* out = dst + (intptr_t)r * columns;
    const float* row = src + (intptr_t)(vertical.start + r * vertical.step) * w;
    clear(out, left);
    if (right > left)
      copyStepped(row + horizontal.start + left * horizontal.step, horizontal.step, out + left, right - left);
    clear(out + right, columns - right);
  }
  clear(dst + (intptr_t)bottom * columns, (intptr_t)(rows - bottom) * columns);
}

/// The same in whole vectors, for scratch: the W values behind dst become zero too, and the source is
/// read beyond the end of a row where that is still before `end`, the end of its array. What lies `ahead` of
/// the values copied, where that is not 0, is brought nearer meanwhile.
inline void copyPlaneOver(const float* src, const float* end, int h, int w, const Axis& vertical,
                          const Axis& horizontal, float* dst, int rows, int columns, intptr_t ahead = 0) {
  const auto clearOver = [](float* p, intptr_t count) {
    for (intptr_t i = 0; i < count; i += W) store(p + i, zero());
  };
  int top, bottom, left, right;
  vertical.inside(h, rows, top, bottom);
  horizontal.inside(w, columns, left, right);
  clearOver(dst, (intptr_t)top * columns);
  const int n = right - left, step = horizontal.step;
  const intptr_t reach = (intptr_t)(n + W - 1) / W * W * step, rowStep = (intptr_t)vertical.step * w;
  const float* from =
      src + (intptr_t)(vertical.start + top * vertical.step) * w + horizontal.start + left * step;
  float* out = dst + (intptr_t)top * columns;
  const auto bringNearer = [&](const float* row) {
    if (!ahead) return;
    for (int i = 0; i < n * step; i += lineValues) prefetch(row + ahead + i);
  };
  int r = top;
  const bool small = left <= W && columns - right <= W && n > 0;  // a vector clears each end of a row
  const auto rowsOf = [&](auto vectors) {
    for (; r < bottom && end - from >= reach; r++, from += rowStep, out += columns) {
      bringNearer(from);
      if (left > 0) store(out, zero());  // else what the row above left is copied over
      for (int v = 0; v < vectors; v++) store(out + left + v * W, load(from + v * W));
      store(out + right, zero());
    }
  };
  if (step == 1 && small && n <= 4 * W) withConstant<1, 4>((n + W - 1) / W, rowsOf);
  for (; r < bottom; r++, from += rowStep, out += columns) {
    bringNearer(from);
    if (small)
      store(out, zero());
    else
      clearOver(out, left);
    float* const inner = out + left;
    if (step > 2 || end - from < reach) {
      copyStepped(from, step, inner, n);
    } else if (step == 1) {
      for (int i = 0; i < n; i += W) store(inner + i, load(from + i));
    } else {
      for (int i = 0; i < n; i += W) {
        VF even, odd;
        load2(from + 2 * i, even, odd);
        store(inner + i, even);
      }
    }
    if (small)
      store(out + right, zero());
    else
      clearOver(out + right, columns - right);
  }
  clearOver(dst + (intptr_t)bottom * columns, (intptr_t)(rows - bottom) * columns);
  store(dst + (intptr_t)rows * columns, zero());
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
