// Reductions and running totals against plain loops in double, on guarded arrays.
#include <math.h>

#include "harness/kernels.h"

using gemmule::ReduceDesc;
using test::Guarded;

namespace {

/// Short and long rows, few and many columns, and shapes that are cut for the pool of threads.
std::vector<ReduceDesc> shapes() {
  std::vector<ReduceDesc> all;
  for (int outer : {0, 1, 3})
    for (int n : {1, 2, 5, 15, 16, 17, 31, 64, 100, 129})
      for (int inner : {1, 2, 7, 16, 19, 65}) all.push_back({outer, n, inner});
  all.push_back({1, 5000, 1});
  all.push_back({3, 70000, 1});
  all.push_back({1, 1000003, 1});
  all.push_back({20000, 10, 1});
  all.push_back({1, 9000, 10});
  all.push_back({2, 70001, 3});
  all.push_back({1, 40, 5000});
  all.push_back({2, 3, 40000});
  all.push_back({500, 7, 60});
  return all;
}

size_t outputs(const ReduceDesc& d) { return (size_t)d.outer * (size_t)d.inner; }
size_t inputs(const ReduceDesc& d) { return outputs(d) * (size_t)d.n; }
/// Element k of the column that output i reduces.
size_t element(const ReduceDesc& d, size_t i, int k) {
  return (i / (size_t)d.inner * (size_t)d.n + (size_t)k) * (size_t)d.inner + i % (size_t)d.inner;
}

}  // namespace

TEST_KERNELS(sumAndProduct) {
  test::Random random;
  for (const ReduceDesc& d : shapes()) {
    Guarded<float> x(inputs(d)), y(outputs(d));
    x.fill(random, -1, 3);
    k.sum(d, {x.data()}, {y.data()});
    for (size_t i = 0; i < y.size(); i++) {
      double want = 0, size = 0;
      for (int j = 0; j < d.n; j++) {
        want += x[element(d, i, j)];
        size += fabs(x[element(d, i, j)]);
      }
      CHECK(fabs(y[i] - want) <= 3e-7 * size + 1e-30, "%d×%d×%d sum %zu: %.9g, not %.9g", d.outer, d.n,
            d.inner, i, y[i], want);
    }
    CHECK(y.intact(), "sum wrote outside");
    for (size_t i = 0; i < x.size(); i++) x[i] = 1 + random.uniform(-1, 1) / (float)d.n;
    k.prod(d, {x.data()}, {y.data()});
    for (size_t i = 0; i < y.size(); i++) {
      double want = 1;
      for (int j = 0; j < d.n; j++) want *= x[element(d, i, j)];
      CHECK(fabs(y[i] - want) <= 6e-8 * (d.n + 2) * want, "%d×%d×%d prod %zu: %.9g, not %.9g", d.outer, d.n,
            d.inner, i, y[i], want);
    }
    CHECK(y.intact(), "prod wrote outside");
  }
}

TEST_KERNELS(sumOfManyIsAccurate) {
  const int n = 4000000;
  std::vector<float> x((size_t)n, 0.1f);
  float y;
  k.sum({1, n, 1}, {x.data()}, {&y});
  CHECK(fabs(y - 0.1f * (double)n) <= 0.0625, "%.9g", y);  // two ulp
  float columns[10];
  k.sum({1, n / 10, 10}, {x.data()}, {columns});
  for (float c : columns) CHECK(fabs(c - 0.1f * (n / 10.0)) <= 0.0079, "%.9g", c);
}

TEST_KERNELS(emptyAxis) {
  float y[2] = {7, 7};
  k.sum({1, 0, 2}, {nullptr}, {y});
  CHECK(y[0] == 0 && y[1] == 0, "sum %g", y[0]);
  k.prod({2, 0, 1}, {nullptr}, {y});
  CHECK(y[0] == 1 && y[1] == 1, "prod %g", y[0]);
  uint8_t c[1] = {7};
  k.any({1, 0, 1}, {nullptr}, {c});
  CHECK(c[0] == 0, "any");
  k.all({1, 0, 1}, {nullptr}, {c});
  CHECK(c[0] == 1, "all");
}

