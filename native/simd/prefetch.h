// Hints that bring the cache line of an address nearer; the address need not be valid. Inlined down to the
// kernel: GCC takes a function of nothing but hints for one without effect, and drops its calls.
#pragma once
#include "vec.h"

#if defined(__GNUC__) || defined(__clang__)
#define GEMMULE_PREFETCH(p, written, locality) __builtin_prefetch(p, written, locality)
#else
#define GEMMULE_PREFETCH(p, written, locality) ((void)(p))
#endif

namespace gemmule {
namespace GEMMULE_ISA {

constexpr int aheadBy = 4096;  // floats from what a kernel reads to what it asks for
/// Floats that do not fit a core's own caches: asking for nearer ones costs more than it gains.
constexpr int64_t farLeast = 1 << 21;

/// Into L1, to be read.
GEMMULE_INLINE void prefetch(const float* p) { GEMMULE_PREFETCH(p, 0, 3); }
/// Into L2, to be read.
GEMMULE_INLINE void prefetchSoon(const float* p) { GEMMULE_PREFETCH(p, 0, 2); }
/// Into L1, to be written.
GEMMULE_INLINE void prefetchToWrite(const float* p) { GEMMULE_PREFETCH(p, 1, 3); }

}  // namespace GEMMULE_ISA
}  // namespace gemmule
