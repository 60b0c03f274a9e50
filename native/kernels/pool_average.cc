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

/// What each window is divided by: rows[oy] * columns[ox]; a whole vector can be read at every column.
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
  for (int i = 0; i < W; i++) *to++ = 1.0f;
}
/// Floats that fillDivisors writes.
int64_t divisorsSize(const PoolDesc& d) { return d.oh + d.ow + W; }

/// 2×2 windows side by side: the sum of two rows, then of neighbours.
template <int Vectors>
void halveRows(const float* x, int64_t w, float* y, int64_t ow, int64_t rows, VF scale) {
  for (; rows > 0; rows--, x += 2 * w, y += ow) {
    GEMMULE_UNROLL
    for (int v = 0; v < Vectors; v += 2) {
      const auto sum = [&](int at) { return add(load(x + at * W), load(x + w + at * W)); };
      VF even, odd;
      deinterleave(sum(v), v + 1 < Vectors ? sum(v + 1) : zero(), even, odd);
      store(y + v / 2 * W, mul(add(even, odd), scale));
    }
  }
}

void halvePlane(const PoolDesc& d, NarrowRows narrow, const float* x, float* y, VF scale) {
  const int64_t w = d.w, ow = d.ow, size = d.h * w, out = d.oh * ow;
  const bool far = isFar(d);
  withVectors(narrow, [&](auto vectors) { halveRows<vectors>(x, w, y, ow, narrow.count, scale); });
  for (int64_t r = narrow.count; r < d.oh; r++) {
    for (int64_t c = 0; c < ow; c += W) {
      const int m = ow - c < W ? (int)(ow - c) : W, n = 2 * m;
      const int64_t at = r * ow + c, from = 2 * r * w + 2 * c;
      const float *above = x + from, *below = above + w;
      if (far) bringPairsNearer(above, below);
      VF even, odd, lo, hi = zero();
      const int64_t room = size - from - w;
      if (n <= W) {
        lo = add(loadRoom(above, n, room), loadRoom(below, n, room));
      } else {
        lo = add(load(above), load(below));
        hi = add(loadRoom(above + W, n - W, room - W), loadRoom(below + W, n - W, room - W));
      }
      deinterleave(lo, hi, even, odd);
      storeRoom(y + at, mul(add(even, odd), scale), m, out - at);
    }
  }
}

template <int Vectors>
void doubleRows(const float* g, int64_t ow, float* y, int64_t w, int64_t rows, VF scale) {
  for (; rows > 0; rows--, g += ow, y += 2 * w) {
    VF twice[Vectors + 1];
    GEMMULE_UNROLL
    for (int v = 0; v < Vectors; v += 2) {
      const VF share = mul(load(g + v / 2 * W), scale);
      interleave(share, share, twice[v], twice[v + 1]);
    }
    GEMMULE_UNROLL
    for (int v = 0; v < Vectors; v++) store(y + v * W, twice[v]);
    GEMMULE_UNROLL
    for (int v = 0; v < Vectors; v++) store(y + w + v * W, twice[v]);
  }
}

void doublePlane(const PoolDesc& d, NarrowRows narrow, const float* g, float* y, VF scale, bool streams) {
  const int64_t w = d.w, ow = d.ow, oh = d.oh, size = d.h * w, out = oh * ow;
  const int64_t first = w == 2 * ow ? narrow.count : 0;
  withVectors(narrow, [&](auto vectors) { doubleRows<vectors>(g, ow, y, w, first, scale); });
  for (int64_t r = first; r < oh; r++) {
    for (int64_t c = 0; c < ow; c += W) {
      const int m = ow - c < W ? (int)(ow - c) : W;
      const int64_t from = r * ow + c, at = 2 * r * w + 2 * c;
      const VF v = mul(out - from >= W ? load(g + from) : loadN(g + from, m), scale);
      if (streams && m == W) {
        streamPairs(y + at, v, v);
        streamPairs(y + at + w, v, v);
        continue;
      }
      // Beyond the end of this row begins the row below, of which a block was written already unless this is
      // the first.
      storePairs(y + at, v, v, 2 * m, m == W || c == 0 ? size - at : 0);
      storePairs(y + at + w, v, v, 2 * m, size - at - w);
    }
    for (int64_t c = 2 * ow; c < w; c++) y[2 * r * w + c] = y[(2 * r + 1) * w + c] = 0.0f;
  }
  memset(y + 2 * oh * w, 0, (size_t)((d.h - 2 * oh) * w) * sizeof(float));
}

/// The sum of `rows` vectors, `step` elements apart.
template <class Load>
GEMMULE_INLINE VF sumDown(const float* p, int rows, int64_t step, Load read) {
  VF sum = read(p);
  for (int i = 1; i < rows; i++) sum = add(sum, read(p + i * step));
  return sum;
}

