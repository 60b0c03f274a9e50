// vec.h for AVX2 with FMA.
#pragma once
#include <immintrin.h>

namespace gemmule {
namespace GEMMULE_ISA {

constexpr int W = 8;
struct VF {
  __m256 v;
};
struct VI {
  __m256i v;
};
struct VM {
  __m256 v;
};

GEMMULE_INLINE VF asFloat(VI a) { return {_mm256_castsi256_ps(a.v)}; }
GEMMULE_INLINE VI asInt(VF a) { return {_mm256_castps_si256(a.v)}; }
GEMMULE_INLINE VI iota() { return {_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)}; }
GEMMULE_INLINE __m256i laneMask(int n) { return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), iota().v); }
GEMMULE_INLINE VM firstN(int n) { return {_mm256_castsi256_ps(laneMask(n))}; }

GEMMULE_INLINE VF load(const float* p) { return {_mm256_loadu_ps(p)}; }
GEMMULE_INLINE VF loadN(const float* p, int n) { return {_mm256_maskload_ps(p, laneMask(n))}; }
GEMMULE_INLINE void store(float* p, VF a) { _mm256_storeu_ps(p, a.v); }
/// By halves: masked stores take AMD's processors a dozen cycles and more.
GEMMULE_INLINE void storeN(float* p, VF a, int n) {
  if (n >= W) return store(p, a);
  __m128 part = _mm256_castps256_ps128(a.v);
  if (n & 4) {
    _mm_storeu_ps(p, part);
    part = _mm256_extractf128_ps(a.v, 1);
    p += 4;
  }
  if (n & 2) {
    _mm_storel_pi((__m64*)p, part);
    part = _mm_movehl_ps(part, part);
    p += 2;
  }
  if (n & 1) _mm_store_ss(p, part);
}
GEMMULE_INLINE VI loadI(const int32_t* p) { return {_mm256_loadu_si256((const __m256i*)p)}; }
GEMMULE_INLINE VI loadIN(const int32_t* p, int n) { return {_mm256_maskload_epi32(p, laneMask(n))}; }
GEMMULE_INLINE void storeI(int32_t* p, VI a) { _mm256_storeu_si256((__m256i*)p, a.v); }
GEMMULE_INLINE void storeIN(int32_t* p, VI a, int n) { storeN((float*)p, asFloat(a), n); }
GEMMULE_INLINE VM maskOfBytes(__m128i bytes) {
  __m256i wide = _mm256_cvtepu8_epi32(bytes);
  return {_mm256_castsi256_ps(_mm256_cmpgt_epi32(wide, _mm256_setzero_si256()))};
}
GEMMULE_INLINE __m128i bytesOfMask(VM m) {
  __m256i one = _mm256_srli_epi32(_mm256_castps_si256(m.v), 31);
  __m128i half = _mm_packs_epi32(_mm256_castsi256_si128(one), _mm256_extracti128_si256(one, 1));
  return _mm_packus_epi16(half, half);
}
GEMMULE_INLINE VM loadMask(const uint8_t* p) { return maskOfBytes(_mm_loadl_epi64((const __m128i*)p)); }
GEMMULE_INLINE VM loadMaskN(const uint8_t* p, int n) {
  uint64_t x = 0;
  for (int i = 0; i < n; i++) x |= (uint64_t)p[i] << (8 * i);
  return maskOfBytes(_mm_set_epi64x(0, (int64_t)x));
}
GEMMULE_INLINE void storeMask(uint8_t* p, VM m) { _mm_storel_epi64((__m128i*)p, bytesOfMask(m)); }
GEMMULE_INLINE void storeMaskN(uint8_t* p, VM m, int n) {
  const int set = _mm256_movemask_ps(m.v);
  for (int i = 0; i < n; i++) p[i] = (uint8_t)(set >> i & 1);
}
GEMMULE_INLINE VF gather(const float* base, VI i) { return {_mm256_i32gather_ps(base, i.v, 4)}; }

