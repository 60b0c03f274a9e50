// Elementwise kernels against plain loops: exact, on guarded arrays, for every layout.
#include <math.h>

#include "strided.h"

using gemmule::StridedDesc;
using test::Guarded;

namespace {

float plainSign(float x) { return x > 0 ? 1.0f : x < 0 ? -1.0f : 0.0f; }
float plainRound(float x) { return nearbyintf(x); }
float plainRelu(float x) { return x < 0 ? 0.0f : x; }

struct Plain {
  const char* name;
  void (*gemmule::KernelTable::*kernel)(double, gemmule::In<float>, gemmule::Out<float>);
  float (*want)(float);
};
const Plain plainUnary[] = {
    {"neg", &gemmule::KernelTable::neg, [](float x) { return -x; }},
    {"abs", &gemmule::KernelTable::abs, fabsf},
    {"sign", &gemmule::KernelTable::sign, plainSign},
    {"square", &gemmule::KernelTable::square, [](float x) { return x * x; }},
    {"reciprocal", &gemmule::KernelTable::reciprocal, [](float x) { return 1 / x; }},
    {"floor", &gemmule::KernelTable::floor, floorf},
    {"ceil", &gemmule::KernelTable::ceil, ceilf},
    {"round", &gemmule::KernelTable::round, plainRound},
    {"trunc", &gemmule::KernelTable::trunc, truncf},
    {"relu", &gemmule::KernelTable::relu, plainRelu},
};

float plainRemainder(float a, float b) {
  const float r = fmodf(a, b);
  return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}
float plainFloorDivide(float a, float b) {
  if (b == 0) return a / b;
  const float rest = fmodf(a, b);
  float whole = (a - rest) / b;
  if (rest != 0 && (b < 0) != (rest < 0)) whole -= 1;
  if (whole == 0) return copysignf(0, a / b);
  const float down = floorf(whole);
  return whole - down > 0.5f ? down + 1 : down;
}
float plainPow(float a, float b) { return powf(a, b); }

struct Pair {
  const char* name;
  void (*gemmule::KernelTable::*kernel)(const StridedDesc&, gemmule::In<float>, gemmule::In<float>,
                                        gemmule::Out<float>);
  float (*want)(float, float);
  int64_t limit;
};
const Pair pairs[] = {
    {"add", &gemmule::KernelTable::add, [](float a, float b) { return a + b; }, 0},
    {"sub", &gemmule::KernelTable::sub, [](float a, float b) { return a - b; }, 0},
    {"mul", &gemmule::KernelTable::mul, [](float a, float b) { return a * b; }, 0},
    {"div", &gemmule::KernelTable::div, [](float a, float b) { return a / b; }, 0},
    {"maximum", &gemmule::KernelTable::maximum,
     [](float a, float b) { return isnan(a) || isnan(b) ? NAN
                                   : a > b              ? a
                                                        : b; }, 0},
    {"minimum", &gemmule::KernelTable::minimum,
     [](float a, float b) { return isnan(a) || isnan(b) ? NAN
                                   : a < b              ? a
                                                        : b; }, 0},
    {"truncDivide", &gemmule::KernelTable::truncDivide, [](float a, float b) { return truncf(a / b); }, 0},
    {"floorDivide", &gemmule::KernelTable::floorDivide, plainFloorDivide, 0},
    {"remainder", &gemmule::KernelTable::remainder, plainRemainder, 0},
    {"fmod", &gemmule::KernelTable::fmod, fmodf, 0},
    {"atan2", &gemmule::KernelTable::atan2, atan2f, 1},
    {"pow", &gemmule::KernelTable::pow, plainPow, 2},
};

struct Test {
  const char* name;
  void (*gemmule::KernelTable::*kernel)(const StridedDesc&, gemmule::In<float>, gemmule::In<float>,
                                        gemmule::Out<uint8_t>);
  bool (*want)(float, float);
};
const Test comparisons[] = {
    {"eq", &gemmule::KernelTable::eq, [](float a, float b) { return a == b; }},
    {"ne", &gemmule::KernelTable::ne, [](float a, float b) { return a != b; }},
    {"lt", &gemmule::KernelTable::lt, [](float a, float b) { return a < b; }},
    {"le", &gemmule::KernelTable::le, [](float a, float b) { return a <= b; }},
    {"gt", &gemmule::KernelTable::gt, [](float a, float b) { return a > b; }},
    {"ge", &gemmule::KernelTable::ge, [](float a, float b) { return a >= b; }},
};

/// Numbers of which some are special, whole or halves.
void fillMixed(const Guarded<float>& x, test::Random& random) {
  const float special[] = {0.0f,      -0.0f, 1.0f,   -1.0f, 2.5f,       -0.5f, 3.5f, INFINITY,
                           -INFINITY, NAN,   1e-40f, 3e38f, 8388609.0f, -2.0f, 0.1f, 1e10f};
  for (size_t i = 0; i < x.size(); i++)
    x[i] = random.integer(0, 2) == 0 ? special[random.integer(0, 15)] : random.uniform(-9, 9);
}

/// The same value, any NaN for NaN; zeros of either sign are one.
bool same(float a, float b, int64_t limit) { return a == b || test::ulps(a, b) <= limit; }

}  // namespace

