// Convolution without an im2col matrix. A task copies its band of the source, padded and split by stride,
// into planes of one pitch. In them every tap of every output row lies at a fixed distance, so the product
//   T[row, p] = sum over k of A[row, k] * planes[p + offsets[k]],   p over the band's rows, gaps included,
// is the micro-kernel's gathering form. Vectors run across the ends of rows, and the gaps are dropped on the
// way out; where the pitch is a whole number of vectors and the sums are short, the micro-kernel writes the
// result itself. The forward pass and the gradient of the input are both such products (conv.cc).
#pragma once
#include "conv_planes.h"
#include "gemm/epilogue.h"
#include "gemm/pack.h"
#include "parallel.h"

namespace gemmule {
namespace GEMMULE_ISA {

/// One product of a flat convolution: a set of taps and where its results go.
struct FlatPhase {
  int k;  // length of the sums, 0 for results that are all bias
  Split depth;
  const int32_t* offsets;     // [k]
  const float* weights;       // [groups][depth parts][tiles][k of the part][rows of the tile]
  Axis vertical, horizontal;  // position in the result of band row r and column q
};

struct FlatConv {
  static constexpr int depthLimit = 288;
  static constexpr int bandColumns = 512;       // columns of a task's product, about
  static constexpr int bandValues = 64 * 1024;  // values of its source, at most if it can be

  // source: `channels` planes [h, w] per group and image, each copied `rowPhases` × `columnPhases` times
  const float* source;
  int images, groups, channels, h, w;
  int rowStep, columnStep;
  int rowPhases, columnPhases;
  const int32_t *rowShift, *columnShift;  // where the first band's first row and its columns begin
  // product: `rows` × `width` results per phase in planes of `pitch`, reading `halo` rows further
  int m, rows, width, pitch, halo;
  Split bands{1, 1};
  // result: m planes [outH, outW] per group and image
  float* result;
  int outH, outW;
  const float* bias;  // one per plane of the result, or null
  int activation;
  const FlatPhase* phases;
  int phaseCount;
  bool alternates = false;  // columns of the result are of phases 2i and 2i + 1 by turns; no bias

  int planes() const { return channels * rowPhases * columnPhases; }
  Place* places = nullptr;  // [placeCount()]

  /// Rounds the pitch of a product with short sums to whole vectors where that adds little.
  void choosePitch(int k) {
    const int rounded = (pitch + W - 1) / W * W;
    if (k <= 64 && (rounded - pitch) * 10 <= pitch) pitch = rounded;
  }
  bool isDirect() const {
    return phaseCount == 1 && phases->depth.parts == 1 && pitch % W == 0 && pitch - W < outW &&
           phases->vertical.step == 1 && phases->horizontal.step == 1;
  }
  /// Two sets: places in a band's result, and in a product on the side.
  int placeCount() const { return 2 * (productPitch() / W); }
  void cutBands() {
    int most = bandColumns / pitch;
    const int64_t fits = planes() ? (int64_t)bandValues / planes() / pitch - halo : most;
    if (most > fits) most = (int)fits;
    bands = Split(rows, most > 1 ? most : 1);
  }
  int planeSize() const { return (bands.largest() + halo) * pitch; }
  size_t sourceSize() const { return ((size_t)planes() * planeSize() + maxColumns + 15) / 16 * 16; }
  int productPitch() const { return (bands.largest() * pitch + W - 1) / W * W; }
  /// A panel of the planes that many tiles of weights meet is copied into one piece: as it lies, the ends of
  /// vectors straddle lines, and a deep one fills L1 with them. With AVX-512 the copy costs more.
  bool copiesPanels() const { return GEMMULE_SET != GEMMULE_ISA_avx512 && m > 3 * maxRows; }
  static constexpr size_t panelSize = (size_t)depthLimit * maxColumns;
  size_t productSize() const { return (size_t)m * productPitch(); }
  size_t scratchSize() const {
    return sourceSize() + (alternates ? 2 : 1) * productSize() + (copiesPanels() ? panelSize : W);
  }

