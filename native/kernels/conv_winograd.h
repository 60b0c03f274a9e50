// Convolution by Winograd's F(t x t, r x r), channels in the lanes: for 3x3 a quarter of the multiplications.
// At stride 2 the rows and columns of the source are taken apart: four planes for each, which kernels of half
// the size meet at stride 1. A task owns some rows of tiles, or threads share them stage by stage where there
// are few. Inputs are transformed, multiplied once per point,
//   M[point][tile][m] = sum over c of V[point][tile][c] * U[point][c][m],
// and transformed back. The gradient of the input is the same with turned weights; at stride 2 it makes the
// four planes and puts them together.
#pragma once
#include "conv_winograd_tiles.h"
#include "gemm/epilogue.h"

namespace gemmule {
namespace GEMMULE_ISA {

struct WinogradConv {
  WinogradTiles tiles;
  Phases made;           // of a group's result
  int allPlanes, h, w;   // the result: planes there are, per image
  int offsetH, offsetW;  // phases of `made` begin that far before it
  int kernel;
  bool turned;  // weights lie as [depth, planes made, kernel, kernel] and are turned by 180 degrees
  int activation;
  const float *source = nullptr, *weights = nullptr, *bias = nullptr;
  float* result = nullptr;
  int slots = parallelSlots();  // as sizes are asked for inside of tasks too, where there is one

  static constexpr int panelVectors = 4, depthLimit = 256;
  /// Bytes of weights' points from which on they are beyond L2: stored past the caches, asked for ahead.
  static constexpr size_t farSize = 1 << 20;
  /// Most bytes of a task's points that are read once for each panel.
  static constexpr size_t reread = 5 << 18;

