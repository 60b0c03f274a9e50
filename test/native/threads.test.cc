#include "runtime/threads.h"

#include <atomic>
#include <chrono>
#include <ctime>
#include <memory>
#include <thread>

#include "harness/test.h"

#ifdef __linux__
#include <sched.h>
#endif
#ifndef _WIN32
#include <sys/wait.h>
#include <unistd.h>
#endif

using namespace gemmule;

namespace {

/// Counts the runs of every tile, and notices two tiles that share a slot at one time.
struct Count {
  explicit Count(int64_t tiles) : runs(new std::atomic<int>[(size_t)tiles + 1]()), tiles(tiles) {}
  std::unique_ptr<std::atomic<int>[]> runs;
  int64_t tiles;
  std::atomic<int> inSlot[kMaxThreads]{};
  std::atomic<int> clashes{0}, badSlots{0};
  int slots = 0, work = 0;

  void go() {
    slots = parallelSlots();
    parallelFor(
        tiles, [](void* self, int64_t tile, int slot) { ((Count*)self)->run(tile, slot); }, this);
  }
  void run(int64_t tile, int slot) {
    if (slot < 0 || slot >= slots) badSlots++;
    if (inSlot[slot]++ != 0) clashes++;
    for (volatile int i = 0; i < work; i = i + 1) {
    }
    runs[(size_t)tile]++;
    inSlot[slot]--;
  }
  bool right() const {
    for (int64_t i = 0; i < tiles; i++)
      if (runs[(size_t)i] != 1) return false;
    return clashes == 0 && badSlots == 0;
  }
};

struct Threads {
  const int before = threadCount();
  explicit Threads(int n) { setThreadCount(n); }
  ~Threads() { setThreadCount(before); }
};

}  // namespace

TEST(everyTileRunsOnce) {
  for (int threads : {1, 2, 3, 5, 2}) {
    Threads use(threads);
    for (int64_t tiles : {0, 1, 2, 3, 7, 1000})
      for (int round = 0; round < 50; round++) {
        Count count(tiles);
        count.work = round % 3 ? 0 : 1000;
        count.go();
        CHECK(count.right(), "%d threads, %d tiles", threads, (int)tiles);
      }
  }
}

TEST(jobsAfterSleep) {
  Threads use(3);
  for (int round = 0; round < 20; round++) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    Count count(64);
    count.work = 20000;
    count.go();
    CHECK(count.right());
  }
}

// The worker's tile ends about when the caller, waiting for it, has been awake long enough to go to sleep.
TEST(callerIsWoken) {
  Threads use(2);
  using Clock = std::chrono::steady_clock;
  struct Job {
    std::chrono::microseconds length;
    std::atomic<bool> entered{false};
    std::atomic<int> done{0};
  };
  for (int round = 0; round < 1000; round++) {
    Job job;
    job.length = std::chrono::microseconds(280 + round % 40);
    parallelFor(
        2,
        [](void* raw, int64_t, int slot) {
          Job* j = (Job*)raw;
          const bool worker = slot > 0;
          if (worker) j->entered = true;
          const Clock::time_point end = Clock::now() + j->length;
          while (worker ? Clock::now() < end : !j->entered && Clock::now() < end) {
          }
          j->done++;
        },
        &job);
    CHECK(job.done == 2, "%d of 2 tiles", job.done.load());
  }
}

TEST(severalThreadsWork) {
  Threads use(4);
  Count count(4000);
  count.work = 20000;
  std::atomic<uint64_t> seen{0};
  struct Context {
    Count* count;
    std::atomic<uint64_t>* seen;
  } context{&count, &seen};
  count.slots = parallelSlots();
  parallelFor(
      count.tiles,
      [](void* raw, int64_t tile, int slot) {
        Context* c = (Context*)raw;
        c->seen->fetch_or(1ull << slot);
        c->count->run(tile, slot);
      },
      &context);
  CHECK(count.right() && (seen & (seen - 1)) != 0, "slots used: %llx", (unsigned long long)seen);
}

