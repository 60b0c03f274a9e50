// C = A·B' for few rows of A, as a linear layer has on small batches: rows of A and of B' are multiplied
// along k as they lie, lane by lane, and nothing is packed.
#pragma once
#include "gemm.h"

namespace gemmule {
namespace GEMMULE_ISA {

struct DotProduct {
  int m, n, k;
  const float* a;  // [m, lda]
  intptr_t lda;
  const float* b;  // [n, ldb]
  intptr_t ldb;
  float* c;  // [m, n]
  Bias bias;
  int activation;

  static constexpr int rowsMost = 4, columnsAtOnce = 4;
  static constexpr int64_t taskWork = 1 << 18;

  static bool fits(const Product& p) {
    return p.batch == 1 && p.m <= rowsMost && !p.a.transposed && p.b.transposed && p.k >= 2 * W &&
           !p.packedB && !p.accumulate;
  }
  static DotProduct of(const Product& p) {
    return {p.m, p.n, p.k, p.a.data, p.a.ld, p.b.data, p.b.ld, p.c, p.bias, p.activation};
  }

  void run() const {
    const int64_t each = (int64_t)m * k + 1;
    const Split blocks(n, (int)(taskWork / each < 16 ? 16 : taskWork / each < n ? taskWork / each : n));
    parallel(blocks.parts, [&](int64_t block, int) {
      const int begin = blocks.begin((int)block), end = blocks.begin((int)block + 1);
      for (int i = 0; i < m; i++) {
        int j = begin;
        for (; j + columnsAtOnce <= end; j += columnsAtOnce) dots<columnsAtOnce>(i, j);
        for (; j < end; j++) dots<1>(i, j);
        finish(i, begin, end - begin);
      }
    });
  }

 private:
  template <int N>
  void dots(int i, int j) const {
    const float* const x = a + i * lda;
    const float* y[N];
    VF acc[N], more[N];
    GEMMULE_UNROLL
    for (int q = 0; q < N; q++) {
      y[q] = b + (j + q) * ldb;
      acc[q] = more[q] = zero();
    }
    int p = 0;
    for (; p + 2 * W <= k; p += 2 * W) {
      const VF low = loaded(load(x + p)), high = loaded(load(x + p + W));
      GEMMULE_UNROLL
      for (int q = 0; q < N; q++) {
        acc[q] = fma(low, load(y[q] + p), acc[q]);
        more[q] = fma(high, load(y[q] + p + W), more[q]);
      }
    }
    for (; p < k; p += W) {
      const int lanes = k - p < W ? k - p : W;
      const VF value = loadN(x + p, lanes);
      GEMMULE_UNROLL
      for (int q = 0; q < N; q++) acc[q] = fma(value, loadN(y[q] + p, lanes), acc[q]);
    }
    GEMMULE_UNROLL
    for (int q = 0; q < N; q++) c[(intptr_t)i * n + j + q] = reduceAdd(add(acc[q], more[q]));
  }

  void finish(int i, int j, int columns) const {
    float* const row = c + (intptr_t)i * n + j;
    const VF shift = bias.row ? set1(bias.row[i]) : zero();
    const VF least = activation == activationRelu ? zero() : set1(-INFINITY);
    for (int q = 0; q < columns; q += W) {
      const int lanes = columns - q < W ? columns - q : W;
      const VF own = bias.column ? loadN(bias.column + j + q, lanes) : shift;
      storeN(row + q, maxNaN(add(loadN(row + q, lanes), own), least), lanes);
    }
    activate(activation, row, 0, 1, columns);
  }
};

}  // namespace GEMMULE_ISA
}  // namespace gemmule
