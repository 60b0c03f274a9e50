// Optimizer steps against PyTorch's formulas in double.
#include <math.h>

#include "harness/kernels.h"

using test::Guarded;

namespace {

const size_t lengths[] = {0, 1, 7, 16, 33, 1000, 150000};

bool close(float a, double b) { return fabs(a - b) <= 1e-6 * (1 + fabs(b)); }

}  // namespace

TEST_KERNELS(sgd) {
  test::Random random;
  struct Options {
    double momentum, dampening, decay;
    bool nesterov;
  };
  const Options all[] = {{0, 0, 0, false},
                         {0, 0, 0.1, false},
                         {0.9, 0, 0, false},
                         {0.9, 0.3, 0.05, false},
                         {0.9, 0, 0.05, true}};
  for (size_t n : lengths)
    for (const Options& o : all) {
      Guarded<float> g(n), p(n), buffer(n);
      p.fill(random);
      for (size_t i = 0; i < n; i++) buffer[i] = NAN;  // the first step must not read it
      std::vector<double> param(n), velocity(n);
      for (size_t i = 0; i < n; i++) param[i] = p[i];
      for (int step = 0; step < 3; step++) {
        g.fill(random);
        k.sgdStep((double)n, 0.1, o.momentum, o.dampening, o.decay, o.nesterov, step == 0, {g.data()},
                  {p.data()}, {buffer.data()});
        for (size_t i = 0; i < n; i++) {
          const double d = g[i] + o.decay * param[i];
          velocity[i] = step == 0 ? d : o.momentum * velocity[i] + (1 - o.dampening) * d;
          param[i] -= 0.1 * (o.momentum == 0 ? d : o.nesterov ? d + o.momentum * velocity[i] : velocity[i]);
          CHECK(close(p[i], param[i]), "%zu after step %d: %.9g, not %.9g", i, step, p[i], param[i]);
          if (o.momentum == 0)
            CHECK(isnan(buffer[i]), "a buffer was written without momentum");
          else
            CHECK(close(buffer[i], velocity[i]), "buffer %zu: %.9g, not %.9g", i, buffer[i], velocity[i]);
        }
      }
      CHECK(p.intact() && buffer.intact(), "wrote outside");
    }
}

TEST_KERNELS(adam) {
  test::Random random;
  for (size_t n : lengths)
    for (int variant = 0; variant < 16; variant++) {
      const bool decoupled = variant & 1, amsgrad = variant & 2, maximize = variant & 4;
      const double decay = variant & 8 ? 0.1 : 0, lr = 0.01, beta1 = 0.9, beta2 = 0.99, eps = 1e-8;
      const size_t states = amsgrad ? 2 * n : n;  // the largest squares stand behind the squares
      Guarded<float> g(n), p(n), m(n), v(states);
      p.fill(random);
      memset(m.data(), 0, n * sizeof(float));
      memset(v.data(), 0, states * sizeof(float));
      std::vector<double> param(n), mean(n), square(n), bound(n);
      for (size_t i = 0; i < n; i++) param[i] = p[i];
      for (int step = 1; step <= 4; step++) {
        g.fill(random, step == 3 ? -0.01f : -1.0f, step == 3 ? 0.01f : 1.0f);
        k.adamStep((double)n, lr, beta1, beta2, eps, decay, decoupled, step, amsgrad, maximize, {g.data()},
                   {p.data()}, {m.data()}, {v.data()});
        for (size_t i = 0; i < n; i++) {
          if (decoupled) param[i] *= 1 - lr * decay;
          const double d = (maximize ? -g[i] : g[i]) + (decoupled ? 0 : decay * param[i]);
          mean[i] = beta1 * mean[i] + (1 - beta1) * d;
          square[i] = beta2 * square[i] + (1 - beta2) * d * d;
          bound[i] = fmax(bound[i], square[i]);
          const double root = sqrt(amsgrad ? bound[i] : square[i]) / sqrt(1 - pow(beta2, step));
          param[i] -= lr / (1 - pow(beta1, step)) * mean[i] / (root + eps);
          CHECK(fabs(p[i] - param[i]) <= 3e-6, "variant %d, %zu after step %d: %.9g, not %.9g", variant, i,
                step, p[i], param[i]);
          CHECK(close(m[i], mean[i]) && close(v[i], square[i]), "state %zu", i);
          if (amsgrad) CHECK(close(v[n + i], bound[i]), "bound %zu", i);
        }
      }
      CHECK(p.intact() && m.intact() && v.intact(), "wrote outside");
    }
}
