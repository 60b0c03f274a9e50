// vec.h for AArch64 NEON.
#pragma once
#include <arm_neon.h>

namespace gemmule {
namespace GEMMULE_ISA {

constexpr int W = 4;
struct VF {
  float32x4_t v;
};
struct VI {
  int32x4_t v;
};
struct VM {
  uint32x4_t v;
};

GEMMULE_INLINE VF zero() { return {vdupq_n_f32(0)}; }
GEMMULE_INLINE VI zeroI() { return {vdupq_n_s32(0)}; }
GEMMULE_INLINE VF set1(float x) { return {vdupq_n_f32(x)}; }
GEMMULE_INLINE VI set1I(int32_t x) { return {vdupq_n_s32(x)}; }
GEMMULE_INLINE VI iota() {
  const int32_t lanes[4] = {0, 1, 2, 3};
  return {vld1q_s32(lanes)};
}
GEMMULE_INLINE VM firstN(int n) { return {vcgtq_s32(vdupq_n_s32(n), iota().v)}; }

GEMMULE_INLINE VF load(const float* p) { return {vld1q_f32(p)}; }
GEMMULE_INLINE VF loadN(const float* p, int n) {
  if (n == 4) return load(p);
  float32x4_t r = vdupq_n_f32(0);
  if (n > 0) r = vld1q_lane_f32(p, r, 0);
  if (n > 1) r = vld1q_lane_f32(p + 1, r, 1);
  if (n > 2) r = vld1q_lane_f32(p + 2, r, 2);
  return {r};
}
GEMMULE_INLINE void store(float* p, VF a) { vst1q_f32(p, a.v); }
GEMMULE_INLINE void storeN(float* p, VF a, int n) {
  if (n == 4) return store(p, a);
  if (n > 0) vst1q_lane_f32(p, a.v, 0);
  if (n > 1) vst1q_lane_f32(p + 1, a.v, 1);
  if (n > 2) vst1q_lane_f32(p + 2, a.v, 2);
}
GEMMULE_INLINE VI asInt(VF a) { return {vreinterpretq_s32_f32(a.v)}; }
GEMMULE_INLINE VF asFloat(VI a) { return {vreinterpretq_f32_s32(a.v)}; }
GEMMULE_INLINE VI loadI(const int32_t* p) { return {vld1q_s32(p)}; }
GEMMULE_INLINE VI loadIN(const int32_t* p, int n) {
  if (n == 4) return loadI(p);
  int32x4_t r = vdupq_n_s32(0);
  if (n > 0) r = vld1q_lane_s32(p, r, 0);
  if (n > 1) r = vld1q_lane_s32(p + 1, r, 1);
  if (n > 2) r = vld1q_lane_s32(p + 2, r, 2);
  return {r};
}
GEMMULE_INLINE void storeI(int32_t* p, VI a) { vst1q_s32(p, a.v); }
GEMMULE_INLINE void storeIN(int32_t* p, VI a, int n) {
  if (n == 4) return storeI(p, a);
  if (n > 0) vst1q_lane_s32(p, a.v, 0);
  if (n > 1) vst1q_lane_s32(p + 1, a.v, 1);
  if (n > 2) vst1q_lane_s32(p + 2, a.v, 2);
}
GEMMULE_INLINE VM loadMaskN(const uint8_t* p, int n) {
  uint32_t x = 0;
  for (int i = 0; i < n; i++) x |= (uint32_t)p[i] << (8 * i);
  const uint8x8_t b = vcreate_u8(x);
  return {vcgtq_u32(vmovl_u16(vget_low_u16(vmovl_u8(b))), vdupq_n_u32(0))};
}
GEMMULE_INLINE VM loadMask(const uint8_t* p) { return loadMaskN(p, 4); }
GEMMULE_INLINE uint32_t bits(VM m) {
  const uint32_t weight[4] = {1, 2, 4, 8};
  return vaddvq_u32(vandq_u32(m.v, vld1q_u32(weight)));
}
GEMMULE_INLINE void storeMaskN(uint8_t* p, VM m, int n) {
  const uint32_t set = bits(m);
  for (int i = 0; i < n; i++) p[i] = (uint8_t)(set >> i & 1);
}
GEMMULE_INLINE void storeMask(uint8_t* p, VM m) { storeMaskN(p, m, 4); }
GEMMULE_INLINE VF gather(const float* base, VI i) {
  const float lanes[4] = {base[vgetq_lane_s32(i.v, 0)], base[vgetq_lane_s32(i.v, 1)],
                          base[vgetq_lane_s32(i.v, 2)], base[vgetq_lane_s32(i.v, 3)]};
  return load(lanes);
}

GEMMULE_INLINE VI toInt(VF a) { return {vcvtnq_s32_f32(a.v)}; }
GEMMULE_INLINE VI truncInt(VF a) { return {vcvtq_s32_f32(a.v)}; }
GEMMULE_INLINE VF toFloat(VI a) { return {vcvtq_f32_s32(a.v)}; }

GEMMULE_INLINE VF add(VF a, VF b) { return {vaddq_f32(a.v, b.v)}; }
GEMMULE_INLINE VF sub(VF a, VF b) { return {vsubq_f32(a.v, b.v)}; }
GEMMULE_INLINE VF mul(VF a, VF b) { return {vmulq_f32(a.v, b.v)}; }
GEMMULE_INLINE VF div(VF a, VF b) { return {vdivq_f32(a.v, b.v)}; }
GEMMULE_INLINE VF fma(VF a, VF b, VF c) { return {vfmaq_f32(c.v, a.v, b.v)}; }
GEMMULE_INLINE VF fnma(VF a, VF b, VF c) { return {vfmsq_f32(c.v, a.v, b.v)}; }
GEMMULE_INLINE VF sqrt(VF a) { return {vsqrtq_f32(a.v)}; }
GEMMULE_INLINE VF neg(VF a) { return {vnegq_f32(a.v)}; }
GEMMULE_INLINE VF abs(VF a) { return {vabsq_f32(a.v)}; }
GEMMULE_INLINE VF copysign(VF a, VF s) { return {vbslq_f32(vdupq_n_u32(0x80000000u), s.v, a.v)}; }
GEMMULE_INLINE VF floor(VF a) { return {vrndmq_f32(a.v)}; }
GEMMULE_INLINE VF ceil(VF a) { return {vrndpq_f32(a.v)}; }
GEMMULE_INLINE VF trunc(VF a) { return {vrndq_f32(a.v)}; }
GEMMULE_INLINE VF roundEven(VF a) { return {vrndnq_f32(a.v)}; }

GEMMULE_INLINE VM lt(VF a, VF b) { return {vcltq_f32(a.v, b.v)}; }
GEMMULE_INLINE VM le(VF a, VF b) { return {vcleq_f32(a.v, b.v)}; }
GEMMULE_INLINE VM gt(VF a, VF b) { return {vcgtq_f32(a.v, b.v)}; }
GEMMULE_INLINE VM ge(VF a, VF b) { return {vcgeq_f32(a.v, b.v)}; }
GEMMULE_INLINE VM eq(VF a, VF b) { return {vceqq_f32(a.v, b.v)}; }
GEMMULE_INLINE VM not_(VM a) { return {vmvnq_u32(a.v)}; }
GEMMULE_INLINE VM ne(VF a, VF b) { return not_(eq(a, b)); }
GEMMULE_INLINE VM isNaN(VF a) { return ne(a, a); }
GEMMULE_INLINE VF select(VM m, VF a, VF b) { return {vbslq_f32(m.v, a.v, b.v)}; }
GEMMULE_INLINE VI select(VM m, VI a, VI b) { return {vbslq_s32(m.v, a.v, b.v)}; }
GEMMULE_INLINE VF min(VF a, VF b) { return select(lt(a, b), a, b); }
GEMMULE_INLINE VF max(VF a, VF b) { return select(gt(a, b), a, b); }
GEMMULE_INLINE VF minNaN(VF a, VF b) { return {vminq_f32(a.v, b.v)}; }
GEMMULE_INLINE VF maxNaN(VF a, VF b) { return {vmaxq_f32(a.v, b.v)}; }
GEMMULE_INLINE VM and_(VM a, VM b) { return {vandq_u32(a.v, b.v)}; }
GEMMULE_INLINE VM or_(VM a, VM b) { return {vorrq_u32(a.v, b.v)}; }
GEMMULE_INLINE VM xor_(VM a, VM b) { return {veorq_u32(a.v, b.v)}; }

GEMMULE_INLINE VI add(VI a, VI b) { return {vaddq_s32(a.v, b.v)}; }
GEMMULE_INLINE VI sub(VI a, VI b) { return {vsubq_s32(a.v, b.v)}; }
GEMMULE_INLINE VI mul(VI a, VI b) { return {vmulq_s32(a.v, b.v)}; }
GEMMULE_INLINE VI min(VI a, VI b) { return {vminq_s32(a.v, b.v)}; }
GEMMULE_INLINE VI max(VI a, VI b) { return {vmaxq_s32(a.v, b.v)}; }
GEMMULE_INLINE VI and_(VI a, VI b) { return {vandq_s32(a.v, b.v)}; }
GEMMULE_INLINE VI or_(VI a, VI b) { return {vorrq_s32(a.v, b.v)}; }
GEMMULE_INLINE VI xor_(VI a, VI b) { return {veorq_s32(a.v, b.v)}; }
GEMMULE_INLINE VI andNot(VI a, VI b) { return {vbicq_s32(b.v, a.v)}; }
template <int k>
GEMMULE_INLINE VI shl(VI a) {
  return {vshlq_n_s32(a.v, k)};
}
template <int k>
GEMMULE_INLINE VI shr(VI a) {
  return {vreinterpretq_s32_u32(vshrq_n_u32(vreinterpretq_u32_s32(a.v), k))};
}
template <int k>
GEMMULE_INLINE VI sar(VI a) {
  return {vshrq_n_s32(a.v, k)};
}
GEMMULE_INLINE VM eq(VI a, VI b) { return {vceqq_s32(a.v, b.v)}; }
GEMMULE_INLINE VM lt(VI a, VI b) { return {vcltq_s32(a.v, b.v)}; }
GEMMULE_INLINE VM gt(VI a, VI b) { return {vcgtq_s32(a.v, b.v)}; }

GEMMULE_INLINE void deinterleave(VF a, VF b, VF& even, VF& odd) {
  even = {vuzp1q_f32(a.v, b.v)};
  odd = {vuzp2q_f32(a.v, b.v)};
}
GEMMULE_INLINE void interleave(VF even, VF odd, VF& lo, VF& hi) {
  lo = {vzip1q_f32(even.v, odd.v)};
  hi = {vzip2q_f32(even.v, odd.v)};
}

GEMMULE_INLINE float reduceAdd(VF a) {
  const float32x2_t h = vadd_f32(vget_low_f32(a.v), vget_high_f32(a.v));
  return vget_lane_f32(h, 0) + vget_lane_f32(h, 1);
}
GEMMULE_INLINE float reduceMax(VF a) {
  const VF h = max(a, {vextq_f32(a.v, a.v, 2)});
  return vgetq_lane_f32(max(h, {vextq_f32(h.v, h.v, 1)}).v, 0);
}
GEMMULE_INLINE float reduceMin(VF a) {
  const VF h = min(a, {vextq_f32(a.v, a.v, 2)});
  return vgetq_lane_f32(min(h, {vextq_f32(h.v, h.v, 1)}).v, 0);
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
