#include "gemm/dot.h"
#include "gemm/gemm.h"
#include "kernel.h"
#include "table.h"

namespace gemmule {
namespace GEMMULE_ISA {

namespace {

Product productOf(const GemmDesc& d, const float* a, const float* b, const float* bias, float* c, int64_t i) {
  Product p = plainProduct(d.m, d.n, d.k, {a + d.offsetA + i * d.strideA, d.lda, d.transA != 0},
                           {b + d.offsetB + i * d.strideB, d.ldb, d.transB != 0}, c + i * d.m * d.n);
  p.bias = {d.bias == 1 ? bias : nullptr, d.bias == 2 ? bias : nullptr};
  p.activation = d.activation;
  if (d.packed) p.packedB = b;
  return p;
}

}  // namespace

// C[batch, m, n] = op(A)·op(B) + bias, then the activation. Large matrices are cut into tasks, small ones are
// a task each.
void matmul(const GemmDesc& d, In<float> a, In<float> b, Opt<float> bias, Out<float> c) {
  if (d.batch == 0 || d.m == 0 || d.n == 0) return;
  const auto product = [&](int64_t i) { return productOf(d, a, b, bias, c, i); };
  const Product first = product(0);
  if (d.batch == 1 && DotProduct::fits(first)) return DotProduct::of(first).run();
  const GemmPlan plan(first);
  if (d.batch > 1 && (int64_t)d.m * d.n * d.k < 4 * GemmPlan::taskWork) {
    const size_t size = GemmPlan::rounded(plan.scratch(first, 1));
    const Scratch<float> scratch(size * (size_t)parallelSlots() + 1);
    if (!scratch.data) return;
    parallel(d.batch, [&](int64_t i, int slot) { Gemm(product(i), plan, scratch.data + slot * size).run(); });
    return;
  }
  const Scratch<float> scratch(plan.scratch(first, parallelSlots()) + 1);
  if (!scratch.data) return;
  for (int64_t i = 0; i < d.batch; i++) Gemm(product(i), plan, scratch.data).run();
}

Packing matmulPacking(const GemmDesc& d) {
  GemmDesc plain = d;
  plain.packed = plain.offsetA = plain.offsetB = 0;
  if (d.batch != 1 || d.m == 0 || d.n == 0 || d.k == 0) return {0, 0};
  const Product p = productOf(plain, nullptr, nullptr, nullptr, nullptr, 0);
  if (DotProduct::fits(p)) return {0, 0};
  const GemmPlan plan(p);
  if (plan.packB == GemmPlan::kDirect) return {0, 0};
  return {(int64_t)plan.allB(p), plan.panels.largest() * 1024 + plan.depth.largest()};
}

void packMatmul(const GemmDesc& d, In<float> b, Out<float> y) {
  const Product p = productOf(d, b, b, nullptr, y, 0);  // neither A nor C is touched
  const GemmPlan plan(p);
  Gemm(p, plan, y).packAll(y);
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
