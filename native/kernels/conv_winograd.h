// 3x3 convolution at stride 1 by Winograd's F(4x4, 3x3), channels in the lanes: a quarter of the
// multiplications. A task owns some rows of tiles (4x4 results each), or threads share them stage by stage
// where there are few. Inputs are transformed, multiplied once per point,
//   M[point][tile][m] = sum over c of V[point][tile][c] * U[point][c][m],
// and transformed back. The gradient of the input is the same with turned weights.
#pragma once
#include "../runtime/options.h"
#include "conv_planes.h"
#include "gemm/epilogue.h"
#include "gemm/pack.h"
#include "kernel.h"
#include "parallel.h"
#include "winograd.h"

namespace gemmule {
namespace GEMMULE_ISA {

/// Whether Winograd's way is taken: 3x3 at stride 1 with enough channels, and enough tiles for large weights,
/// to pay for the transforms.
inline bool isWinograd(const ConvDesc& d) {
  if (d.kh != 3 || d.kw != 3 || d.strideH != 1 || d.strideW != 1 || d.dilationH != d.dilationW) return false;
  const int least = d.groups == 1 ? 32 : 16, far = 6 * d.dilationH;
  const bool large = d.c >= least * d.groups && d.k >= least * d.groups && d.oh >= far && d.ow >= far &&
                     d.h >= far && d.w >= far;
  constexpr int64_t manyWeights = 1 << 13, leastTiles = 8;
  const int64_t weights = (int64_t)(d.c / d.groups) * d.k;
  const int64_t tiles =
      (int64_t)d.n * ((d.oh + winogradTile - 1) / winogradTile) * ((d.ow + winogradTile - 1) / winogradTile);
  return large && (weights < manyWeights || tiles >= leastTiles) && winogradAllowed();
}

/// Rows of tiles of all images, numbered through, and how a task reads the patches of one. With a dilation of
/// d, rows a, a + d, … and columns b, b + d, … are an image of their own: a row of tiles has one a and every
/// b, in turn.
struct WinogradTiles {
  int images, planes, allPlanes, h, w;  // the source: planes used and planes there are, per image
  int outH, outW, padTop, padLeft, dilation;

  int tilesAlong(int size) const {
    return dilation * ((size + dilation * winogradTile - 1) / (dilation * winogradTile));
  }
  int rows() const { return tilesAlong(outH); }
  int columns() const { return tilesAlong(outW); }
  /// The first result of the n-th tile along an axis.
  int startOf(int n) const { return n % dilation + n / dilation * dilation * winogradTile; }
  /// Positions of a row of results, and of its patches.
  int outPitch() const { return columns() * winogradTile; }
  int pitch() const { return outPitch() + dilation * (winogradPatch - winogradTile); }
  static int lanes(int n) { return (n + W - 1) / W * W; }
  size_t rowSize() const { return (size_t)winogradPatch * pitch() * W; }

  /// `count` (at most W) planes from `plane` of an image, `height` rows from `top`, as [row][position][W];
  /// `shift` cells stand before the first column.
  static void lanesOf(const float* plane, int h, int w, int count, int top, int height, int step, int shift,
                      int pitch, float* dst) {
    for (int r = 0; r < height; r++, dst += (intptr_t)pitch * W) {
      const int y = top + r * step;
      if (y < 0 || y >= h) {
        clear(dst, (intptr_t)pitch * W);
        continue;
      }
      const int skip = shift < 0 ? -shift : 0, before = shift > 0 ? shift : 0;
      int n = w - skip;
      if (n > pitch - before) n = pitch - before;
      if (n < 0) n = 0;
      clear(dst, (intptr_t)before * W);
      transpose(plane + (intptr_t)y * w + skip, (intptr_t)h * w, count, n, dst + before * W, W, true);
      clear(dst + (intptr_t)(before + n) * W, (intptr_t)(pitch - before - n) * W);
    }
  }

