// avgPool2d and its gradient.
#include "../simd/math.h"
#include "pool.h"
#include "table.h"

namespace gemmule {
namespace GEMMULE_ISA {

namespace {

/// Elements of a window along one axis that count: those inside, and the padding where it counts.
int32_t windowSize(int64_t first, int32_t kernel, int32_t dilation, int32_t size, int32_t padAfter,
                   bool padCounts) {
  int32_t count = 0;
  for (int32_t k = 0; k < kernel; k++) {
    const int64_t at = first + (int64_t)k * dilation;
    count += padCounts ? at < size + padAfter : at >= 0 && at < size;
  }
  return count;
}

/// What each window is divided by: rows[oy] * columns[ox], as floats behind one another.
struct Divisors {
  const float *rows, *columns;
};
void fillDivisors(const PoolDesc& d, float* to) {
  const bool fixed = d.divisor != 0, pad = d.countIncludePad != 0;
  for (int32_t r = 0; r < d.oh; r++) {
    const int32_t n = windowSize((int64_t)r * d.strideH - d.padTop, d.kh, d.dilationH, d.h, d.padBottom, pad);
    *to++ = fixed ? (float)d.divisor : (float)(n > 0 ? n : 1);
  }
  for (int32_t c = 0; c < d.ow; c++) {
    const int32_t n = windowSize((int64_t)c * d.strideW - d.padLeft, d.kw, d.dilationW, d.w, d.padRight, pad);
    *to++ = fixed ? 1.0f : (float)(n > 0 ? n : 1);
  }
}

/// 2×2 windows side by side: the sum of two rows, then of neighbours.
void halvePlane(const PoolDesc& d, const float* x, float* y, VF scale) {
  const int64_t w = d.w, ow = d.ow;
  for (int64_t r = 0; r < d.oh; r++) {
    const float *above = x + 2 * r * w, *below = above + w;
    int64_t c = 0;
    VF even, odd;
    for (; c + W <= ow; c += W) {
      deinterleave(add(load(above + 2 * c), load(below + 2 * c)),
                   add(load(above + 2 * c + W), load(below + 2 * c + W)), even, odd);
      store(y + r * ow + c, mul(add(even, odd), scale));
    }
    if (c < ow) {
      const int m = (int)(ow - c), n = 2 * m, head = n < W ? n : W;
      const VF lo = add(loadN(above + 2 * c, head), loadN(below + 2 * c, head));
      const VF hi = n > W ? add(loadN(above + 2 * c + W, n - W), loadN(below + 2 * c + W, n - W)) : zero();
      deinterleave(lo, hi, even, odd);
      storeN(y + r * ow + c, mul(add(even, odd), scale), m);
    }
  }
}

void doublePlane(const PoolDesc& d, const float* g, float* y, VF scale) {
  const int64_t w = d.w, ow = d.ow, oh = d.oh;
  for (int64_t r = 0; r < oh; r++) {
    float *above = y + 2 * r * w, *below = above + w;
    for (int64_t c = 0; c < ow; c += W) {
      const int m = ow - c < W ? (int)(ow - c) : W;
      const VF v = mul(m == W ? load(g + r * ow + c) : loadN(g + r * ow + c, m), scale);
      storePairs(above + 2 * c, v, v, m);
      storePairs(below + 2 * c, v, v, m);
    }
    for (int64_t c = 2 * ow; c < w; c++) above[c] = below[c] = 0.0f;
  }
  memset(y + 2 * oh * w, 0, (size_t)((d.h - 2 * oh) * w) * sizeof(float));
}

template <int S, int K>
void averagePlane(const PoolDesc& d, const float* x, int64_t width, Divisors divisors, float* y) {
  const int kh = K ? K : d.kh, kw = K ? K : d.kw;
  for (int64_t r = 0; r < d.oh; r++) {
    const VF rowDivisor = set1(divisors.rows[r]);
    for (int64_t c = 0; c < d.ow; c += W) {
      const int m = d.ow - c < W ? (int)(d.ow - c) : W;
      const float* corner = x + r * d.strideH * width + c * d.strideW;
      VF sum = zero();
      for (int i = 0; i < kh; i++)
        for (int j = 0; j < kw; j++)
          sum = add(sum, loadStride<S>(corner + (int64_t)i * d.dilationH * width + (int64_t)j * d.dilationW,
                                       m, d.strideW));
      storeN(y + r * d.ow + c, div(sum, mul(rowDivisor, loadN(divisors.columns + c, m))), m);
    }
  }
}

/// to[p] = sum of g[o] over the windows o and taps j with o * stride + j * dilation = p, for p < reachW(d).
/// g has `margin` zeros before and behind it.
void spreadRow(const PoolDesc& d, const float* g, float* to) {
  const int64_t reach = reachW(d);
  if (d.strideW == 1) {
    for (int64_t p = 0; p < reach; p += W) {
      const int m = reach - p < W ? (int)(reach - p) : W;
      VF sum = zero();
      for (int j = 0; j < d.kw; j++) sum = add(sum, loadN(g + p - (int64_t)j * d.dilationW, m));
      storeN(to + p, sum, m);
    }
  } else if (d.strideW == 2 && d.dilationW == 1) {  // even taps reach even places, odd taps odd ones
    const int64_t pairs = reach / 2;
    for (int64_t p = 0; p < pairs; p += W) {
      const int m = pairs - p < W ? (int)(pairs - p) : W;
      VF sum[2] = {zero(), zero()};
      for (int j = 0; j < d.kw; j++) sum[j % 2] = add(sum[j % 2], loadN(g + p - j / 2, m));
      storePairs(to + 2 * p, sum[0], sum[1], m);
    }
    if (reach % 2) {
      to[reach - 1] = 0.0f;
      for (int j = 0; j < d.kw; j += 2) to[reach - 1] += g[pairs - j / 2];
    }
  } else {
    memset(to, 0, (size_t)reach * sizeof(float));
    for (int64_t o = 0; o < d.ow; o++)
      for (int j = 0; j < d.kw; j++) to[o * d.strideW + (int64_t)j * d.dilationW] += g[o];
  }
}

/// Zeros that spreadRow reads on either side of a row of gradients.
int64_t marginOf(const PoolDesc& d) { return (int64_t)(d.kw - 1) * d.dilationW; }

void spreadPlane(const PoolDesc& d, const float* g, Divisors divisors, float* row, float* spread, float* y) {
  memset(y, 0, (size_t)d.h * (size_t)d.w * sizeof(float));
  const int64_t reach = reachW(d), left = d.padLeft;
  const int64_t columns = d.w < reach - left ? d.w : reach - left;
  for (int64_t r = 0; r < d.oh; r++) {
    const VF rowDivisor = set1(divisors.rows[r]);
    const float* from = g + r * d.ow;
    vectorLoop<1>(
        0, d.ow,
        [=](int64_t c) { store(row + c, div(load(from + c), mul(rowDivisor, load(divisors.columns + c)))); },
        [=](int64_t c, int m) {
          storeN(row + c, div(loadN(from + c, m), mul(rowDivisor, loadN(divisors.columns + c, m))), m);
        });
    spreadRow(d, row, spread);
    for (int i = 0; i < d.kh; i++) {
      const int64_t at = r * d.strideH - d.padTop + (int64_t)i * d.dilationH;
      if (at < 0 || at >= d.h) continue;
      float* to = y + at * d.w;
      vectorLoop<1>(
          0, columns, [=](int64_t c) { store(to + c, add(load(to + c), load(spread + left + c))); },
          [=](int64_t c, int m) { storeN(to + c, add(loadN(to + c, m), loadN(spread + left + c, m)), m); });
    }
  }
}

/// 1 / the divisor of every window, where windows are 2×2 inside the plane: exact where it is a power of two.
VF halvingScale(const PoolDesc& d) { return set1(d.divisor != 0 ? 1.0f / (float)d.divisor : 0.25f); }

}  // namespace

void avgPool2d(const PoolDesc& d, In<float> x, Out<float> y) {
  const int64_t size = (int64_t)d.h * d.w, out = (int64_t)d.oh * d.ow;
  if (out == 0) return;
  if (isHalving(d)) {
    const VF scale = halvingScale(d);
    return eachPlane(d, [=, &d](int64_t p, int) { halvePlane(d, x + p * size, y + p * out, scale); });
  }
  Scratch<float> scratch((size_t)(d.oh + d.ow));
  if (!scratch.data) return;
  fillDivisors(d, scratch.data);
  const Divisors divisors = {scratch.data, scratch.data + d.oh};
  const bool three = d.kh == 3 && d.kw == 3;
  const auto plane = d.strideW == 1   ? three ? &averagePlane<1, 3> : &averagePlane<1, 0>
                       : d.strideW == 2 ? three ? &averagePlane<2, 3> : &averagePlane<2, 0>
                                        : &averagePlane<0, 0>;
  eachPaddedPlane(d, x, 0.0f, [=, &d](int64_t p, const float* from, int64_t width) {
    plane(d, from, width, divisors, y + p * out);
  });
}

void avgPool2dBackward(const PoolDesc& d, In<float> g, Out<float> y) {
  const int64_t size = (int64_t)d.h * d.w, out = (int64_t)d.oh * d.ow;
  if (size == 0) return;
  if (isHalving(d)) {
    const VF scale = halvingScale(d);
    return eachPlane(d, [=, &d](int64_t p, int) { doublePlane(d, g + p * out, y + p * size, scale); });
  }
  const int64_t margin = marginOf(d), rowSize = d.ow + 2 * margin + W, reach = reachW(d);
  const int64_t slots = parallelSlots(), each = rowSize + reach;
  Scratch<float> scratch((size_t)(d.oh + d.ow + slots * each));
  if (!scratch.data) return;
  fillDivisors(d, scratch.data);
  const Divisors divisors = {scratch.data, scratch.data + d.oh};
  float* const rows = scratch.data + d.oh + d.ow;
  memset(rows, 0, (size_t)(slots * each) * sizeof(float));
  eachPlane(d, [=, &d](int64_t p, int slot) {
    float* row = rows + slot * each;
    spreadPlane(d, g + p * out, divisors, row + margin, row + rowSize, y + p * size);
  });
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
