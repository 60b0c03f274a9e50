#include "dispatch.h"

#include <string.h>

#include "cpu.h"

namespace gemmule {

// GEMMULE_HAS_<isa> says which kernel libraries are linked.
#ifdef GEMMULE_HAS_avx512
namespace avx512 {
extern const KernelTable table;
}
#endif
#ifdef GEMMULE_HAS_avx2
namespace avx2 {
extern const KernelTable table;
}
#endif
#ifdef GEMMULE_HAS_neon
namespace neon {
extern const KernelTable table;
}
#endif
namespace portable {
extern const KernelTable table;
}

const char* const knownSets[] = {"avx512", "avx2", "neon", "portable", nullptr};

const KernelTable* findTable(const char* isa) {
#ifdef GEMMULE_HAS_avx512
#ifdef GEMMULE_EMULATES_avx512  // on simd/vec_lanes.h
  const bool avx512Runs = true;
#else
  const bool avx512Runs = cpuInfo().avx512;
#endif
  if (!strcmp(isa, "avx512") && avx512Runs) return &avx512::table;
#endif
#ifdef GEMMULE_HAS_avx2
  if (!strcmp(isa, "avx2") && cpuInfo().avx2) return &avx2::table;
#endif
#ifdef GEMMULE_HAS_neon
  if (!strcmp(isa, "neon") && cpuInfo().neon) return &neon::table;
#endif
  if (!strcmp(isa, "portable")) return &portable::table;
  return nullptr;
}

const KernelTable& bestTable() {
  const char* const* name = knownSets;
  while (!findTable(*name)) name++;
  return *findTable(*name);
}

}  // namespace gemmule
