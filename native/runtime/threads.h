// One pool of threads per process, shared by every caller. Included by kernels, so it declares only.
#pragma once
#include <stdint.h>

namespace gemmule {

/// Runs fn(ctx, tile, slot) for every tile in [0, tiles), spread over the pool, and returns when all are
/// done. Neighbouring tiles go to one thread, and the same ones in every job of as many tiles, unless
/// another thread has nothing left to do: which thread runs a tile, and in which order, is not defined, so
/// results may depend on the tile only. slot is in [0, parallelSlots()) and no two tiles that run at one time
/// share one: it indexes per-thread scratch that the caller took beforehand. A call from inside fn runs
/// inline, and so does one that finds the pool busy with another caller; both as slot 0 of their own. fn must
/// not throw.
void parallelFor(int64_t tiles, void (*fn)(void* ctx, int64_t tile, int slot), void* ctx);

/// How many slots a parallelFor started now by this thread may use: the number of threads, 1 inside another
/// parallelFor. Good for sizing scratch only: work must be cut by shape, or results would depend on the
/// number of threads.
int parallelSlots();

constexpr int kMaxThreads = 256;

/// Threads in use, the caller's included. set applies to calls that follow; n is clamped to [1, kMaxThreads].
int threadCount();
void setThreadCount(int n);

/// While one lives, parallelSlots() and parallelFor of this thread keep to one count, whatever other threads
/// set: scratch that a kernel sized stays large enough.
struct HeldThreadCount {
  HeldThreadCount();
  ~HeldThreadCount();
  HeldThreadCount(const HeldThreadCount&) = delete;
  HeldThreadCount& operator=(const HeldThreadCount&) = delete;
};

/// Ends and joins the pool's threads; the next parallelFor starts them again. Nothing where the pool is at
/// work.
void stopThreads();

}  // namespace gemmule
