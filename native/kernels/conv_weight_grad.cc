#include "conv_planes.h"
#include "conv_weight_pixels.h"
#include "gemm/microkernel.h"
#include "gemm/pack.h"
#include "kernel.h"
#include "parallel.h"
#include "table.h"

// The gradient of the weights with output channels in the lanes. For each row (channel, tap) of the result
//   D[row, k] = sum over images and positions of x[position + tap] * gT[position, k]:
// the taps of a tile are scalars broadcast from the padded input, whatever stride and dilation are, and a
// vector of g serves all of them. g is transposed band by band. Sums are kept per slice of the batch and
// added in order.
namespace gemmule {
namespace GEMMULE_ISA {
namespace {

#if GEMMULE_SET == GEMMULE_ISA_avx512
constexpr int tapRows = 9, tapAccumulators = 28;
#elif GEMMULE_SET == GEMMULE_ISA_neon
constexpr int tapRows = 8, tapAccumulators = 24;
#elif GEMMULE_SET == GEMMULE_ISA_avx2
constexpr int tapRows = 6, tapAccumulators = 12;
#else
constexpr int tapRows = 4, tapAccumulators = 8;
#endif
constexpr int tapVectorLimit = 4;
constexpr int tapVectors(int rows) {
  return tapAccumulators / rows < tapVectorLimit ? tapAccumulators / rows : tapVectorLimit;
}

/// sums[r, v] (+)= sum over the band of x[offset r + position] * g[position, v]
struct TapTile {
  const float* x;
  const int32_t* offsets;  // one per row of the tile
  intptr_t step, rowStep;  // between positions of a row, and between rows
  const float* g;          // [rows][columns][V * W]
  int rows, columns;
  float* sums;
  intptr_t ld;
  bool accumulate;
};

template <int R, int V>
void runTaps(const TapTile& t) {
  VF acc[R][V];
  GEMMULE_UNROLL
  for (int r = 0; r < R; r++) GEMMULE_UNROLL
  for (int v = 0; v < V; v++) acc[r][v] = zero();
  const float* g = t.g;
  const intptr_t step = t.step, end = t.columns * t.step;
  for (int row = 0; row < t.rows; row++) {
    const float* x[R];
    GEMMULE_UNROLL
    for (int r = 0; r < R; r++) x[r] = t.x + row * t.rowStep + t.offsets[r];
    for (intptr_t at = 0; at < end; at += step, g += V * W) {
      VF right[V];
      GEMMULE_UNROLL
      for (int v = 0; v < V; v++) right[v] = load(g + v * W);
      GEMMULE_UNROLL
      for (int r = 0; r < R; r++) {
        const VF left = set1(x[r][at]);
        GEMMULE_UNROLL
        for (int v = 0; v < V; v++) acc[r][v] = fma(left, right[v], acc[r][v]);
      }
    }
  }
  GEMMULE_UNROLL
  for (int r = 0; r < R; r++) GEMMULE_UNROLL
  for (int v = 0; v < V; v++) {
    float* p = t.sums + r * t.ld + v * W;
    store(p, t.accumulate ? add(acc[r][v], load(p)) : acc[r][v]);
  }
}

using TapKernel = void (*)(const TapTile&);
struct TapKernels {
  TapKernel kernel[tapRows][tapVectorLimit];
  constexpr TapKernels() : kernel() { fill<1, 1>(); }

 private:
  template <int R, int V>
  constexpr void fill() {
    kernel[R - 1][V - 1] = &runTaps<R, V>;
    if constexpr (V < tapVectors(R))
      fill<R, V + 1>();
    else if constexpr (R < tapRows)
      fill<R + 1, 1>();
  }
};
constexpr TapKernels tapKernels;

struct WeightGrad {
  static constexpr int bandColumns = 192;
  static constexpr int64_t partialValues = 1 << 21;  // of all slices together, where one does not need more
  static constexpr int tasksWanted = 16;

  const ConvDesc& d;
  const float *x, *g;
  const int channels, outputs, taps, rows, vectors;
  const int pitch;  // of the padded band of x
  const Split bands, tiles, panels;
  const int lanes;  // outputs, rounded up to whole vectors
  Split slices, channelBlocks;
  int32_t* offsets;
  float* partial;

  WeightGrad(const ConvDesc& d, const float* x, const float* g)
      : d(d),
        x(x),
        g(g),
        channels(d.c / d.groups),
        outputs(d.k / d.groups),
        taps(d.kh * d.kw),
        rows(channels * taps),
        vectors((outputs + W - 1) / W),
        pitch((d.ow - 1) * d.strideW + (d.kw - 1) * d.dilationW + 1),
        bands(d.oh, bandColumns / d.ow > 1 ? bandColumns / d.ow : 1),
        tiles(taps, tapRows),
        panels(vectors, tapVectors(tiles.largest())),
        lanes(vectors * W),
        slices(1, 1),
        channelBlocks(channels, channels) {
    const int64_t one = (int64_t)rows * lanes * d.groups;
    const int units = d.n * bands.parts;
    int64_t most = partialValues / one;
    if (most > tasksWanted) most = tasksWanted;
    if (most > units) most = units;
    if (most < 1) most = 1;
    slices = Split(units, (units + (int)most - 1) / (int)most);
    int blocks = tasksWanted / slices.parts / d.groups;
    if (blocks > channels / 8) blocks = channels / 8;
    if (blocks > 1) channelBlocks = Split(channels, (channels + blocks - 1) / blocks);
  }