TEST(nestedCallsRunInline) {
  Threads use(3);
  struct Outer {
    std::atomic<int> wrong{0}, total{0};
  } outer;
  parallelFor(
      40,
      [](void* raw, int64_t, int) {
        Outer* o = (Outer*)raw;
        if (parallelSlots() != 1) o->wrong++;
        const std::thread::id self = std::this_thread::get_id();
        struct Inner {
          Outer* outer;
          std::thread::id thread;
        } inner{o, self};
        parallelFor(
            5,
            [](void* p, int64_t, int slot) {
              Inner* i = (Inner*)p;
              if (slot != 0 || std::this_thread::get_id() != i->thread) i->outer->wrong++;
              i->outer->total++;
            },
            &inner);
      },
      &outer);
  CHECK(outer.wrong == 0 && outer.total == 200, "%d of %d", outer.wrong.load(), outer.total.load());
  CHECK(parallelSlots() == 3);
}

TEST(concurrentCallers) {
  Threads use(3);
  std::atomic<int> wrong{0};
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; t++)
    callers.emplace_back([&wrong, t] {
      for (int round = 0; round < 200; round++) {
        Count count(1 + (round * 7 + t) % 50);
        count.work = 200;
        count.go();
        if (!count.right()) wrong++;
      }
    });
  for (std::thread& caller : callers) caller.join();
  CHECK(wrong == 0, "%d jobs went wrong", wrong.load());
}

TEST(threadCountIsClamped) {
  Threads use(2);
  setThreadCount(0);
  CHECK(threadCount() == 1);
  setThreadCount(kMaxThreads + 1);
  CHECK(threadCount() == kMaxThreads);
}

TEST(heldCountStays) {
  Threads use(2);
  {
    const HeldThreadCount held;
    setThreadCount(4);
    CHECK(parallelSlots() == 2, "%d slots while 2 are held", parallelSlots());
    Count count(1000);
    count.work = 1000;
    count.go();
    CHECK(count.right());
  }
  CHECK(parallelSlots() == 4, "%d slots of 4", parallelSlots());
}

TEST(stopsAndStartsAgain) {
  Threads use(3);
  for (int round = 0; round < 10; round++) {
    Count count(100);
    count.go();
    CHECK(count.right());
    stopThreads();
  }
}

TEST(idleThreadsSleep) {
  Threads use(3);
  Count count(100);
  count.go();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const clock_t before = clock();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const double seconds = (double)(clock() - before) / CLOCKS_PER_SEC;
  CHECK(seconds < 0.02, "an idle pool used %.3f s of 0.2 s", seconds);
}

#ifdef __linux__
// Workers are kept off the caller's core while they wake; afterwards they may run everywhere as before.
TEST(wokenThreadsKeepTheirCores) {
  Threads use(3);
  cpu_set_t own;
  CHECK(sched_getaffinity(0, sizeof own, &own) == 0);
  for (int i = 0; i < 20; i++) {
    std::atomic<int> others{0}, narrowed{0};
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    for (int job = 0; job < 20; job++) {
      struct Seen {
        const cpu_set_t& own;
        std::atomic<int>&others, &narrowed;
      } seen{own, others, narrowed};
      parallelFor(
          50,
          [](void* context, int64_t, int slot) {
            Seen& seen = *(Seen*)context;
            cpu_set_t now;
            if (slot > 0) seen.others++;
            if (sched_getaffinity(0, sizeof now, &now) != 0 || !CPU_EQUAL(&now, &seen.own)) seen.narrowed++;
          },
          &seen);
    }
    CHECK(narrowed == 0, "%d of %d tiles of woken threads", narrowed.load(), others.load());
  }
}
#endif

// ThreadSanitizer ends a child that was forked from several threads, and so does qemu-user; other builds run
// this.
#if !defined(_WIN32) && !defined(GEMMULE_EMULATED)
TEST(childOfAForkHasItsOwnPool) {
  if (!strcmp(GEMMULE_SANITIZE, "thread")) return;
  Threads use(3);
  Count before(100);
  before.go();
  const pid_t child = fork();
  if (child == 0) {
    Count count(100);
    count.work = 5000;
    count.go();
    _exit(count.right() ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %d", status);
  Count after(100);
  after.go();
  CHECK(before.right() && after.right());
}
#endif
