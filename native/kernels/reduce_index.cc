// max and min with their positions, any and all: [outer, n, inner] → [outer, inner].
#include <string.h>

#include "elementwise.h"
#include "table.h"

namespace gemmule {
namespace GEMMULE_ISA {

namespace {

struct Largest {
  GEMMULE_INLINE VF pick(VF a, VF b) { return max(a, b); }
  GEMMULE_INLINE VM beats(VF a, VF b) { return gt(a, b); }
  static bool beats(float a, float b) { return a > b; }
  GEMMULE_INLINE float join(VF a) { return reduceMax(a); }
};
struct Smallest {
  GEMMULE_INLINE VF pick(VF a, VF b) { return min(a, b); }
  GEMMULE_INLINE VM beats(VF a, VF b) { return lt(a, b); }
  static bool beats(float a, float b) { return a < b; }
  GEMMULE_INLINE float join(VF a) { return reduceMin(a); }
};

/// The lowest lane that is true; at least one is.
GEMMULE_INLINE int firstLane(VM m) {
  const uint32_t set = bits(m);
  int k = 0;
  while (!(set >> k & 1)) k++;
  return k;
}

/// Position of the first element of x[0 … n) that equals value, or is NaN.
int64_t firstMatch(const float* x, int64_t n, float value, bool wantNaN) {
  const VF v = set1(value);
  for (int64_t i = 0; i < n; i += W) {
    const int lanes = n - i < W ? (int)(n - i) : W;
    const VF a = lanes == W ? load(x + i) : loadN(x + i, lanes);
    const VM hit = and_(wantNaN ? isNaN(a) : eq(a, v), firstN(lanes));
    if (any(hit)) return i + firstLane(hit);
  }
  return 0;
}

/// Position of the extreme of one contiguous row: the value first, then where it stands.
template <class Op>
int64_t extremeOfRow(const float* x, int64_t n) {
  if (n <= W) {
    const VM inside = firstN((int)n);
    const VF v = loadN(x, (int)n), filled = select(inside, v, set1(*x));
    if (!any(isNaN(filled))) return firstLane(and_(eq(v, set1(Op::join(filled))), inside));
    return firstLane(and_(isNaN(v), inside));
  }
  VF top[4];
  VM nan = isNaN(load(x));
  for (int k = 0; k < 4; k++) top[k] = load(x);
  int64_t i = 0;
  for (; i + 4 * W <= n; i += 4 * W)
    for (int k = 0; k < 4; k++) {
      const VF v = load(x + i + k * W);
      nan = or_(nan, isNaN(v));
      top[k] = Op::pick(v, top[k]);
    }
  for (; i < n; i += W) {
    const VF v = load(x + (i + W <= n ? i : n - W));
    nan = or_(nan, isNaN(v));
    top[0] = Op::pick(v, top[0]);
  }
  const float best = Op::join(Op::pick(Op::pick(top[0], top[1]), Op::pick(top[2], top[3])));
  return firstMatch(x, n, best, any(nan));
}

/// Columns c, c + 1, … of W lanes over n rows.
template <class Op>
void extremeOfColumns(const float* x, float* y, int32_t* index, int64_t n, int64_t inner, int lanes) {
  VF best = loadN(x, lanes);
  VI where = zeroI();
  for (int64_t k = 1; k < n; k++) {
    const VF v = loadN(x + k * inner, lanes);
    const VM better = or_(Op::beats(v, best), and_(isNaN(v), eq(best, best)));
    best = select(better, v, best);
    where = select(better, set1I((int32_t)k), where);
  }
  storeN(y, best, lanes);
  storeIN(index, where, lanes);
}

template <class Op>
void extreme(const ReduceDesc& d, const float* x, float* y, int32_t* index) {
  const int64_t outer = d.outer, n = d.n, inner = d.inner, size = n * inner;
  if (outer == 0 || size == 0) return;
  if (inner == 1 &&
      n >= 4 * tileElements) {  // few long rows: the extreme of each piece, then of those, in order
    const int64_t pieces = (n + tileElements - 1) / tileElements;
    Scratch<int32_t> scratch((size_t)(outer * pieces));
    if (!scratch.data) return;
    int32_t* const found = scratch.data;
    parallel(outer * pieces, [&](int64_t tile, int) {
      const int64_t first = tile % pieces * tileElements, left = n - first;
      const float* row = x + tile / pieces * n + first;
      found[tile] = (int32_t)(first + extremeOfRow<Op>(row, left < tileElements ? left : tileElements));
    });
    for (int64_t o = 0; o < outer; o++) {
      const float* row = x + o * n;
      int32_t best = found[o * pieces];
      for (int64_t p = 1; p < pieces; p++) {
        const int32_t at = found[o * pieces + p];
        if (Op::beats(row[at], row[best]) || (row[at] != row[at] && row[best] == row[best])) best = at;
      }
      y[o] = row[best];
      index[o] = best;
    }
    return;
  }
  if (inner == 1) {
    const int64_t group = size < tileElements ? tileElements / size : 1;
    return parallelGroups(outer, group, outer * size > lightGrain, [=](int64_t o) {
      const int64_t at = extremeOfRow<Op>(x + o * n, n);
      y[o] = x[o * n + at];
      index[o] = (int32_t)at;
    });
  }
  const int64_t strips = (inner + W - 1) / W, group = n * W < tileElements ? tileElements / (n * W) : 1;
  parallelGroups(outer * strips, group, outer * size > lightGrain, [=](int64_t tile) {
    const int64_t o = tile / strips, c = tile % strips * W;
    extremeOfColumns<Op>(x + o * size + c, y + o * inner + c, index + o * inner + c, n, inner,
                         inner - c < W ? (int)(inner - c) : W);
  });
}

/// Whether any of n bytes has the truth value `wanted`.
bool contains(const uint8_t* x, int64_t n, bool wanted) {
  for (int64_t i = 0; i < n; i += 1024) {
    const int64_t end = i + 1024 < n ? i + 1024 : n;
    uint8_t hit = 0;
    for (int64_t k = i; k < end; k++) hit |= (uint8_t)((x[k] != 0) == wanted);
    if (hit) return true;
  }
  return false;
}

/// y = found where a byte along n has the truth value `wanted`, else 1 - found.
void search(const ReduceDesc& d, const uint8_t* x, uint8_t* y, bool wanted, uint8_t found) {
  const int64_t n = d.n, inner = d.inner;
  const uint8_t missed = (uint8_t)(1 - found);
  for (int64_t o = 0; o < d.outer; o++) {
    const uint8_t* from = x + o * n * inner;
    uint8_t* to = y + o * inner;
    if (inner == 1) {
      *to = contains(from, n, wanted) ? found : missed;
      continue;
    }
    memset(to, missed, (size_t)inner);
    for (int64_t k = 0; k < n; k++)
      for (int64_t c = 0; c < inner; c++) to[c] = (from[k * inner + c] != 0) == wanted ? found : to[c];
  }
}

}  // namespace

void max(const ReduceDesc& d, In<float> x, Out<float> y, Out<int32_t> index) {
  extreme<Largest>(d, x, y, index);
}
void min(const ReduceDesc& d, In<float> x, Out<float> y, Out<int32_t> index) {
  extreme<Smallest>(d, x, y, index);
}
void any(const ReduceDesc& d, In<uint8_t> x, Out<uint8_t> y) { search(d, x, y, true, 1); }
void all(const ReduceDesc& d, In<uint8_t> x, Out<uint8_t> y) { search(d, x, y, false, 0); }

}  // namespace GEMMULE_ISA
}  // namespace gemmule
