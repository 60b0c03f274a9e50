// Walks the rows (innermost axis) of a StridedDesc, in the pool where there are many elements.
#pragma once
#include "elementwise.h"

namespace gemmule {
namespace GEMMULE_ISA {

/// One row: operands at their first elements, y contiguous, strides in elements.
template <class A, class B, class C, class Y>
using RowFunction = void (*)(const A* a, const B* b, const C* c, Y* y, int64_t n, const int32_t* strides);

/// Where row `index` of a descriptor begins in each operand, and the step to the next one.
struct RowCursor {
  const StridedDesc& d;
  int64_t a, b, c;
  int32_t count[8];

  RowCursor(const StridedDesc& desc, int64_t index)
      : d(desc), a(desc.offsetA), b(desc.offsetB), c(desc.offsetC) {
    for (int axis = d.ndim - 2; axis >= 0; axis--) {
      count[axis] = (int32_t)(index % d.size[axis]);
      index /= d.size[axis];
      a += (int64_t)count[axis] * d.a[axis];
      b += (int64_t)count[axis] * d.b[axis];
      c += (int64_t)count[axis] * d.c[axis];
    }
  }
  void next() {
    for (int axis = d.ndim - 2; axis >= 0; axis--) {
      a += d.a[axis];
      b += d.b[axis];
      c += d.c[axis];
      if (++count[axis] < d.size[axis]) return;
      count[axis] = 0;
      a -= (int64_t)d.size[axis] * d.a[axis];
      b -= (int64_t)d.size[axis] * d.b[axis];
      c -= (int64_t)d.size[axis] * d.c[axis];
    }
  }
};

/// Calls row for every row of the descriptor, long rows cut into pieces.
template <class A, class B, class C, class Y>
inline void walkRows(const StridedDesc& d, int64_t grain, const A* a, const B* b, const C* c, Y* y,
                     RowFunction<A, B, C, Y> row) {
  if (d.n <= 0) return;
  const int last = d.ndim - 1;
  const int64_t length = last < 0 ? d.n : d.size[last], rows = d.n / length;
  const int32_t strides[3] = {last < 0 ? 1 : d.a[last], last < 0 ? 1 : d.b[last], last < 0 ? 1 : d.c[last]};
  const auto span = [&](int64_t first, int64_t count, int64_t skip, int64_t n) {
    RowCursor at(d, first);
    for (int64_t r = first; r < first + count; r++, at.next())
      row(a + at.a + skip * strides[0], b + at.b + skip * strides[1], c + at.c + skip * strides[2],
          y + r * length + skip, n, strides);
  };
  if (d.n <= grain) return span(0, rows, 0, length);
  if (length >= tileElements) {
    const int64_t pieces = (length + tileElements - 1) / tileElements;
    parallel(rows * pieces, [&](int64_t tile, int) {
      const int64_t skip = tile % pieces * tileElements, left = length - skip;
      span(tile / pieces, 1, skip, left < tileElements ? left : tileElements);
    });
  } else {
    const int64_t group = tileElements / length;
    parallel((rows + group - 1) / group, [&](int64_t tile, int) {
      const int64_t first = tile * group, left = rows - first;
      span(first, left < group ? left : group, 0, length);
    });
  }
}

/// How an operand's innermost axis is read.
enum class Step { kOne, kZero, kAny };

/// n of W elements from p on.
template <Step S>
GEMMULE_INLINE VF loadStep(const float* p, int64_t i, int64_t stride, int n) {
  if (S == Step::kZero) return set1(*p);
  if (S == Step::kOne) return n == W ? load(p + i) : loadN(p + i, n);
  float lanes[W] = {};
  for (int k = 0; k < n; k++) lanes[k] = p[(i + k) * stride];
  return load(lanes);
}

/// Both operands' steps of the innermost axis as template arguments of F<SA, SB>::row.
template <template <Step, Step> class F>
inline auto pickRow(const StridedDesc& d) -> decltype(&F<Step::kAny, Step::kAny>::row) {
  const int last = d.ndim - 1;
  if (last < 0) return &F<Step::kOne, Step::kOne>::row;
  const int32_t a = d.a[last], b = d.b[last];
  if (a == 1 && b == 1) return &F<Step::kOne, Step::kOne>::row;
  if (a == 1 && b == 0) return &F<Step::kOne, Step::kZero>::row;
  if (a == 0 && b == 1) return &F<Step::kZero, Step::kOne>::row;
  return &F<Step::kAny, Step::kAny>::row;
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