  /// About how many vector multiplications an image amounts to where there is one phase of k taps.
  double cost(int k) const {
    const double columns = (double)rows * pitch / W;
    return groups * (columns * ((m == 1 ? 2.0 : 1.1) * m * k + 4.0 * m) +
                     6.0 * planes() * (rows + halo) * ((double)pitch / W + 1));
  }

  /// Runs with scratchSize() floats per slot; fills in the places.
  void run(float* scratch) const {
    const int vectors = productPitch() / W, perRow = pitch / W;
    for (int v = 0; v < vectors; v++) {
      if (isDirect()) places[v] = {v / perRow * outW + v % perRow * W, W};
      places[vectors + v] = {v * W, W};
    }
    const size_t size = scratchSize();
    parallel((int64_t)images * groups * bands.parts,
             [&](int64_t task, int slot) { band(task, scratch + slot * size); });
  }

 private:
  void band(int64_t task, float* planes) const {
    const int b = (int)(task % bands.parts), group = (int)(task / bands.parts % groups);
    const int64_t set = task / bands.parts / groups * groups + group;
    const int row0 = bands.begin(b), count = bands.size(b);
    gather(source + set * channels * h * w, row0, count, planes);
    if (isDirect()) {
      float* const out = result + set * m * outH * outW + (intptr_t)row0 * outW;
      multiply(*phases, group, {0, count}, planes, out, (intptr_t)outH * outW, places);
      for (int i = 0; i < m; i++) activate(activation, out + (intptr_t)i * outH * outW, 0, 1, count * outW);
      return;
    }
    float* const product = planes + sourceSize();
    const Place* const inOrder = places + productPitch() / W;
    for (int i = 0; i < phaseCount; i += alternates ? 2 : 1) {
      Axis vertical = phases[i].vertical;
      vertical.start += row0 * vertical.step;
      Rows inside;
      vertical.inside(outH, count, inside.begin, inside.end);
      if (inside.begin >= inside.end) continue;
      vertical.start += inside.begin * vertical.step;
      const int written = inside.end - inside.begin;
      multiply(phases[i], group, inside, planes, product, productPitch(), inOrder);
      if (alternates) {
        multiply(phases[i + 1], group, inside, planes, product + productSize(), productPitch(), inOrder);
        scatterPair(phases[i], phases[i + 1], set, vertical, written, product);
      } else {
        scatter(phases[i], group, set, vertical, written, product);
      }
    }
  }

  void gather(const float* src, int row0, int count, float* dst) const {
    const int size = planeSize();
    const float* const end = source + (intptr_t)images * groups * channels * h * w;
    for (int c = 0; c < channels; c++, src += (intptr_t)h * w)
      for (int a = 0; a < rowPhases; a++)
        for (int b = 0; b < columnPhases; b++, dst += size)
          copyPlaneOver(src, end, h, w, {rowShift[a] + row0 * rowStep, rowStep}, {columnShift[b], columnStep},
                        dst, count + halo, pitch, (intptr_t)h * w);
    clear(dst, maxColumns);
  }

  /// Rows of a band.
  struct Rows {
    int begin, end;
  };