TEST_KERNELS(unaryOfEveryLength) {
  test::Random random;
  for (const Plain& f : plainUnary)
    for (size_t n = 0; n < 300; n = n < 70 ? n + 1 : n + 37)
      for (test::At at : {test::At::kEnd, test::At::kBegin}) {
        Guarded<float> x(n, at), y(n, at);
        fillMixed(x, random);
        (k.*f.kernel)((double)n, {x.data()}, {y.data()});
        for (size_t i = 0; i < n; i++)
          CHECK(same(y[i], f.want(x[i]), 0), "%s(%.9g) is %.9g", f.name, x[i], y[i]);
        CHECK(y.intact(), "%s wrote outside of %zu elements", f.name, n);
      }
}

TEST_KERNELS(unaryInPlaceAndLarge) {
  test::Random random;
  const size_t n = 300001;
  Guarded<float> x(n), y(n), z(n);
  x.fill(random, -3, 3);
  k.sigmoid((double)n, {x.data()}, {y.data()});
  memcpy(z.data(), x.data(), n * sizeof(float));
  k.sigmoid((double)n, {z.data()}, {z.data()});
  CHECK(memcmp(y.data(), z.data(), n * sizeof(float)) == 0, "in place differs");
  for (size_t i = 0; i < n; i += 501) {
    float one;
    k.sigmoid(1, {x.data() + i}, {&one});
    CHECK(test::bitsOf(one) == test::bitsOf(y[i]), "element %zu alone differs", i);
  }
}

// Results larger than the caches are stored in another way.
TEST_KERNELS(largeResultsAreThoseOfTheirParts) {
  test::Random random;
  const size_t part = 1 << 16, parts = 130, n = part * parts - 3;
  Guarded<float> x(part * parts, test::At::kBegin), some(part);
  x.fill(random);
  for (size_t shift : {0, 1}) {
    const size_t most = n - shift;
    Guarded<float> y(n, test::At::kBegin), z(n, test::At::kBegin);
    k.relu((double)most, {x.data()}, {y.data() + shift});
    const StridedDesc all = test::strided({(int)most}, {1}, {1});
    k.add(all, {x.data()}, {y.data()}, {z.data() + shift});
    for (size_t i = 0; i < most; i += part) {
      const size_t here = most - i < part ? most - i : part;
      k.relu((double)here, {x.data() + i}, {some.data()});
      CHECK(memcmp(some.data(), y.data() + shift + i, here * sizeof(float)) == 0, "relu, shifted by %zu",
            shift);
      k.add(test::strided({(int)here}, {1}, {1}), {x.data() + i}, {y.data() + i}, {some.data()});
      CHECK(memcmp(some.data(), z.data() + shift + i, here * sizeof(float)) == 0, "add, shifted by %zu",
            shift);
    }
    CHECK(y.intact() && z.intact());
  }
}

TEST_KERNELS(binaryLayouts) {
  test::Random random;
  for (const StridedDesc& d : test::layouts()) {
    Guarded<float> a(test::extent(d, d.offsetA, d.a)), b(test::extent(d, d.offsetB, d.b)), y((size_t)d.n);
    Guarded<uint8_t> c((size_t)d.n);
    fillMixed(a, random);
    fillMixed(b, random);
    for (const Pair& f : pairs) {
      if (d.n > 10000 && f.limit > 0) continue;
      (k.*f.kernel)(d, {a.data()}, {b.data()}, {y.data()});
      for (int i = 0; i < d.n; i++) {
        const float u = a[test::position(d, d.offsetA, d.a, i)], v = b[test::position(d, d.offsetB, d.b, i)];
        if (f.kernel == &gemmule::KernelTable::pow && d.ndim == 1 && d.b[0] == 0)
          continue;  // powersOfOneNumber
        CHECK(same(y[(size_t)i], f.want(u, v), f.limit), "%s(%.9g, %.9g) is %.9g at %d of %d", f.name, u, v,
              y[(size_t)i], i, d.n);
      }
      CHECK(y.intact(), "%s wrote outside", f.name);
    }
    for (const Test& f : comparisons) {
      (k.*f.kernel)(d, {a.data()}, {b.data()}, {c.data()});
      for (int i = 0; i < d.n; i++) {
        const float u = a[test::position(d, d.offsetA, d.a, i)], v = b[test::position(d, d.offsetB, d.b, i)];
        CHECK(c[(size_t)i] == (f.want(u, v) ? 1 : 0), "%s(%.9g, %.9g) is %d", f.name, u, v, c[(size_t)i]);
      }
      CHECK(c.intact(), "%s wrote outside", f.name);
    }
  }
}

