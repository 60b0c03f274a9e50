#include "gemm/gemm.h"
#include "kernel.h"
#include "table.h"

namespace gemmule {
namespace GEMMULE_ISA {

// C[batch, m, n] = op(A)·op(B) + bias, then the activation. Large matrices are cut into tasks, small ones are
// a task each.
void matmul(const GemmDesc& d, In<float> a, In<float> b, Opt<float> bias, Out<float> c) {
  const auto product = [&](int64_t i) {
    Product p;
    p.m = d.m;
    p.n = d.n;
    p.k = d.k;
    p.a = {a.data + d.offsetA + i * d.strideA, d.lda, d.transA != 0};
    p.b = {b.data + d.offsetB + i * d.strideB, d.ldb, d.transB != 0};
    p.c = c.data + i * d.m * d.n;
    p.ldc = d.n;
    p.bias = {d.bias == 1 ? bias.data : nullptr, d.bias == 2 ? bias.data : nullptr};
    p.activation = d.activation;
    return p;
  };
  if (d.batch == 0 || d.m == 0 || d.n == 0) return;
  const Product first = product(0);
  const GemmPlan plan(first);
  const size_t sizeA = plan.packedA(first), sizeB = plan.packedB();
  if (d.batch > 1 && (int64_t)d.m * d.n * d.k < 4 * GemmPlan::taskWork) {
    const Scratch<float> scratch((sizeA + sizeB) * (size_t)parallelSlots() + 1);
    if (!scratch.data) return;
    parallel(d.batch, [&](int64_t i, int slot) {
      float* own = scratch.data + slot * (sizeA + sizeB);
      const Product p = product(i);
      Gemm(p, plan, own, own + sizeA).run();
    });
    return;
  }
  const Scratch<float> scratch(sizeA + sizeB * (size_t)parallelSlots() + 1);
  if (!scratch.data) return;
  for (int64_t i = 0; i < d.batch; i++) {
    const Product p = product(i);
    Gemm(p, plan, scratch.data, scratch.data + sizeA).run();
  }
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