  /// V of one row of tiles: points[point * pointStep + tile * tileStep + plane].
  void transformRow(const float* source, int index, float* lanesRow, float* points, intptr_t pointStep,
                    intptr_t tileStep) const {
    const int image = index / rows(), top = startOf(index % rows()) - padTop;
    for (int c = 0; c < planes; c += W) {
      lanesOf(source + ((intptr_t)image * allPlanes + c) * h * w, h, w, planes - c < W ? planes - c : W, top,
              winogradPatch, dilation, padLeft, pitch(), lanesRow);
      for (int t = 0; t < columns(); t++)
        transformBoth<6, 6, toPoints>(lanesRow + startOf(t) * W, (intptr_t)pitch() * W, dilation * W,
                                      points + t * tileStep + c, pointStep);
    }
  }
};

struct WinogradConv {
  WinogradTiles tiles;
  int m, allM;  // planes of the result that are made, and that there are, per image
  const float *source, *weights, *bias;
  float* result;
  bool turned;  // weights lie as [planes, m, 3, 3] and are turned by 180 degrees
  int activation;
  int slots = parallelSlots();  // as sizes are asked for inside of tasks too, where there is one

  static constexpr int panelVectors = 4, depthLimit = 256;
  /// Bytes of weights' points from which on they are beyond L2: stored past the caches, asked for ahead.
  static constexpr size_t farSize = 1 << 20;
  /// Most bytes of a task's points that are read once for each panel.
  static constexpr size_t reread = 5 << 18;

  int depth() const { return tiles.planes; }
  int vectors() const { return (m + W - 1) / W; }
  Split panels() const { return Split(vectors(), panelVectors); }
  /// Rows of tiles of a task: enough tiles that the weights' points, read by each task, are used often.
  Split tasks() const {
    const int wanted = 28 * (1 + (depth() + m) / 192), rows = wanted / tiles.columns();
    return Split(tiles.images * tiles.rows(), rows > 1 ? rows : 1);
  }
  int tilesOf() const { return tasks().largest() * tiles.columns(); }
  size_t pointsSize() const { return (size_t)winogradPoints * tilesOf() * WinogradTiles::lanes(depth()); }
  /// Panels of the product that are there at a time: one, or all where the points that it is made of would
  /// come from beyond L2 for each.
  int panelsAtOnce() const {
    return isShared() || pointsSize() * sizeof(float) > reread ? panels().parts : 1;
  }
  int productWidth() const { return (panelsAtOnce() == 1 ? panels().largest() : vectors()) * W; }
  size_t productSize() const { return (size_t)winogradPoints * tilesOf() * productWidth(); }
  size_t slotSize() const { return pointsSize() + productSize() + tiles.rowSize(); }
  size_t weightsSize() const { return (size_t)winogradPoints * depth() * vectors() * W; }

  /// The weights' points: weightsSize() floats.
  void pack(float* u) const {
    // Larger than a core's own cache, and soon read by all cores: better not written into this one's.
    const bool large = weightsSize() * sizeof(float) >= farSize && canStream(u, W);
    parallel(vectors(), [&](int64_t v, int) {
      if (large)
        transformWeights<true>((int)v, u);
      else
        transformWeights<false>((int)v, u);
    });
  }
  /// Runs on them with slotSize() floats per slot.
  void run(const float* u, float* scratch) const {
    const Split all = tasks();
    if (isShared()) {
      for (int task = 0; task < all.parts; task++) shared(all.begin(task), all.size(task), u, scratch);
      return;
    }
    parallel(all.parts, [&](int64_t task, int slot) {
      block(all.begin((int)task), all.size((int)task), u, scratch + slot * slotSize());
    });
  }

 private:
  /// Whether too many threads would wait if each had a block of its own.
  bool isShared() const {
    const int parts = tasks().parts, turns = (parts + slots - 1) / slots;
    return 2 * turns * slots > 3 * parts;
  }

  /// Where vector v of U[point][c] stands: panels of up to panelVectors, c within.
  intptr_t place(int v, int& step) const {
    const Split p = panels();
    int q = 0;
    while (p.begin(q + 1) <= v) q++;
    step = p.size(q) * W;
    return (intptr_t)p.begin(q) * W * depth() + (v - p.begin(q)) * W;
  }

