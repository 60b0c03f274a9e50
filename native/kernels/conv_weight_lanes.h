// The gradient of the weights with channels in the lanes. For each row (channel, tap) of the result
//   D[row, lane] = sum over images and positions of x[position + tap] * g[position, lane]:
// the taps of a tile are scalars broadcast from x as it lies (padded where it must be), whatever stride and
// dilation are, and a vector of transposed g serves all of them. For 1x1 kernels x and g may change places,
// so that the one with fewer channels is transposed. Sums are kept per slice of the batch and added in order.
#pragma once
#include "conv_planes.h"
#include "gemm/microkernel.h"
#include "gemm/pack.h"
#include "kernel.h"
#include "parallel.h"

namespace gemmule {
namespace GEMMULE_ISA {

/// sums[r, v] (+)= sum over images and positions of x[offsets[r] + position] * g[position, v]
struct TapTile {
  const float* x;
  const int32_t* offsets;             // one per row of the tile
  intptr_t step, rowStep, imageStep;  // in x, between positions of a row, rows and images
  intptr_t ahead;                     // from a value to one that is wanted soon, 0 for none
  const float* g;                     // [images][rows][columns][V * W]
  int images, rows, columns;
  float* sums;
  intptr_t ld;
  bool accumulate;
};

constexpr int tapVectorLimit = 4;
constexpr int tapVectors(int rows) {
  return accumulators / rows < tapVectorLimit ? accumulators / rows : tapVectorLimit;
}

template <int R, int V>
GEMMULE_INLINE void addTaps(VF (&acc)[R][V], const float* const (&x)[R], intptr_t at, const float* g) {
  VF right[V];
  GEMMULE_UNROLL
  for (int v = 0; v < V; v++) right[v] = loaded(load(g + v * W));
  GEMMULE_UNROLL
  for (int r = 0; r < R; r++) {
    const VF left = set1(x[r][at]);
    GEMMULE_UNROLL
    for (int v = 0; v < V; v++) addProduct(acc[r][v], left, right[v]);
  }
}

template <int R, int V>
void runTaps(const TapTile& t) {
  VF acc[R][V];
  GEMMULE_UNROLL
  for (int r = 0; r < R; r++) {
    GEMMULE_UNROLL
    for (int v = 0; v < V; v++) acc[r][v] = zero();
  }
  const float* x[R];
  GEMMULE_UNROLL
  for (int r = 0; r < R; r++) x[r] = t.x + t.offsets[r];
  const float* g = t.g;
  const intptr_t step = t.step, columns = t.columns * step;
  for (int image = 0; image < t.images; image++)
    for (int row = 0; row < t.rows; row++) {
      intptr_t at = image * t.imageStep + row * t.rowStep;
      const intptr_t end = at + columns;
      while (at + step < end) {
        intptr_t stop = end;
        if (t.ahead != 0) {
          const intptr_t line = step < lineValues / 2 ? lineValues : 2 * step;
          if (end - at > line) stop = at + line;
          GEMMULE_UNROLL
          for (int r = 0; r < R; r++) prefetchSoon(x[r] + at + t.ahead);
        }
        for (; at + step < stop; at += 2 * step, g += 2 * V * W) {
          addTaps(acc, x, at, g);
          addTaps(acc, x, at + step, g + V * W);
        }
      }
      if (at < end) {
        addTaps(acc, x, at, g);
        g += V * W;
      }
    }
  GEMMULE_UNROLL
  for (int r = 0; r < R; r++) {
    GEMMULE_UNROLL
    for (int v = 0; v < V; v++) {
      float* p = t.sums + r * t.ld + v * W;
      store(p, t.accumulate ? add(acc[r][v], load(p)) : acc[r][v]);
    }
  }
}

using TapKernel = void (*)(const TapTile&);
struct TapKernels {
  TapKernel kernel[maxDirectRows][tapVectorLimit];
  constexpr TapKernels() : kernel() { fill<1, 1>(); }

 private:
  template <int R, int V>
  constexpr void fill() {
    kernel[R - 1][V - 1] = &runTaps<R, V>;
    if constexpr (V < tapVectors(R))
      fill<R, V + 1>();
    else if constexpr (R < maxDirectRows)
      fill<R + 1, 1>();
  }
};

struct LaneWeightGrad {
  static constexpr int unitColumns = 192;            // positions of a task's step, about
  static constexpr int64_t partialValues = 1 << 21;  // of all slices together, where one does not need more
  static constexpr int64_t unitValues = 96 * 1024;   // of a step's copy of x, at most if it can be
  static constexpr int tasksWanted = 16;

