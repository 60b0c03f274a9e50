#include <math.h>

#include "harness/kernels.h"

using gemmule::GemmDesc;
using test::At;
using test::Guarded;
using test::Random;

namespace {

double activated(double x, int activation) {
  switch (activation) {
    case 1:
      return x > 0 ? x : 0;
    case 2:
      return 1 / (1 + exp(-x));
    case 3:
      return tanh(x);
    default:
      return x;
  }
}

struct Shape {
  int batch, m, n, k;
};

void checkProduct(const gemmule::KernelTable& kernels, Shape s, int transA, int transB, int bias,
                  int activation, int gap, bool share, At at) {
  GemmDesc d{};
  d.batch = s.batch;
  d.m = s.m;
  d.n = s.n;
  d.k = s.k;
  d.transA = transA;
  d.transB = transB;
  d.bias = bias;
  d.activation = activation;
  const int rowsA = transA ? s.k : s.m, columnsA = transA ? s.m : s.k;
  const int rowsB = transB ? s.n : s.k, columnsB = transB ? s.k : s.n;
  d.lda = columnsA + gap;
  d.ldb = columnsB + gap;
  d.strideA = share ? 0 : rowsA * d.lda;
  d.strideB = rowsB * d.ldb;
  d.offsetA = gap;
  d.offsetB = 2 * gap;
  const auto extent = [&](int rows, int columns, int ld, int stride, int offset) {
    return rows && columns && s.batch
               ? (size_t)offset + (s.batch - 1) * (size_t)stride + (rows - 1) * (size_t)ld + columns
               : (size_t)offset;
  };
  Random random(s.m * 31 + s.n * 7 + s.k + transA * 2 + transB);
  Guarded<float> a(extent(rowsA, columnsA, d.lda, d.strideA, d.offsetA), at);
  Guarded<float> b(extent(rowsB, columnsB, d.ldb, d.strideB, d.offsetB), at);
  Guarded<float> c((size_t)s.batch * s.m * s.n, at);
  Guarded<float> shift(bias == 1 ? s.m : bias == 2 ? s.n : 0, at);
  a.fill(random);
  b.fill(random);
  shift.fill(random);
  for (size_t i = 0; i < c.size(); i++) c[i] = NAN;
  kernels.matmul(d, {a.data()}, {b.data()}, {bias ? shift.data() : nullptr}, {c.data()});
  double worst = 0;
  for (int i = 0; i < s.batch; i++)
    for (int row = 0; row < s.m; row++)
      for (int column = 0; column < s.n; column++) {
        double sum = bias == 1 ? shift[row] : bias == 2 ? shift[column] : 0;
        for (int k = 0; k < s.k; k++)
          sum += (double)a[d.offsetA + i * d.strideA + (transA ? k * d.lda + row : row * d.lda + k)] *
                 b[d.offsetB + i * d.strideB + (transB ? column * d.ldb + k : k * d.ldb + column)];
        const double error = fabs(c[((size_t)i * s.m + row) * s.n + column] - activated(sum, activation));
        if (!(error <= worst)) worst = error;
      }
  CHECK(worst <= 1e-6 * (1 + sqrt((double)s.k)) && c.intact(),
        "matmul batch %d m %d n %d k %d transA %d transB %d bias %d activation %d gap %d: error %g", s.batch,
        s.m, s.n, s.k, transA, transB, bias, activation, gap, worst);
}

}  // namespace