  template <bool streams>
  void transformWeights(int v, float* u) const {
    const int first = v * W, count = m - first < W ? m - first : W;
    const intptr_t point = (intptr_t)depth() * vectors() * W;
    int step;
    float* to = u + place(v, step);
    for (int c = 0; c < depth(); c++, to += step) {
      float lanes[9 * W], flipped[9 * W];
      if (turned)
        transpose(weights + ((intptr_t)c * m + first) * 9, 9, count, 9, lanes, W, true);
      else
        transpose(weights + ((intptr_t)first * depth() + c) * 9, (intptr_t)depth() * 9, count, 9, lanes, W,
                  true);
      if (turned)
        for (int i = 0; i < 9; i++) store(flipped + (8 - i) * W, load(lanes + i * W));
      const float* from = turned ? flipped : lanes;
      VF half[6][3];
      for (int j = 0; j < 3; j++) {
        const VF column[3] = {load(from + j * W), load(from + (3 + j) * W), load(from + (6 + j) * W)};
        VF points[6];
        weightsToPoints(column, points);
        for (int i = 0; i < 6; i++) half[i][j] = points[i];
      }
      for (int i = 0; i < 6; i++) {
        VF points[6];
        weightsToPoints(half[i], points);
        for (int j = 0; j < 6; j++) {
          float* const at = to + (i * 6 + j) * point;
          if (streams)
            stream(at, points[j]);
          else
            store(at, points[j]);
        }
      }
    }
    if (streams) endStream();
  }

  /// Some rows of tiles, by one thread.
  void block(int row0, int rows, const float* u, float* points) const {
    const int count = rows * tiles.columns(), all = panels().parts, atOnce = panelsAtOnce();
    float* const product = points + pointsSize();
    float* const row = product + productSize();
    for (int r = 0; r < rows; r++) transform(row0, r, count, row, points);
    for (int first = 0; first < all; first += atOnce) {
      for (int point = 0; point < winogradPoints; point++)
        multiply(point, first, first + atOnce, first, u, points, product, count);
      for (int r = 0; r < rows; r++)
        untransformRow(row0 + r, product, count, r * tiles.columns(), row, panels().begin(first),
                       panels().begin(first + atOnce));
    }
  }

  /// Some rows of tiles, by all threads: each number is made as in block().
  void shared(int row0, int rows, const float* u, float* points) const {
    const int count = rows * tiles.columns();
    float* const product = points + pointsSize();
    float* const row = product + productSize();
    parallel(rows,
             [&](int64_t r, int slot) { transform(row0, (int)r, count, row + slot * slotSize(), points); });
    const Split owned(panels().parts, (panels().parts + slots - 1) / slots);  // by whoever packed them, about
    parallel(owned.parts * winogradPoints, [&](int64_t task, int) {
      const int part = (int)task / winogradPoints;
      multiply((int)task % winogradPoints, owned.begin(part), owned.begin(part + 1), 0, u, points, product,
               count);
    });
    parallel(rows, [&](int64_t r, int slot) {
      untransformRow(row0 + (int)r, product, count, (int)r * tiles.columns(), row + slot * slotSize(), 0,
                     vectors());
    });
  }

  void transform(int row0, int r, int count, float* row, float* points) const {
    const intptr_t channels = WinogradTiles::lanes(depth());
    tiles.transformRow(source, row0 + r, row, points + r * tiles.columns() * channels, count * channels,
                       channels);
  }

  const float* panelAt(const float* u, int point, int q) const {
    return u + ((intptr_t)point * vectors() + panels().begin(q)) * W * depth();
  }

  /// Panels [begin, end) of the products of one point; `product` begins with panel `first`.
  void multiply(int point, int begin, int end, int first, const float* u, const float* points, float* product,
                int count) const {
    const Split panels = this->panels();
    for (int q = begin; q < end; q++)
      multiply(point, q, (panels.begin(q) - panels.begin(first)) * W, panelAt(u, point, q),
               q + 1 < end ? panelAt(u, point, q + 1) : panelAt(u, point + 1, begin), points, product, count);
  }

