// vec.h for AVX-512 F, BW, DQ and VL.
#pragma once
#include <immintrin.h>

namespace gemmule {
namespace GEMMULE_ISA {

constexpr int W = 16;
struct VF {
  __m512 v;
};
struct VI {
  __m512i v;
};
struct VM {
  __mmask16 v;
};

GEMMULE_INLINE VM firstN(int n) { return {(__mmask16)((1u << n) - 1)}; }

GEMMULE_INLINE VF load(const float* p) { return {_mm512_loadu_ps(p)}; }
GEMMULE_INLINE VF loadN(const float* p, int n) { return {_mm512_maskz_loadu_ps(firstN(n).v, p)}; }
GEMMULE_INLINE void store(float* p, VF a) { _mm512_storeu_ps(p, a.v); }
GEMMULE_INLINE void storeN(float* p, VF a, int n) { _mm512_mask_storeu_ps(p, firstN(n).v, a.v); }
GEMMULE_INLINE VI loadI(const int32_t* p) { return {_mm512_loadu_si512(p)}; }
GEMMULE_INLINE VI loadIN(const int32_t* p, int n) { return {_mm512_maskz_loadu_epi32(firstN(n).v, p)}; }
GEMMULE_INLINE void storeI(int32_t* p, VI a) { _mm512_storeu_si512(p, a.v); }
GEMMULE_INLINE void storeIN(int32_t* p, VI a, int n) { _mm512_mask_storeu_epi32(p, firstN(n).v, a.v); }
GEMMULE_INLINE VM loadMask(const uint8_t* p) {
  __m128i b = _mm_loadu_si128((const __m128i*)p);
  return {_mm_test_epi8_mask(b, b)};
}
GEMMULE_INLINE VM loadMaskN(const uint8_t* p, int n) {
  __m128i b = _mm_maskz_loadu_epi8(firstN(n).v, p);
  return {_mm_test_epi8_mask(b, b)};
}
GEMMULE_INLINE void storeMask(uint8_t* p, VM m) {
  _mm_storeu_si128((__m128i*)p, _mm_maskz_set1_epi8(m.v, 1));
}
GEMMULE_INLINE void storeMaskN(uint8_t* p, VM m, int n) {
  _mm_mask_storeu_epi8(p, firstN(n).v, _mm_maskz_set1_epi8(m.v, 1));
}
GEMMULE_INLINE VF gather(const float* base, VI i) { return {_mm512_i32gather_ps(i.v, base, 4)}; }

GEMMULE_INLINE VF set1(float x) { return {_mm512_set1_ps(x)}; }
GEMMULE_INLINE VI set1I(int32_t x) { return {_mm512_set1_epi32(x)}; }
GEMMULE_INLINE VF zero() { return {_mm512_setzero_ps()}; }
GEMMULE_INLINE VI zeroI() { return {_mm512_setzero_si512()}; }
GEMMULE_INLINE VI iota() { return {_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)}; }

GEMMULE_INLINE VI asInt(VF a) { return {_mm512_castps_si512(a.v)}; }
GEMMULE_INLINE VF asFloat(VI a) { return {_mm512_castsi512_ps(a.v)}; }
GEMMULE_INLINE VI toInt(VF a) { return {_mm512_cvtps_epi32(a.v)}; }
GEMMULE_INLINE VI truncInt(VF a) { return {_mm512_cvttps_epi32(a.v)}; }
GEMMULE_INLINE VF toFloat(VI a) { return {_mm512_cvtepi32_ps(a.v)}; }

GEMMULE_INLINE VF add(VF a, VF b) { return {_mm512_add_ps(a.v, b.v)}; }
GEMMULE_INLINE VF sub(VF a, VF b) { return {_mm512_sub_ps(a.v, b.v)}; }
GEMMULE_INLINE VF mul(VF a, VF b) { return {_mm512_mul_ps(a.v, b.v)}; }
GEMMULE_INLINE VF div(VF a, VF b) { return {_mm512_div_ps(a.v, b.v)}; }
GEMMULE_INLINE VF fma(VF a, VF b, VF c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
GEMMULE_INLINE VF fnma(VF a, VF b, VF c) { return {_mm512_fnmadd_ps(a.v, b.v, c.v)}; }
GEMMULE_INLINE VF sqrt(VF a) { return {_mm512_sqrt_ps(a.v)}; }
GEMMULE_INLINE VF neg(VF a) { return {_mm512_xor_ps(a.v, _mm512_set1_ps(-0.0f))}; }
GEMMULE_INLINE VF abs(VF a) { return {_mm512_andnot_ps(_mm512_set1_ps(-0.0f), a.v)}; }
GEMMULE_INLINE VF copysign(VF a, VF s) {
  const __m512i sign = _mm512_set1_epi32((int)0x80000000u);
  return {_mm512_castsi512_ps(
      _mm512_ternarylogic_epi32(sign, _mm512_castps_si512(s.v), _mm512_castps_si512(a.v), 0xca))};
}
GEMMULE_INLINE VF min(VF a, VF b) { return {_mm512_min_ps(a.v, b.v)}; }
GEMMULE_INLINE VF max(VF a, VF b) { return {_mm512_max_ps(a.v, b.v)}; }
GEMMULE_INLINE VF floor(VF a) {
  return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC)};
}
GEMMULE_INLINE VF ceil(VF a) {
  return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC)};
}
GEMMULE_INLINE VF trunc(VF a) { return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC)}; }
GEMMULE_INLINE VF roundEven(VF a) {
  return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
}

