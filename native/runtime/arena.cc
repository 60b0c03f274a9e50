#include "arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#include <malloc.h>
#endif
#ifdef __linux__
#include <sys/mman.h>
#endif

namespace gemmule {
namespace {

constexpr size_t kLine = 64, kHuge = size_t(2) << 20, kLeast = size_t(64) << 10;
constexpr int kDepth = 32;

char* allocate(size_t bytes) {
  const size_t alignment = bytes >= kHuge ? kHuge : kLine;
#ifdef _WIN32
  return (char*)_aligned_malloc(bytes, alignment);
#else
  void* block = nullptr;
  if (posix_memalign(&block, alignment, bytes) != 0) return nullptr;
#ifdef __linux__
  if (bytes >= kHuge) madvise(block, bytes / kHuge * kHuge, MADV_HUGEPAGE);
#endif
  return (char*)block;
#endif
}

void release(char* block) {
#ifdef _WIN32
  _aligned_free(block);
#else
  free(block);
#endif
}

/// A stack of blocks over a stack of chunks. Chunks beyond the first go with their blocks, and the next first
/// chunk has the size of all of them, so a thread that repeats its work allocates nothing.
class Arena {
 public:
  ~Arena() { shrink(0); }

  void* take(size_t bytes) {
    if (bytes > SIZE_MAX / 2 || depth_ == kDepth) return fail();
    bytes = (bytes + kLine - 1) / kLine * kLine;
    if (depth_ == 0 && chunks_ == 1 && (chunk_[0].size < bytes || chunk_[0].size < wanted_)) shrink(0);
    const Mark before{chunks_, used_};
    if (chunks_ == 0 || chunk_[chunks_ - 1].size - used_ < bytes) {
      size_t size = bytes > kLeast ? bytes : kLeast;
      if (chunks_ == 0 && wanted_ > size) size = wanted_;
      char* base = allocate(size);
      if (!base) return fail();
      chunk_[chunks_++] = {base, size};
      total_ += size;
      if (total_ > wanted_) wanted_ = total_;
      used_ = 0;
    }
    mark_[depth_++] = before;
    char* block = chunk_[chunks_ - 1].base + used_;
    used_ += bytes;
#ifdef GEMMULE_POISON_SCRATCH
    memset(block, 0xff, bytes);  // NaN: a kernel that reads what it has not written shows in its result
#endif
    return block;
  }

  void give() {
    const Mark before = mark_[--depth_];
    shrink(before.chunks > 1 ? before.chunks : 1);
    used_ = before.used;
  }

  bool failed() {
    const bool was = failed_;
    failed_ = false;
    return was;
  }

 private:
  struct Chunk {
    char* base;
    size_t size;
  };
  struct Mark {
    int chunks;
    size_t used;
  };

  void* fail() {
    failed_ = true;
    return nullptr;
  }

  void shrink(int chunks) {
    while (chunks_ > chunks) {
      total_ -= chunk_[--chunks_].size;
      release(chunk_[chunks_].base);
    }
    if (chunks == 0) used_ = 0;
  }

  Chunk chunk_[kDepth];
  Mark mark_[kDepth];
  int chunks_ = 0, depth_ = 0;
  size_t used_ = 0, total_ = 0, wanted_ = 0;
  bool failed_ = false;
};

thread_local Arena arena;

}  // namespace

void* takeScratch(size_t bytes) { return arena.take(bytes); }
void releaseScratch(void* block) {
  if (block) arena.give();
}
bool scratchFailed() { return arena.failed(); }

}  // namespace gemmule
