// vec.h in GCC's own vectors, as wide as GEMMULE_LANES says: a set's own cuts and tiles, tested on a
// processor that lacks its instructions (cmake -DGEMMULE_EMULATE=avx512). Nothing that is shipped includes
// it.
#pragma once
#include <math.h>
#include <string.h>

namespace gemmule {
namespace GEMMULE_ISA {

constexpr int W = GEMMULE_LANES;

typedef float Floats __attribute__((vector_size(4 * GEMMULE_LANES)));
typedef int32_t Ints __attribute__((vector_size(4 * GEMMULE_LANES)));
typedef uint32_t Words __attribute__((vector_size(4 * GEMMULE_LANES)));
struct VF {
  Floats v;
};
struct VI {
  Ints v;
};
struct VM {
  Ints v;  // 0 or -1
};

template <class R, class F>
GEMMULE_INLINE R perLane(F f) {
  R r;
  for (int i = 0; i < W; i++) r.v[i] = f(i);
  return r;
}
template <class To, class From>
GEMMULE_INLINE To bitsAs(From a) {
  static_assert(sizeof(To) == sizeof(From), "the same bits");
  To r;
  memcpy(&r, &a, sizeof r);
  return r;
}

GEMMULE_INLINE VF set1(float x) { return {x - Floats{}}; }
GEMMULE_INLINE VI set1I(int32_t x) { return {x - Ints{}}; }
GEMMULE_INLINE VF zero() { return {Floats{}}; }
GEMMULE_INLINE VI zeroI() { return {Ints{}}; }
GEMMULE_INLINE VI iota() {
  return perLane<VI>([](int i) { return i; });
}
GEMMULE_INLINE VM firstN(int n) { return {iota().v < n}; }
GEMMULE_INLINE VI asInt(VF a) { return bitsAs<VI>(a); }
GEMMULE_INLINE VF asFloat(VI a) { return bitsAs<VF>(a); }

GEMMULE_INLINE VF loadN(const float* p, int n) {
  return perLane<VF>([&](int i) { return i < n ? p[i] : 0.0f; });
}
GEMMULE_INLINE VI loadIN(const int32_t* p, int n) {
  return perLane<VI>([&](int i) { return i < n ? p[i] : 0; });
}
GEMMULE_INLINE VM loadMaskN(const uint8_t* p, int n) {
  return perLane<VM>([&](int i) { return i < n && p[i] ? -1 : 0; });
}
GEMMULE_INLINE void storeN(float* p, VF a, int n) { memcpy(p, &a, (size_t)n * 4); }
GEMMULE_INLINE void storeIN(int32_t* p, VI a, int n) { memcpy(p, &a, (size_t)n * 4); }
GEMMULE_INLINE void storeMaskN(uint8_t* p, VM m, int n) {
  for (int i = 0; i < n; i++) p[i] = (uint8_t)(m.v[i] & 1);
}
GEMMULE_INLINE VF load(const float* p) {
  VF r;
  memcpy(&r, p, sizeof r);
  return r;
}
GEMMULE_INLINE VI loadI(const int32_t* p) {
  VI r;
  memcpy(&r, p, sizeof r);
  return r;
}
GEMMULE_INLINE VM loadMask(const uint8_t* p) { return loadMaskN(p, W); }
GEMMULE_INLINE void store(float* p, VF a) { memcpy(p, &a, sizeof a); }
GEMMULE_INLINE void storeI(int32_t* p, VI a) { memcpy(p, &a, sizeof a); }
GEMMULE_INLINE void storeMask(uint8_t* p, VM m) { storeMaskN(p, m, W); }
GEMMULE_INLINE VF gather(const float* base, VI at) {
  return perLane<VF>([&](int i) { return base[at.v[i]]; });
}

#define GEMMULE_EACH(name, Result, Operand, expression) \
  GEMMULE_INLINE Result name(Operand x, Operand y) { return {expression}; }
GEMMULE_EACH(add, VF, VF, x.v + y.v)
GEMMULE_EACH(sub, VF, VF, x.v - y.v)
GEMMULE_EACH(mul, VF, VF, x.v* y.v)
GEMMULE_EACH(div, VF, VF, x.v / y.v)
GEMMULE_EACH(min, VF, VF, x.v < y.v ? x.v : y.v)
GEMMULE_EACH(max, VF, VF, x.v > y.v ? x.v : y.v)
GEMMULE_EACH(minNaN, VF, VF, (x.v != x.v) | (x.v < y.v) ? x.v : y.v)
GEMMULE_EACH(maxNaN, VF, VF, (x.v != x.v) | (x.v > y.v) ? x.v : y.v)
GEMMULE_EACH(lt, VM, VF, x.v < y.v)
GEMMULE_EACH(le, VM, VF, x.v <= y.v)
GEMMULE_EACH(gt, VM, VF, x.v > y.v)
GEMMULE_EACH(ge, VM, VF, x.v >= y.v)
GEMMULE_EACH(eq, VM, VF, x.v == y.v)
GEMMULE_EACH(ne, VM, VF, x.v != y.v)
GEMMULE_EACH(and_, VM, VM, x.v& y.v)
GEMMULE_EACH(or_, VM, VM, x.v | y.v)
GEMMULE_EACH(xor_, VM, VM, x.v ^ y.v)
GEMMULE_EACH(add, VI, VI, (Ints)((Words)x.v + (Words)y.v))
GEMMULE_EACH(sub, VI, VI, (Ints)((Words)x.v - (Words)y.v))
GEMMULE_EACH(mul, VI, VI, (Ints)((Words)x.v*(Words)y.v))
GEMMULE_EACH(min, VI, VI, x.v < y.v ? x.v : y.v)
GEMMULE_EACH(max, VI, VI, x.v > y.v ? x.v : y.v)
GEMMULE_EACH(and_, VI, VI, x.v& y.v)
GEMMULE_EACH(or_, VI, VI, x.v | y.v)
GEMMULE_EACH(xor_, VI, VI, x.v ^ y.v)
GEMMULE_EACH(andNot, VI, VI, ~x.v& y.v)
GEMMULE_EACH(eq, VM, VI, x.v == y.v)
GEMMULE_EACH(lt, VM, VI, x.v < y.v)
GEMMULE_EACH(gt, VM, VI, x.v > y.v)
#undef GEMMULE_EACH

GEMMULE_INLINE VF fma(VF a, VF b, VF c) {
  return perLane<VF>([&](int i) { return fmaf(a.v[i], b.v[i], c.v[i]); });
}
GEMMULE_INLINE VF fnma(VF a, VF b, VF c) { return fma({-a.v}, b, c); }
GEMMULE_INLINE VF copysign(VF a, VF s) {
  return perLane<VF>([&](int i) { return copysignf(a.v[i], s.v[i]); });
}
GEMMULE_INLINE VF sqrt(VF a) {
  return perLane<VF>([&](int i) { return sqrtf(a.v[i]); });
}
GEMMULE_INLINE VF neg(VF a) { return {-a.v}; }
GEMMULE_INLINE VF abs(VF a) {
  return perLane<VF>([&](int i) { return fabsf(a.v[i]); });
}
GEMMULE_INLINE VF floor(VF a) {
  return perLane<VF>([&](int i) { return floorf(a.v[i]); });
}
GEMMULE_INLINE VF ceil(VF a) {
  return perLane<VF>([&](int i) { return ceilf(a.v[i]); });
}
GEMMULE_INLINE VF trunc(VF a) {
  return perLane<VF>([&](int i) { return truncf(a.v[i]); });
}
GEMMULE_INLINE VF roundEven(VF a) {
  return perLane<VF>([&](int i) { return nearbyintf(a.v[i]); });
}

GEMMULE_INLINE VF toFloat(VI a) { return {__builtin_convertvector(a.v, Floats)}; }
GEMMULE_INLINE VI truncInt(VF a) {
  return perLane<VI>([&](int i) { return fabsf(a.v[i]) < 2147483648.0f ? (int32_t)a.v[i] : INT32_MIN; });
}
GEMMULE_INLINE VI toInt(VF a) { return truncInt(roundEven(a)); }

GEMMULE_INLINE VM isNaN(VF a) { return ne(a, a); }
GEMMULE_INLINE VM not_(VM a) { return {~a.v}; }
GEMMULE_INLINE VF select(VM m, VF a, VF b) { return {m.v ? a.v : b.v}; }
GEMMULE_INLINE VI select(VM m, VI a, VI b) { return {m.v ? a.v : b.v}; }
GEMMULE_INLINE uint32_t bits(VM m) {
  uint32_t r = 0;
  for (int i = 0; i < W; i++) r |= (m.v[i] & 1u) << i;
  return r;
}
template <int k>
GEMMULE_INLINE VI shl(VI a) {
  return {(Ints)((Words)a.v << k)};
}
template <int k>
GEMMULE_INLINE VI shr(VI a) {
  return {(Ints)((Words)a.v >> k)};
}
template <int k>
GEMMULE_INLINE VI sar(VI a) {
  return {a.v >> k};
}

GEMMULE_INLINE void deinterleave(VF a, VF b, VF& even, VF& odd) {
  const Ints at = iota().v * 2;
  even = {__builtin_shuffle(a.v, b.v, at)};
  odd = {__builtin_shuffle(a.v, b.v, at + 1)};
}
GEMMULE_INLINE void interleave(VF even, VF odd, VF& lo, VF& hi) {
  const Ints at = (iota().v >> 1) + (iota().v & 1) * W;
  lo = {__builtin_shuffle(even.v, odd.v, at)};
  hi = {__builtin_shuffle(even.v, odd.v, at + W / 2)};
}

template <class F>
GEMMULE_INLINE float reduceTree(VF a, F f) {
  for (int half = W / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) a.v[i] = f(a.v[i], a.v[i + half]);
  return a.v[0];
}
GEMMULE_INLINE float reduceAdd(VF a) {
  return reduceTree(a, [](float x, float y) { return x + y; });
}
GEMMULE_INLINE float reduceMax(VF a) {
  return reduceTree(a, [](float x, float y) { return x > y ? x : y; });
}
GEMMULE_INLINE float reduceMin(VF a) {
  return reduceTree(a, [](float x, float y) { return x < y ? x : y; });
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
