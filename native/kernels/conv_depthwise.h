// 3x3 convolution of each channel by itself at stride 1: four rows of results at a time, so that a load
// serves up to three of them, and the nine weights in registers.
#pragma once
#include "conv_planes.h"
#include "gemm/epilogue.h"
#include "kernel.h"
#include "parallel.h"

namespace gemmule {
namespace GEMMULE_ISA {

struct DepthwiseConv {
  int images, channels, h, w, outH, outW, padTop, padLeft;
  const float *source, *weights, *bias;
  float* result;
  bool turned;  // weights are turned by 180 degrees: the gradient of the input
  int activation;

  static constexpr int taps = 3, rowsAtOnce = 4, planesPerTask = 8;

  static bool fits(const ConvDesc& d) {
    return d.c == d.groups && d.k == d.groups && d.kh == taps && d.kw == taps && d.strideH == 1 &&
           d.strideW == 1 && d.dilationH == 1 && d.dilationW == 1;
  }
  int pitch() const { return outW + taps - 1; }
  /// Rows of the padded plane, whole groups of results; and a vector to read beyond.
  int rows() const { return (outH + rowsAtOnce - 1) / rowsAtOnce * rowsAtOnce + taps - 1; }
  size_t slotSize() const { return ((size_t)rows() * pitch() + 3 * W - 1) / W * W; }

  /// Runs with slotSize() floats per slot.
  void run(float* scratch) const {
    const int64_t planes = (int64_t)images * channels;
    parallel((planes + planesPerTask - 1) / planesPerTask, [&](int64_t task, int slot) {
      float* const padded = scratch + slot * slotSize();
      for (int64_t p = task * planesPerTask; p < planes && p < (task + 1) * planesPerTask; p++)
        plane(p, padded);
    });
  }

 private:
  void plane(int64_t p, float* padded) const {
    copyPlaneOver(source + p * h * w, source + (int64_t)images * channels * h * w, h, w, {-padTop, 1},
                  {-padLeft, 1}, padded, rows(), pitch());
    clear(padded + rows() * pitch(), W);
    const int channel = (int)(p % channels);
    VF weight[taps * taps];
    for (int i = 0; i < taps * taps; i++)
      weight[i] = set1(weights[channel * taps * taps + (turned ? taps * taps - 1 - i : i)]);
    const VF start = set1(bias ? bias[channel] : 0),
             least = activation == activationRelu ? zero() : set1(-INFINITY);
    float* const out = result + p * outH * outW;
    for (int r = 0; r < outH; r += rowsAtOnce)
      for (int q = 0; q < outW; q += W) {
        VF acc[rowsAtOnce] = {start, start, start, start};
        GEMMULE_UNROLL
        for (int i = 0; i < rowsAtOnce + taps - 1; i++) {
          GEMMULE_UNROLL
          for (int j = 0; j < taps; j++) {
            const VF x = loaded(load(padded + (r + i) * pitch() + q + j));
            GEMMULE_UNROLL
            for (int o = 0; o < rowsAtOnce; o++)
              if (i - o >= 0 && i - o < taps) acc[o] = fma(weight[(i - o) * taps + j], x, acc[o]);
          }
        }
        const int n = outW - q < W ? outW - q : W;
        GEMMULE_UNROLL
        for (int o = 0; o < rowsAtOnce; o++)
          if (r + o < outH) storeN(out + (intptr_t)(r + o) * outW + q, maxNaN(acc[o], least), n);
      }
    activate(activation, out, 0, 1, outH * outW);
  }
};

}  // namespace GEMMULE_ISA
}  // namespace gemmule
