// Runs a test body on the kernel table of every instruction set that this machine has.
#pragma once
#include <stdlib.h>

#include "runtime/cpu.h"
#include "runtime/dispatch.h"
#include "runtime/threads.h"
#include "test.h"

namespace test {

/// While it lives, kernels plan for a processor with that L2, whose rows it follows or not.
class Planned {
 public:
  Planned(size_t l2, bool followsRows) : own_(gemmule::cpuInfo()) {
    gemmule::CpuInfo other = own_;
    other.l2 = l2;
    other.followsRows = followsRows;
    gemmule::setCpuInfo(other);
  }
  ~Planned() { gemmule::setCpuInfo(own_); }
  Planned(const Planned&) = delete;

 private:
  const gemmule::CpuInfo own_;
};

/// The tables to test, portable last; GEMMULE_ISA narrows them to one.
inline std::vector<const gemmule::KernelTable*> tables() {
  std::vector<const gemmule::KernelTable*> found;
  const char* only = getenv("GEMMULE_ISA");
  for (const char* const* name = gemmule::knownSets; *name; name++) {
    const gemmule::KernelTable* table = gemmule::findTable(*name);
    if (table && (!only || !*only || !strcmp(only, *name))) found.push_back(table);
  }
  return found;
}

}  // namespace test

/// TEST_KERNELS(name) { k.add(…); }: k is the table of the set under test.
#define TEST_KERNELS(name)                                                                  \
  static void body_##name(const gemmule::KernelTable& k);                                   \
  TEST(name) {                                                                              \
    for (const gemmule::KernelTable* k : ::test::tables()) {                                \
      const long before = ::test::failures;                                                 \
      body_##name(*k);                                                                      \
      if (::test::failures != before) fprintf(stderr, "  … with GEMMULE_ISA=%s\n", k->isa); \
    }                                                                                       \
  }                                                                                         \
  static void body_##name(const gemmule::KernelTable& k)