  const ConvDesc& d;
  const bool swapped;           // 1x1: g is broadcast and x lies in the lanes
  const float *x, *g;           // broadcast and transposed
  const int channels, outputs;  // per group, of x and of g
  const int taps, rows, vectors, lanes;
  const int h, w, oh, ow;
  const bool padded;  // x is copied with its padding
  const int pitch;
  const Split bands, tiles, panels;
  Split units, slices, blocks;  // images of a step, steps of a slice, channels of a task
  int32_t* offsets = nullptr;   // [rows of a block]
  float* partial = nullptr;

  static bool canSwap(const ConvDesc& d) {
    return d.kh * d.kw == 1 && d.strideH * d.strideW == 1 && d.padTop == 0 && d.padLeft == 0 && d.oh == d.h &&
           d.ow == d.w;
  }
  static bool needsPadding(const ConvDesc& d) {
    return d.padTop != 0 || d.padLeft != 0 || (d.oh - 1) * d.strideH + (d.kh - 1) * d.dilationH >= d.h ||
           (d.ow - 1) * d.strideW + (d.kw - 1) * d.dilationW >= d.w;
  }

  LaneWeightGrad(const ConvDesc& d, const float* x_, const float* g_)
      : d(d),
        swapped(canSwap(d) && d.c < d.k),
        x(swapped ? g_ : x_),
        g(swapped ? x_ : g_),
        channels((swapped ? d.k : d.c) / d.groups),
        outputs((swapped ? d.c : d.k) / d.groups),
        taps(d.kh * d.kw),
        rows(channels * taps),
        vectors((outputs + W - 1) / W),
        lanes(vectors * W),
        h(d.h),
        w(d.w),
        oh(d.oh),
        ow(d.ow),
        padded(needsPadding(d)),
        pitch(padded ? (ow - 1) * d.strideW + (d.kw - 1) * d.dilationW + 1 : w),
        bands(oh, unitColumns / ow > 1 ? unitColumns / ow : 1),
        tiles(rows, maxDirectRows),
        panels(vectors, tapVectors(tiles.largest())),
        units(d.n, 1),
        slices(1, 1),
        blocks(channels, channels) {
    int images = bands.parts > 1 ? 1 : unitColumns / (oh * ow);
    const int64_t each = (int64_t)channels * bandRows() * pitch;
    if (padded && images > unitValues / each) images = (int)(unitValues / each);
    units = Split(d.n, images > 1 ? images : 1);
    const int64_t one = (int64_t)rows * lanes * d.groups;
    const int steps = units.parts * bands.parts;
    int64_t most = partialValues / one;
    if (most > tasksWanted) most = tasksWanted;
    if (most > steps) most = steps;
    slices = Split(steps, most > 1 ? (steps + (int)most - 1) / (int)most : steps);
    int wanted = tasksWanted / slices.parts / d.groups;
    if (wanted > channels / 8) wanted = channels / 8;
    if (wanted > 1) blocks = Split(channels, (channels + wanted - 1) / wanted);
  }

  int bandRows() const {
    return padded ? (bands.largest() - 1) * d.strideH + (d.kh - 1) * d.dilationH + 1 : h;
  }
  intptr_t imageSize() const {
    return padded ? (intptr_t)bandRows() * pitch : (intptr_t)(swapped ? d.k : d.c) * h * w;
  }
  intptr_t channelSize() const { return padded ? imageSize() * units.largest() : (intptr_t)h * w; }
  size_t paddedSize() const {
    return padded ? ((size_t)blocks.largest() * channelSize() + 2 * W - 1) / W * W : 0;
  }
  size_t slotSize() const {
    return paddedSize() + (size_t)units.largest() * bands.largest() * ow * panels.largest() * W;
  }
  size_t partialSize() const { return (size_t)slices.parts * d.groups * rows * lanes; }
  size_t offsetCount() const { return (size_t)blocks.largest() * taps; }
  float* sums(int slice, int group) const {
    return partial + ((intptr_t)slice * d.groups + group) * rows * lanes;
  }

  /// Runs with offsets, partial and slotSize() values of scratch per slot.
  void run(float* scratch, float* y) const {
    for (int c = 0; c < blocks.largest(); c++)
      for (int i = 0; i < d.kh; i++)
        for (int j = 0; j < d.kw; j++)
          offsets[(c * d.kh + i) * d.kw + j] =
              (int32_t)(c * channelSize() + i * d.dilationH * pitch + j * d.dilationW);
    parallel((int64_t)slices.parts * blocks.parts * d.groups, [&](int64_t task, int slot) {
      const int slice = (int)(task % slices.parts), block = (int)(task / slices.parts % blocks.parts);
      const int group = (int)(task / slices.parts / blocks.parts);
      float* const own = scratch + slot * slotSize();
      for (int step = slices.begin(slice); step < slices.begin(slice + 1); step++)
        add(step, group, block, own, sums(slice, group), step > slices.begin(slice),
            step + 1 < slices.begin(slice + 1));
    });
    const int parts = d.groups < tasksWanted ? tasksWanted / d.groups : 1;
    const Split cuts(rows, (rows + parts - 1) / parts);
    parallel((int64_t)d.groups * cuts.parts, [&](int64_t task, int) {
      const int group = (int)(task / cuts.parts), cut = (int)(task % cuts.parts);
      finish(group, cuts.begin(cut), cuts.size(cut), y + (intptr_t)group * outputs * rows);
    });
  }

