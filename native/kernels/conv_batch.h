// Convolution with images in the lanes: W images are transposed to [channel][row][column][W], so that a
// vector holds one position of W images. Nothing is padded, taps outside are left out, and narrow images fill
// their vectors. For stride 1 and few channels; the gradient of the input is the same product with turned
// weights.
#pragma once
#include "conv_planes.h"
#include "gemm/epilogue.h"
#include "gemm/pack.h"
#include "parallel.h"

namespace gemmule {
namespace GEMMULE_ISA {

/// Results of `Rows` channels at `Columns` neighbouring positions of one row.
struct BatchTile {
  const float* source;   // [channels][h][w][W]
  const float* weights;  // [channels][kh][kw][Rows]
  float* result;         // at the tile's first channel and position
  const float* bias;     // of the tile's channels, or null
  intptr_t plane;        // between channels of the result
  int channels, h, w, kh;
  int top, left;  // source position of tap (0, 0), may be outside
  int count;      // positions to be stored, at most Columns
  bool relu;
};

// With 32 registers, or operands that broadcast from memory, several channels share a loaded value. With 16,
// narrow tiles are two channels high and hold the weights of one tap; wide ones are one channel high and hold
// a row of taps. Of the widths the one that leaves least over is taken, for more than one channel of those
// that are more than one high.
#if GEMMULE_SET == GEMMULE_ISA_avx2
constexpr bool holdsWeights = true;
constexpr int batchWidths[] = {5, 6, 7, 8, 10};
constexpr int batchRows(int columns) { return columns > 6 ? 1 : 2; }
#else
constexpr bool holdsWeights = false;
constexpr int batchWidths[] = {4, 5, 7, 14};
constexpr int batchRows(int columns) {
  return columns > 7 ? 1 : accumulators / columns < 6 ? accumulators / columns : 6;
}
#endif
// Whether tiles at the ends of a row have kernels of their own: a comparison per position and row costs most
// beside wide vectors, and such kernels are code.
constexpr bool hasEdges = GEMMULE_SET == GEMMULE_ISA_avx2 || GEMMULE_SET == GEMMULE_ISA_avx512;
// Of a product in these tiles, against one of a flat convolution, about.
constexpr double productCost = holdsWeights ? 0.85 : hasEdges ? 1.0 : 1.15;
constexpr int batchWidthCount = sizeof batchWidths / sizeof *batchWidths;

/// Left and Right of a tile whose edges are found as it runs.
constexpr int anyEdge = -1;

/// Of the tile's window of Columns + Taps - 1 positions the first `Left` and the last `Right` lie outside of
/// the source.
template <int Rows, int Columns, int Taps, int Left, int Right>
void runBatchTile(const BatchTile& t) {
  VF acc[Rows][Columns];
  GEMMULE_UNROLL
  for (int m = 0; m < Rows; m++) {
    const VF start = t.bias ? set1(t.bias[m]) : zero();
    GEMMULE_UNROLL
    for (int p = 0; p < Columns; p++) acc[m][p] = start;
  }
  const int left = t.left, w = t.w;
  const auto outside = [&](int x) {
    if (Left == anyEdge) return (unsigned)(left + x) >= (unsigned)w;
    return x < Left || x >= Columns + Taps - 1 - Right;
  };
  const int first = t.top < 0 ? -t.top : 0, last = t.top + t.kh > t.h ? t.h - t.top : t.kh;
  const intptr_t nextRow = (intptr_t)w * W;
  const float* row = t.source + ((intptr_t)(t.top + first) * w + left) * W;
  const float* weights = t.weights + first * Taps * Rows;
  const intptr_t nextPlane = (t.h - (last - first)) * nextRow;
  const int skipped = (t.kh - (last - first)) * Taps * Rows;
  for (int c = 0; c < t.channels; c++, row += nextPlane, weights += skipped)
    for (int i = first; i < last; i++, row += nextRow, weights += Taps * Rows) {
      if (holdsWeights && Rows > 1) {  // tap by tap
        GEMMULE_UNROLL
        for (int j = 0; j < Taps; j++) {
          VF own[Rows];
          GEMMULE_UNROLL
          for (int m = 0; m < Rows; m++) own[m] = loaded(set1(weights[j * Rows + m]));
          GEMMULE_UNROLL
          for (int p = 0; p < Columns; p++) {
            if (outside(p + j)) continue;
            const VF value = loadedHere(load(row + (p + j) * W));
            GEMMULE_UNROLL
            for (int m = 0; m < Rows; m++) addProduct(acc[m][p], own[m], value);
          }
        }
        continue;
      }
      VF held[holdsWeights ? Taps * Rows : 1];
      if (holdsWeights) {
        GEMMULE_UNROLL
        for (int j = 0; j < Taps * Rows; j++) held[j] = loaded(set1(weights[j]));
      }
      const auto weight = [&](int j) { return holdsWeights ? held[j] : set1(weights[j]); };
      GEMMULE_UNROLL
      for (int x = 0; x < Columns + Taps - 1; x++) {
        if (outside(x)) continue;
        const VF value = loaded(load(row + x * W));
        GEMMULE_UNROLL
        for (int p = 0; p < Columns; p++) {
          const int tap = x - p;
          if (tap < 0 || tap >= Taps) continue;
          GEMMULE_UNROLL
          for (int m = 0; m < Rows; m++) addProduct(acc[m][p], weight(tap * Rows + m), value);
        }
      }
    }
  GEMMULE_UNROLL
  for (int m = 0; m < Rows; m++) {
    GEMMULE_UNROLL
    for (int p = 0; p < Columns; p++) {
      if (t.relu) acc[m][p] = maxNaN(acc[m][p], zero());
      if (p < t.count) store(t.result + m * t.plane + p * W, acc[m][p]);
    }
  }
}

using BatchKernel = void (*)(const BatchTile&);

/// The kernels of `Taps` taps, by width, rows and edges. Where hasEdges, windows inside the source
/// (left[0]) and those that leave it on one side, by fewer than Taps positions on the left or up to Taps on
/// the right, have kernels of their own.
template <int Taps>
struct BatchKernels {
  BatchKernel any[batchWidthCount][6], left[batchWidthCount][6][Taps], right[batchWidthCount][6][Taps];
  constexpr BatchKernels() : any(), left(), right() { fill<0, 1>(); }