  int depth() const { return tiles.depth(); }
  int m() const { return made.count(); }
  int vectors() const { return (m() + W - 1) / W; }
  Split panels() const { return Split(vectors(), panelVectors); }
  /// Rows of tiles of a task: enough tiles that the weights' points, read by each task, are used often.
  Split tasks() const {
    const int wanted = 28 * (1 + (depth() + m()) / 192), rows = wanted / tiles.columns();
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
    const bool large = weightsSize() * sizeof(float) >= farSize && canStreamApart(u, 0);
    parallel(vectors(), [&](int64_t v, int) {
      withTaps(tiles.taps, [&](auto taps) {
        if (large)
          transformWeights<taps, true>((int)v, u);
        else
          transformWeights<taps, false>((int)v, u);
      });
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

  /// kernel² vectors of weights, a plane made in each lane, of one plane of the source.
  void kernelsOf(int first, int c, float* lanes) const {
    const int all = kernel * kernel, count = m() - first < W ? m() - first : W;
    const intptr_t next = turned ? all : (intptr_t)tiles.source.planes * all;
    const float* const from = weights + (turned ? (intptr_t)c * made.planes + first : 0) * all +
                              (turned ? 0 : ((intptr_t)first * tiles.source.planes + c) * all);
    transpose(from, next, count, all, lanes, W, true);
  }

  template <int R, bool streams>
  void transformWeights(int v, float* u) const {
    constexpr int most = 2 * R;
    const intptr_t point = (intptr_t)depth() * vectors() * W;
    int step;
    float* const to = u + place(v, step);
    float lanes[most * most * W];
    const Phases& from = tiles.source;
    for (int c = 0; c < from.planes; c++) {
      if (made.stride == 1) kernelsOf(v * W, c, lanes);
      for (int row = 0; row < from.stride; row++)
        for (int column = 0; column < from.stride; column++) {
          if (made.stride > 1) phasesOfKernels<R>(v * W, c, lanes);
          const auto tap = [&](int i, int j) {
            if (made.stride > 1) return load(lanes + (i * R + j) * W);
            const int y = (turned ? R - 1 - i : i) * from.stride + row;
            const int x = (turned ? R - 1 - j : j) * from.stride + column;
            return y < kernel && x < kernel ? load(lanes + (y * kernel + x) * W) : zero();
          };
          float* const at = to + (intptr_t)from.index(c, row, column) * step;
          transformBoth<R, 6, weightsToPoints<R>>(tap, [&](int i, int j, VF value) {
            if (streams)
              stream(at + (i * 6 + j) * point, value);
            else
              store(at + (i * 6 + j) * point, value);
          });
        }
    }
    if (streams) endStream();
  }

  /// R² vectors of turned weights, a phase made in each lane.
  template <int R>
  void phasesOfKernels(int first, int c, float* lanes) const {
    clear(lanes, R * R * W);
    for (int l = 0; l < W && first + l < m(); l++) {
      const int row = made.rowOf(first + l), column = made.columnOf(first + l);
      const float* const from =
          weights + ((intptr_t)c * made.planes + made.channelOf(first + l)) * kernel * kernel;
      for (int i = 0; i < R; i++)
        for (int j = 0; j < R; j++) {
          const int y = (R - 1 - i) * made.stride + row, x = (R - 1 - j) * made.stride + column;
          if (y < kernel && x < kernel) lanes[(i * R + j) * W + l] = from[y * kernel + x];
        }
    }
  }

  /// Some rows of tiles, by one thread.
  void block(int row0, int rows, const float* u, float* points) const {
    const int count = rows * tiles.columns(), all = panels().parts, atOnce = panelsAtOnce();
    const int width = productWidth();
    float* const product = points + pointsSize();
    float* const row = product + productSize();
    for (int r = 0; r < rows; r++) transform(row0, r, count, row, points);
    for (int first = 0; first < all; first += atOnce) {
      for (int point = 0; point < winogradPoints; point++)
        multiply(point, first, first + atOnce, first, u, points, product, count, width);
      for (int r = 0; r < rows; r++)
        untransformRow(row0 + r, product, count, width, r * tiles.columns(), row, panels().begin(first),
                       panels().begin(first + atOnce));
    }
  }

  /// Some rows of tiles, by all threads: each number is made as in block().
  void shared(int row0, int rows, const float* u, float* points) const {
    const int count = rows * tiles.columns(), width = productWidth();
    float* const product = points + pointsSize();
    float* const row = product + productSize();
    parallel(rows,
             [&](int64_t r, int slot) { transform(row0, (int)r, count, row + slot * slotSize(), points); });
    const Split owned(panels().parts, (panels().parts + slots - 1) / slots);  // by whoever packed them, about
    parallel(owned.parts * winogradPoints, [&](int64_t task, int) {
      const int part = (int)task / winogradPoints;
      multiply((int)task % winogradPoints, owned.begin(part), owned.begin(part + 1), 0, u, points, product,
               count, width);
    });
    parallel(rows, [&](int64_t r, int slot) {
      untransformRow(row0 + (int)r, product, count, width, (int)r * tiles.columns(), row + slot * slotSize(),
                     0, vectors());
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
                int count, int width) const {
    const Split panels = this->panels();
    for (int q = begin; q < end; q++)
      multiply(point, q, (panels.begin(q) - panels.begin(first)) * W, panelAt(u, point, q),
               q + 1 < end ? panelAt(u, point, q + 1) : panelAt(u, point + 1, begin), points, product, count,
               width);
  }

  /// One panel at `panel`, whose products stand from `column` on. The one at `then` is brought nearer.
  void multiply(int point, int q, int column, const float* panel, const float* then, const float* points,
                float* product, int count, int width) const {
    const int channels = WinogradTiles::lanes(depth());
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
    x.ldc = width;
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
        x.c = product + tile * width + column;
        (groups.size(t) > groups.least ? tall : low)(x);
        x.next += x.k / depthAtOnce * x.nextStep;
      }
    }
  }

  /// Results of one row of tiles, vectors [begin, end) of planes: back from points, to [row][position][W], to
  /// planes.
  void untransformRow(int index, const float* product, int count, int width, int tile0, float* row, int begin,
                      int end) const {
    withTaps(tiles.taps, [&](auto taps) {
      for (int v = begin; v < end; v++) {
        untransform<winogradTile(taps)>(v * W, product + (v - begin) * W, count, width, tile0, row);
        if (made.stride > 1)
          weave(index, v * W, row);
        else
          separate(index, v * W, row);
      }
    });
  }

  /// A vector of planes of a row of tiles, finished, as [row][position][W].
  template <int T>
  void untransform(int plane, const float* product, int count, int width, int tile0, float* row) const {
    const int pitch = tiles.outPitch(), step = tiles.dilation;
    const VF shift = bias ? loadN(bias + plane, m() - plane < W ? m() - plane : W) : zero();
    for (int t = 0; t < tiles.columns(); t++) {
      const float* const from = product + (intptr_t)(tile0 + t) * width;
      float* const to = row + (intptr_t)tiles.startOf(t) * W;
      transformBoth<6, T, resultsFromPoints<T>>(
          [&](int i, int j) { return load(from + (intptr_t)(i * 6 + j) * count * width); },
          [&](int i, int j, VF value) {
            value = add(value, shift);
            if (activation == activationRelu) value = maxNaN(value, zero());
            store(to + ((intptr_t)i * pitch + j * step) * W, value);
          });
    }
    if (activation > activationRelu) activate(activation, row, 0, 1, T * pitch * W);
  }

  /// The lanes of such rows to their planes.
  void separate(int index, int v, const float* row) const {
    const int image = index / tiles.rows(), top = tiles.startOf(index % tiles.rows()), step = tiles.dilation;
    const int count = m() - v < W ? m() - v : W;
    const intptr_t plane = (intptr_t)h * w;
    float* const to = result + ((intptr_t)image * allPlanes + v) * plane;
    const bool streams = (int64_t)tiles.images * made.planes * plane >= streamLeast && canStreamApart(to, w);
    for (int i = 0; i < tiles.tile() && top + i * step < h; i++) {
      const float* const from = row + (intptr_t)i * tiles.outPitch() * W;
      float* const out = to + (intptr_t)(top + i * step) * w;
      if (streams)
        streamLanes(from, count, out, plane);
      else
        transpose(from, W, w, count, out, plane);
    }
    if (streams) endStream();
  }

  void streamLanes(const float* from, int count, float* to, intptr_t plane) const {
    for (int x = 0; x < w; x += W) {
      VF values[W];
      GEMMULE_UNROLL
      for (int i = 0; i < W; i++) values[i] = load(from + (intptr_t)(x + i) * W);
      transposeVectors(values);
      GEMMULE_UNROLL
      for (int l = 0; l < W; l++)
        if (l < count) stream(to + l * plane + x, values[l]);
    }
  }

  /// The same where lanes are phases: neighbours are woven into one row.
  void weave(int index, int v, const float* row) const {
    const int image = index / tiles.rows(), top = tiles.startOf(index % tiles.rows());
    const int pairs = (m() - v < W ? m() - v : W) / 2;
    for (int i = 0; i < tiles.tile() && top + i < tiles.outH; i++) {
      for (int p = 0; p < tiles.outW; p += W) {
        VF values[W];
        const float* const from = row + ((intptr_t)i * tiles.outPitch() + p) * W;
        GEMMULE_UNROLL
        for (int x = 0; x < W; x++) values[x] = p + x < tiles.outW ? load(from + x * W) : zero();
        transposeVectors(values);
        for (int j = 0; j < pairs; j++) {
          const int y = 2 * (top + i) + made.rowOf(v + 2 * j) - offsetH, x = 2 * p - offsetW;
          if (y < 0 || y >= h) continue;
          float* const to =
              result + (((intptr_t)image * allPlanes + made.channelOf(v + 2 * j)) * h + y) * w + x;
          if (x >= 0 && x + 2 * W <= w) {
            store2(to, values[2 * j], values[2 * j + 1]);
          } else {
            float both[2 * W];
            store2(both, values[2 * j], values[2 * j + 1]);
            for (int k = x < 0 ? -x : 0; k < 2 * W && x + k < w; k++) to[k] = both[k];
          }
        }
      }
    }
  }
};

}  // namespace GEMMULE_ISA
}  // namespace gemmule
