// vec.h in plain C++: arrays of four lanes, in loops that compilers turn into whatever the baseline has.
#pragma once
#include <math.h>
#include <string.h>

namespace gemmule {
namespace GEMMULE_ISA {

constexpr int W = 4;
struct VF {
  float v[W];
};
struct VI {
  int32_t v[W];
};
struct VM {
  int32_t v[W];  // 0 or -1
};

#define GEMMULE_LANES(T, expression)               \
  T r;                                             \
  for (int i = 0; i < W; i++) r.v[i] = expression; \
  return r

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
GEMMULE_INLINE VF loadN(const float* p, int n) { GEMMULE_LANES(VF, i < n ? p[i] : 0.0f); }
GEMMULE_INLINE VI loadIN(const int32_t* p, int n) { GEMMULE_LANES(VI, i < n ? p[i] : 0); }
GEMMULE_INLINE void storeN(float* p, VF a, int n) {
  for (int i = 0; i < n; i++) p[i] = a.v[i];
}
GEMMULE_INLINE void storeIN(int32_t* p, VI a, int n) {
  for (int i = 0; i < n; i++) p[i] = a.v[i];
}
GEMMULE_INLINE VM loadMaskN(const uint8_t* p, int n) { GEMMULE_LANES(VM, i < n && p[i] != 0 ? -1 : 0); }
GEMMULE_INLINE VM loadMask(const uint8_t* p) { return loadMaskN(p, W); }
GEMMULE_INLINE void storeMaskN(uint8_t* p, VM m, int n) {
  for (int i = 0; i < n; i++) p[i] = (uint8_t)(m.v[i] & 1);
}
GEMMULE_INLINE void storeMask(uint8_t* p, VM m) { storeMaskN(p, m, W); }
GEMMULE_INLINE VF gather(const float* base, VI a) { GEMMULE_LANES(VF, base[a.v[i]]); }

GEMMULE_INLINE VF set1(float x) { GEMMULE_LANES(VF, x); }
GEMMULE_INLINE VI set1I(int32_t x) { GEMMULE_LANES(VI, x); }
GEMMULE_INLINE VF zero() { return set1(0.0f); }
GEMMULE_INLINE VI zeroI() { return set1I(0); }
GEMMULE_INLINE VI iota() { GEMMULE_LANES(VI, i); }
GEMMULE_INLINE VM firstN(int n) { GEMMULE_LANES(VM, i < n ? -1 : 0); }

GEMMULE_INLINE VI asInt(VF a) {
  VI r;
  memcpy(&r, &a, sizeof r);
  return r;
}
GEMMULE_INLINE VF asFloat(VI a) {
  VF r;
  memcpy(&r, &a, sizeof r);
  return r;
}
GEMMULE_INLINE VF toFloat(VI a) { GEMMULE_LANES(VF, (float)a.v[i]); }

GEMMULE_INLINE VF add(VF a, VF b) { GEMMULE_LANES(VF, a.v[i] + b.v[i]); }
GEMMULE_INLINE VF sub(VF a, VF b) { GEMMULE_LANES(VF, a.v[i] - b.v[i]); }
GEMMULE_INLINE VF mul(VF a, VF b) { GEMMULE_LANES(VF, a.v[i] * b.v[i]); }
GEMMULE_INLINE VF div(VF a, VF b) { GEMMULE_LANES(VF, a.v[i] / b.v[i]); }
GEMMULE_INLINE VF fma(VF a, VF b, VF c) { GEMMULE_LANES(VF, a.v[i] * b.v[i] + c.v[i]); }
GEMMULE_INLINE VF fnma(VF a, VF b, VF c) { GEMMULE_LANES(VF, c.v[i] - a.v[i] * b.v[i]); }
GEMMULE_INLINE VF sqrt(VF a) { GEMMULE_LANES(VF, sqrtf(a.v[i])); }
GEMMULE_INLINE VF neg(VF a) { GEMMULE_LANES(VF, -a.v[i]); }
GEMMULE_INLINE VF abs(VF a) { GEMMULE_LANES(VF, fabsf(a.v[i])); }
GEMMULE_INLINE VF copysign(VF a, VF s) { GEMMULE_LANES(VF, copysignf(a.v[i], s.v[i])); }
GEMMULE_INLINE VF min(VF a, VF b) { GEMMULE_LANES(VF, a.v[i] < b.v[i] ? a.v[i] : b.v[i]); }
GEMMULE_INLINE VF max(VF a, VF b) { GEMMULE_LANES(VF, a.v[i] > b.v[i] ? a.v[i] : b.v[i]); }

GEMMULE_INLINE VM lt(VF a, VF b) { GEMMULE_LANES(VM, -(int32_t)(a.v[i] < b.v[i])); }
GEMMULE_INLINE VM le(VF a, VF b) { GEMMULE_LANES(VM, -(int32_t)(a.v[i] <= b.v[i])); }
GEMMULE_INLINE VM gt(VF a, VF b) { GEMMULE_LANES(VM, -(int32_t)(a.v[i] > b.v[i])); }
GEMMULE_INLINE VM ge(VF a, VF b) { GEMMULE_LANES(VM, -(int32_t)(a.v[i] >= b.v[i])); }
GEMMULE_INLINE VM eq(VF a, VF b) { GEMMULE_LANES(VM, -(int32_t)(a.v[i] == b.v[i])); }
GEMMULE_INLINE VM ne(VF a, VF b) { GEMMULE_LANES(VM, -(int32_t)(a.v[i] != b.v[i])); }
GEMMULE_INLINE VM isNaN(VF a) { return ne(a, a); }
GEMMULE_INLINE VI select(VM m, VI a, VI b) { GEMMULE_LANES(VI, (a.v[i] & m.v[i]) | (b.v[i] & ~m.v[i])); }
GEMMULE_INLINE VF select(VM m, VF a, VF b) { return asFloat(select(m, asInt(a), asInt(b))); }
GEMMULE_INLINE VF minNaN(VF a, VF b) { return select(isNaN(a), a, min(a, b)); }
GEMMULE_INLINE VF maxNaN(VF a, VF b) { return select(isNaN(a), a, max(a, b)); }
GEMMULE_INLINE VM and_(VM a, VM b) { GEMMULE_LANES(VM, a.v[i] & b.v[i]); }
GEMMULE_INLINE VM or_(VM a, VM b) { GEMMULE_LANES(VM, a.v[i] | b.v[i]); }
GEMMULE_INLINE VM xor_(VM a, VM b) { GEMMULE_LANES(VM, a.v[i] ^ b.v[i]); }
GEMMULE_INLINE VM not_(VM a) { GEMMULE_LANES(VM, ~a.v[i]); }
GEMMULE_INLINE uint32_t bits(VM m) {
  uint32_t r = 0;
  for (int i = 0; i < W; i++) r |= (uint32_t)(m.v[i] & 1) << i;
  return r;
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
GEMMULE_INLINE VI truncInt(VF a) {
  GEMMULE_LANES(VI, fabsf(a.v[i]) < 2147483648.0f ? (int32_t)a.v[i] : INT32_MIN);
}
GEMMULE_INLINE VI toInt(VF a) { return truncInt(roundEven(a)); }

GEMMULE_INLINE VI add(VI a, VI b) { GEMMULE_LANES(VI, (int32_t)((uint32_t)a.v[i] + (uint32_t)b.v[i])); }
GEMMULE_INLINE VI sub(VI a, VI b) { GEMMULE_LANES(VI, (int32_t)((uint32_t)a.v[i] - (uint32_t)b.v[i])); }
GEMMULE_INLINE VI mul(VI a, VI b) { GEMMULE_LANES(VI, (int32_t)((uint32_t)a.v[i] * (uint32_t)b.v[i])); }
GEMMULE_INLINE VI min(VI a, VI b) { GEMMULE_LANES(VI, a.v[i] < b.v[i] ? a.v[i] : b.v[i]); }
GEMMULE_INLINE VI max(VI a, VI b) { GEMMULE_LANES(VI, a.v[i] > b.v[i] ? a.v[i] : b.v[i]); }
GEMMULE_INLINE VI and_(VI a, VI b) { GEMMULE_LANES(VI, a.v[i] & b.v[i]); }
GEMMULE_INLINE VI or_(VI a, VI b) { GEMMULE_LANES(VI, a.v[i] | b.v[i]); }
GEMMULE_INLINE VI xor_(VI a, VI b) { GEMMULE_LANES(VI, a.v[i] ^ b.v[i]); }
GEMMULE_INLINE VI andNot(VI a, VI b) { GEMMULE_LANES(VI, ~a.v[i] & b.v[i]); }
template <int k>
GEMMULE_INLINE VI shl(VI a) {
  GEMMULE_LANES(VI, (int32_t)((uint32_t)a.v[i] << k));
}
template <int k>
GEMMULE_INLINE VI shr(VI a) {
  GEMMULE_LANES(VI, (int32_t)((uint32_t)a.v[i] >> k));
}
template <int k>
GEMMULE_INLINE VI sar(VI a) {
  GEMMULE_LANES(VI, a.v[i] >> k);
}
GEMMULE_INLINE VM eq(VI a, VI b) { GEMMULE_LANES(VM, -(int32_t)(a.v[i] == b.v[i])); }
GEMMULE_INLINE VM lt(VI a, VI b) { GEMMULE_LANES(VM, -(int32_t)(a.v[i] < b.v[i])); }
GEMMULE_INLINE VM gt(VI a, VI b) { GEMMULE_LANES(VM, -(int32_t)(a.v[i] > b.v[i])); }

GEMMULE_INLINE void deinterleave(VF a, VF b, VF& even, VF& odd) {
  even = {{a.v[0], a.v[2], b.v[0], b.v[2]}};
  odd = {{a.v[1], a.v[3], b.v[1], b.v[3]}};
}
GEMMULE_INLINE void interleave(VF even, VF odd, VF& lo, VF& hi) {
  lo = {{even.v[0], odd.v[0], even.v[1], odd.v[1]}};
  hi = {{even.v[2], odd.v[2], even.v[3], odd.v[3]}};
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
#undef GEMMULE_LANES

}  // namespace GEMMULE_ISA
}  // namespace gemmule