GEMMULE_INLINE VF set1(float x) { return {_mm256_set1_ps(x)}; }
GEMMULE_INLINE VI set1I(int32_t x) { return {_mm256_set1_epi32(x)}; }
GEMMULE_INLINE VF zero() { return {_mm256_setzero_ps()}; }
GEMMULE_INLINE VI zeroI() { return {_mm256_setzero_si256()}; }

GEMMULE_INLINE VI toInt(VF a) { return {_mm256_cvtps_epi32(a.v)}; }
GEMMULE_INLINE VI truncInt(VF a) { return {_mm256_cvttps_epi32(a.v)}; }
GEMMULE_INLINE VF toFloat(VI a) { return {_mm256_cvtepi32_ps(a.v)}; }

GEMMULE_INLINE VF add(VF a, VF b) { return {_mm256_add_ps(a.v, b.v)}; }
GEMMULE_INLINE VF sub(VF a, VF b) { return {_mm256_sub_ps(a.v, b.v)}; }
GEMMULE_INLINE VF mul(VF a, VF b) { return {_mm256_mul_ps(a.v, b.v)}; }
GEMMULE_INLINE VF div(VF a, VF b) { return {_mm256_div_ps(a.v, b.v)}; }
GEMMULE_INLINE VF fma(VF a, VF b, VF c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
GEMMULE_INLINE VF fnma(VF a, VF b, VF c) { return {_mm256_fnmadd_ps(a.v, b.v, c.v)}; }
GEMMULE_INLINE VF sqrt(VF a) { return {_mm256_sqrt_ps(a.v)}; }
GEMMULE_INLINE VF neg(VF a) { return {_mm256_xor_ps(a.v, _mm256_set1_ps(-0.0f))}; }
GEMMULE_INLINE VF abs(VF a) { return {_mm256_andnot_ps(_mm256_set1_ps(-0.0f), a.v)}; }
GEMMULE_INLINE VF copysign(VF a, VF s) {
  const __m256 sign = _mm256_set1_ps(-0.0f);
  return {_mm256_or_ps(_mm256_andnot_ps(sign, a.v), _mm256_and_ps(sign, s.v))};
}
GEMMULE_INLINE VF min(VF a, VF b) { return {_mm256_min_ps(a.v, b.v)}; }
GEMMULE_INLINE VF max(VF a, VF b) { return {_mm256_max_ps(a.v, b.v)}; }
GEMMULE_INLINE VF floor(VF a) { return {_mm256_round_ps(a.v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC)}; }
GEMMULE_INLINE VF ceil(VF a) { return {_mm256_round_ps(a.v, _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC)}; }
GEMMULE_INLINE VF trunc(VF a) { return {_mm256_round_ps(a.v, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC)}; }
GEMMULE_INLINE VF roundEven(VF a) {
  return {_mm256_round_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
}

GEMMULE_INLINE VM lt(VF a, VF b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_LT_OQ)}; }
GEMMULE_INLINE VM le(VF a, VF b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_LE_OQ)}; }
GEMMULE_INLINE VM gt(VF a, VF b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_GT_OQ)}; }
GEMMULE_INLINE VM ge(VF a, VF b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_GE_OQ)}; }
GEMMULE_INLINE VM eq(VF a, VF b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_EQ_OQ)}; }
GEMMULE_INLINE VM ne(VF a, VF b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_NEQ_UQ)}; }
GEMMULE_INLINE VM isNaN(VF a) { return {_mm256_cmp_ps(a.v, a.v, _CMP_UNORD_Q)}; }
GEMMULE_INLINE VF select(VM m, VF a, VF b) { return {_mm256_blendv_ps(b.v, a.v, m.v)}; }
GEMMULE_INLINE VI select(VM m, VI a, VI b) { return asInt(select(m, asFloat(a), asFloat(b))); }
GEMMULE_INLINE VF minNaN(VF a, VF b) { return select(isNaN(a), a, min(a, b)); }
GEMMULE_INLINE VF maxNaN(VF a, VF b) { return select(isNaN(a), a, max(a, b)); }
GEMMULE_INLINE VM and_(VM a, VM b) { return {_mm256_and_ps(a.v, b.v)}; }
GEMMULE_INLINE VM or_(VM a, VM b) { return {_mm256_or_ps(a.v, b.v)}; }
GEMMULE_INLINE VM xor_(VM a, VM b) { return {_mm256_xor_ps(a.v, b.v)}; }
GEMMULE_INLINE VM not_(VM a) { return {_mm256_xor_ps(a.v, _mm256_castsi256_ps(_mm256_set1_epi32(-1)))}; }
GEMMULE_INLINE uint32_t bits(VM m) { return (uint32_t)_mm256_movemask_ps(m.v); }

