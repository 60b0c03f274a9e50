// The matmul kernel: gemm_bench [--threads N] [--isa SET] [--json] [problem…]
// A problem is m256n120k400, with b (batch), ta and tb (1 for a transposed operand).
#include "bench.h"

using gemmule::GemmDesc;

static void run(const bench::Options& o, const char* text) {
  GemmDesc d{};
  d.batch = 1;
  const auto set = [&](const std::string& name, int value) {
    int* const field = name == "m"    ? &d.m
                       : name == "n"  ? &d.n
                       : name == "k"  ? &d.k
                       : name == "b"  ? &d.batch
                       : name == "ta" ? &d.transA
                       : name == "tb" ? &d.transB
                                      : nullptr;
    if (field) *field = value;
    return field != nullptr;
  };
  if (!bench::parse(text, set) || d.m < 1 || d.n < 1 || d.k < 1 || d.batch < 1) {
    fprintf(stderr, "not a product: %s\n", text);
    exit(2);
  }
  d.lda = d.transA ? d.m : d.k;
  d.ldb = d.transB ? d.k : d.n;
  d.strideA = d.m * d.k;
  d.strideB = d.k * d.n;
  const bench::Values a = bench::filled((size_t)d.batch * d.strideA, 3),
                      b = bench::filled((size_t)d.batch * d.strideB, 5);
  bench::Values c((size_t)d.batch * d.m * d.n);
  const auto call = [&] { o.kernels->matmul(d, {a.data()}, {b.data()}, {nullptr}, {c.data()}); };
  call();
  double worst = 0, largest = 1e-30;
  for (int s = 0; s < 300; s++) {
    const size_t at = (size_t)s * 2654435761u % c.size(), row = at / d.n % d.m, column = at % d.n;
    const size_t i = at / d.n / d.m;
    double sum = 0;
    for (int k = 0; k < d.k; k++)
      sum += (double)a[i * d.strideA + (d.transA ? (size_t)k * d.lda + row : row * d.lda + k)] *
             b[i * d.strideB + (d.transB ? column * d.ldb + k : (size_t)k * d.ldb + column)];
    worst = std::max(worst, fabs(sum - c[at]));
    largest = std::max(largest, fabs(sum));
  }
  bench::report(o, "matmul", text, 2.0 * d.batch * d.m * d.n * d.k, bench::measure(o.seconds, call),
                worst / largest, 1e-5);
}

int main(int argc, char** argv) {
  const bench::Options o = bench::readOptions(argc, argv);
  const char* all[] = {"m256n256k256",    "m512n512k512",    "m1024n1024k1024", "m2048n2048k2048",
                       "m256n120k400tb1", "m256n400k120",    "m120n400k256ta1", "m256n84k120tb1",
                       "m256n120k84",     "m84n120k256ta1",  "m256n10k84tb1",   "m256n84k10",
                       "m10n84k256ta1",   "m16n784k25",      "m64n3136k576",    "m576n3136k64ta1",
                       "m64n576k3136tb1", "m256n64k3136tb1", "m512n49k4608",    "b64m64n64k64"};
  if (o.problems.empty())
    for (const char* text : all) run(o, text);
  for (const char* text : o.problems) run(o, text);
}
