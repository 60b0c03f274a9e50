// sum and prod: [outer, n, inner] → [outer, inner].
#include "reduce.h"
#include "table.h"

namespace gemmule {
namespace GEMMULE_ISA {

namespace {

/// One column of V vectors over n rows: rows are joined in groups of 16, groups in groups of 16.
template <class Op, int V, bool Whole>
GEMMULE_INLINE void reduceColumns(const float* x, float* y, int64_t n, int64_t stride, int lanes) {
  const auto read = [=](const float* p, int v) { return Whole ? load(p + v * W) : loadN(p, lanes); };
  const VF start = set1(Op::identity);
  VF total[V], middle[V], low[V];
  for (int v = 0; v < V; v++) total[v] = middle[v] = start;
  int64_t groups = 0;
  for (int64_t row = 0; row < n; row += 16) {
    const int64_t end = row + 16 < n ? row + 16 : n;
    for (int v = 0; v < V; v++) low[v] = read(x + row * stride, v);
    for (int64_t r = row + 1; r < end; r++)
      for (int v = 0; v < V; v++) low[v] = Op::apply(low[v], read(x + r * stride, v));
    for (int v = 0; v < V; v++) middle[v] = Op::apply(middle[v], low[v]);
    if (++groups % 16 == 0)
      for (int v = 0; v < V; v++) {
        total[v] = Op::apply(total[v], middle[v]);
        middle[v] = start;
      }
  }
  for (int v = 0; v < V; v++) {
    const VF r = Op::apply(total[v], middle[v]);
    if (Whole)
      store(y + v * W, r);
    else
      storeN(y, r, lanes);
  }
}

/// y[c] = join of x[r * stride + c] over r < n, for c in [0, columns).
template <class Op>
void reducePanel(const float* x, float* y, int64_t n, int64_t stride, int64_t columns) {
  int64_t c = 0;
  for (; c + 4 * W <= columns; c += 4 * W) reduceColumns<Op, 4, true>(x + c, y + c, n, stride, W);
  for (; c + W <= columns; c += W) reduceColumns<Op, 1, true>(x + c, y + c, n, stride, W);
  if (c < columns) reduceColumns<Op, 1, false>(x + c, y + c, n, stride, (int)(columns - c));
}

/// A reduction whose axis is so long that it is cut: partial results first, then their join.
template <class Op>
void reduceCut(const ReduceDesc& d, const float* x, float* y, int64_t rowsPerPiece) {
  const int64_t n = d.n, inner = d.inner, pieces = (n + rowsPerPiece - 1) / rowsPerPiece;
  Scratch<float> partial((size_t)(d.outer * pieces * inner));
  if (!partial.data) return;
  float* const part = partial.data;
  parallel(d.outer * pieces, [&](int64_t tile, int) {
    const int64_t o = tile / pieces, first = tile % pieces * rowsPerPiece;
    const int64_t rows = n - first < rowsPerPiece ? n - first : rowsPerPiece;
    const float* from = x + (o * n + first) * inner;
    if (inner == 1)
      part[tile] = (float)reduceRun<Op>(0, rows, [=](int64_t i, int m) { return loadTerm<Op>(from + i, m); });
    else
      reducePanel<Op>(from, part + tile * inner, rows, inner, inner);
  });
  for (int64_t o = 0; o < d.outer; o++) {
    const float* from = part + o * pieces * inner;
    if (inner == 1) {
      double total = Op::identity;
      for (int64_t p = 0; p < pieces; p++) total = Op::apply(total, (double)from[p]);
      y[o] = (float)total;
    } else {
      reducePanel<Op>(from, y + o * inner, pieces, inner, inner);
    }
  }
}

template <class Op>
void reduceAxis(const ReduceDesc& d, const float* x, float* y) {
  const int64_t outer = d.outer, n = d.n, inner = d.inner, total = outer * n * inner;
  if (n == 0) {
    for (int64_t i = 0; i < outer * inner; i++) y[i] = Op::identity;
    return;
  }
  const int64_t rowsPerPiece = inner < tileElements ? tileElements / inner : 1;
  if (n >= 4 * rowsPerPiece && n > 32) return reduceCut<Op>(d, x, y, rowsPerPiece > 32 ? rowsPerPiece : 32);
  if (inner == 1) {
    const int64_t group = n < tileElements ? tileElements / n : 1;
    return parallelGroups(outer, group, total > lightGrain, [=](int64_t o) {
      const float* from = x + o * n;
      y[o] = (float)reduceRun<Op>(0, n, [=](int64_t i, int m) { return loadTerm<Op>(from + i, m); });
    });
  }
  const int64_t width = 1024, strips = (inner + width - 1) / width,
                size = n * (inner < width ? inner : width);
  const int64_t group = size < tileElements ? tileElements / size : 1;
  parallelGroups(outer * strips, group, total > lightGrain, [=](int64_t tile) {
    const int64_t o = tile / strips, c = tile % strips * width;
    reducePanel<Op>(x + o * n * inner + c, y + o * inner + c, n, inner,
                    inner - c < width ? inner - c : width);
  });
}

}  // namespace

void sum(const ReduceDesc& d, In<float> x, Out<float> y) { reduceAxis<SumOp>(d, x, y); }
void prod(const ReduceDesc& d, In<float> x, Out<float> y) { reduceAxis<ProductOp>(d, x, y); }

}  // namespace GEMMULE_ISA
}  // namespace gemmule
