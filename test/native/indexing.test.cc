// takeRows, addRows and putRows against plain loops, and the check of indices.
#include <vector>

#include "harness/kernels.h"

using gemmule::RowsDesc;
using test::Guarded;

TEST_KERNELS(indicesOutside) {
  for (int64_t n : {0, 1, 5, 1000, 131072, 131073, 200001}) {  // the last two are cut for the threads
    std::vector<int32_t> index((size_t)n);
    for (int64_t i = 0; i < n; i++) index[(size_t)i] = (int32_t)(i % 7);
    CHECK(k.indicesBelow(index.data(), n, 7), "%lld in range", (long long)n);
    for (int64_t at : {(int64_t)0, n / 2, n - 1}) {
      if (at < 0 || at >= n) continue;
      for (int32_t bad : {7, -1}) {
        const int32_t before = index[(size_t)at];
        index[(size_t)at] = bad;
        CHECK(!k.indicesBelow(index.data(), n, 7), "%d at %lld of %lld", bad, (long long)at, (long long)n);
        index[(size_t)at] = before;
      }
    }
  }
}

TEST_KERNELS(rows) {
  test::Random random;
  const RowsDesc shapes[] = {{0, 1, 3},  {1, 1, 1},    {5, 3, 1},     {7, 4, 2},       {9, 20, 17},
                             {6, 6, 64}, {40, 9, 100}, {300, 7, 900}, {200000, 50, 1}, {3, 2, 100000}};
  for (const RowsDesc& d : shapes) {
    const size_t inner = (size_t)d.inner, rows = (size_t)d.rows, source = (size_t)d.sourceRows;
    Guarded<float> table(source * inner), wide(rows * inner), y(rows * inner), sums(source * inner),
        want(source * inner);
    Guarded<int32_t> index(rows);
    table.fill(random);
    wide.fill(random);
    for (size_t r = 0; r < rows; r++) index[r] = random.integer(0, d.sourceRows - 1);

    k.takeRows(d, {table.data()}, {index.data()}, {y.data()});
    for (size_t i = 0; i < y.size(); i++)
      CHECK(y[i] == table[(size_t)index[i / inner] * inner + i % inner], "take %zu", i);

    memcpy(sums.data(), table.data(), table.size() * sizeof(float));
    memcpy(want.data(), table.data(), table.size() * sizeof(float));
    k.addRows(d, {wide.data()}, {index.data()}, {sums.data()});
    for (size_t i = 0; i < wide.size(); i++) want[(size_t)index[i / inner] * inner + i % inner] += wide[i];
    for (size_t i = 0; i < sums.size(); i++)
      CHECK(sums[i] == want[i], "add %zu: %g, not %g", i, sums[i], want[i]);

    k.putRows(d, {wide.data()}, {index.data()}, {sums.data()});
    for (size_t i = 0; i < wide.size(); i++) want[(size_t)index[i / inner] * inner + i % inner] = wide[i];
    for (size_t i = 0; i < sums.size(); i++)
      CHECK(sums[i] == want[i], "put %zu: %g, not %g", i, sums[i], want[i]);
    CHECK(y.intact() && sums.intact(), "wrote outside");
  }
}
