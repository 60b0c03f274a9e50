// Convolutions that are plain products. With kernels of one tap, at stride 1 and without padding: over the
// pixels of each image. Few pixels fill vectors badly and meet the weights too briefly for them to come from
// beyond the caches; those of several images are then laid side by side. So are they for the gradient of
// large weights. With kernels as large as an image: of the images, a row each.
#pragma once
#include "conv_planes.h"
#include "gemm/dot.h"
#include "kernel.h"

namespace gemmule {
namespace GEMMULE_ISA {

inline bool isPointwise(const ConvDesc& d) {
  return d.kh == 1 && d.kw == 1 && d.strideH == 1 && d.strideW == 1 && d.padTop == 0 && d.padLeft == 0 &&
         d.oh == d.h && d.ow == d.w && d.groups == 1;
}

inline bool isWholeImage(const ConvDesc& d) {
  return d.kh == d.h && d.kw == d.w && d.padTop == 0 && d.padLeft == 0 && d.oh == 1 && d.ow == 1 &&
         d.groups == 1 && d.dilationH == 1 && d.dilationW == 1;
}

/// Columns of a product of images side by side, at most where there is more than one.
constexpr int columnsBeside = 1024;
/// Weights that pay for copies of what they meet.
constexpr int64_t leastWeights = 1 << 16;

inline void multiply(const Product& p) {
  const GemmPlan plan(p);
  const Scratch<float> scratch(plan.scratch(p, parallelSlots()) + 1);
  if (scratch.data) Gemm(p, plan, scratch.data).run();
}

/// Kernels as large as an image: the passes of y[n, k] = x[n, size] · weights[k, size] transposed.
struct WholeImageConv {
  const ConvDesc& d;

  int size() const { return d.c * d.h * d.w; }
  void forward(const float* x, const float* weights, const float* bias, float* y) const {
    Product p = plainProduct(d.n, d.k, size(), {x, size(), false}, {weights, size(), true}, y);
    p.bias = {nullptr, bias};
    p.activation = d.activation;
    if (DotProduct::fits(p)) return DotProduct::of(p).run();
    multiply(p);
  }
  void inputGrad(const float* g, const float* weights, float* y) const {
    multiply(plainProduct(d.n, size(), d.k, {g, d.k, false}, {weights, size(), false}, y));
  }
  void weightGrad(const float* x, const float* g, float* y) const {
    multiply(plainProduct(d.k, size(), d.n, {g, d.k, true}, {x, size(), false}, y));
  }
};

/// Some images [plane, pixel] one behind the other, and the same as [plane, image, pixel].
struct Beside {
  int images, planes, pixels;

  size_t size() const { return (size_t)images * planes * pixels; }
  void gather(const float* behind, float* beside) const {
    each([=](intptr_t plain, intptr_t laid) { copyStepped(behind + plain, 1, beside + laid, pixels); });
  }
  void scatter(const float* beside, float* behind) const {
    each([=](intptr_t plain, intptr_t laid) { copyStepped(beside + laid, 1, behind + plain, pixels); });
  }

 private:
  /// body(where a plane stands, where beside others).
  template <class Body>
  void each(Body body) const {
    parallel(planes, [&](int64_t plane, int) {
      for (intptr_t i = 0; i < images; i++)
        body((i * planes + plane) * pixels, ((intptr_t)plane * images + i) * pixels);
    });
  }
};

/// `k` planes of each image give `m`, by weights [m, k].
struct PointwiseConv {
  int images, m, k, pixels;
  MatrixView weights;
  const float *source, *bias;
  int activation;
  float* result;

  void run() const {
    const int together = imagesTogether();
    if (together == 1) {
      multiply(product(images, pixels, source, result));
      return;
    }
    const Split groups(images, together);
    for (int i = 0; i < groups.parts; i++) runTogether(groups.begin(i), groups.size(i));
  }

 private:
  int imagesTogether() const {
    const int vectors = (pixels + W - 1) / W, wasted = vectors * W - pixels;
    const int most = columnsBeside / pixels < images ? columnsBeside / pixels : images;
    return most > 1 && wasted * 16 > pixels && (int64_t)m * k >= leastWeights ? most : 1;
  }

  Product product(int batch, int columns, const float* from, float* to) const {
    Product p = plainProduct(m, columns, k, weights, {from, columns, false}, to);
    p.batch = batch;
    p.bias = {bias, nullptr};
    p.activation = activation;
    p.strideB = (intptr_t)k * columns;
    p.strideC = (intptr_t)m * columns;
    return p;
  }

  void runTogether(int first, int count) const {
    const Beside from{count, k, pixels}, to{count, m, pixels};
    const Scratch<float> scratch(from.size() + to.size());
    if (!scratch.data) return;
    float* const product = scratch.data + from.size();
    from.gather(source + (intptr_t)first * k * pixels, scratch.data);
    multiply(this->product(1, count * pixels, scratch.data, product));
    to.scatter(product, result + (intptr_t)first * m * pixels);
  }
};

/// The gradient y of weights [m, n] from the images g of m planes and x of n.
struct PointwiseWeightGrad {
  int images, m, n, pixels;
  const float *x, *g;
  float* y;

  /// One image is a product as it lies, which long sums of few weights do not suit.
  static bool fits(const ConvDesc& d) {
    const int64_t pixels = (int64_t)d.h * d.w, least = d.n > 1                  ? leastWeights
                                                       : pixels > columnsBeside ? 1 << 13
                                                                                : 1 << 8;
    return isPointwise(d) && (int64_t)d.c * d.k > least;
  }

  void run() const {
    const Split groups(images, columnsBeside > pixels ? columnsBeside / pixels : 1);
    const bool gathers = groups.largest() > 1;
    const size_t size = gathers ? (size_t)groups.largest() * pixels : 0;
    const Scratch<float> besideX(size * n + 1), besideG(size * m + 1);
    if (!besideX.data || !besideG.data) return;
    for (int i = 0; i < groups.parts; i++) {
      const float *xs = x + (intptr_t)groups.begin(i) * n * pixels,
                  *gs = g + (intptr_t)groups.begin(i) * m * pixels;
      const int count = groups.size(i), columns = count * pixels;
      if (gathers) {
        Beside{count, n, pixels}.gather(xs, besideX.data);
        Beside{count, m, pixels}.gather(gs, besideG.data);
        xs = besideX.data;
        gs = besideG.data;
      }
      Product p = plainProduct(m, n, columns, {gs, columns, false}, {xs, columns, true}, y);
      p.accumulate = i > 0;
      multiply(p);
    }
  }
};

}  // namespace GEMMULE_ISA
}  // namespace gemmule
