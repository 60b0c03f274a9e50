// The gradient of the weights with channels in the lanes. For each row (channel, tap) of the result
//   D[row, lane] = sum over images and positions of x[position + tap] * g[position, lane]:
// the rows of a tile are scalars broadcast from x, whatever stride and dilation are, and a vector of
// transposed g serves all of them. With enough channels a tile is one tap of several: it passes over those
// positions that meet x as it lies. With few it is several taps, of x padded where it must be. For 1x1
// kernels x and g may change places, so that the one with fewer channels is transposed. Sums are kept per
// slice of the batch and added in order.
#pragma once
#include "conv_planes.h"
#include "conv_weight_tile.h"
#include "gemm/pack.h"
#include "kernel.h"
#include "parallel.h"

namespace gemmule {
namespace GEMMULE_ISA {

struct LaneWeightGrad {
  static constexpr int unitColumns = 192;            // positions of a task's step, about
  static constexpr int64_t partialValues = 1 << 21;  // of all slices together, where one does not need more
  static constexpr int64_t unitValues = 96 * 1024;   // of a step's copy of x, at most if it can be
  static constexpr int tasksWanted = 16;
  static constexpr int blocksMost = 16, channelsLeast = 8;  // of a block
  static constexpr int turnedRows = 40;

  const ConvDesc& d;
  const bool swapped;           // 1x1: g is broadcast and x lies in the lanes
  const float *x, *g;           // broadcast and transposed
  const int channels, outputs;  // per group, of x and of g
  const int taps, rows, vectors, lanes;
  const int h, w, oh, ow;
  const bool apart;   // a tile is one tap of several channels
  const bool padded;  // x is copied with its padding
  const int pitch;
  const Split bands, tiles, panels;
  Split units, slices, blocks;  // images of a step, steps of a slice, channels of a task
  intptr_t* offsets = nullptr;  // of the channels of a block where a tile is one tap, else of its rows
  Range* inside = nullptr;      // columns of results that meet x, for each column of taps; and rows, by band
  float* partial = nullptr;

  static bool canSwap(const ConvDesc& d) {
    return d.kh * d.kw == 1 && d.strideH * d.strideW == 1 && d.padTop == 0 && d.padLeft == 0 && d.oh == d.h &&
           d.ow == d.w;
  }
  static bool needsPadding(const ConvDesc& d) {
    return d.padTop != 0 || d.padLeft != 0 || (d.oh - 1) * d.strideH + (d.kh - 1) * d.dilationH >= d.h ||
           (d.ow - 1) * d.strideW + (d.kw - 1) * d.dilationW >= d.w;
  }

  static Split panelsOf(int rows, int vectors) {
    return Split(vectors, tapVectors(Split(rows, maxDirectRows).largest()));
  }
  /// Of a tile, where tiles are cut from so many rows.
  static int sumsOf(int rows, int vectors) {
    return Split(rows, maxDirectRows).largest() * panelsOf(rows, vectors).largest();
  }
  /// Whether channels alone fill tiles about as well as channels and taps do.
  static bool isApart(int channels, int taps, int vectors) {
    const int sums = sumsOf(channels, vectors);
    return taps == 1 || (sums >= leastSums && 4 * sums >= 3 * sumsOf(channels * taps, vectors));
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
        apart(isApart(channels, taps, vectors)),
        padded(!apart && needsPadding(d)),
        pitch(padded ? (ow - 1) * d.strideW + (d.kw - 1) * d.dilationW + 1 : w),
        bands(oh, unitColumns / ow > 1 ? unitColumns / ow : 1),
        tiles(apart ? channels : rows, maxDirectRows),
        panels(panelsOf(tiles.n, vectors)),
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
    blocks = Split::into(channels, blocksFor((int64_t)slices.parts * d.groups));
  }