GEMMULE_INLINE VI add(VI a, VI b) { return {_mm256_add_epi32(a.v, b.v)}; }
GEMMULE_INLINE VI sub(VI a, VI b) { return {_mm256_sub_epi32(a.v, b.v)}; }
GEMMULE_INLINE VI mul(VI a, VI b) { return {_mm256_mullo_epi32(a.v, b.v)}; }
GEMMULE_INLINE VI min(VI a, VI b) { return {_mm256_min_epi32(a.v, b.v)}; }
GEMMULE_INLINE VI max(VI a, VI b) { return {_mm256_max_epi32(a.v, b.v)}; }
GEMMULE_INLINE VI and_(VI a, VI b) { return {_mm256_and_si256(a.v, b.v)}; }
GEMMULE_INLINE VI or_(VI a, VI b) { return {_mm256_or_si256(a.v, b.v)}; }
GEMMULE_INLINE VI xor_(VI a, VI b) { return {_mm256_xor_si256(a.v, b.v)}; }
GEMMULE_INLINE VI andNot(VI a, VI b) { return {_mm256_andnot_si256(a.v, b.v)}; }
template <int k>
GEMMULE_INLINE VI shl(VI a) {
  return {_mm256_slli_epi32(a.v, k)};
}
template <int k>
GEMMULE_INLINE VI shr(VI a) {
  return {_mm256_srli_epi32(a.v, k)};
}
template <int k>
GEMMULE_INLINE VI sar(VI a) {
  return {_mm256_srai_epi32(a.v, k)};
}
GEMMULE_INLINE VM eq(VI a, VI b) { return {_mm256_castsi256_ps(_mm256_cmpeq_epi32(a.v, b.v))}; }
GEMMULE_INLINE VM gt(VI a, VI b) { return {_mm256_castsi256_ps(_mm256_cmpgt_epi32(a.v, b.v))}; }
GEMMULE_INLINE VM lt(VI a, VI b) { return gt(b, a); }

GEMMULE_INLINE void deinterleave(VF a, VF b, VF& even, VF& odd) {
  const __m256 lo = _mm256_permute2f128_ps(a.v, b.v, 0x20);
  const __m256 hi = _mm256_permute2f128_ps(a.v, b.v, 0x31);
  const __m256 e = _mm256_shuffle_ps(lo, hi, 0x88);  // a0 a2 a4 a6 | b0 b2 b4 b6
  const __m256 o = _mm256_shuffle_ps(lo, hi, 0xdd);
  even = {e};
  odd = {o};
}
GEMMULE_INLINE void interleave(VF even, VF odd, VF& lo, VF& hi) {
  const __m256 l = _mm256_unpacklo_ps(even.v, odd.v);
  const __m256 h = _mm256_unpackhi_ps(even.v, odd.v);
  lo = {_mm256_permute2f128_ps(l, h, 0x20)};
  hi = {_mm256_permute2f128_ps(l, h, 0x31)};
}

#define GEMMULE_REDUCE(name, op128, ops)                                          \
  GEMMULE_INLINE float name(VF a) {                                               \
    __m128 h = op128(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1)); \
    h = op128(h, _mm_movehl_ps(h, h));                                            \
    return _mm_cvtss_f32(ops(h, _mm_shuffle_ps(h, h, 1)));                        \
  }
GEMMULE_REDUCE(reduceAdd, _mm_add_ps, _mm_add_ss)
GEMMULE_REDUCE(reduceMax, _mm_max_ps, _mm_max_ss)
GEMMULE_REDUCE(reduceMin, _mm_min_ps, _mm_min_ss)
#undef GEMMULE_REDUCE

}  // namespace GEMMULE_ISA
}  // namespace gemmule
