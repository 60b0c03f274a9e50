// A flat convolution with the result's channels in the lanes: the micro-kernel broadcasts neighbouring
// positions of one row, so that no vector holds the gaps between rows, and a panel of weights stays in L1
// while the positions of some images pass. What it gives, [position][channel], is transposed on the way out.
#pragma once
#include "../runtime/cpu.h"
#include "conv_flat.h"

namespace gemmule {
namespace GEMMULE_ISA {

struct LaneProduct {
  static constexpr int bandColumns = 1024;               // positions of a task, about
  static constexpr int fewImages = 8, fewColumns = 256;  // where all threads share few images
  static constexpr int unitPositions = 128;              // of a task's images, where one has fewer
  static constexpr double oneVector = 1.15;              // of a panel, for whose tiles loads are the limit

  const FlatConv& f;
  const FlatWeights& weights;  // in panels of vectors
  const int widest;            // positions of a run: a row of results in one phase, or more that join

  /// Cuts a convolution for this product.
  static void cut(FlatConv& f) {
    const int64_t values = (int64_t)(cpuInfo().l2 / (2 * sizeof(float)));  // half of L2
    f.bands = f.cutBands((int64_t)f.images * f.groups < fewImages ? fewColumns : bandColumns, values);
    const int64_t each = (int64_t)f.planes() * f.planeSize() + 1, positions = (int64_t)f.rows * f.width + 1;
    const int64_t fits = values / each, wanted = unitPositions / positions;
    const int64_t most = wanted < fits ? wanted : fits;
    f.units = Split(f.images, f.bands.parts == 1 && most > 1 ? (int)most : 1);
  }
  /// Positions that follow each other in the planes where there are no phases.
  static int longestRun(const FlatConv& f) {
    return f.pitch == f.width ? f.bands.largest() * f.width : f.width;
  }
  /// Panels leave a register for each vector and one for a position.
  static FlatWeights weightsOf(int m, int widest) {
    const int rows = tileRows(widest), most = maxVectors(rows), fits = (accumulators + 3) / (rows + 1);
    return {m, W, Split((m + W - 1) / W, fits < 1 ? 1 : fits < most ? fits : most)};
  }
  /// Multiplications of vectors in an image's products with one k of a phase, weighed as oneVector says.
  static double vectors(const FlatConv& f, const FlatWeights& weights, int phases) {
    const int vectors = weights.parts.n;
    return (vectors == 1 ? oneVector : 1) * f.outSize() * vectors / phases;
  }
  /// As FlatProduct::cost.
  static double cost(const FlatConv& f, const FlatWeights& weights, int k, int phases) {
    return vectors(f, weights, phases) * (k + 16);
  }
  static bool fits(const FlatWeights& weights, int widest) {
    return tileRows(widest) * weights.parts.largest() >= leastSums;
  }

  void run() const {
    const size_t size = scratchSize();
    const Scratch<float> scratch(size * (size_t)parallelSlots());
    if (!scratch.data) return;
    const int64_t tasks = (int64_t)f.units.parts * f.groups * f.bands.parts;
    const int slots = parallelSlots();
    const int64_t wanted =
        slots > 1 ? (2 * slots + tasks - 1) / tasks : 1;  // where there are few, of some panels
    const int panels = weights.parts.parts;
    const Split shares = Split::into(panels, wanted < panels ? (int)wanted : panels);
    parallel(tasks * shares.parts, [&](int64_t task, int slot) {
      const int share = (int)(task % shares.parts);
      const int64_t rest = task / shares.parts;
      Task own{(int)(rest / f.bands.parts / f.groups), (int)(rest / f.bands.parts % f.groups),
               (int)(rest % f.bands.parts), scratch.data + slot * size};
      for (int i = 0; i < f.units.size(own.unit); i++)
        f.gather(set(own, i), f.bands.begin(own.band), f.bands.size(own.band),
                 own.planes + i * f.sourceSize());
      for (own.panel = shares.begin(share); own.panel < shares.begin(share + 1); own.panel++) panel(own);
    });
  }

 private:
  /// Some images of a group, a band of their rows and, in turn, the planes of a panel; `planes` begins the
  /// scratch.
  struct Task {
    int unit, group, band;
    float* planes;
    int panel = 0;
  };
  /// Planes of the images of a task.
  struct Planes {
    float* data;
    intptr_t image, plane, row;
    int step;  // between columns
  };

  /// Positions of a tile, at most, in rows of up to `widest`.
  static int tileRows(int widest) { return Split(widest, maxRows).largest(); }
  int productPitch() const { return (f.bands.largest() * f.width + W - 1) / W * W; }
  size_t productSize() const { return f.isStraight() ? 0 : (size_t)weights.mostLanes() * productPitch(); }
  size_t scratchSize() const {
    const size_t sums = (size_t)f.bands.largest() * f.width * weights.mostLanes();
    return f.units.largest() * (f.sourceSize() + f.together() * productSize() + sums) + W;
  }
  /// Of an image of a task among images and groups.
  int64_t set(const Task& t, int image) const {
    return (int64_t)(f.units.begin(t.unit) + image) * f.groups + t.group;
  }