TEST_KERNELS(extremes) {
  test::Random random;
  for (const ReduceDesc& d : shapes())
    for (int kind = 0; kind < 4; kind++) {
      Guarded<float> x(inputs(d)), y(outputs(d));
      Guarded<int32_t> index(outputs(d));
      for (size_t i = 0; i < x.size(); i++) {
        x[i] = kind == 0 ? random.uniform() : (float)random.integer(-4, 4);  // ties
        if (kind == 2 && random.integer(0, 20) == 0) x[i] = NAN;
        if (kind == 3) x[i] = random.integer(0, 1) ? INFINITY : -INFINITY;
      }
      for (bool largest : {true, false}) {
        (largest ? k.max : k.min)(d, {x.data()}, {y.data()}, {index.data()});
        for (size_t i = 0; i < y.size(); i++) {
          int best = 0;
          for (int j = 1; j < d.n; j++) {
            const float v = x[element(d, i, j)], b = x[element(d, i, best)];
            if ((largest ? v > b : v < b) || (isnan(v) && !isnan(b))) best = j;
          }
          const float want = x[element(d, i, best)];
          CHECK(index[i] == best && (y[i] == want || (isnan(y[i]) && isnan(want))),
                "%s of %d×%d×%d, output %zu: %.9g at %d, not %.9g at %d", largest ? "max" : "min", d.outer,
                d.n, d.inner, i, y[i], index[i], want, best);
        }
        CHECK(y.intact() && index.intact(), "wrote outside");
      }
    }
}

TEST_KERNELS(anyAndAll) {
  test::Random random;
  for (const ReduceDesc& d : shapes())
    for (int rare : {0, 1, 50, 3000}) {
      Guarded<uint8_t> x(inputs(d)), y(outputs(d)), z(outputs(d));
      for (size_t i = 0; i < x.size(); i++)
        x[i] = (uint8_t)(rare && random.integer(1, rare) == 1 ? 0 : 1 + (i & 1));
      k.all(d, {x.data()}, {z.data()});
      bool fine = true;
      for (size_t i = 0; i < z.size(); i++) {
        bool want = true;
        for (int j = 0; j < d.n; j++) want = want && x[element(d, i, j)];
        fine = fine && z[i] == (want ? 1 : 0);
      }
      for (size_t i = 0; i < x.size(); i++) x[i] = x[i] ? 0 : 3;
      k.any(d, {x.data()}, {y.data()});
      for (size_t i = 0; i < z.size(); i++) fine = fine && y[i] == 1 - z[i];
      CHECK(fine, "%d×%d×%d", d.outer, d.n, d.inner);
      CHECK(y.intact() && z.intact(), "wrote outside");
    }
}

TEST_KERNELS(runningTotals) {
  test::Random random;
  for (const ReduceDesc& d : shapes()) {
    Guarded<float> x(inputs(d)), y(inputs(d)), z(inputs(d));
    x.fill(random, 0.9f, 1.1f);
    k.cumsum(d, {x.data()}, {y.data()});
    k.cumprod(d, {x.data()}, {z.data()});
    for (size_t i = 0; i < outputs(d); i++) {
      double sum = 0, product = 1;
      for (int j = 0; j < d.n; j++) {
        const size_t at = element(d, i, j);
        sum += x[at];
        product *= x[at];
        CHECK(test::ulps(y[at], (float)sum) <= 1, "cumsum %zu: %.9g", at, y[at]);
        CHECK(test::ulps(z[at], (float)product) <= 1, "cumprod %zu: %.9g", at, z[at]);
      }
    }
    CHECK(y.intact() && z.intact(), "wrote outside");
  }
}

TEST_KERNELS(sameBitsForAnyThreads) {
  test::Random random;
  const int before = gemmule::threadCount();
  for (const ReduceDesc& d : shapes()) {
    if (inputs(d) < 50000) continue;
    std::vector<float> x(inputs(d)), first(outputs(d)), y(outputs(d));
    for (float& v : x) v = random.uniform();
    for (int threads = 1; threads <= 3; threads++) {
      gemmule::setThreadCount(threads);
      k.sum(d, {x.data()}, {y.data()});
      if (threads == 1) first = y;
      CHECK(memcmp(first.data(), y.data(), y.size() * sizeof(float)) == 0, "%d threads differ", threads);
    }
  }
  gemmule::setThreadCount(before);
}
