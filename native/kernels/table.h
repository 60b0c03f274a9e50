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
extern const KernelTable table;
}  // namespace GEMMULE_ISA
}  // namespace gemmule
#endif
