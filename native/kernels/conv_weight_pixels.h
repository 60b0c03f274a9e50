// The gradient of the weights with positions in the lanes, for few output channels per group: a tile of
// outputs × taps sums g[output, p] * x[p + tap] lane by lane, and the lanes are added at the very end.
#pragma once
#include "conv_taps.h"
#include "gemm/microkernel.h"
#include "parallel.h"

namespace gemmule {
namespace GEMMULE_ISA {

struct PixelTile {
  const float* x;
  const int32_t* offsets;  // of the tile's taps
  const float* g;          // planes with zeros in the gaps
  intptr_t plane;
  int vectors;
  float* sums;  // [outputs][ld][W]
  intptr_t ld;
  bool accumulate;
};

constexpr int pixelOutputs = 3, pixelTapLimit = 9;
constexpr int pixelTaps(int outputs) {
  return accumulators / outputs < pixelTapLimit ? accumulators / outputs : pixelTapLimit;
}

template <int Outputs, int Taps>
void runPixelTile(const PixelTile& t) {
  VF acc[Outputs][Taps];
  GEMMULE_UNROLL
  for (int k = 0; k < Outputs; k++) {
    GEMMULE_UNROLL
    for (int i = 0; i < Taps; i++) acc[k][i] = zero();
  }
  const float* x[Taps];
  GEMMULE_UNROLL
  for (int i = 0; i < Taps; i++) x[i] = t.x + t.offsets[i];
  const intptr_t end = (intptr_t)t.vectors * W;
  for (intptr_t p = 0; p < end; p += W) {
    VF g[Outputs];
    GEMMULE_UNROLL
    for (int k = 0; k < Outputs; k++) g[k] = loaded(load(t.g + k * t.plane + p));
    GEMMULE_UNROLL
    for (int i = 0; i < Taps; i++) {
      const VF value = loaded(load(x[i] + p));
      GEMMULE_UNROLL
      for (int k = 0; k < Outputs; k++) acc[k][i] = fma(g[k], value, acc[k][i]);
    }
  }
  GEMMULE_UNROLL
  for (int k = 0; k < Outputs; k++) {
    GEMMULE_UNROLL
    for (int i = 0; i < Taps; i++) {
      float* p = t.sums + (k * t.ld + i) * W;
      store(p, t.accumulate ? add(acc[k][i], load(p)) : acc[k][i]);
    }
  }
}

using PixelKernel = void (*)(const PixelTile&);
struct PixelKernels {
  PixelKernel kernel[pixelOutputs][pixelTapLimit];
  constexpr PixelKernels() : kernel() { fill<1, 1>(); }

 private:
  template <int Outputs, int Taps>
  constexpr void fill() {
    kernel[Outputs - 1][Taps - 1] = &runPixelTile<Outputs, Taps>;
    if constexpr (Taps < pixelTaps(Outputs))
      fill<Outputs, Taps + 1>();
    else if constexpr (Outputs < pixelOutputs)
      fill<Outputs + 1, 1>();
  }
};

struct PixelWeightGrad {
  static constexpr int bandColumns = 2048, slicesMost = 16;
  static constexpr int64_t partialValues = 1 << 20;

  const ConvDesc& d;
  const float *x, *g;
  float* y;
  const SplitPlanes layout;
  const int channels, outputs, rows;  // rows: channels * kh * kw
  const Split bands, outputTiles, tapTiles;
  int32_t* offsets = nullptr;
  float* partial = nullptr;

  PixelWeightGrad(const ConvDesc& d, const float* x, const float* g, float* y)
      : d(d),
        x(x),
        g(g),
        y(y),
        layout(d),
        channels(d.c / d.groups),
        outputs(d.k / d.groups),
        rows(channels * d.kh * d.kw),
        bands(d.oh, bandColumns / layout.pitch > 1 ? bandColumns / layout.pitch : 1),
        outputTiles(outputs, pixelOutputs),
        tapTiles(rows, pixelTaps(outputTiles.largest())) {}

  /// Whether fewer lanes are idle than with outputs in the lanes. There, tiles of less than leastSums idle
  /// too.
  bool isBetter() const {
    if ((double)channels * layout.perChannel() * planeSize() > INT32_MAX) return false;  // see offsets
    const double width = (double)layout.pitch / d.ow;
    const int vectors = (outputs + W - 1) / W, sums = maxDirectRows * vectors;
    return outputs * width * (outputs == 1 ? 2 : 1.2) <
           vectors * W * (sums < leastSums ? (double)leastSums / sums : 1);
  }