  /// In how many blocks so many tasks each are done soonest. Each block transposes g, which takes about as
  /// long as the products of turnedRows.
  int blocksFor(int64_t tasks) const {
    const int64_t slots = parallelSlots();
    int best = 1;
    int64_t least = INT64_MAX;
    for (int some = 1; some == 1 || (some <= blocksMost && some * channelsLeast <= channels); some++) {
      const int64_t turns = (tasks * some + slots - 1) / slots,
                    each = (int64_t)((channels + some - 1) / some) * taps + turnedRows;
      if (turns * each >= least) continue;
      least = turns * each;
      best = some;
    }
    return best;
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
  size_t insideCount() const { return d.kw + (size_t)bands.parts * d.kh; }
  size_t offsetCount() const { return (size_t)blocks.largest() * (apart ? 1 : taps); }
  float* sums(int slice, int group) const {
    return partial + ((intptr_t)slice * d.groups + group) * rows * lanes;
  }

  /// Runs with offsets, inside, partial and slotSize() values of scratch per slot.
  void run(float* scratch, float* y) const {
    intptr_t* offset = offsets;
    for (int c = 0; c < blocks.largest(); c++) {
      if (apart) *offset++ = c * channelSize();
      for (int tap = 0; tap < taps && !apart; tap++)
        *offset++ =
            c * channelSize() + (intptr_t)(tap / d.kw) * d.dilationH * pitch + tap % d.kw * d.dilationW;
    }
    Range* range = inside;
    for (int j = 0; j < d.kw; j++, range++) columnsOf(j).inside(w, ow, range->begin, range->end);
    for (int b = 0; b < bands.parts; b++)
      for (int i = 0; i < d.kh; i++, range++)
        rowsOf(bands.begin(b), i).inside(h, bands.size(b), range->begin, range->end);
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
  /// What a thread adds at a time: some images, or some rows of one, to the sums of a group's channels
  /// [first, end).
  struct Step {
    int group, first, end;
    int image, images, band, row, rows;
  };
  Step stepOf(int index, int group, int block) const {
    const int unit = index / bands.parts, band = index % bands.parts;
    return {group, blocks.begin(block), blocks.begin(block + 1), units.begin(unit), units.size(unit),
            band,  bands.begin(band),   bands.size(band)};
  }
  /// Where results meet x at a tap.
  Axis rowsOf(int row, int i) const { return {row * d.strideH + i * d.dilationH - d.padTop, d.strideH}; }
  Axis columnsOf(int j) const { return {j * d.dilationW - d.padLeft, d.strideW}; }
  int allX() const { return swapped ? d.k : d.c; }
  int allG() const { return swapped ? d.c : d.k; }
  const float* xOf(const Step& s) const {
    return x + ((intptr_t)s.image * allX() + s.group * channels + s.first) * h * w;
  }
  const float* gOf(const Step& s, int panel) const {
    return g + ((intptr_t)s.image * allG() + s.group * outputs + panels.begin(panel) * W) * oh * ow +
           (intptr_t)s.row * ow;
  }
  int outputsOf(int panel) const {
    const int lane = panels.begin(panel) * W, width = panels.size(panel) * W;
    return lane + width < outputs ? width : outputs - lane;
  }

  /// Adds what a step gives; `more`: the next one is this thread's too.
  void add(int index, int group, int block, float* copy, float* sums, bool accumulate, bool more) const {
    const Step s = stepOf(index, group, block), then = more ? stepOf(index + 1, group, block) : s;
    if (padded) pad(s, copy);
    float* const transposed = copy + paddedSize();
    TapTile tile;
    tile.step = d.strideW;
    tile.rowStep = (intptr_t)d.strideH * pitch;
    tile.imageStep = imageSize();
    tile.images = s.images;
    tile.ahead = 0;
    tile.ld = apart ? (intptr_t)taps * lanes : lanes;
    tile.accumulate = accumulate;
    for (int q = 0; q < panels.parts; q++) {
      transposePanel(s, q, transposed);
      const bool last = q + 1 == panels.parts;
      float* const to = sums + (intptr_t)s.first * taps * lanes + panels.begin(q) * W;
      if (apart)
        addApart(tile, s, q, transposed, to,
                 last && more ? xOf(then) - xOf(s) + startOf(then) - startOf(s) : 0);
      else
        addTogether(tile, s, q, padded ? copy : xOf(s) + startOf(s), transposed, to);
    }
  }

  /// Where the rows of a step begin in a plane.
  intptr_t startOf(const Step& s) const { return (intptr_t)s.row * d.strideH * w; }

  void pad(const Step& s, float* copy) const {
    const float* const from = xOf(s);
    const float* const stop = x + (intptr_t)d.n * allX() * h * w;
    for (int c = 0; c < s.end - s.first; c++)
      for (int i = 0; i < s.images; i++)
        copyPlaneOver(from + ((intptr_t)i * allX() + c) * h * w, stop, h, w,
                      {s.row * d.strideH - d.padTop, 1}, {-d.padLeft, 1},
                      copy + c * channelSize() + i * imageSize(),
                      (s.rows - 1) * d.strideH + (d.kh - 1) * d.dilationH + 1, pitch);
  }

  /// [image][position][lane] of a panel.
  void transposePanel(const Step& s, int panel, float* to) const {
    const intptr_t plane = (intptr_t)oh * ow;
    const int width = panels.size(panel) * W, positions = s.rows * ow;
    for (int i = 0; i < s.images; i++)
      transpose(gOf(s, panel) + (intptr_t)i * allG() * plane, plane, outputsOf(panel), positions,
                to + (intptr_t)i * positions * width, width, true);
  }

  /// Tiles of channels and taps.
  void addTogether(TapTile tile, const Step& s, int panel, const float* source, const float* gradient,
                   float* sums) const {
    const Split own((s.end - s.first) * taps, tiles.largest());
    place(tile, s.rows, {0, s.rows}, {0, ow}, source, gradient, panels.size(panel) * W);
    for (int t = 0; t < own.parts; t++) {
      tile.offsets = offsets + own.begin(t);
      tile.sums = sums + (intptr_t)own.begin(t) * lanes;
      kernelOf(own.size(t), panel)(tile);
    }
  }

  /// Tiles of channels, tap by tap. `next`: from what is met to what the next step meets, 0 for nothing.
  void addApart(TapTile tile, const Step& s, int panel, const float* gradient, float* sums,
                intptr_t next) const {
    const Split own(s.end - s.first, tiles.largest());
    const int width = panels.size(panel) * W;
    const float* const from = xOf(s);
    const Range* const down = inside + d.kw + (intptr_t)s.band * d.kh;
    for (int t = 0; t < own.parts; t++) {
      const TapKernel kernel = kernelOf(own.size(t), panel);
      tile.offsets = offsets + own.begin(t);
      tile.sums = sums + (intptr_t)own.begin(t) * taps * lanes;
      // the next tile's rows of x when they are met first, at the end those of the next step's first tile
      tile.ahead = 0;
      if (taps == 1 && t + 1 < own.parts && panel == 0)
        tile.ahead = own.size(t) * channelSize();
      else if (taps == 1 && t + 1 == own.parts && next != 0)
        tile.ahead = next - own.begin(t) * channelSize();
      for (int i = 0; i < d.kh; i++)
        for (int j = 0; j < d.kw; j++, tile.sums += lanes) {
          const float* const source = from + (intptr_t)rowsOf(s.row, i).start * w + columnsOf(j).start;
          place(tile, s.rows, down[i], inside[j], source, gradient, width);
          kernel(tile);
        }
    }
  }

  TapKernel kernelOf(int rows, int panel) const {
    static constexpr TapKernels kernels;
    return kernels.kernel[rows - 1][panels.size(panel) - 1];
  }

  /// The positions of a tile: some rows and columns of `count` rows, of which the first position of all meets
  /// `source`; `width` values of g for each.
  void place(TapTile& tile, int count, const Range& down, const Range& along, const float* source,
             const float* gradient, int width) const {
    tile.x = source + down.begin * tile.rowStep + along.begin * tile.step;
    tile.g = gradient + ((intptr_t)down.begin * ow + along.begin) * width;
    tile.rows = down.count();
    tile.columns = along.count();
    tile.rowGap = (intptr_t)(ow - tile.columns) * width;
    tile.imageGap = (intptr_t)(count - tile.rows) * ow * width;
    if (pitch == ow && tile.columns == ow && d.strideW == 1 && d.strideH == 1) {  // rows follow each other
      tile.columns *= tile.rows;
      tile.rows = 1;
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
