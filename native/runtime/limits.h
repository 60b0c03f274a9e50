// How many threads this process may really use.
#pragma once

namespace gemmule {

/// GEMMULE_NUM_THREADS where it is set and valid, otherwise the smaller of the affinity mask and the cgroup's
/// CPU quota.
int defaultThreadCount();

/// An integer in [1, kMaxThreads], or 0 where text is anything else.
int parseThreadCount(const char* text);

/// CPUs that the cgroup quota grants, rounded up, or 0 for no limit. cgroupFile is read as /proc/self/cgroup,
/// and the controllers are looked for below root (/sys/fs/cgroup): v2 cpu.max and v1 cpu.cfs_quota_us, the
/// least of all ancestors.
int cgroupThreads(const char* cgroupFile, const char* root);

}  // namespace gemmule
