// vec.h in plain C++: four lanes, which compilers turn into whatever the baseline has.
#pragma once
#include <math.h>
#include <string.h>

namespace gemmule {
namespace GEMMULE_ISA {

constexpr int W = 4;

// GCC and Clang keep their own vector type in registers; they do not do so with a struct of an array.
#ifdef __GNUC__
typedef float Floats __attribute__((vector_size(16)));
typedef int32_t Ints __attribute__((vector_size(16)));
typedef uint32_t Words __attribute__((vector_size(16)));
#else
template <class T>
struct Lanes {
  T lane[W];
  T& operator[](int i) { return lane[i]; }
  const T& operator[](int i) const { return lane[i]; }
};
typedef Lanes<float> Floats;
typedef Lanes<int32_t> Ints;
typedef Lanes<uint32_t> Words;

#define GEMMULE_OPERATOR(op)                                                  \
  template <class T>                                                          \
  GEMMULE_INLINE Lanes<T> operator op(const Lanes<T>& a, const Lanes<T>& b) { \
    Lanes<T> r;                                                               \
    for (int i = 0; i < W; i++) r[i] = (T)(a[i] op b[i]);                     \
    return r;                                                                 \
  }
GEMMULE_OPERATOR(+)
GEMMULE_OPERATOR(-)
GEMMULE_OPERATOR(*)
GEMMULE_OPERATOR(/)
GEMMULE_OPERATOR(&)
GEMMULE_OPERATOR(|)
GEMMULE_OPERATOR(^)
#undef GEMMULE_OPERATOR
#define GEMMULE_OPERATOR(op)                                              \
  template <class T>                                                      \
  GEMMULE_INLINE Ints operator op(const Lanes<T>& a, const Lanes<T>& b) { \
    Ints r;                                                               \
    for (int i = 0; i < W; i++) r[i] = -(int32_t)(a[i] op b[i]);          \
    return r;                                                             \
  }
GEMMULE_OPERATOR(<)
GEMMULE_OPERATOR(<=)
GEMMULE_OPERATOR(>)
GEMMULE_OPERATOR(>=)
GEMMULE_OPERATOR(==)
GEMMULE_OPERATOR(!=)
#undef GEMMULE_OPERATOR
GEMMULE_INLINE Ints operator~(const Ints& a) { return {{~a[0], ~a[1], ~a[2], ~a[3]}}; }
template <class T>
GEMMULE_INLINE Lanes<T> operator<<(const Lanes<T>& a, int k) {
  return {{(T)(a[0] << k), (T)(a[1] << k), (T)(a[2] << k), (T)(a[3] << k)}};
}
template <class T>
GEMMULE_INLINE Lanes<T> operator>>(const Lanes<T>& a, int k) {
  return {{(T)(a[0] >> k), (T)(a[1] >> k), (T)(a[2] >> k), (T)(a[3] >> k)}};
}
#endif

struct VF {
  Floats v;
};
struct VI {
  Ints v;
};
struct VM {
  Ints v;  // 0 or -1
};

template <class To, class From>
GEMMULE_INLINE To bitsAs(From a) {
  static_assert(sizeof(To) == sizeof(From), "the same bits");
  To r;
  memcpy(&r, &a, sizeof r);
  return r;
}
GEMMULE_INLINE VI asInt(VF a) { return {bitsAs<Ints>(a.v)}; }
GEMMULE_INLINE VF asFloat(VI a) { return {bitsAs<Floats>(a.v)}; }
GEMMULE_INLINE Words wordsOf(VI a) { return bitsAs<Words>(a.v); }
GEMMULE_INLINE VI ofWords(Words a) { return {bitsAs<Ints>(a)}; }

GEMMULE_INLINE VF set1(float x) { return {Floats{x, x, x, x}}; }
GEMMULE_INLINE VI set1I(int32_t x) { return {Ints{x, x, x, x}}; }
GEMMULE_INLINE VF zero() { return set1(0.0f); }
GEMMULE_INLINE VI zeroI() { return set1I(0); }
GEMMULE_INLINE VI iota() { return {Ints{0, 1, 2, 3}}; }
GEMMULE_INLINE VM firstN(int n) { return {iota().v < set1I(n).v}; }

GEMMULE_INLINE VF load(const float* p) {
  VF r;
  memcpy(&r, p, sizeof r);
  return r;
}
GEMMULE_INLINE void store(float* p, VF a) { memcpy(p, &a, sizeof a); }
GEMMULE_INLINE VI loadI(const int32_t* p) {
  VI r;
  memcpy(&r, p, sizeof r);
  return r;
}
GEMMULE_INLINE void storeI(int32_t* p, VI a) { memcpy(p, &a, sizeof a); }
GEMMULE_INLINE VF loadN(const float* p, int n) {
  if (n == W) return load(p);
  return {Floats{n > 0 ? p[0] : 0, n > 1 ? p[1] : 0, n > 2 ? p[2] : 0, 0}};
}
GEMMULE_INLINE VI loadIN(const int32_t* p, int n) {
  if (n == W) return loadI(p);
  return {Ints{n > 0 ? p[0] : 0, n > 1 ? p[1] : 0, n > 2 ? p[2] : 0, 0}};
}
GEMMULE_INLINE void storeN(float* p, VF a, int n) {
  if (n == W) return store(p, a);
  if (n > 0) p[0] = a.v[0];
  if (n > 1) p[1] = a.v[1];
  if (n > 2) p[2] = a.v[2];
}
GEMMULE_INLINE void storeIN(int32_t* p, VI a, int n) {
  if (n == W) return storeI(p, a);
  if (n > 0) p[0] = a.v[0];
  if (n > 1) p[1] = a.v[1];
  if (n > 2) p[2] = a.v[2];
}
GEMMULE_INLINE VM loadMaskN(const uint8_t* p, int n) {
  const Ints bytes = {n > 0 ? p[0] : 0, n > 1 ? p[1] : 0, n > 2 ? p[2] : 0, n > 3 ? p[3] : 0};
  return {bytes != zeroI().v};
}
GEMMULE_INLINE VM loadMask(const uint8_t* p) { return loadMaskN(p, W); }
GEMMULE_INLINE void storeMaskN(uint8_t* p, VM m, int n) {
  for (int i = 0; i < n; i++) p[i] = (uint8_t)(m.v[i] & 1);
}
GEMMULE_INLINE void storeMask(uint8_t* p, VM m) { storeMaskN(p, m, W); }
GEMMULE_INLINE VF gather(const float* base, VI i) {
  return {Floats{base[i.v[0]], base[i.v[1]], base[i.v[2]], base[i.v[3]]}};
}

GEMMULE_INLINE VF add(VF a, VF b) { return {a.v + b.v}; }
GEMMULE_INLINE VF sub(VF a, VF b) { return {a.v - b.v}; }
GEMMULE_INLINE VF mul(VF a, VF b) { return {a.v * b.v}; }
GEMMULE_INLINE VF div(VF a, VF b) { return {a.v / b.v}; }
GEMMULE_INLINE VF fma(VF a, VF b, VF c) { return {a.v * b.v + c.v}; }
GEMMULE_INLINE VF fnma(VF a, VF b, VF c) { return {c.v - a.v * b.v}; }
GEMMULE_INLINE VF sqrt(VF a) { return {Floats{sqrtf(a.v[0]), sqrtf(a.v[1]), sqrtf(a.v[2]), sqrtf(a.v[3])}}; }

GEMMULE_INLINE VM lt(VF a, VF b) { return {a.v < b.v}; }
GEMMULE_INLINE VM le(VF a, VF b) { return {a.v <= b.v}; }
GEMMULE_INLINE VM gt(VF a, VF b) { return {a.v > b.v}; }
GEMMULE_INLINE VM ge(VF a, VF b) { return {a.v >= b.v}; }
GEMMULE_INLINE VM eq(VF a, VF b) { return {a.v == b.v}; }
GEMMULE_INLINE VM ne(VF a, VF b) { return {a.v != b.v}; }
GEMMULE_INLINE VM isNaN(VF a) { return ne(a, a); }
GEMMULE_INLINE VI select(VM m, VI a, VI b) { return {(a.v & m.v) | (b.v & ~m.v)}; }
GEMMULE_INLINE VF select(VM m, VF a, VF b) { return asFloat(select(m, asInt(a), asInt(b))); }
GEMMULE_INLINE VM and_(VM a, VM b) { return {a.v & b.v}; }
GEMMULE_INLINE VM or_(VM a, VM b) { return {a.v | b.v}; }
GEMMULE_INLINE VM xor_(VM a, VM b) { return {a.v ^ b.v}; }
GEMMULE_INLINE VM not_(VM a) { return {~a.v}; }
GEMMULE_INLINE uint32_t bits(VM m) {
  const Ints b = m.v & Ints{1, 2, 4, 8};
  return (uint32_t)(b[0] | b[1] | b[2] | b[3]);
}
GEMMULE_INLINE VF min(VF a, VF b) { return select(lt(a, b), a, b); }
GEMMULE_INLINE VF max(VF a, VF b) { return select(gt(a, b), a, b); }
GEMMULE_INLINE VF minNaN(VF a, VF b) { return select(isNaN(a), a, min(a, b)); }
GEMMULE_INLINE VF maxNaN(VF a, VF b) { return select(isNaN(a), a, max(a, b)); }

GEMMULE_INLINE VI add(VI a, VI b) { return ofWords(wordsOf(a) + wordsOf(b)); }
GEMMULE_INLINE VI sub(VI a, VI b) { return ofWords(wordsOf(a) - wordsOf(b)); }
GEMMULE_INLINE VI mul(VI a, VI b) { return ofWords(wordsOf(a) * wordsOf(b)); }
GEMMULE_INLINE VI and_(VI a, VI b) { return {a.v & b.v}; }
GEMMULE_INLINE VI or_(VI a, VI b) { return {a.v | b.v}; }
GEMMULE_INLINE VI xor_(VI a, VI b) { return {a.v ^ b.v}; }
GEMMULE_INLINE VI andNot(VI a, VI b) { return {~a.v & b.v}; }
template <int k>
GEMMULE_INLINE VI shl(VI a) {
  return ofWords(wordsOf(a) << k);
}
template <int k>
GEMMULE_INLINE VI shr(VI a) {
  return ofWords(wordsOf(a) >> k);
}
template <int k>
GEMMULE_INLINE VI sar(VI a) {
  return {a.v >> k};
}
GEMMULE_INLINE VM eq(VI a, VI b) { return {a.v == b.v}; }
GEMMULE_INLINE VM lt(VI a, VI b) { return {a.v < b.v}; }
GEMMULE_INLINE VM gt(VI a, VI b) { return {a.v > b.v}; }
GEMMULE_INLINE VI min(VI a, VI b) { return select(lt(a, b), a, b); }
GEMMULE_INLINE VI max(VI a, VI b) { return select(gt(a, b), a, b); }

GEMMULE_INLINE VI signBits() { return set1I(INT32_MIN); }
GEMMULE_INLINE VF neg(VF a) { return asFloat(xor_(asInt(a), signBits())); }
GEMMULE_INLINE VF abs(VF a) { return asFloat(andNot(signBits(), asInt(a))); }
GEMMULE_INLINE VF copysign(VF a, VF s) {
  return asFloat(or_(andNot(signBits(), asInt(a)), and_(signBits(), asInt(s))));
}

// Where |x| < 2^23, adding and taking away 2^23 rounds to an integer, half to even; above that x is an
// integer already.
GEMMULE_INLINE VF roundEven(VF a) {
  const VF magic = set1(8388608.0f), x = abs(a);
  const VF rounded = copysign(sub(add(x, magic), magic), a);
  return select(lt(x, magic), rounded, a);
}
GEMMULE_INLINE VF floor(VF a) {
  const VF r = roundEven(a);
  return copysign(select(gt(r, a), sub(r, set1(1.0f)), r), a);
}
GEMMULE_INLINE VF ceil(VF a) { return neg(floor(neg(a))); }
GEMMULE_INLINE VF trunc(VF a) { return copysign(floor(abs(a)), a); }

GEMMULE_INLINE VF toFloat(VI a) {
#ifdef __GNUC__
  return {__builtin_convertvector(a.v, Floats)};
#else
  return {Floats{(float)a.v[0], (float)a.v[1], (float)a.v[2], (float)a.v[3]}};
#endif
}
GEMMULE_INLINE VI truncInt(VF a) {
  // What does not fit is not converted: that would be undefined in C++.
  const VM fits = lt(abs(a), set1(2147483648.0f));
  const VF x = select(fits, a, zero());
#ifdef __GNUC__
  const VI r = {__builtin_convertvector(x.v, Ints)};
#else
  const VI r = {Ints{(int32_t)x.v[0], (int32_t)x.v[1], (int32_t)x.v[2], (int32_t)x.v[3]}};
#endif
  return select(fits, r, signBits());
}
GEMMULE_INLINE VI toInt(VF a) { return truncInt(roundEven(a)); }

GEMMULE_INLINE void deinterleave(VF a, VF b, VF& even, VF& odd) {
  even = {Floats{a.v[0], a.v[2], b.v[0], b.v[2]}};
  odd = {Floats{a.v[1], a.v[3], b.v[1], b.v[3]}};
}
GEMMULE_INLINE void interleave(VF even, VF odd, VF& lo, VF& hi) {
  lo = {Floats{even.v[0], odd.v[0], even.v[1], odd.v[1]}};
  hi = {Floats{even.v[2], odd.v[2], even.v[3], odd.v[3]}};
}

GEMMULE_INLINE float reduceAdd(VF a) { return (a.v[0] + a.v[2]) + (a.v[1] + a.v[3]); }
GEMMULE_INLINE float reduceMax(VF a) {
  const float x = a.v[0] > a.v[2] ? a.v[0] : a.v[2], y = a.v[1] > a.v[3] ? a.v[1] : a.v[3];
  return x > y ? x : y;
}
GEMMULE_INLINE float reduceMin(VF a) {
  const float x = a.v[0] < a.v[2] ? a.v[0] : a.v[2], y = a.v[1] < a.v[3] ? a.v[1] : a.v[3];
  return x < y ? x : y;
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