  /// The product of `rows`, the first of them at c.
  void multiply(const FlatPhase& phase, int group, Rows rows, float* planes, float* c, intptr_t ldc,
                const Place* places) const {
    float* const panel = planes + sourceSize() + (alternates ? 2 : 1) * productSize();
    const Split tiles(m, maxRows);
    const Split panels(((rows.end - rows.begin - 1) * pitch + width + W - 1) / W,
                       maxVectors(tiles.largest()));
    const float* weights = phase.weights + (intptr_t)group * m * phase.k;
    const bool direct = isDirect();
    const int end = rows.end * outW;
    int32_t inOrder[depthLimit];
    Tile x{};
    x.ldc = ldc;
    x.tail = W;
    x.relu = direct && activation == activationRelu;
    for (int d = 0; d < phase.depth.parts; d++) {
      x.k = phase.depth.size(d);
      x.accumulate = d > 0;
      for (int q = 0; q < panels.parts; q++) {
        const int vectors = panels.size(q);
        x.b = planes + rows.begin * pitch + panels.begin(q) * W;
        x.offsets = phase.offsets + phase.depth.begin(d);
        if (copiesPanels()) x = copied(x, vectors, panel, inOrder);
        x.places = places + panels.begin(q);
        Place cut[vectorLimit];
        if (direct && x.places[vectors - 1].offset + W > end) {  // what would reach beyond the band
          for (int j = 0; j < vectors; j++) {
            const int left = end - x.places[j].offset;
            cut[j] = {x.places[j].offset, left < 0 ? 0 : left < W ? left : W};
          }
          x.places = cut;
        }
        for (int t = 0; t < tiles.parts; t++) {
          x.a = weights + (intptr_t)m * phase.depth.begin(d) + (intptr_t)tiles.begin(t) * x.k;
          x.aStep = tiles.size(t);
          x.c = c + tiles.begin(t) * ldc;
          x.rowBias = direct && bias ? bias + group * m + tiles.begin(t) : nullptr;
          tileKernel<kGather>(tiles.size(t), vectors)(x);
        }
      }
    }
  }

  /// The tile with its part of B in one piece at `panel`.
  static Tile copied(Tile x, int vectors, float* panel, int32_t* inOrder) {
    for (int k = 0; k < x.k; k++) {
      const float* const from = x.b + x.offsets[k];
      float* const to = panel + (intptr_t)k * vectors * W;
      store(to, load(from));
      if (vectors > 1) store(to + W, load(from + W));
      for (int j = 2; j < vectors; j++) store(to + j * W, load(from + j * W));
      inOrder[k] = k * vectors * W;
    }
    x.b = panel;
    x.offsets = inOrder;
    return x;
  }

  /// The `count` rows of a product go where `vertical` says.
  void scatter(const FlatPhase& phase, int group, int64_t set, const Axis& vertical, int count,
               const float* product) const {
    int left, right;
    phase.horizontal.inside(outW, width, left, right);
    if (left >= right) return;
    const intptr_t size = (intptr_t)outH * outW;
    const bool streams = (int64_t)images * groups * m * size >= streamLeast && activation <= activationRelu;
    float* out = result + set * m * size + phase.horizontal.start + left * phase.horizontal.step;
    const float* from = product + left;
    for (int i = 0; i < m; i++, out += size, from += productPitch()) {
      const float shift = bias ? bias[group * m + i] : 0;
      const intptr_t step = (intptr_t)vertical.step * outW;
      float* row = out + (intptr_t)vertical.start * outW;
      const float* const end = row + (count - 1) * step + right - left;
      for (int r = 0; r < count; r++, row += step)
        finishRow(from + r * pitch, right - left, shift, row, phase.horizontal.step,
                  step == outW ? end : row + right - left, streams);
    }
    if (streams) endStream();
  }

  /// Two phases whose columns alternate, the second one's product behind the first one's.
  void scatterPair(const FlatPhase& even, const FlatPhase& odd, int64_t set, const Axis& vertical, int count,
                   const float* product) const {
    int lefts[2], rights[2];
    even.horizontal.inside(outW, width, lefts[0], rights[0]);
    odd.horizontal.inside(outW, width, lefts[1], rights[1]);
    const int left = lefts[0] > lefts[1] ? lefts[0] : lefts[1],
              right = rights[0] < rights[1] ? rights[0] : rights[1];
    const intptr_t size = (intptr_t)outH * outW;
    for (int i = 0; i < m; i++) {
      float* const plane = result + (set * m + i) * size;
      const float* const own = product + (intptr_t)i * productPitch();
      for (int r = 0; r < count; r++) {
        const float* const from[2] = {own + r * pitch, own + productSize() + r * pitch};
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
    if (streams)
      for (; i + W <= n && canStream(out + i, W); i += W)
        stream(out + i, maxNaN(add(load(from + i), bias), least));
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
