// The gradient of weights in the points of Winograd's F(t x t, r x r): per point
//   U[point][c][m] = sum over tiles of V[point][tile][c] * H[point][tile][m],
// V the transformed patches of x and H the transformed tiles of g. Where sums are small, the rows of tiles
// are cut into parts with sums of their own. Parts that go round evenly are the work of one thread each, so
// that what it transforms stays with it; otherwise threads share the rows of a block of tiles and then its
// points. Either way the cut depends on the shape and the caches alone and every sum has one order.
#pragma once
#include "../runtime/cpu.h"
#include "conv_winograd.h"

namespace gemmule {
namespace GEMMULE_ISA {

struct WinogradWeightGrad {
  WinogradTiles tiles;  // of a group of x
  int m, allM, groups, kernel;
  const float *x, *g;
  float* y;
  int slots;  // of the caller's scratch

  static constexpr int blockTiles = 192, fewTiles = 96;
  static constexpr int leastInL2 = 24, mostInL2 = 48;  // tiles of blocks that fit into L2 beside the sums
  static constexpr int mostParts = 4;
  static constexpr int64_t mostSums = 1 << 21;  // values of all parts, where there are several
  static constexpr int64_t nearSums = 1 << 20;  // beside which blocks of blockTiles stay in the caches

  int channels() const { return tiles.depth(); }
  // One vector more than there are channels keeps the rows of large blocks out of each other's cache sets.
  intptr_t strideX() const { return WinogradTiles::lanes(channels()) + W; }
  intptr_t strideG() const { return WinogradTiles::lanes(m) + W; }
  int width() const { return WinogradTiles::lanes(m); }
  size_t sumsSize() const { return (size_t)winogradPoints * channels() * width(); }
  int allRows() const { return tiles.images * tiles.rows(); }
  Split parts() const {
    const int64_t tilesOfAll = (int64_t)allRows() * tiles.columns();
    int most = 1;
    while (2 * most * groups <= mostParts && tilesOfAll >= 2 * most * blockTiles * 2 &&
           2 * most * groups * (int64_t)sumsSize() <= mostSums)
      most *= 2;
    return Split(allRows(), (allRows() + most - 1) / most);
  }
  /// Whether a part is the work of one thread. The sums are the same either way.
  bool areOwn() const {
    const int64_t tasks = (int64_t)groups * parts().parts;
    return slots > 1 && (tasks % slots == 0 || tasks >= 8 * slots) && tasks * (int64_t)sumsSize() <= mostSums;
  }
  /// Rows of tiles of a block.
  Split blocks(int rows) const {
    const Split all = parts();
    const bool few = all.parts > 1 && all.parts * (int64_t)sumsSize() > nearSums;
    const int near = tilesInL2();
    const int most = (near >= leastInL2 ? near : few ? fewTiles : blockTiles) / tiles.columns();
    return Split(rows, most > 1 ? most : 1);
  }
  /// Tiles whose points take half of what the sums leave of L2.
  int tilesInL2() const {
    const int64_t room = ((int64_t)(cpuInfo().l2 / sizeof(float)) - (int64_t)sumsSize()) / 2;
    const int64_t n = room / (winogradPoints * (strideX() + strideG()));
    return (int)(n < 0 ? 0 : n < mostInL2 ? n : mostInL2);
  }
  /// Tiles of the largest block, which may be one of a smaller part.
  int tilesOf() const {
    const int larger = blocks(parts().largest()).largest(), smaller = blocks(parts().least).largest();
    return (larger > smaller ? larger : smaller) * tiles.columns();
  }
  size_t pointsX() const { return (size_t)winogradPoints * tilesOf() * strideX(); }
  size_t pointsG() const { return (size_t)winogradPoints * tilesOf() * strideG(); }
  /// Of each thread: a row of tiles in the lanes and, where parts are its own, a block's points.
  size_t slotSize() const { return tiles.rowSize() + (areOwn() ? pointsX() + pointsG() : 0); }
  size_t sharedSize() const {
    const size_t sums = parts().parts * sumsSize();
    return areOwn() ? groups * sums : sums + pointsX() + pointsG();
  }

  /// Runs with sharedSize() floats and slotSize() per slot.
  void run(float* shared, float* scratch) const {
    const Split all = parts();
    const size_t size = slotSize(), sums = all.parts * sumsSize();
    if (areOwn()) {
      parallel((int64_t)groups * all.parts, [&](int64_t task, int slot) {
        const int i = (int)task % all.parts;
        float* const own = scratch + slot * size;
        sum((int)task / all.parts, all.begin(i), all.size(i), shared + task * sumsSize(),
            own + tiles.rowSize(), own, 0);
      });
      parallel((int64_t)groups * channels(), [&](int64_t c, int) {
        finishTaps((int)c / channels(), (int)c % channels(), shared + c / channels() * sums);
      });
      return;
    }
    for (int group = 0; group < groups; group++) {
      for (int i = 0; i < all.parts; i++)
        sum(group, all.begin(i), all.size(i), shared + i * sumsSize(), shared + sums, scratch, size);
      parallel(channels(), [&](int64_t c, int) { finishTaps(group, (int)c, shared); });
    }
  }

