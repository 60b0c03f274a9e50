// Every kernel of one instruction set as a struct of function pointers.
#pragma once
#include "kernel.h"

namespace gemmule {

struct KernelTable {
  const char* isa;
#define KERNEL(name, ...) void (*name)(__VA_ARGS__);
#include "../kernels.def"
#undef KERNEL
#define PACKER(kernel, packer, packing, Desc)         \
  void (*packer)(const Desc&, In<float>, Out<float>); \
  Packing (*packing)(const Desc&);
#include "../packers.def"
#undef PACKER
  bool (*indicesBelow)(const int32_t*, int64_t, uint32_t);
};

}  // namespace gemmule

#ifdef GEMMULE_ISA
namespace gemmule {
namespace GEMMULE_ISA {
#define KERNEL(name, ...) void name(__VA_ARGS__);
#include "../kernels.def"
#undef KERNEL
#define PACKER(kernel, packer, packing, Desc)      \
  void packer(const Desc&, In<float>, Out<float>); \
  Packing packing(const Desc&);
#include "../packers.def"
#undef PACKER
/// Whether n indices are all in [0, below): what the binding asks before a kernel that trusts them.
bool indicesBelow(const int32_t* index, int64_t n, uint32_t below);
extern const KernelTable table;
}  // namespace GEMMULE_ISA
}  // namespace gemmule
#endif
