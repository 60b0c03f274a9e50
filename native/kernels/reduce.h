// Sums and products along an axis. Partial results are formed over blocks of a fixed size and joined in
// order, so the bits depend on the shape alone; the blocks also keep rounding errors small (Higham, "The
// accuracy of floating point summation", SIAM J. Sci. Comput. 14, 1993).
#pragma once
#include "elementwise.h"

namespace gemmule {
namespace GEMMULE_ISA {

struct SumOp {
  static constexpr float identity = 0.0f;
  GEMMULE_INLINE VF apply(VF a, VF b) { return add(a, b); }
  GEMMULE_INLINE float apply(float a, float b) { return a + b; }
  GEMMULE_INLINE double apply(double a, double b) { return a + b; }
  GEMMULE_INLINE float join(VF v) { return reduceAdd(v); }
};
struct ProductOp {
  static constexpr float identity = 1.0f;
  GEMMULE_INLINE VF apply(VF a, VF b) { return mul(a, b); }
  GEMMULE_INLINE float apply(float a, float b) { return a * b; }
  GEMMULE_INLINE double apply(double a, double b) { return a * b; }
  GEMMULE_INLINE float join(VF v) {
    float lanes[W];
    store(lanes, v);
    for (int half = W / 2; half > 0; half /= 2)
      for (int i = 0; i < half; i++) lanes[i] *= lanes[i + half];
    return lanes[0];
  }
};

/// term(i, n): the vector of elements i … i + n - 1, the operation's identity in the lanes beyond n.
template <class Op, class Term>
GEMMULE_INLINE float reduceBlock(int64_t begin, int64_t end, Term term) {
  const VF start = set1(Op::identity);
  int64_t i = begin;
  VF sum = start;
  if (end - begin >= 8 * W) {
    VF acc[8];
    for (int k = 0; k < 8; k++) acc[k] = term(i + k * W, W);
    for (i += 8 * W; i + 8 * W <= end; i += 8 * W)
      for (int k = 0; k < 8; k++) acc[k] = Op::apply(acc[k], term(i + k * W, W));
    for (int k = 4; k > 0; k /= 2)
      for (int j = 0; j < k; j++) acc[j] = Op::apply(acc[j], acc[j + k]);
    sum = acc[0];
  }
  for (; i + W <= end; i += W) sum = Op::apply(sum, term(i, W));
  if (i < end) sum = Op::apply(sum, term(i, (int)(end - i)));
  return Op::join(sum);
}

/// Elements of one block; longer runs are joined block by block in double.
constexpr int64_t reduceElements = 64 * W;

template <class Op, class Term>
GEMMULE_INLINE double reduceRun(int64_t begin, int64_t end, Term term) {
  if (end - begin <= reduceElements) return reduceBlock<Op>(begin, end, term);
  double total = Op::identity;
  for (int64_t i = begin; i < end; i += reduceElements)
    total = Op::apply(total,
                      (double)reduceBlock<Op>(i, i + reduceElements < end ? i + reduceElements : end, term));
  return total;
}

/// The vector at p with n elements and the identity behind them.
template <class Op>
GEMMULE_INLINE VF loadTerm(const float* p, int n) {
  if (n == W) return load(p);
  return Op::identity == 0.0f ? loadN(p, n) : select(firstN(n), loadN(p, n), set1(Op::identity));
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