 private:
  /// The sums of some rows of tiles, by all threads or, inside parallel(), by this one.
  void sum(int group, int first, int n, float* sums, float* points, float* scratch, size_t rowStep) const {
    const float* const from = x + (intptr_t)group * tiles.source.planes * tiles.h * tiles.w;
    float* const pointsOfG = points + pointsX();
    const Split all = blocks(n);
    for (int b = 0; b < all.parts; b++) {
      const int row0 = first + all.begin(b), rows = all.size(b), columns = tiles.columns();
      const intptr_t count = (intptr_t)rows * columns;
      parallel(2 * rows, [&](int64_t task, int slot) {
        const int r = (int)(task / 2);
        float* const row = scratch + slot * rowStep;
        if (task % 2 == 0)
          tiles.transformRow(from, row0 + r, row, points + r * columns * strideX(), count * strideX(),
                             strideX());
        else
          withTaps(tiles.taps, [&](auto taps) {
            transformGradients<winogradTile(taps)>(group, row0 + r, row, pointsOfG + r * columns * strideG(),
                                                   count * strideG());
          });
      });
      parallel(winogradPoints, [&](int64_t point, int) {
        multiply(points + point * count * strideX(), pointsOfG + point * count * strideG(), (int)count, b > 0,
                 sums + point * channels() * width());
      });
    }
  }

  template <int T>
  void transformGradients(int group, int index, float* row, float* points, intptr_t pointStep) const {
    const int image = index / tiles.rows(), top = tiles.startOf(index % tiles.rows());
    const int pitch = tiles.outPitch(), h = tiles.outH, w = tiles.outW, step = tiles.dilation;
    for (int v = 0; v < m; v += W) {
      WinogradTiles::lanesOf(g + ((intptr_t)image * allM + group * m + v) * h * w, h, w,
                             m - v < W ? m - v : W, top, T, step, 0, pitch, row);
      for (int t = 0; t < tiles.columns(); t++)
        transformBoth<T, 6, gradientsToPoints<T>>(row + tiles.startOf(t) * W, (intptr_t)pitch * W, step * W,
                                                  points + t * strideG() + v, pointStep);
    }
  }

  void multiply(const float* a, const float* b, int count, bool accumulate, float* sums) const {
    const Split rows(channels(), maxRows), panels(width() / W, maxVectors(rows.largest()));
    Tile x{};
    x.aStep = strideX();
    x.bStep = strideG();
    x.ldc = width();
    x.k = count;
    x.tail = W;
    x.accumulate = accumulate;
    for (int t = 0; t < rows.parts; t++)
      for (int q = 0; q < panels.parts; q++) {  // along the rows of sums, which come from beyond L2
        x.a = x.next = a + rows.begin(t);
        x.b = b + panels.begin(q) * W;
        x.c = sums + (intptr_t)rows.begin(t) * width() + panels.begin(q) * W;
        tileKernel<kStrided>(rows.size(t), panels.size(q))(x);
      }
  }

  /// The taps of channel c of a group from the sums of its parts, which the first part's will hold.
  void finishTaps(int group, int c, float* sums) const {
    const int count = parts().parts;
    float* const first = sums + (intptr_t)c * width();
    const intptr_t point = (intptr_t)channels() * width();
    for (int i = 1; i < count; i++)
      for (int p = 0; p < winogradPoints; p++) {
        float* const to = first + p * point;
        const float* const more = to + i * sumsSize();
        for (int v = 0; v < width(); v += W) store(to + v, add(load(to + v), load(more + v)));
      }
    withTaps(tiles.taps, [&](auto taps) { finish<taps>(group, c, first, point); });
  }

  template <int R>
  void finish(int group, int c, const float* sums, intptr_t point) const {
    const Phases& from = tiles.source;
    const int row = from.rowOf(c), column = from.columnOf(c), step = from.stride;
    const intptr_t all = (intptr_t)kernel * kernel, next = from.planes * all;
    float* const out = y + (intptr_t)group * m * next + from.channelOf(c) * all;
    for (int v = 0; v < m; v += W) {
      const int count = m - v < W ? m - v : W;
      float taps[R * R * W];
      transformBoth<6, R, weightsFromPoints<R>>(sums + v, 6 * point, point, taps, W);
      if (step == 1) {
        transpose(taps, W, R * R, count, out + v * next, next);
        continue;
      }
      for (int i = 0; i * step + row < kernel; i++)
        for (int j = 0; j * step + column < kernel; j++)
          for (int l = 0; l < count; l++)
            out[(v + l) * next + (i * step + row) * kernel + j * step + column] = taps[(i * R + j) * W + l];
    }
  }
};

}  // namespace GEMMULE_ISA
}  // namespace gemmule
