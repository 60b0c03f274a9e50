// Convolution without an im2col matrix. A task copies its band of the source, padded and split by stride,
// into planes of one pitch. In them every tap of every output row lies at a fixed distance, so that
//   T[row, p] = sum over k of A[row, k] * planes[p + offsets[k]],   p over the band's rows,
// is a product of the micro-kernel with its operand at offsets: positions in the lanes (conv_flat_product.h)
// or channels (conv_flat_lanes.h). The forward pass and the gradient of the input are both such products
// (conv_flat_passes.h).
#pragma once
#include "conv_planes.h"
#include "gemm/epilogue.h"
#include "gemm/pack.h"
#include "parallel.h"

namespace gemmule {
namespace GEMMULE_ISA {

/// How the weights [m, k] of a group lie packed: [parts of m][k][lanes of the part]. The order of k is
/// [block of channels][row of taps][channel of the block][tap of the row]: the values of a row, which may
/// meet nothing but padding, follow each other, and a block meets few lines of the source.
struct FlatWeights {
  static constexpr int blockValues = 5120;  // of a part, about: they stay in L1
  static constexpr int blockSums = 288;     // of k, about: longer sums lose more in rounding
  int m;
  int unit;     // lanes of a part are a multiple of it, zeros behind the last row
  Split parts;  // of the units

  int first(int part) const { return parts.begin(part) * unit; }
  int lanes(int part) const { return parts.size(part) * unit; }
  int rows(int part) const { return m - first(part) < lanes(part) ? m - first(part) : lanes(part); }
  int mostLanes() const { return parts.largest() * unit; }
  size_t size(int k) const { return (size_t)parts.n * unit * k; }
  intptr_t at(int part, int k) const { return (intptr_t)first(part) * k; }
  /// For channels of some taps each.
  Split blocks(int channels, int taps) const {
    const int sums = blockValues / mostLanes() < blockSums ? blockValues / mostLanes() : blockSums;
    const int most = taps ? sums / taps : channels;
    return Split(channels, most > 1 ? most : 1);
  }
};

/// One product of a flat convolution: a set of taps and where its results go.
struct FlatPhase {
  int k;                   // length of the sums, 0 for results that are all bias
  const int32_t* offsets;  // [k], in the order of the weights
  int tapRows;
  const int32_t* tapStarts;   // [tapRows]: the row of the source that row 0 of the product meets there
  const float* weights;       // [groups] of FlatWeights::size(k)
  Axis vertical, horizontal;  // position in the result of band row r and column q
};

/// Some planes of a product on the side: column q of row r of plane i (begin <= i < end) stands at
/// data + (i - begin) * plane + r * row + q - first. Whole vectors may be read behind the last one.
struct FlatResults {
  const float* data;
  intptr_t plane;
  int row, first;
  int begin, end;
};

struct FlatConv {
  // source: `channels` planes [h, w] per group and image, each copied `rowPhases` × `columnPhases` times
  const float* source;
  int images, groups, channels, h, w;
  int rowStep, columnStep;
  int rowPhases, columnPhases;
  const int32_t *rowShift, *columnShift;  // where the first band's first row and its columns begin
  // product: `rows` × `width` results per phase in planes of `pitch`, reading `halo` rows further
  int m, rows, width, pitch, halo;
  Split bands{1, 1};  // rows of a task
  Split units{1, 1};  // and images
  // result: m planes [outH, outW] per group and image
  float* result;
  int outH, outW;
  const float* bias;  // one per plane of the result, or null
  int activation;
  const FlatPhase* phases;
  int phaseCount;
  bool alternates = false;  // columns of the result are of phases 2i and 2i + 1 by turns; no bias

  int planes() const { return channels * rowPhases * columnPhases; }
  intptr_t outSize() const { return (intptr_t)outH * outW; }
  int together() const { return alternates ? 2 : 1; }  // phases whose results are written together

  /// Bands of about `columns` columns and at most `values` values of the source, if it can be.
  Split cutBands(int columns, int64_t values) const {
    int most = columns / pitch;
    const int64_t fits = planes() ? values / planes() / pitch - halo : most;
    if (most > fits) most = (int)fits;
    return Split(rows, most > 1 ? most : 1);
  }
  int planeSize() const { return (bands.largest() + halo) * pitch; }
  /// Of an image of a task.
  size_t sourceSize() const { return ((size_t)planes() * planeSize() + maxColumns + 15) / 16 * 16; }

  /// About how many vector multiplications an image amounts to where there is one phase of k taps and a
  /// product holds `vectors` of them.
  double cost(int k, double vectors) const {
    return groups * ((m == 1 ? 2.0 : 1.1) * vectors * k + 4.0 * vectors +
                     6.0 * planes() * (rows + halo) * ((double)pitch / W + 1));
  }

  /// Copies the source of `count` rows from row0 on; `set` counts images and groups.
  void gather(int64_t set, int row0, int count, float* dst) const {
    const intptr_t size = (intptr_t)h * w;
    const float* src = source + set * channels * size;
    const float* const end = source + (intptr_t)images * groups * channels * size;
    for (int c = 0; c < channels; c++, src += size)
      for (int a = 0; a < rowPhases; a++)
        for (int b = 0; b < columnPhases; b++, dst += planeSize())
          copyPlaneOver(src, end, h, w, {rowShift[a] + row0 * rowStep, rowStep}, {columnShift[b], columnStep},
                        dst, count + halo, pitch, size);
    clear(dst, maxColumns);
  }

