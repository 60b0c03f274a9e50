#include "threads.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "limits.h"

#ifndef _WIN32
#include <pthread.h>
#endif
#ifdef __linux__
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif
#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace gemmule {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::microseconds kSpin{300};

inline void pause() {
#if defined(__x86_64__) || defined(_M_X64)
  _mm_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

/// Waits for ready() without sleeping, for kSpin at most.
template <class Ready>
bool spin(Ready ready) {
  if (ready()) return true;
  const Clock::time_point end = Clock::now() + kSpin;
  do {
    for (int i = 0; i < 32; i++) {
      pause();
      if (ready()) return true;
    }
  } while (Clock::now() < end);
  return false;
}

/// NOTE [Whose core] Linux may put a woken worker on the caller's core though another is idle: cores on which
/// threads have spun pass for busy. There it would wait for the caller's time to run out, or spin on it,
/// until the system balances its load some milliseconds later. So a worker is woken where the caller does
/// not run, and once awake may run everywhere again.
class Elsewhere {
 public:
#ifdef __linux__
  void beThisThread() { thread_ = gettid(); }
  /// Keeps the thread, asleep, off the core that runs this.
  void send() {
    const int core = sched_getcpu();
    if (thread_ == 0 || core < 0 || isAway_ || sched_getaffinity(thread_, sizeof allowed_, &allowed_) != 0)
      return;
    cpu_set_t others = allowed_;
    CPU_CLR(core, &others);
    isAway_ = CPU_COUNT(&others) > 0 && sched_setaffinity(thread_, sizeof others, &others) == 0;
  }
  void settle() {
    if (isAway_) sched_setaffinity(thread_, sizeof allowed_, &allowed_);
    isAway_ = false;
  }

 private:
  static pid_t gettid() { return (pid_t)syscall(SYS_gettid); }
  pid_t thread_ = 0;
  bool isAway_ = false;
  cpu_set_t allowed_;
#else
  void beThisThread() {}
  void send() {}
  void settle() {}
#endif
};

struct Job {
  void (*fn)(void*, int64_t, int);
  void* ctx;
  int64_t tiles;
  int64_t grain;  // tiles of an index of a Range: 1 but for 2^31 tiles or more
  int slots;
};

/// NOTE [Whose tile] Every slot owns an equal range of neighbouring tiles, the same in every job of as many
/// tiles, and whoever has finished its own takes the last ones of the others. So what a thread wrote is, for
/// the most part, read by it in the next pass, layer or step: where two cores lie far apart, lines that move
/// between them come at a tenth of the speed of a core's own cache.
class alignas(64) Range {
 public:
  void set(uint32_t begin, uint32_t end) {
    ends_.store((uint64_t)end << 32 | begin, std::memory_order_relaxed);
  }
  /// The first (or the last) index that is left, -1 where none is.
  int64_t take(bool last) {
    uint64_t now = ends_.load(std::memory_order_relaxed);
    while (true) {
      const uint32_t begin = (uint32_t)now, end = (uint32_t)(now >> 32);
      if (begin == end) return -1;
      const uint64_t next = last ? (uint64_t)(end - 1) << 32 | begin : now + 1;
      if (ends_.compare_exchange_weak(now, next, std::memory_order_relaxed)) return last ? end - 1 : begin;
    }
  }

 private:
  std::atomic<uint64_t> ends_{0};
};

/// A place to sleep: `asleep` is raised before the condition is looked at for the last time, and the
/// condition is made true before rouse() looks at `asleep`, so a wake is never missed. Both are written by
/// exchanges and the like, not by stores: qemu 7 running AArch64 on x86 lets a load overtake a store before
/// it.
struct Bed {
  std::mutex mutex;
  std::condition_variable wake;
  std::atomic<bool> asleep{false};
  Elsewhere place;  // guarded by the mutex

  template <class Ready>
  void sleepUntil(Ready ready) {
    while (!spin(ready)) {
      std::unique_lock<std::mutex> lock(mutex);
      asleep.exchange(true);
      if (!ready()) wake.wait(lock);  // roused too late for one short job, it is awake for the next
      asleep.store(false);
      place.settle();
    }
  }
  void rouse() {
    if (!asleep.load() || !asleep.exchange(false)) return;  // or roused already
    {
      std::lock_guard<std::mutex> lock(mutex);
      place.send();
    }
    wake.notify_one();
  }
};

/// NOTE [Joining a job] `state` holds the job's number, whether it is open, and how many workers are inside.
/// A worker enters only while the job is open; the caller closes it when no tile is left and waits for those
/// inside. One that wakes too late finds it closed, so nobody ever waits for a thread that is still asleep.
constexpr uint64_t kOpen = 1ull << 16, kNumber = 1ull << 17, kInside = kOpen - 1;

class Pool {
 public:
  bool tryRun(const Job& wanted) {
    std::unique_lock<std::mutex> only(busy_, std::try_to_lock);
    if (!only.owns_lock()) return false;
    resize(threadCount() - 1);
    job_ = wanted;
    if (job_.slots > (int)workers_.size() + 1) job_.slots = (int)workers_.size() + 1;
    const int64_t indices = (job_.tiles + job_.grain - 1) / job_.grain;
    for (int slot = 0; slot < job_.slots; slot++)
      range(slot).set((uint32_t)(indices * slot / job_.slots), (uint32_t)(indices * (slot + 1) / job_.slots));
    state_.exchange(((state_.load(std::memory_order_relaxed) | kInside | kOpen) + 1) | kOpen);
    for (int i = 0; i < job_.slots - 1; i++) workers_[i]->bed.rouse();
    work(0);
    state_.fetch_and(~kOpen);
    caller_.sleepUntil([this] { return (state_.load() & kInside) == 0; });
    return true;
  }

  /// False where a job runs.
  bool stop() {
    std::unique_lock<std::mutex> only(busy_, std::try_to_lock);
    if (only.owns_lock()) resize(0);
    return only.owns_lock();
  }

 private:
  struct Worker {
    Bed bed;
    std::atomic<bool> stop{false};
    std::thread thread;
    Range range;
  };

  Range& range(int slot) { return slot == 0 ? callers_ : workers_[slot - 1]->range; }
  void work(int slot);
  void live(Worker* self, int slot);

  /// Only while no job runs. A system that refuses another thread leaves the pool smaller.
  void resize(int count) {
    while ((int)workers_.size() > count) {
      Worker& last = *workers_.back();
      last.stop.exchange(true);
      last.bed.rouse();
      last.thread.join();
      workers_.pop_back();
    }
    while ((int)workers_.size() < count) {
      std::unique_ptr<Worker> worker(new Worker);
      try {
        worker->thread = std::thread(&Pool::live, this, worker.get(), (int)workers_.size() + 1);
      } catch (...) {
        return;
      }
      workers_.push_back(std::move(worker));
    }
  }

  std::mutex busy_;
  std::vector<std::unique_ptr<Worker>> workers_;
  Job job_{};
  alignas(64) std::atomic<uint64_t> state_{0};
  Range callers_;
  Bed caller_;
};

thread_local bool inside = false;
thread_local int held = 0;
std::atomic<int> count{0};

/// Ends the pool at exit. After fork the child has the memory of the pool but none of its threads: it starts
/// another.
struct Holder {
  std::atomic<Pool*> pool{nullptr};
  std::mutex making;
  ~Holder() {
    Pool* last = pool.exchange(nullptr);
    if (last && last->stop()) delete last;
  }

  Pool* get() {
    Pool* found = pool.load(std::memory_order_acquire);
    if (found) return found;
    std::lock_guard<std::mutex> lock(making);
    if (!pool.load()) {
#ifndef _WIN32
      static const int registered = pthread_atfork(nullptr, nullptr, &Holder::forget);
      (void)registered;
#endif
      pool.store(new Pool, std::memory_order_release);
    }
    return pool.load();
  }
  static void forget();
} holder;

void Holder::forget() { holder.pool.store(nullptr); }

void Pool::work(int slot) {
  inside = true;
  for (int i = 0; i < job_.slots; i++) {
    Range& from = range((slot + i) % job_.slots);
    for (int64_t index; (index = from.take(i > 0)) >= 0;) {
      const int64_t begin = index * job_.grain, end = begin + job_.grain;
      for (int64_t tile = begin; tile < end && tile < job_.tiles; tile++) job_.fn(job_.ctx, tile, slot);
    }
  }
  inside = false;
}

void Pool::live(Worker* self, int slot) {
  {
    std::lock_guard<std::mutex> lock(self->bed.mutex);
    self->bed.place.beThisThread();
  }
  uint64_t seen = 0;
  while (true) {
    uint64_t now = 0;
    self->bed.sleepUntil([&] {
      now = state_.load();
      return ((now & kOpen) && now / kNumber != seen) || self->stop.load();
    });
    if (self->stop.load()) return;
    seen = now / kNumber;
    while ((now & kOpen) && now / kNumber == seen && !state_.compare_exchange_weak(now, now + 1)) {
    }
    if (!(now & kOpen) || now / kNumber != seen) continue;
    if (slot < job_.slots) work(slot);
    if (((state_.fetch_sub(1) - 1) & (kInside | kOpen)) == 0) caller_.rouse();
  }
}

}  // namespace

void parallelFor(int64_t tiles, void (*fn)(void*, int64_t, int), void* ctx) {
  const int slots = tiles > 1 ? parallelSlots() : 1;
  if (slots > 1) {
    const Job job{fn, ctx, tiles, (tiles >> 31) + 1, tiles < slots ? (int)tiles : slots};
    if (holder.get()->tryRun(job)) return;
  }
  const bool outer = inside;
  inside = true;
  for (int64_t tile = 0; tile < tiles; tile++) fn(ctx, tile, 0);
  inside = outer;
}

int parallelSlots() { return inside ? 1 : held > 0 ? held : threadCount(); }

HeldThreadCount::HeldThreadCount() { held = threadCount(); }
HeldThreadCount::~HeldThreadCount() { held = 0; }

int threadCount() {
  int n = count.load(std::memory_order_relaxed);
  if (n == 0) {
    int none = 0;
    n = defaultThreadCount();
    if (!count.compare_exchange_strong(none, n)) n = none;
  }
  return n;
}

void setThreadCount(int n) { count.store(n < 1 ? 1 : n > kMaxThreads ? kMaxThreads : n); }

void stopThreads() {
  Pool* pool = holder.pool.load();
  if (pool) pool->stop();
}

}  // namespace gemmule