/// Sums of windows that begin S elements apart (S of 0: any stride), m of them: rows first, then columns. K
/// as in averageRows; `room` elements can be read from p on.
template <int S, int K>
GEMMULE_INLINE VF sumWindows(const PoolDesc& d, const float* p, int64_t width, int m, int64_t room) {
  const int kh = K ? K : d.kh, kw = K ? K : d.kw;
  const int64_t down = K ? width : d.dilationH * width, right = K ? 1 : d.dilationW;
  const int64_t last = room - (kh - 1) * down;  // to be read in the window's last row
  VF sum = zero();
  if (S == 2 && right == 1) {
    for (int j = 0; j < kw; j += 2) {
      const int n = j + 1 < kw ? 2 * m : 2 * m - 1;
      const float* q = p + j;
      VF lo, hi = zero(), even, odd;
      if (last - j >= 2 * W) {
        lo = sumDown(q, kh, down, [](const float* s) { return load(s); });
        hi = sumDown(q + W, kh, down, [](const float* s) { return load(s); });
      } else {
        lo = sumDown(q, kh, down, [=](const float* s) { return loadN(s, n < W ? n : W); });
        if (n > W) hi = sumDown(q + W, kh, down, [=](const float* s) { return loadN(s, n - W); });
      }
      deinterleave(lo, hi, even, odd);
      sum = add(sum, j + 1 < kw ? add(even, odd) : even);
    }
    return sum;
  }
  for (int j = 0; j < kw; j++) {
    const int64_t left = last - j * right;
    sum = add(sum, sumDown(p + j * right, kh, down,
                           [&](const float* s) { return loadStride<S>(s, m, left, d.strideW); }));
  }
  return sum;
}

/// Windows of d.kh×d.kw, or K×K without dilation where K is not 0.
template <int S, int K>
void averageRows(const PoolDesc& d, WindowRows rows, Divisors divisors, float* y) {
  const int64_t out = (int64_t)d.oh * d.ow;
  for (int64_t r = rows.begin; r < rows.end; r++) {
    const VF rowDivisor = set1(divisors.rows[r]);
    for (int64_t c = 0; c < d.ow; c += W) {
      const int m = d.ow - c < W ? (int)(d.ow - c) : W;
      const int64_t at = r * d.ow + c, from = (r - rows.begin) * d.strideH * rows.width + c * d.strideW;
      const VF sum = sumWindows<S, K>(d, rows.x + from, rows.width, m, rows.room - from);
      storeRoom(y + at, div(sum, mul(rowDivisor, load(divisors.columns + c))), m, out - at);
    }
  }
}

/// A plane of gradients, each divided by its window's divisor, with zeros around every row: `left` before it.
struct Shares {
  float* data;
  int64_t left, width;
};
void fillShares(const PoolDesc& d, const float* g, Divisors divisors, Shares s) {
  for (int64_t r = 0; r < d.oh; r++) {
    const VF rowDivisor = set1(divisors.rows[r]);
    const float* from = g + r * d.ow;
    float* to = s.data + r * s.width + s.left;
    vectorLoop<1>(
        0, d.ow,
        [=](int64_t c) { store(to + c, div(load(from + c), mul(rowDivisor, load(divisors.columns + c)))); },
        [=](int64_t c, int m) {
          storeN(to + c, div(loadN(from + c, m), mul(rowDivisor, loadN(divisors.columns + c, m))), m);
        });
  }
}

/// The windows over one row of the plane: `count` rows of them from `first` on, `step` apart.
struct Cover {
  int32_t first, count, step;
};
Cover coverOf(const PoolDesc& d, int32_t row) {
  Cover cover = {0, 0, 1};
  for (int32_t i = d.kh - 1; i >= 0; i--) {  // the last tap belongs to the first window
    const int32_t at = row + d.padTop - i * d.dilationH;
    if (at < 0 || at % d.strideH != 0 || at / d.strideH >= d.oh) continue;
    if (cover.count == 0) cover.first = at / d.strideH;
    if (cover.count == 1) cover.step = at / d.strideH - cover.first;
    cover.count++;
  }
  return cover;
}

