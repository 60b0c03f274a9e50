// Built for the baseline: this file decides what the machine may run.
#include "cpu.h"

#include <stdint.h>
#include <string.h>

#include <initializer_list>

#if defined(__x86_64__) || defined(_M_X64)
#define GEMMULE_X86 1
#ifdef _MSC_VER
#include <intrin.h>
#else
#include <cpuid.h>
#endif
#endif
#ifdef __APPLE__
#include <sys/sysctl.h>
#elif !defined(_WIN32)
#include <unistd.h>
#endif

namespace gemmule {
namespace {

#ifdef GEMMULE_X86
struct Registers {
  uint32_t a, b, c, d;
};

Registers cpuid(uint32_t leaf, uint32_t subleaf = 0) {
  Registers r{};
#ifdef _MSC_VER
  int out[4];
  __cpuidex(out, (int)leaf, (int)subleaf);
  r = {(uint32_t)out[0], (uint32_t)out[1], (uint32_t)out[2], (uint32_t)out[3]};
#else
  __cpuid_count(leaf, subleaf, r.a, r.b, r.c, r.d);
#endif
  return r;
}

uint64_t enabledState() {
#ifdef _MSC_VER
  return _xgetbv(0);
#else
  uint32_t low, high;
  __asm__ __volatile__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t)high << 32 | low;
#endif
}

bool has(uint32_t bits, std::initializer_list<int> wanted) {
  for (int bit : wanted)
    if (!(bits >> bit & 1)) return false;
  return true;
}

void readCaches(CpuInfo& info, uint32_t leaf) {
  for (uint32_t i = 0; i < 8; i++) {
    const Registers r = cpuid(leaf, i);
    const uint32_t type = r.a & 31, level = r.a >> 5 & 7;
    if (type == 0) return;
    if (type == 2) continue;  // instructions
    const size_t ways = (r.b >> 22) + 1, partitions = (r.b >> 12 & 1023) + 1, line = (r.b & 4095) + 1;
    const size_t size = ways * partitions * line * ((size_t)r.c + 1);
    if (level == 1) info.l1 = size;
    if (level == 2) info.l2 = size;
    if (level == 3) info.l3 = size;
  }
}

void ask(CpuInfo& info) {
  const uint32_t leaves = cpuid(0).a, extended = cpuid(0x80000000u).a;
  const Registers one = cpuid(1);
  // OSXSAVE and AVX, then XCR0: SSE and AVX state (bits 1, 2), and for AVX-512 masks and upper halves (5, 6,
  // 7).
  if (leaves >= 7 && has(one.c, {12, 27, 28})) {
    const uint64_t state = enabledState();
    const uint32_t seven = cpuid(7).b;
    info.avx2 = (state & 0x6) == 0x6 && has(seven, {5});
    info.avx512 = info.avx2 && (state & 0xe6) == 0xe6 && has(seven, {16, 17, 28, 30, 31});
  }
  const uint32_t maker = cpuid(0).c;
  const bool amd = maker == 0x444d4163u || maker == 0x656e6975u;  // "cAMD", "uine" of HygonGenuine
  info.followsRows = maker == 0x6c65746eu;                        // "ntel"
  if (amd && extended >= 0x8000001du) {
    readCaches(info, 0x8000001du);
  } else if (!amd && leaves >= 4) {
    readCaches(info, 4);
  }
  if (extended >= 0x80000004u)
    for (uint32_t i = 0; i < 3; i++) {
      const Registers r = cpuid(0x80000002u + i);
      memcpy(info.name + 16 * i, &r, 16);
    }
}
#elif defined(__APPLE__)
void ask(CpuInfo& info) {
  info.neon = true;
  size_t size = sizeof info.l1;
  sysctlbyname("hw.perflevel0.l1dcachesize", &info.l1, &size, nullptr, 0);
  size = sizeof info.l2;
  sysctlbyname("hw.perflevel0.l2cachesize", &info.l2, &size, nullptr, 0);
  size = sizeof info.name - 1;
  sysctlbyname("machdep.cpu.brand_string", info.name, &size, nullptr, 0);
}
#else
void ask(CpuInfo& info) {
#if defined(__aarch64__) || defined(_M_ARM64)
  info.neon = true;
#endif
#ifdef _SC_LEVEL1_DCACHE_SIZE
  const long l1 = sysconf(_SC_LEVEL1_DCACHE_SIZE), l2 = sysconf(_SC_LEVEL2_CACHE_SIZE),
             l3 = sysconf(_SC_LEVEL3_CACHE_SIZE);
  if (l1 > 0) info.l1 = (size_t)l1;
  if (l2 > 0) info.l2 = (size_t)l2;
  if (l3 > 0) info.l3 = (size_t)l3;
#endif
}
#endif

CpuInfo read() {
  CpuInfo info{};
  info.l1 = 32 << 10;
  info.l2 = 512 << 10;
  info.l3 = 4 << 20;
  ask(info);
  return info;
}

CpuInfo& known() {
  static CpuInfo info = read();
  return info;
}

}  // namespace

const CpuInfo& cpuInfo() { return known(); }
void setCpuInfo(const CpuInfo& info) { known() = info; }

}  // namespace gemmule