  /// One panel at `panel`, whose products stand from `column` on. The one at `then` is brought nearer.
  void multiply(int point, int q, int column, const float* panel, const float* then, const float* points,
                float* product, int count) const {
    const int channels = WinogradTiles::lanes(depth()), productWidth = this->productWidth();
    const Split panels = this->panels(), parts(depth(), depthLimit);
    const int high = accumulators / panels.largest();
    const Split groups(count, high < maxDirectRows ? high : maxDirectRows);
    const bool fromAfar = weightsSize() * sizeof(float) >= farSize;
    const auto kernelOf = [&](int rows) {
      return fromAfar ? tileKernel<kRowsAhead>(rows, panels.size(q))
                      : tileKernel<kRows>(rows, panels.size(q));
    };
    const TileKernel tall = kernelOf(groups.largest()), low = kernelOf(groups.least);
    Tile x{};
    x.aStep = channels;
    x.ldc = productWidth;
    x.tail = W;
    x.bStep = panels.size(q) * W;
    for (int d = 0; d < parts.parts; d++) {
      x.k = parts.size(d);
      x.accumulate = d > 0;
      x.b = panel + parts.begin(d) * x.bStep;
      x.next = d + 1 < parts.parts ? x.b + x.k * x.bStep : then;
      const int turns = groups.parts * (x.k / depthAtOnce + 1);  // that bring the part at `next`, about
      x.nextStep = (x.k * x.bStep / turns / 4 + 1) * 4;
      for (int t = 0; t < groups.parts; t++) {
        const intptr_t tile = (intptr_t)point * count + groups.begin(t);
        x.a = points + tile * channels + parts.begin(d);
        x.c = product + tile * productWidth + column;
        (groups.size(t) > groups.least ? tall : low)(x);
        x.next += x.k / depthAtOnce * x.nextStep;
      }
    }
  }

  /// Results of one row of tiles, vectors [begin, end) of planes: back from points, to [row][position][W], to
  /// planes.
  void untransformRow(int index, const float* product, int count, int tile0, float* row, int begin,
                      int end) const {
    const int image = index / tiles.rows(), top = tiles.startOf(index % tiles.rows()), step = tiles.dilation;
    const int columns = tiles.columns(), width = productWidth(), pitch = tiles.outPitch();
    const intptr_t plane = (intptr_t)tiles.outH * tiles.outW;
    for (int v = begin * W; v < end * W; v += W) {
      const int lanes = m - v < W ? m - v : W;
      const VF shift = bias ? loadN(bias + v, lanes) : zero();
      for (int t = 0; t < columns; t++) {
        const float* from = product + (intptr_t)(tile0 + t) * width + v - begin * W;
        VF half[4][6];
        GEMMULE_UNROLL
        for (int j = 0; j < 6; j++) {
          VF column[6], results[4];
          GEMMULE_UNROLL
          for (int i = 0; i < 6; i++) column[i] = load(from + (intptr_t)(i * 6 + j) * count * width);
          fromPoints(column, results);
          GEMMULE_UNROLL
          for (int i = 0; i < 4; i++) half[i][j] = results[i];
        }
        GEMMULE_UNROLL
        for (int i = 0; i < 4; i++) {
          VF results[4];
          fromPoints(half[i], results);
          GEMMULE_UNROLL
          for (int j = 0; j < 4; j++) {
            VF value = add(results[j], shift);
            if (activation == activationRelu) value = maxNaN(value, zero());
            store(row + ((intptr_t)i * pitch + tiles.startOf(t) + j * step) * W, value);
          }
        }
      }
      if (activation > activationRelu) activate(activation, row, 0, 1, winogradTile * pitch * W);
      float* const to = result + ((intptr_t)image * allM + v) * plane;
      for (int i = 0; i < winogradTile && top + i * step < tiles.outH; i++)
        transpose(row + (intptr_t)i * pitch * W, W, tiles.outW, lanes,
                  to + (intptr_t)(top + i * step) * tiles.outW, plane);
    }
  }
};

}  // namespace GEMMULE_ISA
}  // namespace gemmule