  int bandRows() const { return (bands.largest() - 1) * d.strideH + (d.kh - 1) * d.dilationH + 1; }
  size_t paddedSize() const { return ((size_t)channelBlocks.largest() * bandRows() * pitch + 15) / 16 * 16; }
  size_t slotSize() const { return paddedSize() + (size_t)bands.largest() * d.ow * lanes; }
  size_t partialSize() const { return (size_t)slices.parts * d.groups * rows * lanes; }
  float* sums(int slice, int group) const {
    return partial + ((intptr_t)slice * d.groups + group) * rows * lanes;
  }

  void task(int64_t index, float* padded) const {
    const int slice = (int)(index % slices.parts);
    const int block = (int)(index / slices.parts % channelBlocks.parts);
    const int group = (int)(index / slices.parts / channelBlocks.parts);
    float* const transposed = padded + paddedSize();
    for (int unit = slices.begin(slice); unit < slices.begin(slice + 1); unit++)
      band(unit / bands.parts, unit % bands.parts, group, block, padded, transposed, sums(slice, group),
           unit > slices.begin(slice));
  }

  void band(int image, int index, int group, int block, float* padded, float* transposed, float* sums,
            bool accumulate) const {
    const int row0 = bands.begin(index), count = bands.size(index), height = bandRows();
    const int first = channelBlocks.begin(block), end = channelBlocks.begin(block + 1);
    const float* src = x + ((intptr_t)image * d.c + group * channels) * d.h * d.w;
    for (int c = first; c < end; c++)
      copyPlaneOver(src + (intptr_t)c * d.h * d.w, x + (intptr_t)d.n * d.c * d.h * d.w, d.h, d.w,
                    {row0 * d.strideH - d.padTop, 1}, {-d.padLeft, 1},
                    padded + (intptr_t)(c - first) * height * pitch,
                    (count - 1) * d.strideH + (d.kh - 1) * d.dilationH + 1, pitch);
    const intptr_t plane = (intptr_t)d.oh * d.ow;
    const float* gradient = g + ((intptr_t)image * d.k + group * outputs) * plane + (intptr_t)row0 * d.ow;
    for (int q = 0; q < panels.parts; q++) {
      const int lane = panels.begin(q) * W, width = panels.size(q) * W;
      const int columns = lane + width < outputs ? width : outputs - lane;
      transpose(gradient + lane * plane, plane, columns, count * d.ow, transposed, width, true);
      for (int c = first; c < end; c++)
        for (int t = 0; t < tiles.parts; t++) {
          TapTile tile;
          tile.x = padded + (intptr_t)(c - first) * height * pitch;
          tile.offsets = offsets + tiles.begin(t);
          tile.step = d.strideW;
          tile.rowStep = (intptr_t)d.strideH * pitch;
          tile.g = transposed;
          tile.rows = count;
          tile.columns = d.ow;
          tile.sums = sums + ((intptr_t)c * taps + tiles.begin(t)) * lanes + lane;
          tile.ld = lanes;
          tile.accumulate = accumulate;
          tapKernels.kernel[tiles.size(t) - 1][panels.size(q) - 1](tile);
        }
    }
  }

  /// Adds the slices in order and transposes to [k, channel, tap].
  void finish(int group, float* y) const {
    float* const total = sums(0, group);
    const intptr_t n = (intptr_t)rows * lanes;
    for (int s = 1; s < slices.parts; s++) {
      const float* more = sums(s, group);
      for (intptr_t i = 0; i < n; i += W) store(total + i, add(load(total + i), load(more + i)));
    }
    transpose(total, lanes, rows, outputs, y + (intptr_t)group * outputs * rows, rows);
  }
};

}  // namespace

void conv2dWeightGrad(const ConvDesc& d, In<float> x, In<float> g, Out<float> y) {
  const int64_t size = d.groups ? (int64_t)d.k * (d.c / d.groups) * d.kh * d.kw : 0;
  if (size == 0) return;
  if (d.n == 0 || d.oh == 0 || d.ow == 0) return clear(y, size);
  PixelWeightGrad few(d, x, g, y);
  if (few.isBetter()) {
    const Scratch<int32_t> offsets(few.rows);
    const Scratch<float> partial(few.partialSize());
    const Scratch<float> scratch(few.slotSize() * (size_t)parallelSlots());
    if (!offsets.data || !partial.data || !scratch.data) return;
    few.offsets = offsets.data;
    few.partial = partial.data;
    return few.run(scratch.data);
  }
  WeightGrad grad(d, x, g);
  const Scratch<int32_t> offsets(grad.taps);
  const Scratch<float> partial(grad.partialSize());
  const Scratch<float> scratch(grad.slotSize() * (size_t)parallelSlots());
  if (!offsets.data || !partial.data || !scratch.data) return;
  for (int i = 0; i < d.kh; i++)
    for (int j = 0; j < d.kw; j++)
      offsets.data[i * d.kw + j] = i * d.dilationH * grad.pitch + j * d.dilationW;
  grad.offsets = offsets.data;
  grad.partial = partial.data;
  parallel((int64_t)grad.slices.parts * grad.channelBlocks.parts * d.groups,
           [&](int64_t task, int slot) { grad.task(task, scratch.data + slot * grad.slotSize()); });
  parallel(d.groups, [&](int64_t group, int) { grad.finish((int)group, y); });
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
