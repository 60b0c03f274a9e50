// The gradient of max pooling with windows of 3×3 two apart. They overlap by a row and a column, so an
// element lies in up to four of them. Here each element gathers what is its own, a row of windows at a time:
// of every pair of columns (and of rows) one lies in the middle of a window, the other between two. What
// windows give to the row below them is carried on to the next. Sums are those of windows in turn, from zero.
#pragma once
#include <type_traits>

#include "pool.h"

namespace gemmule {
namespace GEMMULE_ISA {

/// In short rows, or few lanes, single additions are as fast.
inline bool isThrees(const PoolDesc& d) {
  return W >= 8 && d.kh == 3 && d.kw == 3 && d.strideH == 2 && d.strideW == 2 && d.dilationH == 1 &&
         d.dilationW == 1 && d.padTop <= 1 && d.padLeft == 1 && d.ow > 32 &&
         2 * (int64_t)d.ow <= (int64_t)d.w + 1;
}

/// Where the maximum of a window stands, as column + w * row within the window.
struct ThreesPlaces {
  VI at[3][3], beforeSecond, beforeThird, below, corners;
  VI least = zeroI(), largest = zeroI();  // columns seen

  explicit ThreesPlaces(int w)
      : beforeSecond(set1I(w - 1)), beforeThird(set1I(2 * w - 1)), below(set1I(w)), corners(shl<1>(iota())) {
    for (int i = 0; i < 3; i++)
      for (int j = 0; j < 3; j++) at[i][j] = set1I(i * w + j);
  }
  GEMMULE_INLINE void see(ThreesPlaces& p, VI place) {
    const VI second = select(gt(place, p.beforeSecond), p.below, zeroI());
    const VI third = select(gt(place, p.beforeThird), p.below, zeroI());
    const VI column = sub(place, add(second, third));
    p.least = min(p.least, column);
    p.largest = max(p.largest, column);
  }
  bool areInside() const { return !any(or_(gt(largest, set1I(2)), gt(zeroI(), least))); }
};

/// Gradients of W windows, without negative zeros, and their places; zeros beyond the last window.
struct ThreesWindows {
  VF g;
  VI place;
};

/// Windows from g and index on, of which `left` are there, W of them where that is known; `corner` is the
/// position of the first one's.
template <bool whole>
GEMMULE_INLINE ThreesWindows threesWindows(const ThreesPlaces& p, const float* g, const int32_t* index,
                                           int32_t corner, int64_t left) {
  const VI corners = add(p.corners, set1I(corner));
  if (whole || left >= W) return {add(load(g), zero()), sub(loadI(index), corners)};
  const int m = left > 0 ? (int)left : 0;
  return {add(loadN(g, m), zero()), select(firstN(m), sub(loadIN(index, m), corners), zeroI())};
}

inline int64_t threesPitch(const PoolDesc& d) { return ((d.w + 1) / 2 + W - 1) / W * W; }
/// For what is carried to a row, and a row that is not there.
inline size_t threesScratch(const PoolDesc& d) { return 4 * (size_t)threesPitch(d); }

/// The gradient y of one plane, with threesScratch() floats; false where an index names an element outside of
/// its window, which maxPool2d does not write.
inline bool gatherThrees(const PoolDesc& d, const float* g, const int32_t* index, float* y, bool streams,
                         float* scratch) {
  const int64_t w = d.w, h = d.h, ow = d.ow, pitch = threesPitch(d);
  float *const carriedMiddle = scratch, *const carriedBetween = scratch + pitch;
  float *const nowhere = scratch + 2 * pitch, *const end = y + h * w;
  for (int64_t i = 0; i < 2 * pitch; i += W) store(scratch + i, zero());
  ThreesPlaces places((int)w);
  // Beyond the end of a row begins the row below, of which a block was written already, or one row further
  // the next.
  const auto put = [=](float* row, int64_t c, VF middle, VF between, auto isWhole, bool upper) {
    constexpr bool whole = decltype(isWhole)::value;
    float* const to = row + 2 * c;
    const int64_t n = whole || w - 2 * c > 2 * W ? 2 * W : w - 2 * c;
    if (streams && row != nowhere) {  // rows are whole vectors
      VF lo, hi;
      interleave(middle, between, lo, hi);
      stream(to, lo);
      if (n > W) stream(to + W, hi);
    } else if (whole) {
      store2(to, middle, between);
    } else {
      storePairs(to, middle, between, (int)n, upper || row == nowhere ? 0 : end - to);
    }
  };
  for (int64_t r = 0; r < d.oh; r++, g += ow, index += ow) {
    const int64_t top = 2 * r - d.padTop;
    float* const upper = top >= 0 && top < h ? y + top * w : nowhere;
    float* const lower = top + 1 < h ? y + (top + 1) * w : nowhere;
    const auto block = [&](int64_t c, auto isWhole) {
      constexpr bool whole = decltype(isWhole)::value;
      const int32_t corner = (int32_t)(top * w - 1 + 2 * c);
      const ThreesWindows own = threesWindows<whole>(places, g + c, index + c, corner, ow - c);
      const ThreesWindows next =
          threesWindows<whole>(places, g + c + 1, index + c + 1, corner + 2, ow - c - 1);
      ThreesPlaces::see(places, own.place);
      VF middle[3], between[3];
      GEMMULE_UNROLL
      for (int i = 0; i < 3; i++) {
        middle[i] = select(eq(own.place, places.at[i][1]), own.g, zero());
        between[i] = select(eq(own.place, places.at[i][2]), own.g, zero());
        if (i == 0) {
          middle[i] = add(load(carriedMiddle + c), middle[i]);
          between[i] = add(load(carriedBetween + c), between[i]);
        }
        between[i] = add(between[i], select(eq(next.place, places.at[i][0]), next.g, zero()));
      }
      put(upper, c, middle[0], between[0], isWhole, true);
      put(lower, c, middle[1], between[1], isWhole, false);
      store(carriedMiddle + c, middle[2]);
      store(carriedBetween + c, between[2]);
    };
    int64_t c = 0;
    for (; 2 * (c + W) <= w && c + W < ow; c += W) block(c, std::true_type());
    for (; 2 * c < w; c += W) block(c, std::false_type());
  }
  if (!places.areInside()) return false;
  const int64_t last = 2 * (int64_t)d.oh - d.padTop;
  if (last >= h) return true;
  for (int64_t c = 0; 2 * c < w; c += W)
    put(y + last * w, c, load(carriedMiddle + c), load(carriedBetween + c), std::false_type(), false);
  memset(y + (last + 1) * w, 0, (size_t)((h - last - 1) * w) * sizeof(float));
  return true;
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