  int planeSize() const { return (bands.largest() + layout.halo) * layout.pitch; }
  int gradientSize() const { return (bands.largest() * layout.pitch + W - 1) / W * W; }
  size_t sourceSize() const {
    return ((size_t)channels * layout.perChannel() * planeSize() + 2 * W - 1) / W * W;
  }
  size_t slotSize() const { return sourceSize() + (size_t)outputs * gradientSize() + W; }
  Split slices() const {
    const int64_t one = (int64_t)d.k * rows * W;
    int64_t most = partialValues / one;
    if (most > slicesMost) most = slicesMost;
    if (most > d.n) most = d.n;
    return Split(d.n, most > 1 ? (d.n + (int)most - 1) / (int)most : d.n);
  }
  size_t partialSize() const { return (size_t)slices().parts * d.k * rows * W; }

  /// Runs with offsets, partial and slotSize() values of scratch per slot.
  void run(float* scratch) const {
    layout.offsets(channels, planeSize(), offsets);
    const Split slices = this->slices();
    parallel((int64_t)slices.parts * d.groups, [&](int64_t task, int slot) {
      const int group = (int)(task % d.groups), slice = (int)(task / d.groups);
      float* const source = scratch + slot * slotSize();
      for (int n = slices.begin(slice); n < slices.begin(slice + 1); n++)
        for (int b = 0; b < bands.parts; b++)
          band(n, group, b, source, sums(slice, group), n > slices.begin(slice) || b > 0);
    });
    for (intptr_t i = 0; i < (intptr_t)d.k * rows; i++) {
      VF sum = load(partial + i * W);
      for (int s = 1; s < slices.parts; s++)
        sum = add(sum, load(partial + ((intptr_t)s * d.k * rows + i) * W));
      y[i] = reduceAdd(sum);
    }
  }

 private:
  float* sums(int slice, int group) const {
    return partial + ((intptr_t)slice * d.k + (intptr_t)group * outputs) * rows * W;
  }

  void band(int n, int group, int index, float* source, float* sums, bool accumulate) const {
    const int row0 = bands.begin(index), count = bands.size(index), columns = count * layout.pitch;
    const int vectors = (columns + W - 1) / W, size = planeSize() * layout.perChannel();
    const float* const endX = x + (intptr_t)d.n * d.c * d.h * d.w;
    const float* const endG = g + (intptr_t)d.n * d.k * d.oh * d.ow;
    for (int c = 0; c < channels; c++)
      layout.gather(x + (((intptr_t)n * d.groups + group) * channels + c) * d.h * d.w, endX, row0, count,
                    source + c * size, planeSize());
    // the last taps read on behind the last plane, where g is zero: what lies there must be finite
    clear(source + channels * size, (intptr_t)sourceSize() - channels * size);
    float* const gradient = source + sourceSize();
    for (int k = 0; k < outputs; k++) {
      float* const to = gradient + k * gradientSize();
      copyPlaneOver(g + ((((intptr_t)n * d.groups + group) * outputs + k) * d.oh + row0) * d.ow, endG, count,
                    d.ow, {0, 1}, {0, 1}, to, count, layout.pitch);
      clear(to + columns, vectors * W - columns);
    }
    static constexpr PixelKernels kernels;
    for (int o = 0; o < outputTiles.parts; o++)
      for (int t = 0; t < tapTiles.parts; t++) {
        PixelTile tile;
        tile.x = source;
        tile.offsets = offsets + tapTiles.begin(t);
        tile.g = gradient + outputTiles.begin(o) * gradientSize();
        tile.plane = gradientSize();
        tile.vectors = vectors;
        tile.sums = sums + ((intptr_t)outputTiles.begin(o) * rows + tapTiles.begin(t)) * W;
        tile.ld = rows;
        tile.accumulate = accumulate;
        kernels.kernel[outputTiles.size(o) - 1][tapTiles.size(t) - 1](tile);
      }
  }
};

}  // namespace GEMMULE_ISA
}  // namespace gemmule