  BatchKernel find(int width, int rows, int outsideLeft, int outsideRight) const {
    if (hasEdges && outsideRight <= 0 && outsideLeft < Taps)
      return left[width][rows - 1][outsideLeft < 0 ? 0 : outsideLeft];
    if (hasEdges && outsideLeft <= 0 && outsideRight <= Taps) return right[width][rows - 1][outsideRight - 1];
    return any[width][rows - 1];
  }

 private:
  template <int I, int Rows>
  constexpr void fill() {
    any[I][Rows - 1] = &runBatchTile<Rows, batchWidths[I], Taps, anyEdge, anyEdge>;
    if constexpr (hasEdges) fillEdges<I, Rows, 0>();
    if constexpr (Rows < batchRows(batchWidths[I]))
      fill<I, Rows + 1>();
    else if constexpr (I + 1 < batchWidthCount)
      fill<I + 1, 1>();
  }
  template <int I, int Rows, int Outside>
  constexpr void fillEdges() {
    left[I][Rows - 1][Outside] = &runBatchTile<Rows, batchWidths[I], Taps, Outside, 0>;
    right[I][Rows - 1][Outside] = &runBatchTile<Rows, batchWidths[I], Taps, 0, Outside + 1>;
    if constexpr (Outside + 1 < Taps) fillEdges<I, Rows, Outside + 1>();
  }
};

struct BatchConv {
  const float* source;
  const float* weights;  // as the caller's array lies: [k, c/groups, kh, kw] of the forward pass
  const float* bias;
  float* result;
  int images, groups, channels, h, w;  // channels per group
  int m, outH, outW;                   // results per group
  int kh, kw, padTop, padLeft;
  bool turned;  // the gradient of the input: weights are read as [channels, m, kh, kw] and turned by 180
                // degrees
  int activation;

  static bool hasKernel(int kw) { return kw == 3 || kw == 5; }

