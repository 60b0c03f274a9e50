// What the native benches share: problem strings, filling, timing, output.
#pragma once
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <new>
#include <string>
#include <vector>

#include "runtime/dispatch.h"
#include "runtime/threads.h"

namespace bench {

/// Reads "mb256ic1ih28": letters, then the number that belongs to them. False where the text is anything
/// else.
template <class Set>
bool parse(const char* text, Set set) {
  while (*text) {
    char name[16];
    int n = 0;
    while ((*text >= 'a' && *text <= 'z') && n < 15) name[n++] = *text++;
    name[n] = 0;
    char* end;
    const long value = strtol(text, &end, 10);
    if (n == 0 || end == text || !set(std::string(name), (int)value)) return false;
    text = end;
  }
  return true;
}

struct Options {
  const gemmule::KernelTable* kernels = nullptr;
  double seconds = 0.15;  // per problem
  bool json = false;
  std::string direction = "all";
  std::vector<const char*> problems;
};

/// --threads N, --isa NAME, --seconds S, --dir NAME, --json, then problems.
inline Options readOptions(int argc, char** argv) {
  Options o;
  const char* isa = nullptr;
  for (int i = 1; i < argc; i++) {
    const auto is = [&](const char* name) { return !strcmp(argv[i], name) && i + 1 < argc; };
    if (is("--threads"))
      gemmule::setThreadCount(atoi(argv[++i]));
    else if (is("--isa"))
      isa = argv[++i];
    else if (is("--seconds"))
      o.seconds = atof(argv[++i]);
    else if (is("--dir"))
      o.direction = argv[++i];
    else if (!strcmp(argv[i], "--json"))
      o.json = true;
    else
      o.problems.push_back(argv[i]);
  }
  for (const char* const* name = gemmule::knownSets; *name && !o.kernels; name++)
    if (!isa || !strcmp(isa, *name)) o.kernels = gemmule::findTable(*name);
  if (!o.kernels) {
    fprintf(stderr, "this machine or build has no kernels for --isa %s\n", isa ? isa : "");
    exit(2);
  }
  return o;
}

struct Times {
  double least, median;
};

/// Seconds: of this process's work on one thread, so that other programs do not count, and of the clock on
/// several.
inline double now() {
  if (gemmule::threadCount() == 1) return (double)clock() / CLOCKS_PER_SEC;
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Samples of at least 20 µs, after a warm-up.
template <class F>
Times measure(double seconds, F f) {
  const double before = now();
  for (int i = 0; i < 3; i++) f();
  const int inner = 1 + (int)(20e-6 / ((now() - before) / 3 + 1e-9));
  std::vector<double> samples;
  double total = 0;
  while (total < seconds || samples.size() < 5) {
    const double start = now();
    for (int i = 0; i < inner; i++) f();
    const double t = now() - start;
    samples.push_back(t / inner);
    total += t;
  }
  std::sort(samples.begin(), samples.end());
  return {samples[0], samples[samples.size() / 2]};
}

/// Memory on a 64-byte boundary, where a tensor's storage begins.
template <class T>
struct OnLines {
  using value_type = T;
  OnLines() = default;
  template <class U>
  OnLines(const OnLines<U>&) {}
  T* allocate(size_t n) { return (T*)::operator new(n * sizeof(T), std::align_val_t(64)); }
  void deallocate(T* p, size_t) { ::operator delete(p, std::align_val_t(64)); }
  template <class U>
  bool operator==(const OnLines<U>&) const {
    return true;
  }
  template <class U>
  bool operator!=(const OnLines<U>&) const {
    return false;
  }
};
using Values = std::vector<float, OnLines<float>>;

inline Values filled(size_t n, unsigned seed) {
  Values v(n);
  for (float& x : v) {
    seed = seed * 1664525u + 1013904223u;
    x = (float)(seed >> 8 & 0xffff) / 65536.f - 0.5f;
  }
  return v;
}

/// One line of results; a wrong value ends the program.
inline void report(const Options& o, const char* what, const char* problem, double flops, Times t,
                   double error, double allowed) {
  const char* form =
      o.json ? "{\"isa\":\"%s\",\"threads\":%d,\"what\":\"%s\",\"problem\":\"%s\",\"usMin\":%.1f,"
               "\"usMedian\":%.1f,\"gflops\":%.1f,\"gflopsBest\":%.1f,\"error\":%.1e}\n"
             : "%-8s %dT %-6s %-42s %10.1f us least %10.1f us median %7.1f GFLOP/s (best %6.1f) error %.1e\n";
  printf(form, o.kernels->isa, gemmule::threadCount(), what, problem, t.least * 1e6, t.median * 1e6,
         flops / t.median / 1e9, flops / t.least / 1e9, error);
  fflush(stdout);
  if (!(error <= allowed)) {
    fprintf(stderr, "%s %s: error %g, at most %g allowed\n", what, problem, error, allowed);
    exit(1);
  }
}

}  // namespace bench