TEST_KERNELS(binaryInPlace) {
  test::Random random;
  Guarded<float> a(1000), b(1000), y(1000);
  a.fill(random);
  b.fill(random);
  const StridedDesc d = test::strided({1000}, {1}, {1});
  k.mul(d, {a.data()}, {b.data()}, {y.data()});
  k.mul(d, {a.data()}, {b.data()}, {a.data()});
  CHECK(memcmp(a.data(), y.data(), 4000) == 0, "in place differs");
}

TEST_KERNELS(powersOfOneNumber) {
  test::Random random;
  const int n = 77;
  Guarded<float> a(n), y(n);
  a.fill(random, 0, 4);
  for (float exponent : {0.0f, 0.5f, -0.5f, 1.0f, -1.0f, 2.0f, -2.0f, 3.0f, 4.0f, 1.7f}) {
    k.pow(test::strided({n}, {1}, {0}), {a.data()}, {&exponent}, {y.data()});
    for (size_t i = 0; i < n; i++)
      CHECK(test::ulps(y[i], (float)pow((double)a[i], exponent)) <= 2, "%.9g ^ %g is %.9g", a[i], exponent,
            y[i]);
  }
}

TEST_KERNELS(whereLayouts) {
  test::Random random;
  for (const StridedDesc& base : test::layouts())
    for (int turn = 0; turn < 3; turn++) {
      StridedDesc d = base;  // operands in another order, so that each is the condition once
      for (int i = 0; i < d.ndim; i++) {
        const int last = i == d.ndim - 1 ? 1 : 0;
        d.a[i] = turn == 0 ? base.a[i] : turn == 1 ? base.b[i] : last;
        d.b[i] = turn == 0 ? base.b[i] : turn == 1 ? base.a[i] : base.b[i];
        d.c[i] = turn == 1 ? last : base.a[i];
      }
      d.offsetC = 2;
      Guarded<uint8_t> m(test::extent(d, d.offsetA, d.a));
      Guarded<float> a(test::extent(d, d.offsetB, d.b)), b(test::extent(d, d.offsetC, d.c)), y((size_t)d.n);
      for (size_t i = 0; i < m.size(); i++) m[i] = (uint8_t)random.integer(0, 1);
      fillMixed(a, random);
      fillMixed(b, random);
      k.where(d, {m.data()}, {a.data()}, {b.data()}, {y.data()});
      for (int i = 0; i < d.n; i++) {
        const float want = m[test::position(d, d.offsetA, d.a, i)] ? a[test::position(d, d.offsetB, d.b, i)]
                                                                   : b[test::position(d, d.offsetC, d.c, i)];
        CHECK(same(y[(size_t)i], want, 0), "element %d of %d", i, d.n);
      }
      CHECK(y.intact(), "where wrote outside");
    }
}

TEST_KERNELS(activationGradients) {
  test::Random random;
  for (size_t n : {0, 1, 15, 16, 17, 100, 140000}) {
    Guarded<float> g(n), s(n), y(n);
    g.fill(random);
    s.fill(random);
    k.sigmoidBackward((double)n, {g.data()}, {s.data()}, {y.data()});
    for (size_t i = 0; i < n; i++) CHECK(fabsf(y[i] - g[i] * s[i] * (1 - s[i])) <= 4e-7f, "sigmoid %zu", i);
    k.tanhBackward((double)n, {g.data()}, {s.data()}, {y.data()});
    for (size_t i = 0; i < n; i++) CHECK(fabsf(y[i] - g[i] * (1 - s[i] * s[i])) <= 2e-7f, "tanh %zu", i);
    k.reluBackward((double)n, {g.data()}, {s.data()}, {g.data()});
    CHECK(y.intact() && g.intact(), "wrote outside");
  }
  const float g[3] = {5, 6, 7}, r[3] = {0, 1, NAN};
  float y[3];
  k.reluBackward(3, {g}, {r}, {y});
  CHECK(y[0] == 0 && y[1] == 6 && y[2] == 0, "%g %g %g", y[0], y[1], y[2]);
}
