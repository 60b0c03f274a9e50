#include "table.h"

#define GEMMULE_STRING2(x) #x
#define GEMMULE_STRING(x) GEMMULE_STRING2(x)

namespace gemmule {
namespace GEMMULE_ISA {

extern const KernelTable table = {
    GEMMULE_STRING(GEMMULE_ISA),
#define KERNEL(name, ...) &name,
#include "../kernels.def"
#undef KERNEL
#define PACKER(kernel, packer, packing, Desc) &packer, &packing,
#include "../packers.def"
#undef PACKER
    &indicesBelow,
};

}  // namespace GEMMULE_ISA
}  // namespace gemmule