GEMMULE_INLINE VM lt(VF a, VF b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ)}; }
GEMMULE_INLINE VM le(VF a, VF b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LE_OQ)}; }
GEMMULE_INLINE VM gt(VF a, VF b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_GT_OQ)}; }
GEMMULE_INLINE VM ge(VF a, VF b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_GE_OQ)}; }
GEMMULE_INLINE VM eq(VF a, VF b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_EQ_OQ)}; }
GEMMULE_INLINE VM ne(VF a, VF b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_NEQ_UQ)}; }
GEMMULE_INLINE VM isNaN(VF a) { return {_mm512_cmp_ps_mask(a.v, a.v, _CMP_UNORD_Q)}; }
GEMMULE_INLINE VF select(VM m, VF a, VF b) { return {_mm512_mask_blend_ps(m.v, b.v, a.v)}; }
GEMMULE_INLINE VI select(VM m, VI a, VI b) { return {_mm512_mask_blend_epi32(m.v, b.v, a.v)}; }
GEMMULE_INLINE VF minNaN(VF a, VF b) { return select(isNaN(a), a, min(a, b)); }
GEMMULE_INLINE VF maxNaN(VF a, VF b) { return select(isNaN(a), a, max(a, b)); }
GEMMULE_INLINE VM and_(VM a, VM b) { return {(__mmask16)(a.v & b.v)}; }
GEMMULE_INLINE VM or_(VM a, VM b) { return {(__mmask16)(a.v | b.v)}; }
GEMMULE_INLINE VM xor_(VM a, VM b) { return {(__mmask16)(a.v ^ b.v)}; }
GEMMULE_INLINE VM not_(VM a) { return {(__mmask16)~a.v}; }
GEMMULE_INLINE uint32_t bits(VM m) { return m.v; }

GEMMULE_INLINE VI add(VI a, VI b) { return {_mm512_add_epi32(a.v, b.v)}; }
GEMMULE_INLINE VI sub(VI a, VI b) { return {_mm512_sub_epi32(a.v, b.v)}; }
GEMMULE_INLINE VI mul(VI a, VI b) { return {_mm512_mullo_epi32(a.v, b.v)}; }
GEMMULE_INLINE VI min(VI a, VI b) { return {_mm512_min_epi32(a.v, b.v)}; }
GEMMULE_INLINE VI max(VI a, VI b) { return {_mm512_max_epi32(a.v, b.v)}; }
GEMMULE_INLINE VI and_(VI a, VI b) { return {_mm512_and_si512(a.v, b.v)}; }
GEMMULE_INLINE VI or_(VI a, VI b) { return {_mm512_or_si512(a.v, b.v)}; }
GEMMULE_INLINE VI xor_(VI a, VI b) { return {_mm512_xor_si512(a.v, b.v)}; }
GEMMULE_INLINE VI andNot(VI a, VI b) { return {_mm512_andnot_si512(a.v, b.v)}; }
template <int k>
GEMMULE_INLINE VI shl(VI a) {
  return {_mm512_slli_epi32(a.v, k)};
}
template <int k>
GEMMULE_INLINE VI shr(VI a) {
  return {_mm512_srli_epi32(a.v, k)};
}
template <int k>
GEMMULE_INLINE VI sar(VI a) {
  return {_mm512_srai_epi32(a.v, k)};
}
GEMMULE_INLINE VM eq(VI a, VI b) { return {_mm512_cmpeq_epi32_mask(a.v, b.v)}; }
GEMMULE_INLINE VM lt(VI a, VI b) { return {_mm512_cmplt_epi32_mask(a.v, b.v)}; }
GEMMULE_INLINE VM gt(VI a, VI b) { return {_mm512_cmpgt_epi32_mask(a.v, b.v)}; }

GEMMULE_INLINE void deinterleave(VF a, VF b, VF& even, VF& odd) {
  const __m512i e = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  const __m512i o = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
  even = {_mm512_permutex2var_ps(a.v, e, b.v)};
  odd = {_mm512_permutex2var_ps(a.v, o, b.v)};
}
GEMMULE_INLINE void interleave(VF even, VF odd, VF& lo, VF& hi) {
  const __m512i l = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const __m512i h = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  lo = {_mm512_permutex2var_ps(even.v, l, odd.v)};
  hi = {_mm512_permutex2var_ps(even.v, h, odd.v)};
}

#define GEMMULE_REDUCE(name, op256, op128, ops)                                    \
  GEMMULE_INLINE float name(VF a) {                                                \
    __m256 q = op256(_mm512_castps512_ps256(a.v), _mm512_extractf32x8_ps(a.v, 1)); \
    __m128 h = op128(_mm256_castps256_ps128(q), _mm256_extractf128_ps(q, 1));      \
    h = op128(h, _mm_movehl_ps(h, h));                                             \
    return _mm_cvtss_f32(ops(h, _mm_shuffle_ps(h, h, 1)));                         \
  }
GEMMULE_REDUCE(reduceAdd, _mm256_add_ps, _mm_add_ps, _mm_add_ss)
GEMMULE_REDUCE(reduceMax, _mm256_max_ps, _mm_max_ps, _mm_max_ss)
GEMMULE_REDUCE(reduceMin, _mm256_min_ps, _mm_min_ps, _mm_min_ss)
#undef GEMMULE_REDUCE

}  // namespace GEMMULE_ISA
}  // namespace gemmule
