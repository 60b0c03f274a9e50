// 3x3 convolution of each channel by itself at stride 1: four rows of results at a time, so that a load
// serves up to three of them, and the nine weights in registers.
#pragma once
#include "../simd/prefetch.h"
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
  /// Values of a plane from which on the next one is brought into L1 meanwhile; smaller ones are near.
  static constexpr int64_t aheadLeast = GEMMULE_SET == GEMMULE_ISA_avx2 ? 512 : INT64_MAX;
  /// What is asked of the next plane while one is computed: nothing, into L1, into L2.
  enum Ahead { kNothing, kNear, kFar };

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
    const auto plane = isFar()                        ? &DepthwiseConv::plane<kFar>
                       : (int64_t)h * w >= aheadLeast ? &DepthwiseConv::plane<kNear>
                                                      : &DepthwiseConv::plane<kNothing>;
    parallel((planes + planesPerTask - 1) / planesPerTask, [&](int64_t task, int slot) {
      float* const padded = scratch + slot * slotSize();
      for (int64_t p = task * planesPerTask; p < planes && p < (task + 1) * planesPerTask; p++)
        (this->*plane)(p, padded);
    });
  }

  /// Plane p of `from`, padded.
  void pad(const float* from, int64_t p, float* padded) const {
    copyPlaneOver(from + p * h * w, from + (int64_t)images * channels * h * w, h, w, {-padTop, 1},
                  {-padLeft, 1}, padded, rows(), pitch());
  }

  bool isFar() const { return (int64_t)images * channels * h * w >= farLeast; }

  /// Rows [row, row + rowsAtOnce) of a plane, or somewhat more.
  template <void (*ask)(const float*)>
  GEMMULE_INLINE void bringNearer(const float* plane, int row, int width) {
    const float* const from = plane + (intptr_t)row * width;
    for (int i = 0; i < rowsAtOnce * width; i += lineValues) ask(from + i);
  }

 private:
  template <Ahead ahead>
  void plane(int64_t p, float* padded) const {
    pad(source, p, padded);
    const int channel = (int)(p % channels);
    VF weight[taps * taps];
    for (int i = 0; i < taps * taps; i++)
      weight[i] = set1(weights[channel * taps * taps + (turned ? taps * taps - 1 - i : i)]);
    const VF start = set1(bias ? bias[channel] : 0);
    float* const out = result + p * outH * outW;
    const int height = outH, width = outW, step = pitch();
    const bool relu = activation == activationRelu;
    const float* const next = source + (p + 1) * h * w;
    for (int r = 0; r < height; r += rowsAtOnce) {
      if (ahead == kNear) bringNearer<prefetch>(next, r, w);
      if (ahead == kFar) bringNearer<prefetchSoon>(next, r, w);
      if (ahead != kNothing) bringNearer<prefetchToWrite>(out + height * width, r, width);
      for (int q = 0; q < width; q += W) {
        const float* const from = padded + (intptr_t)r * step + q;
        VF acc[rowsAtOnce] = {start, start, start, start};
        GEMMULE_UNROLL
        for (int i = 0; i < rowsAtOnce + taps - 1; i++) {
          GEMMULE_UNROLL
          for (int j = 0; j < taps; j++) {
            const VF x = loaded(load(from + i * step + j));
            GEMMULE_UNROLL
            for (int o = 0; o < rowsAtOnce; o++)
              if (i - o >= 0 && i - o < taps) addProduct(acc[o], weight[(i - o) * taps + j], x);
          }
        }
        if (relu) {
          GEMMULE_UNROLL
          for (int o = 0; o < rowsAtOnce; o++) acc[o] = maxNaN(acc[o], zero());
        }
        float* const to = out + (intptr_t)r * width + q;
        const int n = width - q;
        GEMMULE_UNROLL
        for (int o = 0; o < rowsAtOnce; o++) {
          if (r + o >= height) break;
          if (n >= W)
            store(to + o * width, acc[o]);
          else
            storeN(to + o * width, acc[o], n);
        }
      }
    }
    activate(activation, out, 0, 1, outH * outW);
  }
};

/// The gradient of the weights: a task is a channel and adds its images in order, position by lane.
struct DepthwiseWeightGrad {
  DepthwiseConv forward;  // sizes and padding
  const float *x, *g;
  float* y;

  static bool fits(const ConvDesc& d) { return DepthwiseConv::fits(d) && d.c >= 8; }

  void run(float* scratch) const {
    parallel(forward.channels, [&](int64_t channel, int slot) {
      constexpr int count = DepthwiseConv::taps * DepthwiseConv::taps;
      VF sums[count];
      for (int t = 0; t < count; t++) sums[t] = zero();
      const auto plane = forward.isFar() ? &DepthwiseWeightGrad::plane<&prefetchSoon>
                                         : &DepthwiseWeightGrad::plane<&prefetch>;
      for (int n = 0; n < forward.images; n++) {
        const int64_t p = (int64_t)n * forward.channels + channel;
        (this->*plane)(p, n + 1 < forward.images ? p + forward.channels : channel + 1,
                       scratch + slot * forward.slotSize(), sums);
      }
      for (int t = 0; t < count; t++) y[channel * count + t] = reduceAdd(sums[t]);
    });
  }

 private:
  /// Adds plane p while plane `next`, which may be the one after the last, comes nearer. Not inlined: the
  /// sums would take registers.
  template <void (*ask)(const float*)>
  GEMMULE_NOINLINE void plane(int64_t p, int64_t next, float* padded, VF* sums) const {
    constexpr int taps = DepthwiseConv::taps, rowsAtOnce = DepthwiseConv::rowsAtOnce;
    forward.pad(x, p, padded);
    const int height = forward.outH, width = forward.outW, step = forward.pitch();
    const float* const gradient = g + p * height * width;
    VF acc[taps][taps];
    GEMMULE_UNROLL
    for (int t = 0; t < taps * taps; t++) acc[t / taps][t % taps] = zero();
    for (int r = 0; r < height; r += rowsAtOnce) {
      DepthwiseConv::bringNearer<ask>(g + next * height * width, r, width);
      DepthwiseConv::bringNearer<ask>(x + next * forward.h * forward.w, r, forward.w);
      for (int q = 0; q < width; q += W) {
        const float* const from = padded + (intptr_t)r * step + q;
        const int n = width - q;
        VF rows[rowsAtOnce];
        GEMMULE_UNROLL
        for (int o = 0; o < rowsAtOnce; o++) {
          const float* const row = gradient + (intptr_t)(r + o) * width + q;
          rows[o] = r + o >= height ? zero() : n >= W ? loaded(load(row)) : loadN(row, n);
        }
        GEMMULE_UNROLL
        for (int i = 0; i < rowsAtOnce + taps - 1; i++) {
          GEMMULE_UNROLL
          for (int j = 0; j < taps; j++) {
            const VF value = loaded(load(from + i * step + j));
            GEMMULE_UNROLL
            for (int o = 0; o < rowsAtOnce; o++)
              if (i - o >= 0 && i - o < taps) addProduct(acc[i - o][j], rows[o], value);
          }
        }
      }
    }
    GEMMULE_UNROLL
    for (int t = 0; t < taps * taps; t++) sums[t] = add(sums[t], acc[t / taps][t % taps]);
  }
};

}  // namespace GEMMULE_ISA
}  // namespace gemmule
