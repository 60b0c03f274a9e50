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
  for (int64_t i = 0; i < n; i += W) {
    const int m = n - i < W ? (int)(n - i) : W;
    top = max(select(firstN(m), loadSome(x + i, m), top), top);
  }
  return reduceMax(top);
}

void softmaxRow(const float* x, float* y, int64_t n) {
  const VF top = set1(largest(x, n));
  const double total = reduceRun<SumOp>(0, n, [=](int64_t i, int m) {
    const VF e = select(firstN(m), expOfNegative(sub(loadSome(x + i, m), top)), zero());
    storeSome(y + i, e, m);
    return e;
  });
  const VF divisor = set1((float)total);
  mapRow(y, n, [=](int64_t i, int m) { return div(loadSome(y + i, m), divisor); });
}

void logSoftmaxRow(const float* x, float* y, int64_t n) {
  const VF top = set1(largest(x, n));
  const double total = reduceRun<SumOp>(0, n, [=](int64_t i, int m) {
    return select(firstN(m), expOfNegative(sub(loadSome(x + i, m), top)), zero());
  });
  const VF shift = log(set1((float)total));
  mapRow(y, n, [=](int64_t i, int m) { return sub(sub(loadSome(x + i, m), top), shift); });
}

void softmaxBackwardRow(const float* g, const float* s, float* y, int64_t n) {
  const double dot =
      reduceRun<SumOp>(0, n, [=](int64_t i, int m) { return mul(loadSome(g + i, m), loadSome(s + i, m)); });
  const VF total = set1((float)dot);
  mapRow(y, n, [=](int64_t i, int m) { return mul(loadSome(s + i, m), sub(loadSome(g + i, m), total)); });
}

void logSoftmaxBackwardRow(const float* g, const float* l, float* y, int64_t n) {
  const VF total = set1((float)reduceRun<SumOp>(0, n, [=](int64_t i, int m) { return loadSome(g + i, m); }));
  mapRow(y, n, [=](int64_t i, int m) { return fnma(exp(loadSome(l + i, m)), total, loadSome(g + i, m)); });
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

/// row(first) for every row where inner is 1, columns(first, lanes) for every strip of columns elsewhere.
template <class Row, class Columns>
void alongAxis(const ReduceDesc& d, Row row, Columns columns) {
  const int64_t n = d.n, inner = d.inner, size = n * inner;
  const bool pooled = d.outer * size > heavyGrain;
  if (size == 0) return;
  if (inner == 1) {
    const int64_t group = n < tileElements / 4 ? tileElements / 4 / n : 1;
    return parallelGroups(d.outer, group, pooled, [=](int64_t o) { row(o * n); });
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
      d, [=](int64_t i) { softmaxRow(x + i, y + i, n); },
      [=](int64_t i, int lanes) { softmaxColumns(x + i, y + i, n, step, lanes); });
}
void logSoftmax(const ReduceDesc& d, In<float> x, Out<float> y) {
  const int64_t n = d.n, step = d.inner;
  alongAxis(
      d, [=](int64_t i) { logSoftmaxRow(x + i, y + i, n); },
      [=](int64_t i, int lanes) { logSoftmaxColumns(x + i, y + i, n, step, lanes); });
}
void softmaxBackward(const ReduceDesc& d, In<float> g, In<float> s, Out<float> y) {
  const int64_t n = d.n, step = d.inner;
  alongAxis(
      d, [=](int64_t i) { softmaxBackwardRow(g + i, s + i, y + i, n); },
      [=](int64_t i, int lanes) { softmaxBackwardColumns(g + i, s + i, y + i, n, step, lanes); });
}
void logSoftmaxBackward(const ReduceDesc& d, In<float> g, In<float> l, Out<float> y) {
  const int64_t n = d.n, step = d.inner;
  alongAxis(
      d, [=](int64_t i) { logSoftmaxBackwardRow(g + i, l + i, y + i, n); },
      [=](int64_t i, int lanes) { logSoftmaxBackwardColumns(g + i, l + i, y + i, n, step, lanes); });
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
