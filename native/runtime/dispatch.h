// The kernel tables of this build, and which of them the machine can run.
#pragma once
#include "../kernels/table.h"

namespace gemmule {

/// Names of all instruction sets that gemmule knows, best first, ended by null.
extern const char* const knownSets[];

/// The set's table, or null where this build has not got it or this processor cannot run it.
const KernelTable* findTable(const char* isa);

/// The best table of this machine; there is always one.
const KernelTable& bestTable();

}  // namespace gemmule