  /// Positions of a row that tiles of this width compute, the last ones perhaps outside. A tile of fewer sums
  /// counts as one of leastSums.
  int covered(int columns) const {
    const int positions = (outW + columns - 1) / columns * columns,
              sums = columns * (m > 1 ? batchRows(columns) : 1);
    return sums < leastSums ? positions * leastSums / sums : positions;
  }
  int widthIndex() const {
    int best = 0, least = 1 << 30;
    for (int i = 0; i < batchWidthCount; i++) {
      if (batchWidths[i] > accumulators || (m > 1 && batchRows(batchWidths[i]) == 1)) continue;
      if (covered(batchWidths[i]) <= least) {
        least = covered(batchWidths[i]);
        best = i;
      }
    }
    return best;
  }
  Split tiles() const { return Split(m, batchRows(batchWidths[widthIndex()])); }
  int64_t sourceSize() const { return (int64_t)channels * h * w; }
  int64_t resultSize() const { return (int64_t)m * outH * outW; }
  size_t packedSize() const { return ((size_t)groups * m * channels * kh * kw + 15) / 16 * 16; }
  size_t slotSize() const { return (size_t)(sourceSize() + resultSize()) * W; }

  /// About how many vector multiplications the products and the transpositions amount to, per block of W
  /// images.
  double cost() const {
    const double rows = (double)overlap(outH, h, kh, padTop), columns = (double)overlap(outW, w, kw, padLeft);
    return groups * (productCost * channels * m * rows * columns * covered(batchWidths[widthIndex()]) / outW +
                     20.0 * (sourceSize() + resultSize()));
  }

  void run(float* packed, float* scratch) const {
    const Split tiles = this->tiles();
    const int taps = kh * kw;
    for (int group = 0; group < groups; group++)
      for (int t = 0; t < tiles.parts; t++) {
        const int rows = tiles.size(t);
        float* out = packed + ((intptr_t)group * m + tiles.begin(t)) * channels * taps;
        for (int c = 0; c < channels; c++)
          for (int x = 0; x < taps; x++)
            for (int r = 0; r < rows; r++) {
              const int row = tiles.begin(t) + r;
              *out++ = turned ? weights[(((intptr_t)group * channels + c) * m + row) * taps + taps - 1 - x]
                              : weights[(((intptr_t)group * m + row) * channels + c) * taps + x];
            }
      }
    const int blocks = (images + W - 1) / W;
    parallel((int64_t)blocks * groups, [&](int64_t task, int slot) {
      block((int)(task / groups) * W, (int)(task % groups), packed, scratch + slot * slotSize());
    });
  }

 private:
  /// Pairs of a result and a tap, along one axis, that meet a source position.
  static int64_t overlap(int results, int size, int taps, int pad) {
    int64_t n = 0;
    for (int tap = 0; tap < taps; tap++) {
      int begin, end;
      Axis{tap - pad, 1}.inside(size, results, begin, end);
      n += end - begin;
    }
    return n;
  }

  void block(int first, int group, const float* packed, float* from) const {
    const int count = images - first < W ? images - first : W;
    float* const to = from + sourceSize() * W;
    transpose(source + ((intptr_t)first * groups + group) * sourceSize(), groups * sourceSize(), count,
              (int)sourceSize(), from, W, true);
    const int index = widthIndex(), columns = batchWidths[index];
    static constexpr BatchKernels<3> three;
    static constexpr BatchKernels<5> five;
    const Split tiles = this->tiles();
    BatchTile x;
    x.source = from;
    x.plane = (intptr_t)outH * outW * W;
    x.channels = channels;
    x.h = h;
    x.w = w;
    x.kh = kh;
    x.relu = activation == activationRelu;
    for (int p = 0; p < outH; p++)
      for (int t = 0; t < tiles.parts; t++) {
        x.weights = packed + ((intptr_t)group * m + tiles.begin(t)) * channels * kh * kw;
        x.bias = bias ? bias + group * m + tiles.begin(t) : nullptr;
        x.top = p - padTop;
        for (int q = 0; q < outW; q += columns) {
          x.left = q - padLeft;
          x.count = outW - q;
          x.result = to + tiles.begin(t) * x.plane + ((intptr_t)p * outW + q) * W;
          const int rows = tiles.size(t), beyond = x.left + columns + kw - 1 - w;
          (kw == 3 ? three.find(index, rows, -x.left, beyond) : five.find(index, rows, -x.left, beyond))(x);
        }
      }
    activate(activation, to, 0, 1, (int)resultSize() * W);
    transpose(to, W, (int)resultSize(), count, result + ((intptr_t)first * groups + group) * resultSize(),
              groups * resultSize());
  }
};

}  // namespace GEMMULE_ISA
}  // namespace gemmule
