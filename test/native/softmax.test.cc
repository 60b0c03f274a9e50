// softmax, logSoftmax and their gradients against plain loops in double.
#include <math.h>

#include "harness/kernels.h"

using gemmule::ReduceDesc;
using test::Guarded;

namespace {

struct Column {
  size_t first, step;
  int n;
};

std::vector<Column> columns(const ReduceDesc& d) {
  std::vector<Column> all;
  for (int o = 0; o < d.outer; o++)
    for (int c = 0; c < d.inner; c++)
      all.push_back({(size_t)o * (size_t)d.n * (size_t)d.inner + (size_t)c, (size_t)d.inner, d.n});
  return all;
}

const ReduceDesc shapes[] = {{1, 1, 1},    {3, 2, 1},   {5, 10, 1},   {256, 10, 1},  {2, 16, 1},
                             {2, 17, 1},   {3, 100, 1}, {2, 5000, 1}, {3000, 10, 1}, {1, 3, 5},
                             {29, 150, 1}, {70, 64, 1}, {3, 513, 1},  {2, 10, 16},   {2, 10, 19},
                             {4, 7, 2000}, {0, 5, 3}};

}  // namespace

TEST_KERNELS(softmaxForward) {
  test::Random random;
  for (const ReduceDesc& d : shapes)
    for (float range : {1.0f, 20.0f, 200.0f}) {
      const size_t size = (size_t)d.outer * (size_t)d.n * (size_t)d.inner;
      Guarded<float> x(size), y(size), z(size);
      x.fill(random, -range, range);
      k.softmax(d, {x.data()}, {y.data()});
      k.logSoftmax(d, {x.data()}, {z.data()});
      for (const Column& c : columns(d)) {
        double top = -INFINITY, total = 0;
        for (int i = 0; i < c.n; i++) top = fmax(top, x[c.first + (size_t)i * c.step]);
        for (int i = 0; i < c.n; i++) total += exp(x[c.first + (size_t)i * c.step] - top);
        for (int i = 0; i < c.n; i++) {
          const size_t at = c.first + (size_t)i * c.step;
          // x - top is rounded to float, which exp turns into a relative error
          const double rounding = 6e-8 * fabs(x[at] - top), want = exp(x[at] - top) / total;
          CHECK(fabs(y[at] - want) <= want * (8e-7 + rounding) + 1e-44, "%d×%d×%d %zu: %.9g, not %.9g",
                d.outer, d.n, d.inner, at, y[at], want);
          const double log_ = x[at] - top - log(total);
          CHECK(fabs(z[at] - log_) <= 4e-7 + 1.5e-7 * fabs(log_), "log %zu: %.9g, not %.9g", at, z[at], log_);
        }
      }
      CHECK(y.intact() && z.intact(), "wrote outside");
    }
}

TEST_KERNELS(softmaxBackward) {
  test::Random random;
  for (const ReduceDesc& d : shapes) {
    const size_t size = (size_t)d.outer * (size_t)d.n * (size_t)d.inner;
    Guarded<float> g(size), s(size), l(size), y(size), z(size);
    g.fill(random);
    s.fill(random, 0, 1);
    l.fill(random, -5, 0);
    k.softmaxBackward(d, {g.data()}, {s.data()}, {y.data()});
    k.logSoftmaxBackward(d, {g.data()}, {l.data()}, {z.data()});
    for (const Column& c : columns(d)) {
      double dot = 0, sum = 0;
      for (int i = 0; i < c.n; i++) {
        const size_t at = c.first + (size_t)i * c.step;
        dot += (double)g[at] * s[at];
        sum += g[at];
      }
      const double tolerance = 1e-6 * (1 + sqrt((double)c.n));
      for (int i = 0; i < c.n; i++) {
        const size_t at = c.first + (size_t)i * c.step;
        CHECK(fabs(y[at] - s[at] * (g[at] - dot)) <= tolerance, "%zu: %.9g", at, y[at]);
        CHECK(fabs(z[at] - (g[at] - exp(l[at]) * sum)) <= tolerance, "log %zu: %.9g", at, z[at]);
      }
    }
    CHECK(y.intact() && z.intact(), "wrote outside");
  }
}

TEST_KERNELS(softmaxSpecials) {
  const float x[4] = {0, -INFINITY, 1, -INFINITY};
  float y[4];
  k.softmax({1, 4, 1}, {x}, {y});
  CHECK(y[1] == 0 && y[3] == 0 && fabsf(y[0] + y[2] - 1) < 1e-6f, "%g %g %g %g", y[0], y[1], y[2], y[3]);
  const float none[2] = {-INFINITY, -INFINITY}, bad[2] = {NAN, 1};
  k.softmax({1, 2, 1}, {none}, {y});
  CHECK(isnan(y[0]) && isnan(y[1]), "%g %g", y[0], y[1]);
  k.logSoftmax({1, 2, 1}, {bad}, {y});
  CHECK(isnan(y[0]) && isnan(y[1]), "%g %g", y[0], y[1]);
}
