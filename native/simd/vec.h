// The f32 vector of one instruction set, chosen by GEMMULE_ISA (portable, avx2, avx512 or neon). Every set
// defines the same names in namespace gemmule::GEMMULE_ISA:
//
//   VF, VI, VM      W floats, W int32, W booleans; W lanes
//   load loadN store storeN      unaligned; the N forms touch exactly n elements, 0 <= n <= W; loadN fills
//   with zero loadI loadIN storeI storeIN  the same for int32 loadMask loadMaskN storeMask storeMaskN bytes:
//   not zero is true; 0 and 1 are written load2 store2 deinterleave interleave      2W floats: p[2i] is
//   even[i], p[2i + 1] is odd[i] gather(base, i)  base[i] per lane set1 set1I zero zeroI iota   broadcast,
//   zeros, 0 1 2 … add sub mul div sqrt neg abs copysign floor ceil trunc roundEven fma(a, b, c)     a * b +
//   c; one rounding where the set has it (all but portable) fnma(a, b, c)    c - a * b min max          a < b
//   ? a : b and a > b ? a : b: b where either is NaN, and b of +0 and -0 minNaN maxNaN    NaN where either is
//   NaN lt le gt ge eq ne isNaN unordered   VM of VF; a comparison with NaN is false, ne is true select(m, a,
//   b)  m ? a : b and_ or_ xor_ not_    of VM; and_ or_ xor_ andNot(a, b) = ~a & b of VI any all bits firstN
//   of VM; bits has lane i in bit i; firstN(n) is true in lanes below n add sub mul min max eq lt gt, shl<k>
//   shr<k> sar<k>   of VI (shr fills with zeros, sar with the sign) asInt asFloat    bits; toInt rounds to
//   nearest even, truncInt to zero (undefined value out of range), toFloat reduceAdd reduceMax reduceMin over
//   lanes, in a fixed tree: lane i with lane i + W / 2, and so on
#pragma once
#include <stdint.h>

#include <type_traits>

#if defined(_MSC_VER)
#define GEMMULE_INLINE static __forceinline
#define GEMMULE_NOINLINE __declspec(noinline)
#else
#define GEMMULE_INLINE static inline __attribute__((always_inline))
#define GEMMULE_NOINLINE __attribute__((noinline))
#endif

// Loops over arrays of vectors must be unrolled whole, or those would live in memory.
#if defined(__clang__)
#define GEMMULE_UNROLL _Pragma("unroll")
#elif defined(__GNUC__)
#define GEMMULE_UNROLL _Pragma("GCC unroll 32")
#else
#define GEMMULE_UNROLL
#endif

#define GEMMULE_ISA_portable 1
#define GEMMULE_ISA_avx2 2
#define GEMMULE_ISA_avx512 3
#define GEMMULE_ISA_neon 4
#define GEMMULE_JOIN2(a, b) a##b
#define GEMMULE_JOIN(a, b) GEMMULE_JOIN2(a, b)
#define GEMMULE_SET GEMMULE_JOIN(GEMMULE_ISA_, GEMMULE_ISA)

#ifdef GEMMULE_LANES
#include "vec_lanes.h"
#elif GEMMULE_SET == GEMMULE_ISA_avx512
#include "vec_avx512.h"
#elif GEMMULE_SET == GEMMULE_ISA_avx2
#include "vec_avx2.h"
#elif GEMMULE_SET == GEMMULE_ISA_neon
#include "vec_neon.h"
#elif GEMMULE_SET == GEMMULE_ISA_portable
#include "vec_portable.h"
#else
#error "GEMMULE_ISA must be portable, avx2, avx512 or neon"
#endif

namespace gemmule {
namespace GEMMULE_ISA {

GEMMULE_INLINE void load2(const float* p, VF& even, VF& odd) {
  deinterleave(load(p), load(p + W), even, odd);
}
GEMMULE_INLINE void store2(float* p, VF even, VF odd) {
  VF lo, hi;
  interleave(even, odd, lo, hi);
  store(p, lo);
  store(p + W, hi);
}
constexpr int lineValues = 16;  // floats of a cache line
/// A vector past the caches, where there are such stores; p is a multiple of W floats. Those that fill a line
/// follow each other: a line is written in parts otherwise. What was streamed is there for other threads
/// after endStream().
#if GEMMULE_SET == GEMMULE_ISA_avx512 && !defined(GEMMULE_LANES)
constexpr bool hasStream = true;
GEMMULE_INLINE void stream(float* p, VF a) { _mm512_stream_ps(p, a.v); }
GEMMULE_INLINE void endStream() { _mm_sfence(); }
#elif GEMMULE_SET == GEMMULE_ISA_avx2 && !defined(GEMMULE_LANES)
constexpr bool hasStream = true;
GEMMULE_INLINE void stream(float* p, VF a) { _mm256_stream_ps(p, a.v); }
GEMMULE_INLINE void endStream() { _mm_sfence(); }
#else
constexpr bool hasStream = false;
GEMMULE_INLINE void stream(float* p, VF a) { store(p, a); }
GEMMULE_INLINE void endStream() {}
#endif
/// Values of a result that is streamed: a core's share of the last cache holds little of one so large, and
/// lines that are written whole need not be read first.
constexpr int64_t streamLeast = GEMMULE_SET == GEMMULE_ISA_avx2 ? 4 << 20 : 8 << 20;
/// Vectors of a line, where they are no longer than that.
constexpr int lineVectors = W < lineValues ? lineValues / W : 1;
/// Whether rows of such a result begin with lines.
inline bool canStream(const float* p, intptr_t rowStep) {
  return hasStream && (uintptr_t)p % (lineValues * sizeof(float)) == 0 && rowStep % lineValues == 0;
}
/// The same for vectors that do not follow each other.
inline bool canStreamApart(const float* p, intptr_t rowStep) {
  return lineVectors == 1 && canStream(p, rowStep);
}
GEMMULE_INLINE VM unordered(VF a, VF b) { return or_(isNaN(a), isNaN(b)); }
GEMMULE_INLINE bool all(VM m) { return bits(m) == (uint32_t)((1ull << W) - 1); }
GEMMULE_INLINE bool any(VM m) { return bits(m) != 0; }

/// body(n) for n from First to Last, as a type's constant.
template <int First, int Last, class Body>
GEMMULE_INLINE auto withConstant(int n, Body body) {
  if constexpr (First < Last)
    if (n != First) return withConstant<First + 1, Last>(n, body);
  return body(std::integral_constant<int, First>());
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
