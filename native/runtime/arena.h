// Scratch memory of the calling thread. Included by kernels, so it declares only.
#pragma once
#include <stddef.h>

namespace gemmule {

/// `bytes` of uninitialised memory on a 64-byte boundary (2 MiB from 2 MiB on), kept between calls at its
/// high-water mark. Returns null where the system has none and remembers it: the kernel returns at once,
/// before it wrote anything, and the binding throws. So take scratch at the start of a kernel, never inside
/// parallelFor (take slots × size before it).
void* takeScratch(size_t bytes);
/// Gives back the latest block that was taken and not released; null is allowed.
void releaseScratch(void* block);
/// Whether takeScratch failed on this thread since the last call.
bool scratchFailed();

}  // namespace gemmule
