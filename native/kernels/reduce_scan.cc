// cumsum and cumprod: running totals in double, as PyTorch accumulates them.
#include "reduce.h"
#include "table.h"

namespace gemmule {
namespace GEMMULE_ISA {

namespace {

template <class Op>
void scan(const ReduceDesc& d, const float* x, float* y) {
  const int64_t n = d.n, inner = d.inner, columns = 16;
  const int64_t strips = (inner + columns - 1) / columns, tiles = d.outer * strips;
  const auto strip = [=](int64_t tile, int) {
    const int64_t c = tile % strips * columns, first = tile / strips * n * inner + c;
    const int64_t width = inner - c < columns ? inner - c : columns;
    double total[16];
    for (int64_t i = 0; i < width; i++) total[i] = Op::identity;
    for (int64_t k = 0; k < n; k++)
      for (int64_t i = 0; i < width; i++) {
        total[i] = Op::apply(total[i], (double)x[first + k * inner + i]);
        y[first + k * inner + i] = (float)total[i];
      }
  };
  if (tiles * n > heavyGrain) return parallel(tiles, strip);
  for (int64_t t = 0; t < tiles; t++) strip(t, 0);
}

}  // namespace

void cumsum(const ReduceDesc& d, In<float> x, Out<float> y) { scan<SumOp>(d, x, y); }
void cumprod(const ReduceDesc& d, In<float> x, Out<float> y) { scan<ProductOp>(d, x, y); }

}  // namespace GEMMULE_ISA
}  // namespace gemmule