TEST_KERNELS(matmulShapes) {
  Random random(5);
  const Shape fixed[] = {{1, 1, 1, 1},      {1, 14, 32, 8},   {1, 15, 33, 9},    {2, 64, 48, 65},
                         {1, 7, 100, 400},  {1, 3, 7, 1000},  {3, 5, 1, 17},     {1, 256, 10, 84},
                         {1, 130, 300, 90}, {1, 29, 700, 40}, {1, 1, 257, 31},   {1, 257, 1, 31},
                         {40, 6, 9, 5},     {1, 33, 65, 800}, {1, 530, 100, 30}, {9, 20, 70, 30}};
  int turn = 0;
  for (const Shape& s : fixed)
    for (int trans = 0; trans < 4; trans++, turn++)
      checkProduct(k, s, trans & 1, trans >> 1, turn % 3, turn % 4, turn % 5 == 0 ? 3 : 0, turn % 7 == 0,
                   turn % 2 ? At::kEnd : At::kBegin);
  for (int i = 0; i < 150; i++) {
    const Shape s{random.integer(1, 3), random.integer(1, 70), random.integer(1, 90), random.integer(1, 60)};
    checkProduct(k, s, random.integer(0, 1), random.integer(0, 1), random.integer(0, 2), random.integer(0, 3),
                 random.integer(0, 2), random.integer(0, 3) == 0,
                 random.integer(0, 1) ? At::kEnd : At::kBegin);
  }
}

// Results larger than the caches are stored in another way: those whose rows are whole lines, and others.
TEST_KERNELS(matmulLarge) {
  checkProduct(k, {1, 2048, 4112, 2}, 0, 0, 2, 1, 0, false, At::kEnd);
  checkProduct(k, {1, 2048, 4104, 1}, 0, 1, 1, 0, 0, false, At::kEnd);
}

TEST_KERNELS(matmulEmpty) {
  for (int bias = 0; bias < 3; bias++)
    for (int activation = 0; activation < 4; activation++)
      checkProduct(k, {2, 5, 35, 0}, 0, 0, bias, activation, 0, false, At::kEnd);
  checkProduct(k, {1, 2, 35, 0}, 0, 1, 2, 2, 0, false, At::kEnd);
  checkProduct(k, {0, 5, 7, 3}, 0, 0, 0, 0, 0, false, At::kEnd);
  checkProduct(k, {1, 0, 7, 3}, 0, 0, 0, 0, 0, false, At::kEnd);
  checkProduct(k, {1, 5, 0, 3}, 0, 1, 2, 0, 0, false, At::kEnd);
}

TEST_KERNELS(matmulSameBitsForAnyThreads) {
  const Shape shapes[] = {{1, 300, 260, 500}, {9, 40, 50, 60}, {1, 16, 2000, 30}};
  for (const Shape& s : shapes) {
    GemmDesc d{};
    d.batch = s.batch;
    d.m = s.m;
    d.n = s.n;
    d.k = s.k;
    d.lda = s.k;
    d.ldb = s.n;
    d.strideA = s.m * s.k;
    d.strideB = s.k * s.n;
    Random random(3);
    Guarded<float> a((size_t)s.batch * s.m * s.k), b((size_t)s.batch * s.k * s.n);
    a.fill(random);
    b.fill(random);
    const size_t size = (size_t)s.batch * s.m * s.n;
    Guarded<float> one(size), many(size);
    const int before = gemmule::threadCount();
    gemmule::setThreadCount(1);
    k.matmul(d, {a.data()}, {b.data()}, {nullptr}, {one.data()});
    for (int threads = 2; threads <= 3; threads++) {
      gemmule::setThreadCount(threads);
      k.matmul(d, {a.data()}, {b.data()}, {nullptr}, {many.data()});
      CHECK(memcmp(one.data(), many.data(), size * sizeof(float)) == 0, "m %d n %d k %d, %d threads", s.m,
            s.n, s.k, threads);
    }
    gemmule::setThreadCount(before);
  }
}

TEST_KERNELS(matmulPlannedForAnyProcessor) {
  const Shape shapes[] = {{3, 17, 3000, 250}, {1, 150, 1100, 900}, {3, 20, 700, 1000}, {1, 40, 70, 80}};
  for (const Shape& s : shapes)
    for (const bool followsRows : {false, true})
      for (const size_t l2 : {256u << 10, 2u << 20}) {
        const test::Planned planned(l2, followsRows);
        checkProduct(k, s, 0, 0, 1, 1, 0, true, At::kEnd);
      }
}
