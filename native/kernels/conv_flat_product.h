// A flat convolution with positions in the lanes: vectors run across the ends of rows, and the gaps are
// dropped on the way out; where the pitch is a whole number of vectors and the sums are short, the
// micro-kernel writes the result itself.
#pragma once
#include "conv_flat.h"

namespace gemmule {
namespace GEMMULE_ISA {

struct FlatProduct {
  static constexpr int depthLimit = 288;
  static constexpr int shortSums = 64;
  static constexpr int bandColumns = 512;       // columns of a task's product, about
  static constexpr int bandValues = 64 * 1024;  // values of its source, at most if it can be
  static constexpr bool isAvx2 = GEMMULE_SET == GEMMULE_ISA_avx2;
  static constexpr double copiedCost = isAvx2 ? 1.08 : 1;  // of a multiplication, where panels are copied
  static constexpr int resultCost = 8;

  const FlatConv& f;
  const FlatWeights& weights;

  static FlatWeights weightsOf(int m) { return {m, 1, Split(m, maxRows)}; }
  /// Cuts a convolution for this product. The pitch of one with short sums is rounded to whole vectors where
  /// that adds little: the micro-kernel then writes the result.
  static void cut(FlatConv& f, bool isShort) {
    if (isShort) f.pitch = rounded(f.pitch);
    f.bands = f.cutBands(bandColumns, bandValues);
  }
  static bool isShort(const FlatConv& f, int k) {
    return k <= shortSums && (rounded(f.pitch) - f.pitch) * 10 <= f.pitch;
  }
  /// Vectors of an image's products with one k.
  static double vectors(const FlatConv& f) { return (double)f.m * f.rows * f.pitch / W; }
  /// Vector multiplications of an image, about, with sums of k; `straight` as FlatConv::isStraight. A vector
  /// of results costs as much as some of them where it goes out by way of a product on the side, and with
  /// AVX2 always.
  static double cost(const FlatConv& f, int k, bool straight) {
    const bool direct = straight && k <= depthLimit && f.pitch % W == 0;
    const int columns = ((f.bands.largest() - 1) * f.pitch + f.width + W - 1) / W;
    const double each = copiesPanels(f) ? copiedCost : 1;
    return (double)f.m * f.bands.parts * columns * (each * k + (direct && !isAvx2 ? 0 : resultCost));
  }

  void run() const {
    const int vectors = productPitch() / W, perRow = f.pitch / W;
    // Two sets: places in a band's result, and in a product on the side.
    const Scratch<Place> places(2 * vectors);
    const size_t size = scratchSize();
    const Scratch<float> scratch(size * (size_t)parallelSlots());
    if (!places.data || !scratch.data) return;
    for (int v = 0; v < vectors; v++) {
      if (isDirect()) places.data[v] = {v / perRow * f.outW + v % perRow * W, W};
      places.data[vectors + v] = {v * W, W};
    }
    parallel((int64_t)f.images * f.groups * f.bands.parts,
             [&](int64_t task, int slot) { band(task, places.data, scratch.data + slot * size); });
  }

 private:
  static int rounded(int pitch) { return (pitch + W - 1) / W * W; }
  /// Whether the micro-kernel writes the result.
  bool isDirect() const {
    return f.isStraight() && f.phases->k <= depthLimit && f.pitch % W == 0 && f.pitch - W < f.outW;
  }
  int productPitch() const { return (f.bands.largest() * f.pitch + W - 1) / W * W; }
  size_t productSize() const { return (size_t)f.m * productPitch(); }
  /// A panel of the planes that many tiles of weights meet is copied into one piece: as it lies, the ends of
  /// vectors straddle lines, and a deep one fills L1 with them. With AVX-512 the copy costs more.
  static bool copiesPanels(const FlatConv& f) {
    return GEMMULE_SET != GEMMULE_ISA_avx512 && f.m > 3 * maxRows;
  }
  static constexpr size_t panelSize = (size_t)depthLimit * maxColumns;
  size_t scratchSize() const {
    return f.sourceSize() + f.together() * productSize() + (copiesPanels(f) ? panelSize : W);
  }

  void band(int64_t task, const Place* places, float* planes) const {
    const int b = (int)(task % f.bands.parts), group = (int)(task / f.bands.parts % f.groups);
    const int64_t set = task / f.bands.parts;  // of images and groups
    const int row0 = f.bands.begin(b), count = f.bands.size(b);
    f.gather(set, row0, count, planes);
    if (isDirect()) {
      float* const out = f.result + set * f.m * f.outSize() + (intptr_t)row0 * f.outW;
      multiply(*f.phases, group, {0, count}, planes, out, f.outSize(), places);
      for (int i = 0; i < f.m; i++) activate(f.activation, out + i * f.outSize(), 0, 1, count * f.outW);
      return;
    }
    float* const product = planes + f.sourceSize();
    const Place* const inOrder = places + productPitch() / W;
    f.eachPhase(row0, count, [&](int i, Range rows, const Axis& vertical) {
      FlatResults made[2];
      for (int j = 0; j < f.together(); j++) {
        made[j] = {product + j * productSize(), productPitch(), f.pitch, 0, 0, f.m};
        multiply(f.phases[i + j], group, rows, planes, product + j * productSize(), productPitch(), inOrder);
      }
      f.scatter(i, group, set, vertical, rows.count(), made);
    });
  }

  /// The product of `rows`, the first of them at c.
  void multiply(const FlatPhase& phase, int group, Range rows, float* planes, float* c, intptr_t ldc,
                const Place* places) const {
    const Split &tiles = weights.parts, depth(phase.k, depthLimit);
    const Split panels(((rows.count() - 1) * f.pitch + f.width + W - 1) / W, maxVectors(tiles.largest()));
    const float* const own = phase.weights + group * weights.size(phase.k);
    const bool direct = isDirect();
    const int end = rows.end * f.outW;
    float* const panel = planes + f.sourceSize() + f.together() * productSize();
    int32_t inOrder[depthLimit];
    Tile x{};
    x.ldc = ldc;
    x.tail = W;
    x.relu = direct && f.activation == activationRelu;
    for (int d = 0; d < depth.parts; d++) {
      x.k = depth.size(d);
      x.accumulate = d > 0;
      for (int q = 0; q < panels.parts; q++) {
        const int vectors = panels.size(q);
        x.b = planes + rows.begin * f.pitch + panels.begin(q) * W;
        x.offsets = phase.offsets + depth.begin(d);
        if (copiesPanels(f)) x = copied(x, vectors, panel, inOrder);
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
          x.a = own + weights.at(t, phase.k) + (intptr_t)depth.begin(d) * tiles.size(t);
          x.aStep = tiles.size(t);
          x.c = c + tiles.begin(t) * ldc;
          x.rowBias = direct && f.bias ? f.bias + group * f.m + tiles.begin(t) : nullptr;
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
};

}  // namespace GEMMULE_ISA
}  // namespace gemmule
