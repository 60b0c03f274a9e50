#include "limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <string>
#include <thread>

#include "threads.h"

#ifdef __linux__
#include <sched.h>
#endif

namespace gemmule {
namespace {

std::string readFile(const std::string& path) {
  std::string text;
  FILE* file = fopen(path.c_str(), "r");
  if (!file) return text;
  char buffer[1024];
  for (size_t n; (n = fread(buffer, 1, sizeof buffer, file)) > 0;) text.append(buffer, n);
  fclose(file);
  return text;
}

int ceilDivide(long long quota, long long period) {
  if (quota <= 0 || period <= 0) return 0;
  return (int)std::min<long long>((quota + period - 1) / period, kMaxThreads);
}

int quotaOf(const std::string& folder) {
  long long quota = 0, period = 0;
  const std::string v2 = readFile(folder + "/cpu.max");
  if (sscanf(v2.c_str(), "%lld %lld", &quota, &period) == 2) return ceilDivide(quota, period);
  quota = atoll(readFile(folder + "/cpu.cfs_quota_us").c_str());
  period = atoll(readFile(folder + "/cpu.cfs_period_us").c_str());
  return ceilDivide(quota, period);
}

int leastUpwards(const std::string& mount, std::string path) {
  int least = 0;
  while (true) {
    const int quota = quotaOf(mount + path);
    if (quota && (!least || quota < least)) least = quota;
    if (path.empty()) return least;
    path.erase(path.find_last_of('/') == std::string::npos ? 0 : path.find_last_of('/'));
  }
}

bool hasController(const std::string& list, const char* name) {
  return ("," + list + ",").find(std::string(",") + name + ",") != std::string::npos;
}

int affinityThreads() {
#ifdef __linux__
  // The kernel refuses a mask smaller than its own, so try larger ones.
  for (int cpus = 1024; cpus <= 1 << 16; cpus *= 4) {
    cpu_set_t* set = CPU_ALLOC(cpus);
    if (!set) break;
    const size_t size = CPU_ALLOC_SIZE(cpus);
    const int count = sched_getaffinity(0, size, set) == 0 ? CPU_COUNT_S(size, set) : 0;
    CPU_FREE(set);
    if (count > 0) return count;
  }
#endif
  return std::max(1, (int)std::thread::hardware_concurrency());
}

}  // namespace

int parseThreadCount(const char* text) {
  if (!text || !*text) return 0;
  int n = 0;
  for (; *text; text++) {
    if (*text < '0' || *text > '9') return 0;
    n = n * 10 + (*text - '0');
    if (n > kMaxThreads) return 0;
  }
  return n;
}

int cgroupThreads(const char* cgroupFile, const char* root) {
  const std::string lines = readFile(cgroupFile), mount = root;
  int least = 0;
  for (size_t start = 0; start < lines.size();) {
    const size_t end = std::min(lines.find('\n', start), lines.size());
    const std::string line = lines.substr(start, end - start);
    start = end + 1;
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    std::string path = line.substr(second + 1);
    if (path == "/") path.clear();
    if (!controllers.empty() && !hasController(controllers, "cpu")) continue;
    for (const std::string& folder :
         {mount + (controllers.empty() ? "" : "/" + controllers), mount + "/cpu"}) {
      const int quota = leastUpwards(folder, path);
      if (quota && (!least || quota < least)) least = quota;
    }
  }
  return least;
}

int defaultThreadCount() {
  const int wanted = parseThreadCount(getenv("GEMMULE_NUM_THREADS"));
  if (wanted) return wanted;
  int count = affinityThreads();
#ifdef __linux__
  const int quota = cgroupThreads("/proc/self/cgroup", "/sys/fs/cgroup");
  if (quota) count = std::min(count, quota);
#endif
  return std::min(count, kMaxThreads);
}

}  // namespace gemmule
