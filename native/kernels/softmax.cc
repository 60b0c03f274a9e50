// softmax and logSoftmax along n of [outer, n, inner], and their gradients.
#include "../simd/math.h"
#include "reduce.h"
#include "table.h"

namespace gemmule {
namespace GEMMULE_ISA {

namespace {

GEMMULE_INLINE VF loadSome(const float* p, int n) { return n == W ? load(p) : loadN(p, n); }
GEMMULE_INLINE void storeSome(float* p, VF v, int n) {
  if (n == W)
    store(p, v);
  else
    storeN(p, v, n);
}

/// y[i] = f(i, lanes) over one row.
template <class F>
GEMMULE_INLINE void mapRow(float* y, int64_t n, F f) {
  vectorLoop<1>(
      0, n, [=](int64_t i) { store(y + i, f(i, W)); }, [=](int64_t i, int m) { storeN(y + i, f(i, m), m); });
}

GEMMULE_INLINE float largest(const float* x, int64_t n) {
  VF top = neg(infinity());
  int64_t i = 0;
  if (n >= 4 * W) {
    VF tops[4] = {top, top, top, top};
    for (; i + 4 * W <= n; i += 4 * W)
      for (int k = 0; k < 4; k++) tops[k] = max(load(x + i + k * W), tops[k]);
    top = max(max(tops[0], tops[1]), max(tops[2], tops[3]));
  }
  for (; i + W <= n; i += W) top = max(load(x + i), top);
  const int left = (int)(n - i);
  if (left > 0) top = max(select(firstN(left), loadN(x + i, left), top), top);
  return reduceMax(top);
}

/// Rows that are near enough to each other to take every step for all of them before the next: the chain of
/// steps of one row is longer than what a core looks ahead.
constexpr int mostRows = 8;
constexpr int64_t valuesOfRows = 1024;
int rowsTogether(int64_t n) {
  const int64_t fit = valuesOfRows / n;
  return fit < 1 ? 1 : fit < mostRows ? (int)fit : mostRows;
}

/// each(row, sum, i) for rows of n values at i: the sum of their term(row, i, lanes).
template <class Term, class Each>
GEMMULE_INLINE void sumsOfRows(int64_t n, int rows, Term term, Each each) {
  float total[mostRows];
  for (int r = 0; r < rows; r++)
    total[r] = (float)reduceRun<SumOp>(r * n, (r + 1) * n, [=](int64_t i, int m) { return term(r, i, m); });
  for (int r = 0; r < rows; r++) each(r, set1(total[r]), r * n);
}

/// each(top, total, i): their maximum, and the sum of their exp(x - top), which `out` may take.
template <class Out, class Each>
GEMMULE_INLINE void softmaxRows(const float* x, int64_t n, int rows, Out out, Each each) {
  float tops[mostRows];
  for (int r = 0; r < rows; r++) tops[r] = largest(x + r * n, n);
  const float* const top = tops;
  sumsOfRows(
      n, rows,
      [=](int r, int64_t i, int m) {
        const VF e = expOfNegative(sub(loadSome(x + i, m), set1(top[r])));
        out(i, m, e);
        return m == W ? e : select(firstN(m), e, zero());
      },
      [=](int r, VF total, int64_t first) { each(set1(top[r]), total, first); });
}

void softmaxOfRows(const float* x, float* y, int64_t n, int rows) {
  softmaxRows(
      x, n, rows, [=](int64_t i, int m, VF e) { storeSome(y + i, e, m); },
      [=](VF, VF total, int64_t first) {
        mapRow(y + first, n, [=](int64_t i, int m) { return div(loadSome(y + first + i, m), total); });
      });
}

void logSoftmaxOfRows(const float* x, float* y, int64_t n, int rows) {
  softmaxRows(
      x, n, rows, [](int64_t, int, VF) {},
      [=](VF top, VF total, int64_t first) {
        const VF shift = log(total);
        mapRow(y + first, n,
               [=](int64_t i, int m) { return sub(sub(loadSome(x + first + i, m), top), shift); });
      });
}

void softmaxBackwardRows(const float* g, const float* s, float* y, int64_t n, int rows) {
  sumsOfRows(
      n, rows, [=](int, int64_t i, int m) { return mul(loadSome(g + i, m), loadSome(s + i, m)); },
      [=](int, VF total, int64_t first) {
        mapRow(y + first, n, [=](int64_t i, int m) {
          return mul(loadSome(s + first + i, m), sub(loadSome(g + first + i, m), total));
        });
      });
}

void logSoftmaxBackwardRows(const float* g, const float* l, float* y, int64_t n, int rows) {
  sumsOfRows(
      n, rows, [=](int, int64_t i, int m) { return loadSome(g + i, m); },
      [=](int, VF total, int64_t first) {
        mapRow(y + first, n, [=](int64_t i, int m) {
          return fnma(exp(loadSome(l + first + i, m)), total, loadSome(g + first + i, m));
        });
      });
}

/// The same four for `lanes` neighbouring columns, elements of one column `step` apart.
GEMMULE_INLINE VF largestOfColumns(const float* x, int64_t n, int64_t step, int lanes) {
  VF top = neg(infinity());
  for (int64_t k = 0; k < n; k++) top = max(loadSome(x + k * step, lanes), top);
  return top;
}

void softmaxColumns(const float* x, float* y, int64_t n, int64_t step, int lanes) {
  const VF top = largestOfColumns(x, n, step, lanes);
  VF total = zero();
  for (int64_t k = 0; k < n; k++) {
    const VF e = expOfNegative(sub(loadSome(x + k * step, lanes), top));
    total = add(total, e);
    storeSome(y + k * step, e, lanes);
  }
  for (int64_t k = 0; k < n; k++) storeSome(y + k * step, div(loadSome(y + k * step, lanes), total), lanes);
}

void logSoftmaxColumns(const float* x, float* y, int64_t n, int64_t step, int lanes) {
  const VF top = largestOfColumns(x, n, step, lanes);
  VF total = zero();
  for (int64_t k = 0; k < n; k++) total = add(total, expOfNegative(sub(loadSome(x + k * step, lanes), top)));
  const VF shift = log(total);
  for (int64_t k = 0; k < n; k++)
    storeSome(y + k * step, sub(sub(loadSome(x + k * step, lanes), top), shift), lanes);
}

void softmaxBackwardColumns(const float* g, const float* s, float* y, int64_t n, int64_t step, int lanes) {
  VF total = zero();
  for (int64_t k = 0; k < n; k++)
    total = fma(loadSome(g + k * step, lanes), loadSome(s + k * step, lanes), total);
  for (int64_t k = 0; k < n; k++) {
    const VF difference = sub(loadSome(g + k * step, lanes), total);
    storeSome(y + k * step, mul(loadSome(s + k * step, lanes), difference), lanes);
  }
}

void logSoftmaxBackwardColumns(const float* g, const float* l, float* y, int64_t n, int64_t step, int lanes) {
  VF total = zero();
  for (int64_t k = 0; k < n; k++) total = add(total, loadSome(g + k * step, lanes));
  for (int64_t k = 0; k < n; k++)
    storeSome(y + k * step, fnma(exp(loadSome(l + k * step, lanes)), total, loadSome(g + k * step, lanes)),
              lanes);
}

/// rows(first, count) for all rows where inner is 1, columns(first, lanes) for every strip of columns
/// elsewhere.
template <class Rows, class Columns>
void alongAxis(const ReduceDesc& d, Rows rows, Columns columns) {
  const int64_t n = d.n, inner = d.inner, size = n * inner;
  const bool pooled = d.outer * size > heavyGrain;
  if (size == 0) return;
  if (inner == 1) {
    const int64_t together = rowsTogether(n), outer = d.outer;
    const int64_t group = n < tileElements / 4 ? tileElements / 4 / (n * together) : 1;
    return parallelGroups((outer + together - 1) / together, group, pooled, [=](int64_t i) {
      const int64_t o = i * together;
      rows(o * n, (int)(outer - o < together ? outer - o : together));
    });
  }
  const int64_t strips = (inner + W - 1) / W,
                group = n * W < tileElements / 4 ? tileElements / 4 / (n * W) : 1;
  parallelGroups(d.outer * strips, group, pooled, [=](int64_t tile) {
    const int64_t c = tile % strips * W;
    columns(tile / strips * size + c, inner - c < W ? (int)(inner - c) : W);
  });
}

}  // namespace

void softmax(const ReduceDesc& d, In<float> x, Out<float> y) {
  const int64_t n = d.n, step = d.inner;
  alongAxis(
      d, [=](int64_t i, int rows) { softmaxOfRows(x + i, y + i, n, rows); },
      [=](int64_t i, int lanes) { softmaxColumns(x + i, y + i, n, step, lanes); });
}
void logSoftmax(const ReduceDesc& d, In<float> x, Out<float> y) {
  const int64_t n = d.n, step = d.inner;
  alongAxis(
      d, [=](int64_t i, int rows) { logSoftmaxOfRows(x + i, y + i, n, rows); },
      [=](int64_t i, int lanes) { logSoftmaxColumns(x + i, y + i, n, step, lanes); });
}
void softmaxBackward(const ReduceDesc& d, In<float> g, In<float> s, Out<float> y) {
  const int64_t n = d.n, step = d.inner;
  alongAxis(
      d, [=](int64_t i, int rows) { softmaxBackwardRows(g + i, s + i, y + i, n, rows); },
      [=](int64_t i, int lanes) { softmaxBackwardColumns(g + i, s + i, y + i, n, step, lanes); });
}
void logSoftmaxBackward(const ReduceDesc& d, In<float> g, In<float> l, Out<float> y) {
  const int64_t n = d.n, step = d.inner;
  alongAxis(
      d, [=](int64_t i, int rows) { logSoftmaxBackwardRows(g + i, l + i, y + i, n, rows); },
      [=](int64_t i, int lanes) { logSoftmaxBackwardColumns(g + i, l + i, y + i, n, step, lanes); });
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