 private:
  /// Where the images and rows of a step begin in x, from its first image on.
  intptr_t startOf(int step) const {
    return (intptr_t)units.begin(step / bands.parts) * (swapped ? d.k : d.c) * h * w +
           (intptr_t)bands.begin(step % bands.parts) * d.strideH * pitch;
  }

  /// Adds what the images and rows of a step give; `more`: the next one is this thread's too.
  void add(int step, int group, int block, float* copy, float* sums, bool accumulate, bool more) const {
    const int unit = step / bands.parts, band = step % bands.parts;
    const int row0 = bands.begin(band), count = bands.size(band), image0 = units.begin(unit),
              images = units.size(unit);
    const int first = blocks.begin(block), end = blocks.begin(block + 1);
    const int allX = swapped ? d.k : d.c, allG = swapped ? d.c : d.k;
    const float* from = x + ((intptr_t)image0 * allX + group * channels + first) * h * w;
    TapTile tile;
    tile.x = from + (intptr_t)row0 * d.strideH * pitch;
    if (padded) {
      tile.x = copy;
      const float* const stop = x + (intptr_t)d.n * allX * h * w;
      for (int c = 0; c < end - first; c++)
        for (int i = 0; i < images; i++)
          copyPlaneOver(from + ((intptr_t)i * allX + c) * h * w, stop, h, w, {row0 * d.strideH - d.padTop, 1},
                        {-d.padLeft, 1}, copy + c * channelSize() + i * imageSize(),
                        (count - 1) * d.strideH + (d.kh - 1) * d.dilationH + 1, pitch);
    }
    tile.step = d.strideW;
    tile.rowStep = (intptr_t)d.strideH * pitch;
    tile.imageStep = imageSize();
    tile.images = images;
    tile.rows = count;
    tile.columns = ow;
    if (pitch == ow && d.strideW == 1 && d.strideH == 1) {  // rows follow each other
      tile.rows = 1;
      tile.columns = count * ow;
    }
    tile.ld = lanes;
    tile.accumulate = accumulate;
    float* const transposed = copy + paddedSize();
    tile.g = transposed;
    const intptr_t plane = (intptr_t)oh * ow;
    const Split own((end - first) * taps, tiles.largest());
    static constexpr TapKernels kernels;
    for (int q = 0; q < panels.parts; q++) {
      const int lane = panels.begin(q) * W, width = panels.size(q) * W;
      const int columns = lane + width < outputs ? width : outputs - lane;
      const float* gradient =
          g + ((intptr_t)image0 * allG + group * outputs + lane) * plane + (intptr_t)row0 * ow;
      for (int i = 0; i < images; i++)
        transpose(gradient + (intptr_t)i * allG * plane, plane, columns, count * ow,
                  transposed + (intptr_t)i * count * ow * width, width, true);
      for (int t = 0; t < own.parts; t++) {
        tile.offsets = offsets + own.begin(t);
        // the next tile's rows of x when they are met first, at the end those of the next step's first tile
        tile.ahead = 0;
        if (!padded && taps == 1 && t + 1 < own.parts && q == 0)
          tile.ahead = own.size(t) * channelSize();
        else if (!padded && taps == 1 && t + 1 == own.parts && q + 1 == panels.parts && more)
          tile.ahead = startOf(step + 1) - startOf(step) - own.begin(t) * channelSize();
        tile.sums = sums + ((intptr_t)first * taps + own.begin(t)) * lanes + lane;
        kernels.kernel[own.size(t) - 1][panels.size(q) - 1](tile);
      }
    }
  }

  /// Adds the slices of `count` rows in order and writes them as [k, channel, tap].
  void finish(int group, int row, int count, float* y) const {
    float* const total = sums(0, group) + (intptr_t)row * lanes;
    const intptr_t n = (intptr_t)count * lanes;
    for (int s = 1; s < slices.parts; s++) {
      const float* more = sums(s, group) + (intptr_t)row * lanes;
      for (intptr_t i = 0; i < n; i += W)
        store(total + i, gemmule::GEMMULE_ISA::add(load(total + i), load(more + i)));
    }
    if (!swapped) return transpose(total, lanes, count, outputs, y + row, rows);
    for (int r = 0; r < count; r++)
      copyStepped(total + (intptr_t)r * lanes, 1, y + (intptr_t)(row + r) * outputs, outputs);
  }
};

}  // namespace GEMMULE_ISA
}  // namespace gemmule
