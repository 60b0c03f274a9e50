// Normalisation against plain loops in double.
#include <math.h>

#include "harness/kernels.h"

using gemmule::NormDesc;
using test::Guarded;

TEST_KERNELS(normalisation) {
  test::Random random;
  const NormDesc shapes[] = {{1, 1, 2},    {4, 3, 1},      {100, 17, 1}, {300, 40, 1},
                             {2, 3, 5},    {8, 6, 49},     {3, 2, 16},   {1, 50, 64},
                             {2, 5, 9001}, {1000, 120, 1}, {32, 8, 784}, {1, 7, 10000}};
  for (const NormDesc& d : shapes)
    for (bool affine : {true, false}) {
      const size_t inner = (size_t)d.inner, c = (size_t)d.c, size = (size_t)d.n * c * inner;
      const double count = (double)d.n * (double)inner, eps = 1e-5;
      Guarded<float> x(size), g(size), y(size), dx(size), mean(c), rstd(c), w(c), b(c), dw(c), db(c);
      x.fill(random, 3, 5);  // a mean that is large beside the deviation
      g.fill(random);
      w.fill(random, 0.5, 2);
      b.fill(random);
      const float *weight = affine ? w.data() : nullptr, *bias = affine ? b.data() : nullptr;
      k.normStats(d, eps, {x.data()}, {mean.data()}, {rstd.data()});
      k.normForward(d, {x.data()}, {mean.data()}, {rstd.data()}, {weight}, {bias}, {y.data()});
      k.normBackward(d, {g.data()}, {x.data()}, {mean.data()}, {rstd.data()}, {weight}, {dx.data()},
                     {dw.data()}, {db.data()});
      for (size_t i = 0; i < c; i++) {
        const auto each = [&](auto use) {
          for (int n = 0; n < d.n; n++)
            for (size_t j = 0; j < inner; j++) use(((size_t)n * c + i) * inner + j);
        };
        double sum = 0, squares = 0, gradient = 0, product = 0;
        each([&](size_t at) { sum += x[at]; });
        const double centre = sum / count;
        each([&](size_t at) { squares += (x[at] - centre) * (x[at] - centre); });
        const double scale = 1 / sqrt(squares / count + eps), outer = scale * (affine ? w[i] : 1);
        CHECK(fabs(mean[i] - centre) <= 1e-6 * fabs(centre), "mean %.9g, not %.9g", mean[i], centre);
        CHECK(fabs(rstd[i] - scale) <= 3e-6 * scale, "%d×%d×%d rstd %.9g, not %.9g", d.n, d.c, d.inner,
              rstd[i], scale);
        each([&](size_t at) {
          gradient += g[at];
          product += g[at] * (x[at] - centre) * scale;
        });
        const double tolerance = 2e-6 * (1 + sqrt(count));
        CHECK(fabs(db[i] - gradient) <= tolerance, "gradBias %.9g, not %.9g", db[i], gradient);
        CHECK(fabs(dw[i] - product) <= 3 * tolerance, "gradWeight %.9g, not %.9g", dw[i], product);
        each([&](size_t at) {
          const double normal = (x[at] - centre) * scale;
          const double want = normal * (affine ? w[i] : 1) + (affine ? b[i] : 0);
          CHECK(fabs(y[at] - want) <= 1e-5 * (1 + fabs(want)) * fmax(1, scale / 10), "y %.9g, not %.9g",
                y[at], want);
          const double back = outer * (g[at] - gradient / count - normal * product / count);
          CHECK(fabs(dx[at] - back) <= 1e-5 * fmax(1, outer), "gradX %.9g, not %.9g", dx[at], back);
        });
      }
      CHECK(y.intact() && dx.intact() && mean.intact() && rstd.intact() && dw.intact() && db.intact(),
            "wrote outside");
    }
}
