// For every kernel of kernels.ts: which descriptors are valid, and how much of each array the kernel touches.
// Arrays are listed in the order of the arguments, absent ones (x?) included; numbers after the first are
// not.
#pragma once
#include "needs.h"

namespace gemmule {
namespace extents {

// [n] over a count: `numbers` are all the numbers of the call

inline bool checkCount(Needs& needs, const double* numbers) {
  const double n = numbers[0];
  needs.require(n >= 0 && n <= (double)kMost && n == (double)(int64_t)n,
                "n must be an integer in [0, 2147483647]");
  return !needs.problem;
}
template <int arrays, uint32_t inPlace = 0>
void each(Needs& needs, const double* numbers) {
  if (!checkCount(needs, numbers)) return;
  for (int i = 0; i < arrays; i++) needs.array((int64_t)numbers[0]);
  needs.inPlace = inPlace;
}
inline void adamStep(Needs& needs, const double* numbers) {
  if (!checkCount(needs, numbers)) return;
  const int64_t n = (int64_t)numbers[0];
  const bool amsgrad = numbers[8] != 0;
  needs.array(n).array(n).array(n).array(amsgrad ? 2 * n : n);
}

constexpr auto fill = each<1>, randomUniform = each<1>;
constexpr auto neg = each<2, 1>, abs = neg, sign = neg, square = neg, sqrt = neg, rsqrt = neg,
               reciprocal = neg, exp = neg, expm1 = neg, log = neg, log1p = neg, log2 = neg, log10 = neg,
               sin = neg, cos = neg, tan = neg, asin = neg, acos = neg, atan = neg, sinh = neg, cosh = neg,
               erf = neg, floor = neg, ceil = neg, round = neg, trunc = neg, sigmoid = neg, tanh = neg,
               relu = neg;
constexpr auto sigmoidBackward = each<3, 1>, tanhBackward = sigmoidBackward, reluBackward = sigmoidBackward;
constexpr auto sgdStep = each<3>;

// StridedDesc

inline bool checkAxes(Needs& needs, const StridedDesc& d) {
  needs.require(d.n >= 0, "n must not be negative");
  needs.require(d.ndim >= 0 && d.ndim <= 8, "ndim must be in [0, 8]");
  if (needs.problem) return false;
  int64_t n = 1;
  for (int i = 0; i < d.ndim; i++) {
    needs.require(d.size[i] >= 0, "a size must not be negative");
    n = product(n, d.size[i] < 0 ? 0 : d.size[i]);
  }
  needs.require(n == d.n, "n must be the product of the sizes");
  return !needs.problem;
}

inline bool isContiguous(const StridedDesc& d, const int32_t* strides) {
  int64_t expected = 1;
  for (int i = d.ndim - 1; i >= 0; i--) {
    if (d.size[i] != 1 && strides[i] != expected) return false;
    expected *= d.size[i];
  }
  return true;
}

inline void operand(Needs& needs, const StridedDesc& d, int32_t offset, const int32_t* strides) {
  needs.require(offset >= 0, "an offset must not be negative");
  int64_t last = offset;
  for (int i = 0; i < d.ndim; i++) {
    needs.require(strides[i] >= 0, "a stride must not be negative");
    if (d.n > 0) last += ((int64_t)d.size[i] - 1) * strides[i];
    if (last > kMost) last = kMost;
  }
  needs.array(d.n > 0 ? last + 1 : 0, d.n > 0 ? offset : 0);
}

inline void copyStrided(Needs& needs, const StridedDesc& d) {
  if (!checkAxes(needs, d)) return;
  operand(needs, d, d.offsetA, d.a);
  operand(needs, d, d.offsetB, d.b);
  for (int i = 0; i < d.ndim; i++)
    needs.require(d.b[i] > 0 || d.size[i] <= 1, "a stride of the result must not be 0");
  needs.overlapAllowed = true;
}

inline void binary(Needs& needs, const StridedDesc& d) {
  if (!checkAxes(needs, d)) return;
  operand(needs, d, d.offsetA, d.a);
  operand(needs, d, d.offsetB, d.b);
  needs.array(d.n);
  needs.inPlace = (isContiguous(d, d.a) ? 1 : 0) | (isContiguous(d, d.b) ? 2 : 0);
}
constexpr auto add = binary, sub = binary, mul = binary, div = binary, pow = binary, maximum = binary,
               minimum = binary, floorDivide = binary, truncDivide = binary, remainder = binary,
               fmod = binary, atan2 = binary, eq = binary, ne = binary, lt = binary, le = binary, gt = binary,
               ge = binary;

inline void where(Needs& needs, const StridedDesc& d) {
  if (!checkAxes(needs, d)) return;
  operand(needs, d, d.offsetA, d.a);
  operand(needs, d, d.offsetB, d.b);
  operand(needs, d, d.offsetC, d.c);
  needs.array(d.n);
  needs.inPlace = (isContiguous(d, d.b) ? 2 : 0) | (isContiguous(d, d.c) ? 4 : 0);
}

// ReduceDesc: `read` arrays of [outer, n, inner], then `kept` arrays of [outer, inner]

template <int read, int kept, uint32_t inPlace = 0>
void reduce(Needs& needs, const ReduceDesc& d) {
  needs.require(d.outer >= 0 && d.n >= 0 && d.inner >= 0, "sizes must not be negative");
  if (needs.problem) return;
  for (int i = 0; i < read; i++) needs.array(product(d.outer, d.n, d.inner));
  for (int i = 0; i < kept; i++) needs.array(product(d.outer, d.inner));
  needs.inPlace = inPlace;
}
inline void reduceIndex(Needs& needs, const ReduceDesc& d) {
  reduce<1, 2>(needs, d);
  needs.require(d.n > 0 || d.outer == 0 || d.inner == 0,
                "n must not be 0: there is no largest or smallest element");
}
constexpr auto sum = reduce<1, 1>, prod = sum, any = sum, all = sum;
constexpr auto max = reduceIndex, min = reduceIndex;
constexpr auto cumsum = reduce<2, 0, 1>, cumprod = cumsum, softmax = cumsum, logSoftmax = cumsum;
constexpr auto softmaxBackward = reduce<3, 0, 1>, logSoftmaxBackward = softmaxBackward;
constexpr auto sort = reduce<3, 0>;

// RowsDesc

inline bool checkRows(Needs& needs, const RowsDesc& d) {
  needs.require(d.rows >= 0 && d.sourceRows >= 0 && d.inner >= 0, "sizes must not be negative");
  needs.indexBelow = d.sourceRows;
  return !needs.problem;
}
inline void takeRows(Needs& needs, const RowsDesc& d) {
  if (checkRows(needs, d))
    needs.array(product(d.sourceRows, d.inner)).array(d.rows).array(product(d.rows, d.inner));
}
inline void addRows(Needs& needs, const RowsDesc& d) {
  if (checkRows(needs, d))
    needs.array(product(d.rows, d.inner)).array(d.rows).array(product(d.sourceRows, d.inner));
}
constexpr auto putRows = addRows;

// An operand that may come packed ahead: packers.def

template <class D>
int64_t packedSize(Needs& needs, const D& d, Packing (*KernelTable::*packing)(const D&)) {
  if (needs.problem) return 0;
  const Packing p = (needs.table.*packing)(d);
  needs.require(p.layout != 0, "packed must be 0: nothing is packed for these sizes");
  return p.size;
}

// GemmDesc

inline int64_t matrices(const GemmDesc& d, int64_t rows, int64_t columns, int64_t row, int64_t matrix,
                        int64_t offset) {
  if (d.batch == 0 || rows == 0 || columns == 0) return 0;
  const int64_t last = offset + (d.batch - 1) * matrix;  // below 2^63: each factor is below 2^31
  const int64_t within = (rows - 1) * row + columns;
  return last > kMost || within > kMost ? kMost + 1 : last + within;
}
inline void matmul(Needs& needs, const GemmDesc& d) {
  needs.require(d.batch >= 0 && d.m >= 0 && d.n >= 0 && d.k >= 0, "sizes must not be negative");
  needs.require((d.transA | 1) == 1 && (d.transB | 1) == 1, "transA and transB must be 0 or 1");
  needs.require(d.lda >= 0 && d.ldb >= 0 && d.strideA >= 0 && d.strideB >= 0, "strides must not be negative");
  needs.require(d.offsetA >= 0 && d.offsetB >= 0, "offsets must not be negative");
  needs.require(d.bias >= 0 && d.bias <= 2, "bias must be 0, 1 or 2");
  needs.require(d.activation >= 0 && d.activation <= 3, "activation must be in [0, 3]");
  needs.require((d.packed | 1) == 1, "packed must be 0 or 1");
  needs.require(!d.packed || (d.batch == 1 && d.offsetB == 0), "packed needs batch 1 and offsetB 0");
  if (needs.problem) return;
  const bool none = product(d.batch, d.m, d.n) == 0;
  needs.array(none       ? 0
              : d.transA ? matrices(d, d.k, d.m, d.lda, d.strideA, d.offsetA)
                         : matrices(d, d.m, d.k, d.lda, d.strideA, d.offsetA));
  const int64_t plainB = none       ? 0
                         : d.transB ? matrices(d, d.n, d.k, d.ldb, d.strideB, d.offsetB)
                                    : matrices(d, d.k, d.n, d.ldb, d.strideB, d.offsetB);
  needs.require(plainB <= kMost, "B of more than 2147483647 elements");
  needs.array(d.packed ? packedSize(needs, d, &KernelTable::matmulPacking) : plainB);
  needs.array(d.bias == 1 ? d.m : d.bias == 2 ? d.n : 0);
  needs.array(product(d.batch, d.m, d.n));
  needs.required = d.bias ? 4 : 0;
}

inline void packMatmul(Needs& needs, const GemmDesc& d) {
  Needs all{needs.table};
  matmul(all, d);
  if (all.problem) return needs.refuse(all.problem);
  needs.require(!d.packed, "packed must be 0: B comes as it lies");
  needs.array(all.size[1], all.from[1]).array(packedSize(needs, d, &KernelTable::matmulPacking));
}

// ConvDesc and PoolDesc

constexpr int64_t kFarthest =
    INT32_MAX / 4;  // positions in the padded image, so that sums of a few stay in int32

template <class D>
void checkWindow(Needs& needs, const D& d) {
  needs.require(d.h >= 0 && d.w >= 0 && d.oh >= 0 && d.ow >= 0, "sizes must not be negative");
  needs.require(d.kh >= 1 && d.kw >= 1, "kh and kw must be at least 1");
  needs.require(d.strideH >= 1 && d.strideW >= 1, "strideH and strideW must be at least 1");
  needs.require(d.dilationH >= 1 && d.dilationW >= 1, "dilationH and dilationW must be at least 1");
  needs.require(d.padTop >= 0 && d.padLeft >= 0, "padding must not be negative");
  if (needs.problem) return;
  const int64_t down = (int64_t)d.oh * d.strideH + (int64_t)d.kh * d.dilationH;
  const int64_t across = (int64_t)d.ow * d.strideW + (int64_t)d.kw * d.dilationW;
  needs.require(down <= kFarthest && across <= kFarthest && d.padTop <= kFarthest && d.padLeft <= kFarthest &&
                    d.h <= kFarthest && d.w <= kFarthest,
                "the padded image is too large");
}

inline void checkUnfold(Needs& needs, const ConvDesc& d) {
  needs.require(d.n >= 0 && d.c >= 0, "sizes must not be negative");
  checkWindow(needs, d);
}
inline int64_t columns(const ConvDesc& d) {
  return product(product(d.n, d.c, d.kh, d.kw), product(d.oh, d.ow));
}
inline int64_t image(const ConvDesc& d) { return product(d.n, d.c, d.h, d.w); }

inline void unfold(Needs& needs, const ConvDesc& d) {
  checkUnfold(needs, d);
  if (!needs.problem) needs.array(image(d)).array(columns(d));
}
inline void fold(Needs& needs, const ConvDesc& d) {
  checkUnfold(needs, d);
  if (!needs.problem) needs.array(columns(d)).array(image(d));
}

/// Most values of a task's copy of the source, padded and split by stride, and of its results, where it takes
/// one row of all channels of a group: kernels count them in int32, and may round a row up by a tenth.
constexpr int64_t kCopied = 1900000000;
constexpr int64_t kPhases = 1 << 20;  // of the gradient of the input: its kernels list them

struct ConvSizes {
  int64_t x = 0, weights = 0, y = 0;
};
inline ConvSizes conv(Needs& needs, const ConvDesc& d) {
  checkUnfold(needs, d);
  needs.require(d.k >= 0, "sizes must not be negative");
  needs.require(
      d.groups >= 1 && d.c % (d.groups < 1 ? 1 : d.groups) == 0 && d.k % (d.groups < 1 ? 1 : d.groups) == 0,
      "groups must divide c and k");
  needs.require(d.activation >= 0 && d.activation <= 3, "activation must be in [0, 3]");
  needs.require((d.packed | 1) == 1, "packed must be 0 or 1");
  needs.require(product(d.kh, d.kw) <= kCopied, "kh * kw is too large");
  needs.require(product(d.strideH, d.strideW) <= kPhases, "strideH * strideW must be at most 1048576");
  if (needs.problem) return {};
  const ConvSizes s{image(d), product(d.k, d.c / d.groups, d.kh, d.kw), product(d.n, d.k, d.oh, d.ow)};
  needs.require(s.x <= kMost && s.weights <= kMost && s.y <= kMost,
                "an array of more than 2147483647 elements");
  return s;
}
inline void checkCopied(Needs& needs, int64_t copied, int64_t made) {
  needs.require(copied <= kCopied && made <= kCopied, "the padded rows of all channels are too large");
}
inline int64_t halo(int taps, int dilation, int stride) { return ((int64_t)taps - 1) * dilation / stride; }
inline int64_t phases(int taps, int stride) { return taps < stride ? taps : stride; }
inline void checkForward(Needs& needs, const ConvDesc& d) {
  const int64_t down = phases(d.kh, d.strideH) * (1 + halo(d.kh, d.dilationH, d.strideH)),
                across = phases(d.kw, d.strideW) * (d.ow + halo(d.kw, d.dilationW, d.strideW));
  checkCopied(needs, product(d.c / d.groups, down, across), product(d.k / d.groups, d.ow));
}
inline void checkInputGrad(Needs& needs, const ConvDesc& d) {
  const int64_t width = ((int64_t)d.w + d.padLeft) / d.strideW + 1;
  const int64_t down = 1 + halo(d.kh, d.dilationH, d.strideH),
                across = width + halo(d.kw, d.dilationW, d.strideW);
  checkCopied(needs, product(d.k / d.groups, down, across), product(d.c / d.groups, width));
}
using ConvPacking = Packing (*KernelTable::*)(const ConvDesc&);
inline int64_t convWeights(Needs& needs, const ConvDesc& d, const ConvSizes& s, ConvPacking packing) {
  return d.packed ? packedSize(needs, d, packing) : s.weights;
}
inline void conv2d(Needs& needs, const ConvDesc& d) {
  const ConvSizes s = conv(needs, d);
  if (!needs.problem) checkForward(needs, d);
  if (needs.problem) return;
  needs.array(s.x).array(convWeights(needs, d, s, &KernelTable::conv2dPacking)).array(d.k).array(s.y);
}
inline void conv2dInputGrad(Needs& needs, const ConvDesc& d) {
  const ConvSizes s = conv(needs, d);
  if (!needs.problem) checkInputGrad(needs, d);
  if (needs.problem) return;
  needs.array(s.y).array(convWeights(needs, d, s, &KernelTable::conv2dInputGradPacking)).array(s.x);
}
inline void conv2dWeightGrad(Needs& needs, const ConvDesc& d) {
  const ConvSizes s = conv(needs, d);
  needs.require(!d.packed, "packed must be 0: no weights come");
  if (!needs.problem) checkForward(needs, d);
  if (!needs.problem) needs.array(s.x).array(s.y).array(s.weights);
}
template <ConvPacking packing, void (*check)(Needs&, const ConvDesc&)>
void packWeights(Needs& needs, const ConvDesc& d) {
  const ConvSizes s = conv(needs, d);
  needs.require(!d.packed, "packed must be 0: the weights come as they lie");
  if (!needs.problem) check(needs, d);
  if (!needs.problem) needs.array(s.weights).array(packedSize(needs, d, packing));
}
constexpr auto packConv2d = packWeights<&KernelTable::conv2dPacking, checkForward>,
               packConv2dInputGrad = packWeights<&KernelTable::conv2dInputGradPacking, checkInputGrad>;

/// The last window must end inside the padded image, or (ceil mode) begin before the padding at the end and
/// reach less than a stride beyond it.
inline bool windowFits(int64_t out, int64_t stride, int64_t reach, int64_t in, int64_t before,
                       int64_t after) {
  const int64_t start = (out - 1) * stride, end = in + before + after;
  return out == 0 || start + reach <= end || (start < in + before && start + reach < end + stride);
}
struct PoolSizes {
  int64_t in = 0, out = 0;
};
inline PoolSizes pool(Needs& needs, const PoolDesc& d) {
  needs.require(d.planes >= 0, "sizes must not be negative");
  needs.require(d.padBottom >= 0 && d.padRight >= 0, "padding must not be negative");
  needs.require(d.padBottom <= kFarthest && d.padRight <= kFarthest, "the padded image is too large");
  needs.require((d.countIncludePad | 1) == 1, "countIncludePad must be 0 or 1");
  checkWindow(needs, d);
  if (needs.problem) return {};
  const int64_t down = (int64_t)(d.kh - 1) * d.dilationH + 1, across = (int64_t)(d.kw - 1) * d.dilationW + 1;
  needs.require(windowFits(d.oh, d.strideH, down, d.h, d.padTop, d.padBottom) &&
                    windowFits(d.ow, d.strideW, across, d.w, d.padLeft, d.padRight),
                "oh and ow must fit the padded image");
  needs.indexBelow = product(d.h, d.w);
  return {product(d.planes, d.h, d.w), product(d.planes, d.oh, d.ow)};
}
inline void maxPool2d(Needs& needs, const PoolDesc& d) {
  const PoolSizes s = pool(needs, d);
  if (!needs.problem) needs.array(s.in).array(s.out).array(s.out);
}
inline void maxPool2dBackward(Needs& needs, const PoolDesc& d) {
  const PoolSizes s = pool(needs, d);
  if (!needs.problem) needs.array(s.out).array(s.out).array(s.in);
}
inline void maxPool2dGather(Needs& needs, const PoolDesc& d) {
  const PoolSizes s = pool(needs, d);
  if (!needs.problem) needs.array(s.in).array(s.out).array(s.out);
}
inline void avgPool2d(Needs& needs, const PoolDesc& d) {
  const PoolSizes s = pool(needs, d);
  if (!needs.problem) needs.array(s.in).array(s.out);
}
inline void avgPool2dBackward(Needs& needs, const PoolDesc& d) {
  const PoolSizes s = pool(needs, d);
  if (!needs.problem) needs.array(s.out).array(s.in);
}

// NormDesc

inline int64_t norm(Needs& needs, const NormDesc& d) {
  needs.require(d.n >= 0 && d.c >= 0 && d.inner >= 0, "sizes must not be negative");
  return needs.problem ? 0 : product(d.n, d.c, d.inner);
}
inline void normStats(Needs& needs, const NormDesc& d) {
  const int64_t all = norm(needs, d);
  if (!needs.problem) needs.array(all).array(d.c).array(d.c);
}
inline void normForward(Needs& needs, const NormDesc& d) {
  const int64_t all = norm(needs, d);
  if (needs.problem) return;
  needs.array(all).array(d.c).array(d.c).array(d.c).array(d.c).array(all);
  needs.inPlace = 1;
}
inline void normBackward(Needs& needs, const NormDesc& d) {
  const int64_t all = norm(needs, d);
  if (needs.problem) return;
  needs.array(all).array(all).array(d.c).array(d.c).array(d.c).array(all).array(d.c).array(d.c);
}

}  // namespace extents
}  // namespace gemmule
