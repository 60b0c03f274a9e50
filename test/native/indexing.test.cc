// takeRows, addRows and putRows against plain loops.
#include "harness/kernels.h"

using gemmule::RowsDesc;
using test::Guarded;

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
