// Elementary functions against double libm, over every 997th float there is.
#include <math.h>

#include "harness/kernels.h"

namespace {

using Unary = void (*gemmule::KernelTable::*)(double, gemmule::In<float>, gemmule::Out<float>);

struct Function {
  const char* name;
  Unary kernel;
  double (*exact)(double);
  int64_t limit;  // ulp from the correctly rounded value
};

double exactSigmoid(double x) { return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x)); }
double exactRsqrt(double x) { return 1 / sqrt(x); }

const Function functions[] = {
    {"exp", &gemmule::KernelTable::exp, exp, 1},
    {"expm1", &gemmule::KernelTable::expm1, expm1, 2},
    {"log", &gemmule::KernelTable::log, log, 1},
    {"log1p", &gemmule::KernelTable::log1p, log1p, 2},
    {"log2", &gemmule::KernelTable::log2, log2, 2},
    {"log10", &gemmule::KernelTable::log10, log10, 2},
    {"sin", &gemmule::KernelTable::sin, sin, 1},
    {"cos", &gemmule::KernelTable::cos, cos, 1},
    {"tan", &gemmule::KernelTable::tan, tan, 2},
    {"asin", &gemmule::KernelTable::asin, asin, 2},
    {"acos", &gemmule::KernelTable::acos, acos, 2},
    {"atan", &gemmule::KernelTable::atan, atan, 2},
    {"sinh", &gemmule::KernelTable::sinh, sinh, 2},
    {"cosh", &gemmule::KernelTable::cosh, cosh, 2},
    {"tanh", &gemmule::KernelTable::tanh, tanh, 2},
    {"erf", &gemmule::KernelTable::erf, erf, 2},
    {"sigmoid", &gemmule::KernelTable::sigmoid, exactSigmoid, 2},
    {"sqrt", &gemmule::KernelTable::sqrt, sqrt, 0},
    {"rsqrt", &gemmule::KernelTable::rsqrt, exactRsqrt, 1},
};

float floatOf(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/// Checks f on x for every set; the worst error is in the failure's text.
void compare(const Function& f, const std::vector<float>& x) {
  std::vector<float> want(x.size()), got(x.size());
  for (size_t i = 0; i < x.size(); i++) want[i] = (float)f.exact(x[i]);
  for (const gemmule::KernelTable* k : test::tables()) {
    (k->*f.kernel)((double)x.size(), {x.data()}, {got.data()});
    for (size_t i = 0; i < x.size(); i++) {
      const int64_t off = test::ulps(got[i], want[i]);
      CHECK(off <= f.limit, "%s %s(%.9g) is %.9g, not %.9g", k->isa, f.name, x[i], got[i], want[i]);
      if (want[i] == 0 && got[i] == 0)
        CHECK(signbit(got[i]) == signbit(want[i]), "%s %s(%.9g): sign of zero", k->isa, f.name, x[i]);
    }
  }
}

}  // namespace

TEST(every997thFloat) {
  std::vector<float> x;
  for (uint64_t bits = 0; bits < (1ull << 32);) {
    x.clear();
    for (; x.size() < 65536 && bits < (1ull << 32); bits += 997) x.push_back(floatOf((uint32_t)bits));
    for (const Function& f : functions) compare(f, x);
  }
}

TEST(specialFloats) {
  std::vector<float> x;
  const float marks[] = {0,           1e-45f,         1.17549435e-38f,
                         1e-8f,       0.5f,           0.625f,
                         0.9375f,     1.0f,           1.5f,
                         2.0f,        3.95f,          8.0f,
                         9.01f,       16.64f,         20.0f,
                         87.33655f,   88.722839f,     88.7228394f,
                         89.0f,       89.41598f,      92.0f,
                         100.0f,      103.97208f,     104.0f,
                         12000.0f,    1e10f,          4.14861727f,
                         1.94895804f, 3.40282347e38f, INFINITY,
                         NAN,         1.57079633f,    3.14159274f,
                         0.693147182f};
  for (float mark : marks)
    for (int step = -40; step <= 40; step++) {
      const float near = floatOf(test::bitsOf(mark) + (uint32_t)step);
      x.push_back(near);
      x.push_back(-near);
    }
  for (const Function& f : functions) compare(f, x);
}

/// What one value gives does not depend on those that share its vector.
TEST(neighboursDoNotMatter) {
  std::vector<float> x;
  for (int i = -1000; i <= 1000; i++) x.push_back((float)i * 0.1f);
  const size_t n = x.size();
  std::vector<float> mixed(2 * n), alone(n), got(2 * n);
  for (const Function& f : functions)
    for (float far : {-1000.0f, -100.0f, 88.0f, 1000.0f, NAN})
      for (const gemmule::KernelTable* k : test::tables()) {
        for (size_t i = 0; i < n; i++) {
          mixed[2 * i] = x[i];
          mixed[2 * i + 1] = far;
        }
        (k->*f.kernel)((double)n, {x.data()}, {alone.data()});
        (k->*f.kernel)((double)(2 * n), {mixed.data()}, {got.data()});
        for (size_t i = 0; i < n; i++)
          CHECK(test::ulps(got[2 * i], alone[i]) == 0, "%s %s(%.9g) beside %g is %.9g, not %.9g", k->isa,
                f.name, x[i], far, got[2 * i], alone[i]);
      }
}
