// Convolution with kernels of one tap, at stride 1 and without padding: plain products over the pixels of
// each image. Few pixels fill vectors badly and meet the weights too briefly for them to come from beyond the
// caches; those of several images are then laid side by side.
#pragma once
#include "gemm/gemm.h"

namespace gemmule {
namespace GEMMULE_ISA {

inline bool isPointwise(const ConvDesc& d) {
  return d.kh * d.kw == 1 && d.strideH * d.strideW == 1 && d.padTop == 0 && d.padLeft == 0 && d.oh == d.h &&
         d.ow == d.w && d.groups == 1;
}

/// `k` planes of each image give `m`, by weights [m, k].
struct PointwiseConv {
  int images, m, k, pixels;
  MatrixView weights;
  const float *source, *bias;
  int activation;
  float* result;

  static constexpr int columnsAtOnce = 1024;
  static constexpr int64_t leastWeights = 1 << 16;

  void run() const {
    const int together = imagesTogether();
    if (together == 1) {
      const Product p = product(images, pixels, source, result);
      multiply(p);
      return;
    }
    const Split groups(images, together);
    for (int i = 0; i < groups.parts; i++) runTogether(groups.begin(i), groups.size(i));
  }

 private:
  int imagesTogether() const {
    const int vectors = (pixels + W - 1) / W, wasted = vectors * W - pixels;
    const int most = columnsAtOnce / pixels < images ? columnsAtOnce / pixels : images;
    return most > 1 && wasted * 16 > pixels && (int64_t)m * k >= leastWeights ? most : 1;
  }

  Product product(int batch, int columns, const float* from, float* to) const {
    Product p{};
    p.batch = batch;
    p.m = m;
    p.n = columns;
    p.k = k;
    p.a = weights;
    p.b = {from, columns, false};
    p.c = to;
    p.ldc = columns;
    p.bias = {bias, nullptr};
    p.activation = activation;
    p.strideB = (intptr_t)k * columns;
    p.strideC = (intptr_t)m * columns;
    return p;
  }

  static void multiply(const Product& p) {
    const GemmPlan plan(p);
    const Scratch<float> scratch(plan.scratch(p, parallelSlots()) + 1);
    if (scratch.data) Gemm(p, plan, scratch.data).run();
  }

  void runTogether(int first, int count) const {
    const int columns = count * pixels;
    const Scratch<float> beside((size_t)(k + m) * columns + W);
    if (!beside.data) return;
    float* const to = beside.data + (size_t)k * columns;
    const float* const from = source + (intptr_t)first * k * pixels;
    parallel(k, [&](int64_t row, int) {
      for (int i = 0; i < count; i++)
        copy(from + ((intptr_t)i * k + row) * pixels, beside.data + row * columns + i * pixels);
    });
    const Product p = product(1, columns, beside.data, to);
    multiply(p);
    float* const out = result + (intptr_t)first * m * pixels;
    parallel(m, [&](int64_t row, int) {
      for (int i = 0; i < count; i++)
        copy(to + row * columns + i * pixels, out + ((intptr_t)i * m + row) * pixels);
    });
  }
  void copy(const float* from, float* to) const {
    int j = 0;
    for (; j + W <= pixels; j += W) store(to + j, load(from + j));
    if (j < pixels) storeN(to + j, loadN(from + j, pixels - j), pixels - j);
  }
};

}  // namespace GEMMULE_ISA
}  // namespace gemmule
