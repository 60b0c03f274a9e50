// Where the taps of a convolution fall in planes that are split by stride.
#pragma once
#include "conv_planes.h"
#include "kernel.h"

namespace gemmule {
namespace GEMMULE_ISA {

inline int greatestCommon(int a, int b) { return b ? greatestCommon(b, a % b) : a; }

/// How the taps of one axis fall on the phases of a stride: tap i lies in phase (i * dilation) % stride.
struct TapAxis {
  int taps, stride, dilation;
  int phaseOf(int tap) const { return (int)((int64_t)tap * dilation % stride); }
  int shiftOf(int tap) const { return (int)((int64_t)tap * dilation / stride); }
  int halo() const { return taps ? shiftOf(taps - 1) : 0; }
  /// Phases that hold a tap; the n-th of them is the one of tap n.
  int usedPhases() const {
    const int distinct = stride / greatestCommon(dilation, stride);
    return distinct < taps ? distinct : taps;
  }
  int indexOf(int phase) const {
    for (int n = 0; n < usedPhases(); n++)
      if (phaseOf(n) == phase) return n;
    return -1;
  }
  /// The n-th tap of a phase that has so many.
  int tapOf(int phase, int n) const {
    int tap = 0;
    while (phaseOf(tap) != phase || n-- > 0) tap++;
    return tap;
  }
  int tapsIn(int phase) const {
    int n = 0;
    for (int i = 0; i < taps; i++) n += phaseOf(i) == phase;
    return n;
  }
};

/// The layout in which the forward pass and the gradient of the weights read x: per channel and used phase a
/// plane of `pitch` columns, so that tap (i, j) of the result at (p, q) stands at p * pitch + q + offset.
struct SplitPlanes {
  TapAxis vertical, horizontal;
  int padTop, padLeft, h, w;
  int pitch, halo;

  explicit SplitPlanes(const ConvDesc& d)
      : vertical{d.kh, d.strideH, d.dilationH},
        horizontal{d.kw, d.strideW, d.dilationW},
        padTop(d.padTop),
        padLeft(d.padLeft),
        h(d.h),
        w(d.w),
        pitch(d.ow + horizontal.halo()),
        halo(vertical.halo()) {
    int shared = horizontal.halo();
    for (int i = 0; i < horizontal.usedPhases(); i++)
      shared = sharedCells({horizontal.phaseOf(i) - padLeft, horizontal.stride}, w, pitch, shared);
    pitch -= shared;
  }

  int perChannel() const { return vertical.usedPhases() * horizontal.usedPhases(); }

  /// Rows [row0, row0 + rows) of the result, and the halo, of one channel; as copyPlaneOver.
  void gather(const float* src, const float* end, int row0, int rows, float* dst, int planeSize) const {
    for (int a = 0; a < vertical.usedPhases(); a++)
      for (int b = 0; b < horizontal.usedPhases(); b++, dst += planeSize)
        copyPlaneOver(src, end, h, w,
                      {row0 * vertical.stride + vertical.phaseOf(a) - padTop, vertical.stride},
                      {horizontal.phaseOf(b) - padLeft, horizontal.stride}, dst, rows + halo, pitch);
  }

  /// offsets[channel][i][j]: those of the first channel's first row, then of its other rows, then of the
  /// other channels from what they add.
  void offsets(int channels, int planeSize, int32_t* out) const {
    const int taps = vertical.taps * horizontal.taps;
    if (channels == 0 || taps == 0) return;
    for (int j = 0; j < horizontal.taps; j++)
      out[j] = horizontal.indexOf(horizontal.phaseOf(j)) * planeSize + horizontal.shiftOf(j);
    for (int i = 1; i < vertical.taps; i++) {
      const int plane = vertical.indexOf(vertical.phaseOf(i)) * horizontal.usedPhases();
      const int more = plane * planeSize + vertical.shiftOf(i) * pitch;
      for (int j = 0; j < horizontal.taps; j++) out[i * horizontal.taps + j] = out[j] + more;
    }
    const int each = perChannel() * planeSize;
    for (int c = 1; c < channels; c++)
      for (int t = 0; t < taps; t++) out[c * taps + t] = out[t] + c * each;
  }
};

}  // namespace GEMMULE_ISA
}  // namespace gemmule
