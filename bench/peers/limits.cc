// What the machine can do: fused multiply-adds per second and memory bandwidth by working set. Usage: limits
// avx512|avx2|portable THREADS Prints {"gflops": …, "l1": …, "l2": …, "l3": …} in GFLOP/s and GB/s, for a
// loop that reads and writes equally.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

static double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Vectors of the compiler, so that one source serves every set; 12 chains hide the latency of two
// multiply-add units.
#define FMA_LOOP(set, bytes)                                                                                \
  typedef float set##_vector __attribute__((vector_size(bytes), aligned(4), may_alias));                    \
  __attribute__((noinline, optimize("O3", "fp-contract=fast"))) FMA_TARGET static float set##_fma(long n) { \
    set##_vector a[12], x, y;                                                                               \
    for (int i = 0; i < 12; i++) a[i] = set##_vector{} + 0.001f * i;                                        \
    x = set##_vector{} + 0.999f;                                                                            \
    y = set##_vector{} + 0.001f;                                                                            \
    for (long i = 0; i < n; i++)                                                                            \
      for (int j = 0; j < 12; j++) a[j] = a[j] * x + y;                                                     \
    for (int j = 1; j < 12; j++) a[0] += a[j];                                                              \
    return a[0][0];                                                                                         \
  }                                                                                                         \
  __attribute__((noinline, optimize("O3")))                                                                 \
  FMA_TARGET static void set##_scale(float* y, const float* x, long n) {                                    \
    for (long i = 0; i + long(bytes / 4) <= n; i += bytes / 4) {                                            \
      *(set##_vector*)(y + i) = *(const set##_vector*)(x + i) * 1.5f;                                       \
    }                                                                                                       \
  }

#if defined(__x86_64__)
#define FMA_TARGET __attribute__((target("avx512f,prefer-vector-width=512")))
FMA_LOOP(avx512, 64)
#undef FMA_TARGET
#define FMA_TARGET __attribute__((target("avx2,fma")))
FMA_LOOP(avx2, 32)
#undef FMA_TARGET
#endif
#define FMA_TARGET
FMA_LOOP(portable, 16)

struct Set {
  int lanes;
  float (*fma)(long);
  void (*scale)(float*, const float*, long);
};

static Set pick(const std::string& name) {
#if defined(__x86_64__)
  if (name == "avx512") return {16, avx512_fma, avx512_scale};
  if (name == "avx2") return {8, avx2_fma, avx2_scale};
#endif
  return {4, portable_fma, portable_scale};
}

static std::atomic<float> sink;

/// Best of several rounds of `work` on `threads` threads at once, in units per second and thread count
/// together.
template <class Work>
static double rate(int threads, double units, Work work) {
  double best = 0;
  for (int round = 0; round < 5; round++) {
    std::atomic<int> ready{0};
    std::vector<double> spans(threads);
    std::vector<std::thread> pool;
    for (int t = 0; t < threads; t++) {
      pool.emplace_back([&, t] {
        work(t);
        ready++;
        while (ready < threads) {
        }
        const double start = now();
        work(t);
        spans[t] = now() - start;
      });
    }
    for (auto& t : pool) t.join();
    double longest = 0;
    for (const double s : spans) longest = s > longest ? s : longest;
    const double r = units * threads / longest;
    best = r > best ? r : best;
  }
  return best;
}

int main(int argc, char** argv) {
  const Set set = pick(argc > 1 ? argv[1] : "portable");
  const int threads = argc > 2 ? atoi(argv[2]) : 1;
  const long n = 4000000;
  printf("{\"gflops\":%.1f", rate(threads, 24.0 * n * set.lanes, [&](int) { sink = set.fma(n); }) / 1e9);
  const struct {
    const char* name;
    long floats;
  } levels[] = {{"l1", 4096}, {"l2", 65536}, {"l3", 1 << 20}, {"memory", 1 << 25}};
  for (const auto& level : levels) {
    std::vector<std::vector<float>> x(threads), y(threads);
    for (auto& v : x) v.assign(level.floats, 1.f);
    for (auto& v : y) v.assign(level.floats, 1.f);
    const long repeats = 1 + (1L << 26) / level.floats;
    const double bytes = 8.0 * level.floats * repeats;
    printf(",\"%s\":%.1f", level.name, rate(threads, bytes, [&](int t) {
                                         for (long r = 0; r < repeats; r++)
                                           set.scale(y[t].data(), x[t].data(), level.floats);
                                       }) / 1e9);
    fflush(stdout);
  }
  puts("}");
}
