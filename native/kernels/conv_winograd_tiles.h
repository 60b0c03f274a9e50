// How Winograd's ways cut images into tiles, and how they read the patches of one: channels in the lanes.
#pragma once
#include "../runtime/options.h"
#include "conv_planes.h"
#include "gemm/pack.h"
#include "kernel.h"
#include "parallel.h"
#include "winograd.h"

namespace gemmule {
namespace GEMMULE_ISA {

/// Taps along an axis that a kernel has at most in a phase of its source.
inline int winogradTaps(const ConvDesc& d) { return (d.kh + d.strideH - 1) / d.strideH; }

/// Whether Winograd's way is taken: with enough channels, and enough tiles for large weights, to pay for the
/// transforms. A kernel of 4 and more taps pays for those of a few channels' phases too.
inline bool isWinograd(const ConvDesc& d) {
  const int stride = d.strideH, taps = winogradTaps(d);
  if (d.kh != d.kw || d.strideH != d.strideW || d.dilationH != d.dilationW) return false;
  if (stride > 2 || (stride == 2 && d.dilationH > 1)) return false;
  const int phases = stride * stride, most = phases > 1 ? 4 : 5;  // beyond which errors grow
  if (taps < 3 || taps > most) return false;
  const int tile = winogradTile(taps), far = winogradPatch * d.dilationH;
  const int least = d.groups == 1 ? 32 : 16, leastC = phases > 1 && taps > 3 ? 3 : least;
  const bool large = d.c >= leastC * d.groups && d.k >= least * d.groups && d.oh >= far && d.ow >= far &&
                     d.h >= far && d.w >= far;
  constexpr int64_t manyWeights = 1 << 13, leastTiles = 8;
  const int64_t weights = (int64_t)(d.c / d.groups) * phases * d.k;
  const int64_t tiles = (int64_t)d.n * ((d.oh + tile - 1) / tile) * ((d.ow + tile - 1) / tile);
  return large && (weights < manyWeights || tiles >= leastTiles) && winogradAllowed();
}

/// The planes of an image of `planes` channels as a kernel with that stride meets them: at stride 2 each is
/// four, of every second row and column, in the order [row][channel][column], so that neighbours lie in the
/// same rows.
struct Phases {
  int planes, stride;
  int count() const { return planes * stride * stride; }
  int index(int channel, int row, int column) const { return (row * planes + channel) * stride + column; }
  int channelOf(int index) const { return index / stride % planes; }
  int rowOf(int index) const { return index / stride / planes; }
  int columnOf(int index) const { return index % stride; }
};

/// Rows of tiles of all images, numbered through, and how a task reads the patches of one. With a dilation of
/// d, rows a, a + d, … and columns b, b + d, … are an image of their own: a row of tiles has one a and every
/// b, in turn.
struct WinogradTiles {
  int images;
  Phases source;  // of a group
  int allPlanes, h, w;
  int outH, outW, padTop, padLeft, dilation, taps;

  /// Those of a group's results, which the gradient of the weights passes over too.
  static WinogradTiles forward(const ConvDesc& d) {
    const Phases source{d.c / d.groups, d.strideH};
    return {d.n, source, d.c, d.h, d.w, d.oh, d.ow, d.padTop, d.padLeft, d.dilationH, winogradTaps(d)};
  }

  int depth() const { return source.count(); }
  int tile() const { return winogradTile(taps); }
  int tilesAlong(int size) const { return dilation * ((size + dilation * tile() - 1) / (dilation * tile())); }
  int rows() const { return tilesAlong(outH); }
  int columns() const { return tilesAlong(outW); }
  /// The first result of the n-th tile along an axis.
  int startOf(int n) const { return n % dilation + n / dilation * dilation * tile(); }
  /// Positions of a row of results, and of its patches.
  int outPitch() const { return columns() * tile(); }
  int pitch() const {
    const int positions = outPitch() + dilation * (winogradPatch - tile());
    return source.stride > 1 ? lanes(positions) : positions;
  }
  static int lanes(int n) { return (n + W - 1) / W * W; }
  /// Floats for a row of tiles in the lanes, and for the padded rows that phases are taken from.
  size_t rowSize() const {
    return (size_t)pitch() * W * (source.stride > 1 ? winogradPatch + 1 : winogradPatch);
  }

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

  /// Phases [first, first + W) of the rows that a row of tiles from `top` on reads, the same way. `padded`:
  /// pitch() * W floats.
  void lanesOfPhases(const float* image, int first, int top, float* padded, float* dst) const {
    const int width = 2 * pitch(), pairs = (depth() - first < W ? depth() - first : W) / 2;
    const int left = padLeft < width ? padLeft : width, n = w < width - left ? w : width - left;
    for (int r = 0; r < winogradPatch; r++, dst += (intptr_t)pitch() * W) {
      for (int j = 0; j < pairs; j++) {
        const int phase = first + 2 * j, y = top + 2 * r + source.rowOf(phase);
        float* const row = padded + (intptr_t)j * width;
        const bool inside = y >= 0 && y < h;
        clear(row, inside ? left : width);
        if (!inside) continue;
        copyStepped(image + ((intptr_t)source.channelOf(phase) * h + y) * w, 1, row + left, n);
        clear(row + left + n, width - left - n);
      }
      for (int p = 0; p < pitch(); p += W) {
        VF v[W];
        GEMMULE_UNROLL
        for (int j = 0; j < W / 2; j++) {
          v[2 * j] = v[2 * j + 1] = zero();
          if (j < pairs) load2(padded + (intptr_t)j * width + 2 * p, v[2 * j], v[2 * j + 1]);
        }
        transposeVectors(v);
        GEMMULE_UNROLL
        for (int i = 0; i < W; i++) store(dst + (intptr_t)(p + i) * W, v[i]);
      }
    }
  }

  /// V of one row of tiles: points[point * pointStep + tile * tileStep + plane].
  void transformRow(const float* from, int index, float* lanesRow, float* points, intptr_t pointStep,
                    intptr_t tileStep) const {
    const int top = startOf(index % rows()) * source.stride - padTop;
    const float* const image = from + (intptr_t)(index / rows()) * allPlanes * h * w;
    for (int c = 0; c < depth(); c += W) {
      if (source.stride > 1)
        lanesOfPhases(image, c, top, lanesRow + (intptr_t)winogradPatch * pitch() * W, lanesRow);
      else
        lanesOf(image + (intptr_t)c * h * w, h, w, depth() - c < W ? depth() - c : W, top, winogradPatch,
                dilation, padLeft, pitch(), lanesRow);
      for (int t = 0; t < columns(); t++)
        transformBoth<6, 6, toPoints>(lanesRow + startOf(t) * W, (intptr_t)pitch() * W, dilation * W,
                                      points + t * tileStep + c, pointStep);
    }
  }
};

}  // namespace GEMMULE_ISA
}  // namespace gemmule
