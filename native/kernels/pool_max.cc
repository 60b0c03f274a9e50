// maxPool2d, its gradient and the gather that is the gradient of that.
#include "../simd/math.h"
#include "pool.h"
#include "pool_max_threes.h"
#include "table.h"

namespace gemmule {
namespace GEMMULE_ISA {

namespace {

/// The running maximum of W windows and its place in the window: a later value wins if it is larger or NaN,
/// as in PyTorch. NaNs of false promises that there is none.
template <bool NaNs>
struct Best {
  VF value;
  VI where;
  GEMMULE_INLINE void take(Best& b, VF v, VI at) {
    VM better = gt(v, b.value);
    if (NaNs) better = or_(better, isNaN(v));
    b.where = select(better, at, b.where);
    b.value = NaNs ? select(better, v, b.value) : max(v, b.value);
  }
};

template <bool NaNs>
GEMMULE_INLINE Best<NaNs> bestOfFour(const VF* v, int64_t w) {
  Best<NaNs> best = {v[0], zeroI()};
  Best<NaNs>::take(best, v[1], set1I(1));
  Best<NaNs>::take(best, v[2], set1I((int32_t)w));
  Best<NaNs>::take(best, v[3], set1I((int32_t)w + 1));
  return best;
}

/// Four vectors of windows' elements, row by row; `from` is the position of the first element of the first
/// window.
GEMMULE_INLINE Best<true> bestOfWindows(const VF* v, int64_t w, int64_t from) {
  Best<true> best;
  if (any(isNaN(add(add(v[0], v[1]), add(v[2], v[3]))))) {  // a NaN, or infinities of both signs
    best = bestOfFour<true>(v, w);
  } else {
    const Best<false> b = bestOfFour<false>(v, w);
    best = {b.value, b.where};
  }
  best.where = add(best.where, add(shl<1>(iota()), set1I((int32_t)from)));
  return best;
}

template <int Vectors>
void halveRows(const float* x, int64_t w, float* y, int32_t* index, int64_t ow, int64_t rows) {
  for (int64_t r = 0; r < rows; r++, y += ow, index += ow) {
    const float *above = x + 2 * r * w, *below = above + w;
    GEMMULE_UNROLL
    for (int i = 0; i < Vectors; i += 2) {
      const bool both = i + 1 < Vectors;
      VF v[4];
      deinterleave(load(above + i * W), both ? load(above + i * W + W) : zero(), v[0], v[1]);
      deinterleave(load(below + i * W), both ? load(below + i * W + W) : zero(), v[2], v[3]);
      const Best<true> best = bestOfWindows(v, w, 2 * r * w + i * W);
      store(y + i / 2 * W, best.value);
      storeI(index + i / 2 * W, best.where);
    }
  }
}

void halvePlane(const PoolDesc& d, NarrowRows narrow, const float* x, float* y, int32_t* index) {
  const int64_t w = d.w, ow = d.ow, size = d.h * w, out = d.oh * ow;
  const bool far = isFar(d);
  withVectors(narrow, [&](auto vectors) { halveRows<vectors>(x, w, y, index, ow, narrow.count); });
  for (int64_t r = narrow.count; r < d.oh; r++) {
    for (int64_t c = 0; c < ow; c += W) {
      const int m = ow - c < W ? (int)(ow - c) : W;
      const int64_t at = r * ow + c, from = 2 * r * w + 2 * c;
      if (far) bringPairsNearer(x + from, x + from + w);
      VF v[4];
      loadPairs(x + from, m, size - from, v[0], v[1]);
      loadPairs(x + from + w, m, size - from - w, v[2], v[3]);
      const Best<true> best = bestOfWindows(v, w, from);
      storeRoom(y + at, best.value, m, out - at);
      storeRoom(index + at, best.where, m, out - at);
    }
  }
}

/// The first position of a window that is not padding; 0 where dilation puts the whole window around a tiny
/// image.
int32_t firstInside(const PoolDesc& d, int64_t r, int64_t c) {
  int64_t y = r * d.strideH - d.padTop, x = c * d.strideW - d.padLeft;
  while (y < 0) y += d.dilationH;
  while (x < 0) x += d.dilationW;
  return y < d.h && x < d.w ? (int32_t)(y * d.w + x) : 0;
}

/// Windows of d.kh×d.kw, or K×K without dilation where K is not 0.
template <int S, int K, bool NaNs>
void maxRows(const PoolDesc& d, WindowRows rows, float* y, int32_t* index) {
  const int kh = K ? K : d.kh, kw = K ? K : d.kw;
  const int64_t down = K ? 1 : d.dilationH, right = K ? 1 : d.dilationW;
  const VI lanes = mul(iota(), set1I(d.strideW));
  const VF lowest = neg(infinity());
  const int64_t out = (int64_t)d.oh * d.ow;
  for (int64_t r = rows.begin; r < rows.end; r++) {
    for (int64_t c = 0; c < d.ow; c += W) {
      const int m = d.ow - c < W ? (int)(d.ow - c) : W;
      const int64_t corner = (r - rows.begin) * d.strideH * rows.width + c * d.strideW, at = r * d.ow + c;
      Best<NaNs> best = {lowest, zeroI()};
      for (int i = 0; i < kh; i++)
        for (int j = 0; j < kw; j++) {
          const int64_t from = corner + i * down * rows.width + j * right;
          const VI offset = set1I((int32_t)(i * down * d.w + j * right));
          if (S == 2 && K && j + 1 < kw) {  // two taps from one pair of loads
            VF v[2];
            loadPairs(rows.x + from, m, rows.room - from, v[0], v[1]);
            Best<NaNs>::take(best, v[0], offset);
            Best<NaNs>::take(best, v[1], add(offset, set1I(1)));
            j++;
          } else {
            Best<NaNs>::take(best, loadStride<S>(rows.x + from, m, rows.room - from, d.strideW), offset);
          }
        }
      const int64_t first = (r * d.strideH - d.padTop) * d.w + c * d.strideW - d.padLeft;
      storeRoom(y + at, best.value, m, out - at);
      storeRoom(index + at, add(best.where, add(lanes, set1I((int32_t)first))), m, out - at);
      // Nothing is larger than -inf, padding included: the window's own first element stands for it.
      const uint32_t empty = bits(and_(eq(best.value, lowest), firstN(m)));
      for (int k = 0; empty >> k; k++)
        if (empty >> k & 1) index[at + k] = firstInside(d, r, c + k);
    }
  }
}

using MaxRows = void (*)(const PoolDesc& d, WindowRows rows, float* y, int32_t* index);
template <bool NaNs>
MaxRows chooseMaxRows(const PoolDesc& d) {
  const bool three = d.kh == 3 && d.kw == 3 && d.dilationH == 1 && d.dilationW == 1;
  if (d.strideW == 1) return three ? &maxRows<1, 3, NaNs> : &maxRows<1, 0, NaNs>;
  if (d.strideW == 2) return three ? &maxRows<2, 3, NaNs> : &maxRows<2, 0, NaNs>;
  return &maxRows<0, 0, NaNs>;
}

/// A vector of gradients by the four places of their windows; false where an index names none of them.
GEMMULE_INLINE bool spreadWindows(VF g, VI index, int64_t w, int64_t from, int m, VF* v) {
  const VI offset = sub(index, add(shl<1>(iota()), set1I((int32_t)from)));
  const int32_t places[4] = {0, 1, (int32_t)w, (int32_t)w + 1};
  VM inside = not_(firstN(m));
  for (int k = 0; k < 4; k++) {
    const VM here = eq(offset, set1I(places[k]));
    v[k] = select(here, g, zero());
    inside = or_(inside, here);
  }
  return all(inside);
}

template <int Vectors>
bool spreadRows(const float* g, const int32_t* index, int64_t ow, float* y, int64_t w, int64_t rows) {
  for (int64_t r = 0; r < rows; r++, g += ow, index += ow) {
    float *above = y + 2 * r * w, *below = above + w;
    VF up[Vectors + 1], down[Vectors + 1];
    GEMMULE_UNROLL
    for (int i = 0; i < Vectors; i += 2) {
      const int from = i / 2 * W, m = (int)ow - from < W ? (int)ow - from : W;
      VF v[4];
      if (!spreadWindows(load(g + from), loadI(index + from), w, 2 * r * w + i * W, m, v)) return false;
      interleave(v[0], v[1], up[i], up[i + 1]);
      interleave(v[2], v[3], down[i], down[i + 1]);
    }
    GEMMULE_UNROLL
    for (int i = 0; i < Vectors; i++) store(above + i * W, up[i]);
    GEMMULE_UNROLL
    for (int i = 0; i < Vectors; i++) store(below + i * W, down[i]);
  }
  return true;
}

/// Windows of 2×2 that do not overlap: the gradient goes to the element that its index names. False where an
/// index names an element outside of its window, which maxPool2d does not write.
bool spreadPlane(const PoolDesc& d, NarrowRows narrow, const float* g, const int32_t* index, float* y,
                 bool streams) {
  const int64_t w = d.w, ow = d.ow, oh = d.oh, size = d.h * w, out = oh * ow;
  const int64_t first = w == 2 * ow ? narrow.count : 0;
  if (!withVectors(narrow, [&](auto vectors) { return spreadRows<vectors>(g, index, ow, y, w, first); }))
    return false;
  for (int64_t r = first; r < oh; r++) {
    for (int64_t c = 0; c < ow; c += W) {
      const int m = ow - c < W ? (int)(ow - c) : W;
      const int64_t from = r * ow + c, at = 2 * r * w + 2 * c;
      const bool whole = out - from >= W;
      VF v[4];
      if (!spreadWindows(loadRoom(g + from, m, out - from),
                         whole ? loadI(index + from) : loadIN(index + from, m), w, at, m, v))
        return false;
      if (streams && m == W) {
        streamPairs(y + at, v[0], v[1]);
        streamPairs(y + at + w, v[2], v[3]);
        continue;
      }
      // Beyond the end of this row begins the row below, of which a block was written already unless this is
      // the first.
      storePairs(y + at, v[0], v[1], 2 * m, m == W || c == 0 ? size - at : 0);
      storePairs(y + at + w, v[2], v[3], 2 * m, size - at - w);
    }
    for (int64_t c = 2 * ow; c < w; c++) y[2 * r * w + c] = y[(2 * r + 1) * w + c] = 0.0f;
  }
  memset(y + 2 * oh * w, 0, (size_t)((d.h - 2 * oh) * w) * sizeof(float));
  return true;
}

}  // namespace

void maxPool2d(const PoolDesc& d, In<float> x, Out<float> y, Out<int32_t> index) {
  const int64_t size = (int64_t)d.h * d.w, out = (int64_t)d.oh * d.ow;
  if (out == 0) return;
  if (isHalving(d)) {
    const NarrowRows narrow = narrowRows(d);
    return eachPlane(
        d, [=, &d](int64_t p, int) { halvePlane(d, narrow, x + p * size, y + p * out, index + p * out); });
  }
  const MaxRows plain = chooseMaxRows<false>(d), careful = chooseMaxRows<true>(d);
  eachWindowRows<true>(d, x, -HUGE_VALF, [=, &d](int64_t p, WindowRows rows) {
    (rows.hasNaN ? careful : plain)(d, rows, y + p * out, index + p * out);
  });
}

void maxPool2dBackward(const PoolDesc& d, In<float> g, In<int32_t> index, Out<float> y) {
  const int64_t size = (int64_t)d.h * d.w, out = (int64_t)d.oh * d.ow;
  const bool halving = isHalving(d), threes = isThrees(d),
             streams = (halving || threes) && streamsGradient(d, y);
  const NarrowRows narrow = narrowRows(d);
  const size_t each = threes ? threesScratch(d) : 0;
  const Scratch<float> scratch(each * (size_t)parallelSlots());
  if (threes && !scratch.data) return;
  eachPlane(d, [&](int64_t p, int slot) {
    const float* from = g + p * out;
    const int32_t* at = index + p * out;
    float* to = y + p * size;
    const bool done = (halving && spreadPlane(d, narrow, from, at, to, streams)) ||
                      (threes && gatherThrees(d, from, at, to, streams, scratch.data + slot * each));
    if (streams) endStream();
    if (done) return;
    memset(to, 0, (size_t)size * sizeof(float));
    for (int64_t i = 0; i < out; i++) to[at[i]] += from[i];
  });
}

void maxPool2dGather(const PoolDesc& d, In<float> x, In<int32_t> index, Out<float> y) {
  const int64_t size = (int64_t)d.h * d.w, out = (int64_t)d.oh * d.ow;
  eachPlane(d, [=](int64_t p, int) {
    const float* from = x + p * size;
    const int32_t* at = index + p * out;
    float* to = y + p * out;
    vectorLoop<1>(
        0, out, [=](int64_t i) { store(to + i, gather(from, loadI(at + i))); },
        [=](int64_t i, int m) { storeN(to + i, gather(from, loadIN(at + i, m)), m); });
  });
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
