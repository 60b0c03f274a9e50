// Gathering and scattering of rows. Indices are in range: the binding checked them.
#include <string.h>

#include "elementwise.h"
#include "table.h"

namespace gemmule {
namespace GEMMULE_ISA {

bool indicesBelow(const int32_t* index, int64_t n, uint32_t below) {
  const auto outsideIn = [=](int64_t begin, int64_t end) {
    uint32_t some = 0;
    for (int64_t i = begin; i < end; i++) some |= (uint32_t)((uint32_t)index[i] >= below);
    return some;
  };
  if (n <= lightGrain) return !outsideIn(0, n);
  constexpr int parts = 64;
  uint32_t outside[parts];
  parallel(parts,
           [&](int64_t part, int) { outside[part] = outsideIn(n * part / parts, n * (part + 1) / parts); });
  uint32_t some = 0;
  for (const uint32_t part : outside) some |= part;
  return !some;
}

void takeRows(const RowsDesc& d, In<float> x, In<int32_t> index, Out<float> y) {
  const int64_t rows = d.rows, inner = d.inner;
  const int64_t group = inner < tileElements ? tileElements / (inner > 0 ? inner : 1) : 1;
  const bool pooled = rows * inner > lightGrain;
  if (inner == 1)
    parallelGroups(rows, group, pooled, [=](int64_t r) { y[r] = x[index[r]]; });
  else
    parallelGroups(rows, group, pooled, [=](int64_t r) {
      memcpy(y + r * inner, x + (int64_t)index[r] * inner, (size_t)inner * sizeof(float));
    });
}

// Two rows may go to one place, so the rows are taken in order; what is cut for the pool is their width.
void addRows(const RowsDesc& d, In<float> x, In<int32_t> index, Out<float> y) {
  const int64_t rows = d.rows, inner = d.inner, width = 1024;
  if (inner == 1) {
    for (int64_t r = 0; r < rows; r++) y[index[r]] += x[r];
    return;
  }
  const int64_t strips = (inner + width - 1) / width;
  parallelGroups(strips, 1, rows * inner > lightGrain, [=](int64_t strip) {
    const int64_t begin = strip * width, end = begin + width < inner ? begin + width : inner;
    for (int64_t r = 0; r < rows; r++) {
      const float* from = x + r * inner;
      float* to = y + (int64_t)index[r] * inner;
      vectorLoop<1>(
          begin, end, [=](int64_t i) { store(to + i, add(load(to + i), load(from + i))); },
          [=](int64_t i, int n) { storeN(to + i, add(loadN(to + i, n), loadN(from + i, n)), n); });
    }
  });
}

void putRows(const RowsDesc& d, In<float> x, In<int32_t> index, Out<float> y) {
  const int64_t rows = d.rows, inner = d.inner;
  if (inner == 1) {
    for (int64_t r = 0; r < rows; r++) y[index[r]] = x[r];
    return;
  }
  for (int64_t r = 0; r < rows; r++)
    memcpy(y + (int64_t)index[r] * inner, x + r * inner, (size_t)inner * sizeof(float));
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
