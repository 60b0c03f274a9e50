// The gradient of 3x3 weights in the points of F(4x4, 3x3): per point
//   U[point][c][m] = sum over tiles of V[point][tile][c] * H[point][tile][m],
// V the transformed patches of x and H the transformed tiles of g. Blocks of tiles follow each other, so
// every sum has one order; within a block, threads share the rows of tiles and then the points.
#pragma once
#include "conv_winograd.h"

namespace gemmule {
namespace GEMMULE_ISA {

struct WinogradWeightGrad {
  WinogradTiles tiles;  // of x
  int m, allM;
  const float *x, *g;
  float* y;

  int channels() const { return tiles.planes; }
  // One vector more than there are channels keeps the rows of large blocks out of each other's cache sets.
  intptr_t strideX() const { return WinogradTiles::lanes(channels()) + W; }
  intptr_t strideG() const { return WinogradTiles::lanes(m) + W; }
  int width() const { return WinogradTiles::lanes(m); }
  /// Rows of tiles of a block.
  Split blocks() const {
    const int rows = 192 / tiles.columns();
    return Split(tiles.images * tiles.rows(), rows > 1 ? rows : 1);
  }
  int tilesOf() const { return blocks().largest() * tiles.columns(); }
  size_t pointsX() const { return (size_t)winogradPoints * tilesOf() * strideX(); }
  size_t pointsG() const { return (size_t)winogradPoints * tilesOf() * strideG(); }
  size_t sumsSize() const { return (size_t)winogradPoints * channels() * width(); }
  size_t sharedSize() const { return pointsX() + pointsG() + sumsSize(); }

  /// Runs with sharedSize() floats and tiles.rowSize() per slot.
  void run(float* shared, float* scratch) const {
    float* const sums = shared + pointsX() + pointsG();
    const Split all = blocks();
    for (int b = 0; b < all.parts; b++) {
      const int row0 = all.begin(b), rows = all.size(b), columns = tiles.columns(), count = rows * columns;
      parallel(2 * rows, [&](int64_t task, int slot) {
        const int r = (int)(task / 2);
        float* const row = scratch + slot * tiles.rowSize();
        if (task % 2 == 0)
          tiles.transformRow(x, row0 + r, row, shared + r * columns * strideX(), count * strideX(),
                             strideX());
        else
          transformGradients(row0 + r, row, shared + pointsX() + r * columns * strideG(), count * strideG());
      });
      parallel(winogradPoints, [&](int64_t point, int) {
        multiply(shared + point * count * strideX(), shared + pointsX() + point * count * strideG(), count,
                 b > 0, sums + point * channels() * width());
      });
    }
    parallel(channels(), [&](int64_t c, int) { finish((int)c, sums); });
  }

 private:
  void transformGradients(int index, float* row, float* points, intptr_t pointStep) const {
    const int image = index / tiles.rows(), top = tiles.startOf(index % tiles.rows());
    const int pitch = tiles.outPitch(), h = tiles.outH, w = tiles.outW, step = tiles.dilation;
    for (int v = 0; v < m; v += W) {
      WinogradTiles::lanesOf(g + ((intptr_t)image * allM + v) * h * w, h, w, m - v < W ? m - v : W, top,
                             winogradTile, step, 0, pitch, row);
      for (int t = 0; t < tiles.columns(); t++)
        transformBoth<4, 6, gradientsToPoints>(row + tiles.startOf(t) * W, (intptr_t)pitch * W, step * W,
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
    for (int q = 0; q < panels.parts; q++)
      for (int t = 0; t < rows.parts; t++) {
        x.a = x.next = a + rows.begin(t);
        x.b = b + panels.begin(q) * W;
        x.c = sums + (intptr_t)rows.begin(t) * width() + panels.begin(q) * W;
        tileKernel<kStrided>(rows.size(t), panels.size(q))(x);
      }
  }

  void finish(int c, const float* sums) const {
    for (int v = 0; v < m; v += W) {
      float taps[9 * W];
      const intptr_t point = (intptr_t)channels() * width();
      transformBoth<6, 3, weightsFromPoints>(sums + (intptr_t)c * width() + v, 6 * point, point, taps, W);
      transpose(taps, W, 9, m - v < W ? m - v : W, y + ((intptr_t)v * channels() + c) * 9,
                (intptr_t)channels() * 9);
    }
  }
};

}  // namespace GEMMULE_ISA
}  // namespace gemmule