  /// body(phase, rows, vertical) for each phase, or the first of each pair, that has results in a band:
  /// those rows of the band, and where they go.
  template <class Body>
  void eachPhase(int row0, int count, Body body) const {
    for (int i = 0; i < phaseCount; i += together()) {
      Axis vertical = phases[i].vertical;
      vertical.start += row0 * vertical.step;
      Range inside;
      vertical.inside(outH, count, inside.begin, inside.end);
      if (inside.begin >= inside.end) continue;
      vertical.start += inside.begin * vertical.step;
      body(i, inside, vertical);
    }
  }

  /// Whether a band's product is a part of the result as it lies, gaps aside: where there are phases, the
  /// results of one are apart.
  bool isStraight() const { return phaseCount == 1; }

  /// The `count` rows of the products of phases i and, where columns alternate, i + 1 go where `vertical`
  /// says.
  void scatter(int i, int group, int64_t set, const Axis& vertical, int count,
               const FlatResults (&product)[2]) const {
    if (alternates)
      scatterPair(phases[i], phases[i + 1], set, vertical, count, product);
    else
      scatterOne(phases[i], group, set, vertical, count, product[0]);
  }

 private:
  void scatterOne(const FlatPhase& phase, int group, int64_t set, const Axis& vertical, int count,
                  const FlatResults& product) const {
    int left, right;
    phase.horizontal.inside(outW, width, left, right);
    if (left >= right) return;
    const intptr_t size = outSize();
    const bool streams = (int64_t)images * groups * m * size >= streamLeast && activation <= activationRelu;
    float* out =
        result + (set * m + product.begin) * size + phase.horizontal.start + left * phase.horizontal.step;
    const float* from = product.data + left - product.first;
    for (int i = product.begin; i < product.end; i++, out += size, from += product.plane) {
      const float shift = bias ? bias[group * m + i] : 0;
      const intptr_t step = (intptr_t)vertical.step * outW;
      float* row = out + (intptr_t)vertical.start * outW;
      const float* const end = row + (count - 1) * step + right - left;
      for (int r = 0; r < count; r++, row += step)
        finishRow(from + r * product.row, right - left, shift, row, phase.horizontal.step,
                  step == outW ? end : row + right - left, streams);
    }
    if (streams) endStream();
  }

  /// Two phases whose columns alternate.
  void scatterPair(const FlatPhase& even, const FlatPhase& odd, int64_t set, const Axis& vertical, int count,
                   const FlatResults (&product)[2]) const {
    int lefts[2], rights[2];
    even.horizontal.inside(outW, width, lefts[0], rights[0]);
    odd.horizontal.inside(outW, width, lefts[1], rights[1]);
    const int left = lefts[0] > lefts[1] ? lefts[0] : lefts[1],
              right = rights[0] < rights[1] ? rights[0] : rights[1];
    const intptr_t size = outSize();
    const auto rowOf = [&](const FlatResults& p, int i, int r) {
      return p.data + (intptr_t)(i - p.begin) * p.plane + (intptr_t)r * p.row - p.first;
    };
    for (int i = product[0].begin; i < product[0].end; i++) {
      float* const plane = result + (set * m + i) * size;
      for (int r = 0; r < count; r++) {
        const float* const from[2] = {rowOf(product[0], i, r), rowOf(product[1], i, r)};
        float* const row = plane + (intptr_t)(vertical.start + r * vertical.step) * outW;
        const int start = even.horizontal.start;
        for (int q = left; q < right; q += W) {
          VF low, high;
          interleave(load(from[0] + q), load(from[1] + q), low, high);
          const int n = 2 * (right - q);
          prefetchToWrite(row + start + 2 * q + size);
          prefetchToWrite(row + start + 2 * q + size + W);
          storeN(row + start + 2 * q, low, n < W ? n : W);
          if (n > W) storeN(row + start + 2 * q + W, high, n - W < W ? n - W : W);
        }
        for (int b = 0; b < 2; b++) {  // where only one of them has a column
          for (int c = lefts[b]; c < left && c < rights[b]; c++) row[start + 2 * c + b] = from[b][c];
          for (int c = left > right ? left : right; c < rights[b]; c++) row[start + 2 * c + b] = from[b][c];
        }
      }
    }
  }

  /// A row of the result. What lies between it and `end` belongs to later rows of this task and may be
  /// overwritten.
  void finishRow(const float* from, int n, float shift, float* out, int step, const float* end,
                 bool streams) const {
    if (step != 1) {
      for (int i = 0; i < n; i++) out[(intptr_t)i * step] = from[i];
      return;
    }
    const VF bias = set1(shift), least = activation == activationRelu ? zero() : set1(-INFINITY);
    int i = 0;
    if (streams && canStream(out, 0))
      for (; i + lineValues <= n; i += lineValues)
        for (int j = i; j < i + lineValues; j += W) stream(out + j, maxNaN(add(load(from + j), bias), least));
    for (; i < n && end - out >= i + W; i += W) {
      store(out + i, maxNaN(add(load(from + i), bias), least));
      prefetchToWrite(out + i + (intptr_t)outH * outW);  // the same place in the next plane
    }
    if (i < n) storeN(out + i, maxNaN(add(loadN(from + i, n - i), bias), least), n - i);
    activate(activation, out, 0, 1, n);
  }
};

}  // namespace GEMMULE_ISA
}  // namespace gemmule
