// fill and copyStrided against plain loops.
#include "strided.h"

using gemmule::StridedDesc;
using test::Guarded;

TEST_KERNELS(fillEveryLength) {
  for (size_t n : {0, 1, 3, 4, 8, 15, 16, 17, 63, 64, 65, 1000, 200001}) {
    Guarded<float> y(n);
    k.fill((double)n, 2.5, {y.data()});
    for (size_t i = 0; i < n; i++) CHECK(y[i] == 2.5f, "element %zu of %zu", i, n);
    CHECK(y.intact(), "wrote outside of %zu", n);
  }
}

TEST_KERNELS(copyLayouts) {
  test::Random random;
  std::vector<StridedDesc> all = test::layouts();
  for (int rows : {1, 4, 5, 16, 17, 33, 64, 65, 130})
    for (int columns : {1, 3, 4, 16, 31, 40, 67}) {
      all.push_back(test::strided({rows, columns}, {1, rows}, {columns, 1}));  // x transposed
      all.push_back(
          test::strided({rows, columns}, {columns + 3, 1}, {1, rows + 2}));  // y transposed, both with gaps
    }
  all.push_back(test::strided({2, 7, 9, 6}, {378, 1, 42, 7}, {378, 54, 6, 1}));  // NHWC to NCHW
  all.push_back(test::strided({4, 64, 50, 20}, {64000, 1000, 1, 50}, {64000, 1000, 20, 1}));
  all.push_back(test::strided({300, 90}, {180, 2}, {90, 1}));
  for (const StridedDesc& d : all) {
    bool broadcast = false;
    for (int i = 0; i < d.ndim; i++) broadcast = broadcast || (d.b[i] == 0 && d.size[i] > 1);
    if (broadcast) continue;  // the result is not
    Guarded<float> x(test::extent(d, d.offsetA, d.a)), y(test::extent(d, d.offsetB, d.b)), want(y.size());
    x.fill(random);
    y.fill(random);
    memcpy(want.data(), y.data(), y.size() * sizeof(float));
    for (int i = 0; i < d.n; i++)
      want[test::position(d, d.offsetB, d.b, i)] = x[test::position(d, d.offsetA, d.a, i)];
    k.copyStrided(d, {x.data()}, {y.data()});
    for (size_t i = 0; i < y.size(); i++)
      CHECK(y[i] == want[i], "element %zu of %d axes, %d elements", i, d.ndim, d.n);
    CHECK(y.intact(), "wrote outside");
  }
}