/// One row of the gradient of x: at column x, the shares of the windows over it. `streams`: past the caches.
void gatherRow(const PoolDesc& d, Shares s, Cover cover, float* y, bool streams) {
  const int64_t w = d.w;
  const int rows = cover.count;
  if (rows == 0) {
    memset(y, 0, (size_t)w * sizeof(float));
    return;
  }
  const float* from = s.data + cover.first * s.width + s.left;
  const auto above = [=](int64_t at) {
    return sumDown(from + at, rows, cover.step * s.width, [](const float* p) { return load(p); });
  };
  if (d.strideW == 1) {
    for (int64_t x = 0; x < w; x += W) {
      VF sum = zero();
      for (int64_t j = 0; j < d.kw; j++) sum = add(sum, above(x + d.padLeft - j * d.dilationW));
      if (streams)
        stream(y + x, sum);
      else if (w - x >= W)
        store(y + x, sum);
      else
        storeN(y + x, sum, (int)(w - x));
    }
    return;
  }
  for (int64_t x = 0; x < w;
       x += 2 * W) {  // even columns meet the taps of one parity, odd columns the others
    VF sum[2] = {zero(), zero()}, lo, hi;
    for (int e = 0; e < 2; e++)
      for (int64_t j = (e + d.padLeft) % 2; j < d.kw; j += 2) {
        const int64_t shift = (e + d.padLeft - j) / 2;
        sum[e] = add(sum[e], above(x / 2 + shift));
      }
    if (w - x >= 2 * W && !streams) {
      store2(y + x, sum[0], sum[1]);
      continue;
    }
    const int n = (int)(w - x);
    interleave(sum[0], sum[1], lo, hi);
    if (streams) {
      stream(y + x, lo);
      if (n > W) stream(y + x + W, hi);
      continue;
    }
    storeN(y + x, lo, n < W ? n : W);
    if (n > W) storeN(y + x + W, hi, n - W);
  }
}

/// Strides beyond 2, and dilated windows with a stride: window by window.
void scatterPlane(const PoolDesc& d, Shares s, float* y) {
  memset(y, 0, (size_t)d.h * (size_t)d.w * sizeof(float));
  for (int64_t r = 0; r < d.oh; r++)
    for (int64_t c = 0; c < d.ow; c++)
      for (int64_t i = 0; i < d.kh; i++)
        for (int64_t j = 0; j < d.kw; j++) {
          const int64_t row = r * d.strideH - d.padTop + i * d.dilationH,
                        column = c * d.strideW - d.padLeft + j * d.dilationW;
          if (row >= 0 && row < d.h && column >= 0 && column < d.w)
            y[row * d.w + column] += s.data[r * s.width + s.left + c];
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
    const NarrowRows narrow = narrowRows(d);
    return eachPlane(d, [=, &d](int64_t p, int) { halvePlane(d, narrow, x + p * size, y + p * out, scale); });
  }
  Scratch<float> scratch((size_t)divisorsSize(d));
  if (!scratch.data) return;
  fillDivisors(d, scratch.data);
  const Divisors divisors = {scratch.data, scratch.data + d.oh};
  const bool three = d.kh == 3 && d.kw == 3 && d.dilationH == 1 && d.dilationW == 1;
  const auto run = d.strideW == 1   ? three ? &averageRows<1, 3> : &averageRows<1, 0>
                     : d.strideW == 2 ? three ? &averageRows<2, 3> : &averageRows<2, 0>
                                      : &averageRows<0, 0>;
  eachWindowRows<false>(d, x, 0.0f,
                        [=, &d](int64_t p, WindowRows rows) { run(d, rows, divisors, y + p * out); });
}

void avgPool2dBackward(const PoolDesc& d, In<float> g, Out<float> y) {
  const int64_t size = (int64_t)d.h * d.w, out = (int64_t)d.oh * d.ow;
  if (size == 0) return;
  if (out == 0) {
    memset(y, 0, (size_t)(d.planes * size) * sizeof(float));
    return;
  }
  if (isHalving(d)) {
    const VF scale = halvingScale(d);
    const NarrowRows narrow = narrowRows(d);
    const bool streams = streamsGradient(d, y);
    return eachPlane(d, [=, &d](int64_t p, int) {
      doublePlane(d, narrow, g + p * out, y + p * size, scale, streams);
      if (streams) endStream();
    });
  }
  // A row of shares with what gatherRow reads on either side of it.
  const int64_t left = (int64_t)d.kw * d.dilationW, reached = (d.w + d.padLeft) / d.strideW + 1;
  const int64_t width = left + (reached > d.ow ? reached : d.ow) + 2 * W, slots = parallelSlots();
  Scratch<float> scratch((size_t)(divisorsSize(d) + slots * d.oh * width));
  Scratch<Cover> covers((size_t)d.h);
  if (!scratch.data || !covers.data) return;
  for (int32_t r = 0; r < d.h; r++) covers.data[r] = coverOf(d, r);
  fillDivisors(d, scratch.data);
  const Divisors divisors = {scratch.data, scratch.data + d.oh};
  float* const all = scratch.data + divisorsSize(d);
  memset(all, 0, (size_t)(slots * d.oh * width) * sizeof(float));
  const Cover* const cover = covers.data;
  const bool gathers = d.strideW == 1 || (d.strideW == 2 && d.dilationW == 1);
  const bool streams = gathers && streamsGradient(d, y);
  eachPlane(d, [=, &d](int64_t p, int slot) {
    const Shares shares = {all + slot * d.oh * width, left, width};
    fillShares(d, g + p * out, divisors, shares);
    float* to = y + p * size;
    if (!gathers) return scatterPlane(d, shares, to);
    for (int64_t r = 0; r < d.h; r++) gatherRow(d, shares, cover[r], to + r * d.w, streams);
    if (streams) endStream();
  });
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
