// What the processor and the operating system offer. Included by kernels, so it declares only.
#pragma once
#include <stddef.h>

namespace gemmule {

struct CpuInfo {
  bool avx2;    // AVX2 and FMA, and the system saves the registers
  bool avx512;  // AVX-512 F, CD, BW, DQ, VL, likewise
  bool neon;
  bool followsRows;  // L2 fetches the lines along a row by itself, and hints take the few buffers of misses
  size_t l1, l2,
      l3;  // bytes of the data caches that one core sees; a usual value where the system does not say
  char name[49];
};

const CpuInfo& cpuInfo();
/// For tests: kernels plan for another processor from here on.
void setCpuInfo(const CpuInfo& info);

}  // namespace gemmule
