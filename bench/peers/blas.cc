// A BLAS library's side of the suite gemm. Usage: blas openblas|blis THREADS
#include <dlfcn.h>

#include <memory>

#include "protocol.h"

using Sgemm = void (*)(int, int, int, int, int, int, float, const float*, int, const float*, int, float,
                       float*, int);

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const std::string name = argv[1];
  const bool is_blis = name == "blis";
  void* library = dlopen(is_blis ? "libblis.so.4" : "libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  const auto sgemm = reinterpret_cast<Sgemm>(dlsym(library, "cblas_sgemm"));
  if (is_blis) {
    reinterpret_cast<void (*)(long)>(dlsym(library, "bli_thread_set_num_threads"))(atol(argv[2]));
  } else {
    reinterpret_cast<void (*)(int)>(dlsym(library, "openblas_set_num_threads"))(atoi(argv[2]));
  }
  const char* (*const config)() =
      is_blis ? nullptr : reinterpret_cast<const char* (*)()>(dlsym(library, "openblas_get_config"));
  bench::serve(argv[1], config ? config() : "", [=](const std::string& q) -> bench::Job {
    if (bench::text(q, "suite") != "gemm") return {nullptr, nullptr, 0, "no such suite"};
    const int m = bench::number(q, "m"), n = bench::number(q, "n"), k = bench::number(q, "k");
    const bool ta = bench::flag(q, "ta"), tb = bench::flag(q, "tb");
    auto buffers = std::make_shared<std::vector<std::vector<float>>>();
    for (const size_t size : {size_t(m) * k, size_t(k) * n, size_t(m) * n}) buffers->emplace_back(size);
    float *a = (*buffers)[0].data(), *b = (*buffers)[1].data(), *c = (*buffers)[2].data();
    bench::fill(a, size_t(m) * k, 1);
    bench::fill(b, size_t(k) * n, 2);
    const int row_major = 101, plain = 111, transposed = 112;
    return {[=] {
              (void)buffers;
              sgemm(row_major, ta ? transposed : plain, tb ? transposed : plain, m, n, k, 1.f, a, ta ? m : k,
                    b, tb ? k : n, 0.f, c, n);
            },
            c, size_t(m) * n, ""};
  });
}
