// Convolution as a product of the weights with the patches of several images side by side (im2col): where an
// image has few results, these fill the vectors, and large weights are read for all of them at once.
#pragma once
#include "conv_pointwise.h"

namespace gemmule {
namespace GEMMULE_ISA {

struct BesideConv {
  const ConvDesc& d;

  /// `flat` is the columns that an image takes on the other way.
  static bool fits(const ConvDesc& d, int64_t flat) {
    const BesideConv c{d};
    return d.groups == 1 && 8 * flat > 9 * c.pixels() && d.k >= leastPlanes &&
           d.k * c.rows() >= leastValues && c.together() > 1;
  }

  int64_t pixels() const { return (int64_t)d.oh * d.ow; }
  int64_t rows() const { return (int64_t)d.c * d.kh * d.kw; }
  int together() const {
    const int64_t columns = mostPatches / rows() < columnsBeside ? mostPatches / rows() : columnsBeside;
    return columns / pixels() < d.n ? (int)(columns / pixels()) : d.n;
  }
  static constexpr int leastPlanes = 256;
  static constexpr int64_t leastValues = 1 << 19;  // of the weights, that pay for the patches
  static constexpr int64_t mostPatches = 1 << 23;  // values at a time

  void run(const float* x, const float* weights, const float* bias, float* y) const {
    const Split groups(d.n, together());
    const int k = (int)rows();
    const intptr_t pitch = (intptr_t)groups.largest() * pixels() + W;  // copies reach over the end
    const Scratch<float> patches((size_t)k * pitch), products((size_t)d.k * groups.largest() * pixels());
    if (!patches.data || !products.data) return;
    const intptr_t plane = (intptr_t)d.h * d.w, source = d.c * plane;
    const float* const end = x + d.n * source;
    for (int i = 0; i < groups.parts; i++) {
      const int first = groups.begin(i), count = groups.size(i);
      parallel(d.c, [&](int64_t c, int) {
        float* row = patches.data + c * d.kh * d.kw * pitch;
        for (int p = 0; p < d.kh; p++)
          for (int q = 0; q < d.kw; q++, row += pitch)
            for (int image = 0; image < count; image++)
              copyPlaneOver(x + (first + image) * source + c * plane, end, d.h, d.w,
                            {p * d.dilationH - d.padTop, d.strideH}, {q * d.dilationW - d.padLeft, d.strideW},
                            row + image * pixels(), d.oh, d.ow);
      });
      Product p{};
      p.batch = 1;
      p.m = d.k;
      p.n = count * (int)pixels();
      p.k = k;
      p.a = {weights, k, false};
      p.b = {patches.data, pitch, false};
      p.c = products.data;
      p.ldc = p.n;
      p.bias = {bias, nullptr};
      p.activation = d.activation;
      multiply(p);
      Beside{count, d.k, (int)pixels()}.scatter(products.data, y + (intptr_t)first * d.k * pixels());
    }
  }
};

}  // namespace GEMMULE_ISA
}  // namespace gemmule