  /// Rows of taps that meet rows of the source at a row of the product; those in the padding above and below
  /// are left out.
  Range tapsOf(const FlatPhase& phase, int row) const {
    const auto isInside = [&](int tap) {
      return (unsigned)(phase.tapStarts[tap] + row * f.rowStep) < (unsigned)f.h;
    };
    int begin = 0, end = phase.tapRows;
    while (begin < end && !isInside(begin)) begin++;
    while (begin < end && !isInside(end - 1)) end--;
    return {begin, end};
  }

  void panel(const Task& t) const {
    const int images = f.units.size(t.unit), first = weights.first(t.panel), channels = weights.rows(t.panel);
    const intptr_t size = productSize(), imageSize = f.together() * size;
    float* const product = t.planes + f.units.largest() * f.sourceSize();
    float* const sums = product + f.units.largest() * imageSize;
    f.eachPhase(f.bands.begin(t.band), f.bands.size(t.band), [&](int p, Range rows, const Axis& vertical) {
      FlatResults made[2];
      for (int j = 0; j < f.together(); j++) {
        const FlatPhase& phase = f.phases[p + j];
        const Axis& horizontal = phase.horizontal;
        int left, right;
        horizontal.inside(f.outW, f.width, left, right);
        const intptr_t column = horizontal.start + left * horizontal.step,
                       row = (intptr_t)vertical.start * f.outW;
        // phases that alternate share their lines: the second one asks for those that follow
        const Planes result{
            f.result + (set(t, 0) * f.m + first) * f.outSize() + row + column + j * lineValues,
            f.groups * f.m * f.outSize(), f.outSize(), (intptr_t)vertical.step * f.outW, horizontal.step};
        const Planes aside{product + j * size, imageSize, productPitch(), right - left, 1};
        made[j] = {aside.data, aside.plane, right - left, left, first, first + channels};
        multiply(t, phase, rows, {left, right}, result, f.isStraight() ? result : aside, sums);
      }
      for (int i = 0; i < images && !f.isStraight(); i++) {
        f.scatter(p, t.group, set(t, i), vertical, rows.count(), made);
        for (FlatResults& x : made) x.data += imageSize;
      }
    });
  }

  /// The product of some rows and columns goes to a place where rows follow each other. Meanwhile lines of
  /// the result are brought nearer, for each tile the one of its first column.
  void multiply(const Task& t, const FlatPhase& phase, Range rows, Range columns, const Planes& result,
                const Planes& destination, float* sums) const {
    const int images = f.units.size(t.unit), width = columns.count(), positions = rows.count() * width;
    if (width <= 0) return;
    const bool straight = f.isStraight();
    const int joined = straight && f.pitch == width ? rows.count() : 1;  // rows of a run
    const int taps = f.channels ? phase.k / f.channels : 0,
              tapsOfRow = phase.tapRows ? taps / phase.tapRows : 0;
    const Split blocks = weights.blocks(f.channels, taps), tiles(joined * width, tileRows(widest));
    const int vectors = weights.parts.size(t.panel), lanes = weights.lanes(t.panel);
    const int first = weights.first(t.panel), channels = weights.rows(t.panel);
    const Bias bias{nullptr, straight && f.bias ? f.bias + t.group * f.m : nullptr};
    const int activation = straight ? f.activation : activationNone;
    const float* const own = phase.weights + t.group * weights.size(phase.k) + weights.at(t.panel, phase.k);
    Tile x{};
    x.ldc = lanes;
    x.tail = channels - (vectors - 1) * W;
    for (int block = 0; block < blocks.parts; block++) {
      const int begin = blocks.begin(block) * taps, each = blocks.size(block) * tapsOfRow;
      const bool last = block + 1 == blocks.parts;
      finish(x, last, bias, activation, 0, first);
      x.accumulate = block > 0;
      x.c = sums;
      for (int i = 0; i < images; i++)
        for (int r = 0; r < rows.count(); r += joined, x.c += (intptr_t)joined * width * lanes) {
          const Range met =
              joined > 1 ? Range{0, phase.tapRows} : tapsOf(phase, f.bands.begin(t.band) + rows.begin + r);
          Tile tile = x;
          tile.k = met.count() * each;
          tile.b = own + (intptr_t)(begin + met.begin * each) * lanes;
          tile.offsets = phase.offsets + begin + met.begin * each;
          const float* const source =
              t.planes + i * f.sourceSize() + (intptr_t)(rows.begin + r) * f.pitch + columns.begin;
          const float* const out = result.data + i * result.image + r * result.row;
          for (int j = 0; j < tiles.parts; j++) {
            const int position = tiles.begin(j);
            if (last) {
              const float* const line = out + (intptr_t)position * result.step;
              for (int c = 0; c < channels; c++) prefetchToWrite(line + c * result.plane);
            }
            tile.a = source + position;
            tile.c = x.c + (intptr_t)position * lanes;
            tileKernel<kGatherA>(tiles.size(j), vectors)(tile);
          }
        }
    }
    activate(activation, sums, 0, 1, images * positions * lanes);
    for (int i = 0; i < images; i++)
      transpose(sums + (intptr_t)i * positions * lanes, lanes, positions, channels,
                destination.data + i * destination.image, destination.plane);
  }
};

}  // namespace GEMMULE_ISA
}  // namespace gemmule
