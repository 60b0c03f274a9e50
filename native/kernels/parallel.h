// parallelFor over a callable, and scratch that gives itself back. Inside the set's namespace, as all inline
// code of kernels must be: a copy of it compiled for one set must not serve another.
#pragma once
#include "../runtime/arena.h"
#include "../runtime/threads.h"

namespace gemmule {
namespace GEMMULE_ISA {

/// Runs body(tile, slot) for every tile in [0, tiles); see parallelFor.
template <class Body>
inline void parallel(int64_t tiles, Body body) {
  parallelFor(
      tiles, [](void* ctx, int64_t tile, int slot) { (*(Body*)ctx)(tile, slot); }, &body);
}

/// count elements of scratch for as long as the object lives; data is null where memory ran out: return at
/// once.
template <class T>
struct Scratch {
  T* const data;
  explicit Scratch(size_t count) : data((T*)takeScratch(count * sizeof(T))) {}
  ~Scratch() { releaseScratch(data); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
};

}  // namespace GEMMULE_ISA
}  // namespace gemmule
