// What the processor and the operating system offer. Included by kernels, so it declares only.
#pragma once
#include <stddef.h>

namespace gemmule {

struct CpuInfo {
  bool avx2;    // AVX2 and FMA, and the system saves the registers
  bool avx512;  // AVX-512 F, CD, BW, DQ, VL, likewise
  bool neon;
  size_t l1, l2,
      l3;  // bytes of the data caches that one core sees; a usual value where the system does not say
  char name[49];
};

const CpuInfo& cpuInfo();

}  // namespace gemmule
