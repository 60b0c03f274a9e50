// Scratch memory, limits and dispatch.
#include <stdlib.h>

#include "harness/kernels.h"
#include "runtime/arena.h"
#include "runtime/cpu.h"
#include "runtime/limits.h"

#ifndef _WIN32
#include <sys/stat.h>
#include <unistd.h>
#endif

using namespace gemmule;

TEST(scratchIsAlignedAndReused) {
  void* first = takeScratch(1000);
  void* second = takeScratch(100);
  CHECK(((uintptr_t)first & 63) == 0 && ((uintptr_t)second & 63) == 0);
  CHECK((char*)second >= (char*)first + 1000, "blocks overlap");
  memset(first, 1, 1000);
  memset(second, 2, 100);
  CHECK(((char*)first)[999] == 1);
  releaseScratch(second);
  void* again = takeScratch(50);
  CHECK(again == second, "a block that was given back is used again");
  releaseScratch(again);
  releaseScratch(first);
  CHECK(!scratchFailed());
}

TEST(scratchGrowsToItsHighWaterMark) {
  const size_t sizes[] = {40 << 10, 50 << 10, 5 << 20, 64, 3 << 20};
  char* before = nullptr;
  for (int round = 0; round < 4; round++) {
    std::vector<char*> blocks;
    for (size_t size : sizes) {
      blocks.push_back((char*)takeScratch(size));
      CHECK(blocks.back() && ((uintptr_t)blocks.back() & 63) == 0);
      memset(blocks.back(), round + (int)blocks.size(), size);
    }
    for (size_t i = 0; i < blocks.size(); i++)
      CHECK(blocks[i][0] == round + (int)i + 1 && blocks[i][sizes[i] - 1] == round + (int)i + 1,
            "block %zu changed", i);
    if (round >= 2) CHECK(blocks[0] == before, "the memory moved though it was large enough");
    before = blocks[0];
    while (!blocks.empty()) {
      releaseScratch(blocks.back());
      blocks.pop_back();
    }
  }
}

TEST(scratchThatFailsIsReported) {
  CHECK(takeScratch(SIZE_MAX) == nullptr && scratchFailed());
  CHECK(!scratchFailed(), "a failure is told once");
  void* block = takeScratch(64);
  CHECK(block != nullptr && takeScratch(SIZE_MAX / 2 - 4096) == nullptr && scratchFailed());
  releaseScratch(nullptr);
  releaseScratch(block);
}

TEST(numbersOfThreads) {
  CHECK(parseThreadCount("1") == 1 && parseThreadCount("12") == 12 && parseThreadCount("256") == 256);
  for (const char* bad : {"", "0", "-1", "257", "1.5", "two", "2 ", "99999999999999999999"})
    CHECK(parseThreadCount(bad) == 0, "\"%s\"", bad);
  CHECK(parseThreadCount(nullptr) == 0);
  CHECK(defaultThreadCount() >= 1 && defaultThreadCount() <= kMaxThreads);
}

#ifndef _WIN32
namespace {

/// A made-up /sys/fs/cgroup.
struct Tree {
  std::string root;
  Tree() {
    char name[] = "gemmule-cgroup-XXXXXX";
    root = mkdtemp(name);
  }
  ~Tree() {
    if (system(("rm -r " + root).c_str()) != 0) abort();
  }
  void write(const std::string& path, const std::string& text) const {
    for (size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1))
      mkdir((root + "/" + path.substr(0, at)).c_str(), 0777);
    FILE* file = fopen((root + "/" + path).c_str(), "w");
    if (!file || fputs(text.c_str(), file) < 0) abort();
    fclose(file);
  }
  int threads(const std::string& cgroup) const {
    write("self", cgroup);
    return cgroupThreads((root + "/self").c_str(), root.c_str());
  }
};

}  // namespace

TEST(cgroupQuota2) {
  Tree tree;
  CHECK(tree.threads("0::/\n") == 0, "no files, no limit");
  tree.write("a/b/cpu.max", "max 100000\n");
  tree.write("a/cpu.max", "150000 100000\n");
  CHECK(tree.threads("0::/a/b\n") == 2, "an ancestor's quota of 1.5 is 2 threads");
  tree.write("a/b/cpu.max", "100000 100000\n");
  CHECK(tree.threads("0::/a/b\n") == 1, "the least of all counts");
  CHECK(tree.threads("0::/not/seen/here\n") == 0);
  tree.write("cpu.max", "400000 100000\n");
  CHECK(tree.threads("0::/not/seen/here\n") == 4, "in a container the group's own path may be missing");
}

TEST(cgroupQuota1) {
  Tree tree;
  tree.write("cpu,cpuacct/job/cpu.cfs_quota_us", "250000\n");
  tree.write("cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
  tree.write("memory/job/cpu.cfs_quota_us", "1\n");
  CHECK(tree.threads("5:memory:/job\n4:cpu,cpuacct:/job\n1:name=systemd:/job\n") == 3);
  tree.write("cpu,cpuacct/job/cpu.cfs_quota_us", "-1\n");
  CHECK(tree.threads("4:cpu,cpuacct:/job\n") == 0, "-1 is no limit");
  tree.write("cpu/job/cpu.cfs_quota_us", "50000\n");
  tree.write("cpu/job/cpu.cfs_period_us", "100000\n");
  CHECK(tree.threads("4:cpu,cpuacct:/job\n") == 1, "cpu is a usual name of that mount");
}
#endif

TEST(dispatch) {
  CHECK(findTable("portable") != nullptr && findTable("sse9") == nullptr && findTable("") == nullptr);
  for (const char* const* name = knownSets; *name; name++) {
    const KernelTable* table = findTable(*name);
    CHECK(!table || !strcmp(table->isa, *name), "%s", *name);
  }
  CHECK(&bestTable() == findTable(bestTable().isa));
#ifndef GEMMULE_EMULATES_avx512
  CHECK(findTable("avx512") == nullptr || cpuInfo().avx512);
#endif
  CHECK(findTable("avx2") == nullptr || cpuInfo().avx2);
  CHECK(cpuInfo().l1 >= 8 << 10 && cpuInfo().l2 >= cpuInfo().l1 && cpuInfo().l3 >= cpuInfo().l2);
}
