// Every function of simd/vec.h against plain C++, lane by lane, special values included.
#include <float.h>

#include "harness/kernels.h"
#include "simd/vec.h"

#define STRING2(x) #x
#define STRING(x) STRING2(x)
#define TEST_SET(name)                                                        \
  static void name();                                                         \
  static ::test::Register register_##name(STRING(GEMMULE_ISA) " " #name, [] { \
    if (runsHere()) name();                                                   \
  });                                                                         \
  static void name()

namespace gemmule {
namespace GEMMULE_ISA {
namespace {

using test::At;
using test::Guarded;
using test::Random;

const float kSpecial[] = {0.0f,        -0.0f,    1.0f,        -1.0f,       0.5f,        -0.5f,
                          1.5f,        2.5f,     -2.5f,       1e-40f,      -1e-40f,     FLT_MAX,
                          -FLT_MAX,    INFINITY, -INFINITY,   NAN,         8388607.5f,  8388609.0f,
                          -4194304.5f, 3e9f,     0.49999997f, 16777216.0f, -8388608.0f, -0.49999997f};
constexpr int kSpecials = sizeof kSpecial / sizeof *kSpecial;

bool runsHere() { return findTable(STRING(GEMMULE_ISA)) != nullptr; }

bool same(float a, float b) { return test::bitsOf(a) == test::bitsOf(b) || (isnan(a) && isnan(b)); }

/// Compares a vector function with a scalar one on every pair of special values, random ones among them.
template <class Vector, class Scalar>
void compare(const char* name, Vector vector, Scalar scalar) {
  Random random;
  for (int i = 0; i < kSpecials; i++)
    for (int j = 0; j < kSpecials; j++) {
      float a[W], b[W], r[W];
      for (int l = 0; l < W; l++) {
        a[l] = l % 3 == 2 ? random.uniform(-9, 9) : kSpecial[i];
        b[l] = kSpecial[(j + l) % kSpecials];
      }
      store(r, vector(load(a), load(b)));
      for (int l = 0; l < W; l++) {
        const float expected = scalar(a[l], b[l]);
        CHECK(same(r[l], expected), "%s(%g, %g) = %g, expected %g", name, a[l], b[l], r[l], expected);
      }
    }
}

#define BINARY(name, expected) \
  compare(                     \
      #name, [](VF a, VF b) { return name(a, b); }, [](float a, float b) -> float { return expected; })
#define UNARY(name, expected) \
  compare(                    \
      #name, [](VF, VF b) { return name(b); }, [](float, float a) -> float { return expected; })
#define COMPARISON(name, expected)                                           \
  compare(                                                                   \
      #name, [](VF a, VF b) { return select(name(a, b), set1(1), zero()); }, \
      [](float a, float b) -> float { return (expected) ? 1.0f : 0.0f; })

TEST_SET(arithmetic) {
  BINARY(add, a + b);
  BINARY(sub, a - b);
  BINARY(mul, a * b);
  BINARY(div, a / b);
  BINARY(min, a < b ? a : b);
  BINARY(max, a > b ? a : b);
  BINARY(copysign, copysignf(a, b));
  UNARY(sqrt, sqrtf(a));
  UNARY(neg, -a);
  UNARY(abs, fabsf(a));
  UNARY(floor, floorf(a));
  UNARY(ceil, ceilf(a));
  UNARY(trunc, truncf(a));
  UNARY(roundEven, nearbyintf(a));
  const auto plusZero = [](VF a) { return add(a, zero()); };  // which zero min and max give is not defined
  compare(
      "minNaN", [&](VF a, VF b) { return plusZero(minNaN(a, b)); },
      [](float a, float b) { return isnan(a) || isnan(b) ? NAN : (a < b ? a : b) + 0.0f; });
  compare(
      "maxNaN", [&](VF a, VF b) { return plusZero(maxNaN(a, b)); },
      [](float a, float b) { return isnan(a) || isnan(b) ? NAN : (a > b ? a : b) + 0.0f; });
}

TEST_SET(comparisons) {
  COMPARISON(lt, a < b);
  COMPARISON(le, a <= b);
  COMPARISON(gt, a > b);
  COMPARISON(ge, a >= b);
  COMPARISON(eq, a == b);
  COMPARISON(ne, a != b);
  COMPARISON(unordered, isnan(a) || isnan(b));
  compare(
      "isNaN", [](VF, VF b) { return select(isNaN(b), set1(1), zero()); },
      [](float, float b) { return isnan(b) ? 1.0f : 0.0f; });
  for (int n = 0; n <= W; n++) {
    const VM m = firstN(n);
    CHECK(bits(m) == (uint32_t)((1ull << n) - 1), "firstN(%d) is %x", n, bits(m));
    CHECK(any(m) == (n > 0) && all(m) == (n == W));
    CHECK(bits(not_(m)) == (bits(m) ^ (uint32_t)((1ull << W) - 1)));
    const VM even = eq(and_(iota(), set1I(1)), zeroI());
    CHECK(bits(and_(m, even)) == (bits(m) & bits(even)) && bits(or_(m, even)) == (bits(m) | bits(even)));
    CHECK(bits(xor_(m, even)) == (bits(m) ^ bits(even)));
  }
}

TEST_SET(fusedMultiplyAdd) {
  Random random;
  for (int round = 0; round < 1000; round++) {
    float a[W], b[W], c[W], plus[W], minus[W];
    for (int l = 0; l < W; l++) a[l] = random.uniform(), b[l] = random.uniform(), c[l] = random.uniform();
    store(plus, fma(load(a), load(b), load(c)));
    store(minus, fnma(load(a), load(b), load(c)));
    for (int l = 0; l < W; l++) {
      const bool fused = strcmp(STRING(GEMMULE_ISA), "portable") != 0;
      const float expected = fused ? fmaf(a[l], b[l], c[l]) : a[l] * b[l] + c[l];
      const float taken = fused ? fmaf(-a[l], b[l], c[l]) : c[l] - a[l] * b[l];
      CHECK(plus[l] == expected && minus[l] == taken, "fma(%g, %g, %g)", a[l], b[l], c[l]);
    }
  }
}

TEST_SET(integers) {
  Random random;
  for (int round = 0; round < 1000; round++) {
    int32_t a[W], b[W], r[W];
    for (int l = 0; l < W; l++) a[l] = (int32_t)random.next(), b[l] = l == 0 ? a[l] : (int32_t)random.next();
    const VI x = loadI(a), y = loadI(b);
#define LANES(name, expression, expected) \
  storeI(r, expression);                  \
  for (int l = 0; l < W; l++) CHECK(r[l] == (int32_t)(expected), "%s lane %d", name, l)
    LANES("add", add(x, y), (uint32_t)a[l] + (uint32_t)b[l]);
    LANES("sub", sub(x, y), (uint32_t)a[l] - (uint32_t)b[l]);
    LANES("mul", mul(x, y), (uint32_t)a[l] * (uint32_t)b[l]);
    LANES("min", min(x, y), a[l] < b[l] ? a[l] : b[l]);
    LANES("max", max(x, y), a[l] > b[l] ? a[l] : b[l]);
    LANES("and", and_(x, y), a[l] & b[l]);
    LANES("or", or_(x, y), a[l] | b[l]);
    LANES("xor", xor_(x, y), a[l] ^ b[l]);
    LANES("andNot", andNot(x, y), ~a[l] & b[l]);
    LANES("shl", shl<7>(x), (uint32_t)a[l] << 7);
    LANES("shr", shr<9>(x), (uint32_t)a[l] >> 9);
    LANES("sar", sar<9>(x), a[l] >> 9);
    LANES("select", select(gt(x, y), x, y), a[l] > b[l] ? a[l] : b[l]);
    LANES("eq", select(eq(x, y), set1I(1), zeroI()), a[l] == b[l]);
    LANES("lt", select(lt(x, y), set1I(1), zeroI()), a[l] < b[l]);
    LANES("iota", iota(), l);
#undef LANES
  }
}

TEST_SET(conversions) {
  const float values[] = {0.0f,       -0.0f, 0.5f,        1.5f,        -2.5f,
                          2.4999998f, 1e6f,  -8388607.5f, 16777216.0f, -2147483648.0f};
  for (float value : values) {
    int32_t nearest[W], toZero[W];
    float back[W], bits[W];
    storeI(nearest, toInt(set1(value)));
    storeI(toZero, truncInt(set1(value)));
    store(back, toFloat(loadI(toZero)));
    store(bits, asFloat(asInt(set1(value))));
    CHECK(nearest[W - 1] == (int32_t)nearbyintf(value), "toInt(%g) = %d", value, nearest[W - 1]);
    CHECK(toZero[0] == (int32_t)value && back[0] == (float)(int32_t)value, "truncInt(%g) = %d", value,
          toZero[0]);
    CHECK(same(bits[0], value));
  }
}

TEST_SET(reductions) {
  float a[W];
  for (int l = 0; l < W; l++) a[l] = (float)(1 << l);
  CHECK(reduceAdd(load(a)) == (float)((1 << W) - 1));
  for (int at = 0; at < W; at++) {
    for (int l = 0; l < W; l++) a[l] = l == at ? 5.0f : -3.0f;
    CHECK(reduceMax(load(a)) == 5.0f && reduceMin(load(a)) == (W > 1 ? -3.0f : 5.0f), "lane %d", at);
    CHECK(reduceMin(neg(load(a))) == -5.0f, "lane %d", at);
  }
}

TEST_SET(tails) {
  for (At at : {At::kEnd, At::kBegin})
    for (int n = 0; n <= W; n++) {
      Guarded<float> from(n, at), to(n, at);
      Guarded<int32_t> ints(n, at), intsTo(n, at);
      Guarded<uint8_t> bytes(n, at), bytesTo(n, at);
      for (int i = 0; i < n; i++) from[i] = (float)i + 1, ints[i] = -i - 1, bytes[i] = (uint8_t)(i % 3);
      float whole[W];
      int32_t wholeInts[W];
      store(whole, loadN(from.data(), n));
      storeI(wholeInts, loadIN(ints.data(), n));
      for (int i = 0; i < W; i++) {
        CHECK(whole[i] == (i < n ? (float)i + 1 : 0.0f), "loadN lane %d of %d", i, n);
        CHECK(wholeInts[i] == (i < n ? -i - 1 : 0), "loadIN lane %d of %d", i, n);
      }
      const VM m = loadMaskN(bytes.data(), n);
      for (int i = 0; i < W; i++)
        CHECK((bits(m) >> i & 1) == (uint32_t)(i < n && i % 3 != 0), "loadMaskN lane %d", i);
      storeN(to.data(), load(whole), n);
      storeIN(intsTo.data(), loadI(wholeInts), n);
      storeMaskN(bytesTo.data(), m, n);
      CHECK(to.intact() && intsTo.intact() && bytesTo.intact(), "a tail store of %d wrote beyond its end", n);
      for (int i = 0; i < n; i++)
        CHECK(to[i] == from[i] && intsTo[i] == ints[i] && bytesTo[i] == (bytes[i] != 0));
    }
  Guarded<uint8_t> bytes(W), bytesTo(W);
  for (int i = 0; i < W; i++) bytes[i] = i % 2 ? 255 : 0;
  storeMask(bytesTo.data(), loadMask(bytes.data()));
  for (int i = 0; i < W; i++) CHECK(bytesTo[i] == i % 2);
}

TEST_SET(streams) {
  alignas(64) float lines[4 * W] = {};
  for (int i = 1; i < 3; i++) stream(lines + i * W, set1((float)i));
  endStream();
  for (int i = 0; i < 4 * W; i++) CHECK(lines[i] == (i / W == 3 ? 0 : i / W), "stream, value %d", i);
}

TEST_SET(permutations) {
  Guarded<float> from(2 * W), to(2 * W);
  for (int i = 0; i < 2 * W; i++) from[i] = (float)i;
  VF even, odd;
  load2(from.data(), even, odd);
  float e[W], o[W], g[W];
  store(e, even);
  store(o, odd);
  for (int i = 0; i < W; i++) CHECK(e[i] == (float)(2 * i) && o[i] == (float)(2 * i + 1), "load2 lane %d", i);
  store2(to.data(), even, odd);
  for (int i = 0; i < 2 * W; i++) CHECK(to[i] == from[i], "store2 element %d", i);
  store(g, gather(from.data(), sub(set1I(2 * W - 1), iota())));
  for (int i = 0; i < W; i++) CHECK(g[i] == (float)(2 * W - 1 - i), "gather lane %d", i);
}

}  // namespace
}  // namespace GEMMULE_ISA
}  // namespace gemmule
