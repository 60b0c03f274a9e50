// The two passes of a convolution that run as a flat one (conv_flat.h): how their planes, taps and weights
// are laid out.
#pragma once
#include "conv_batch.h"
#include "conv_flat.h"
#include "conv_taps.h"

namespace gemmule {
namespace GEMMULE_ISA {

/// The forward pass.
class FlatForward {
 public:
  explicit FlatForward(const ConvDesc& d) : d_(d), layout_(d), k_(d.c / d.groups * d.kh * d.kw) {
    FlatConv& f = flat_;
    f.images = d.n;
    f.groups = d.groups;
    f.channels = d.c / d.groups;
    f.h = d.h;
    f.w = d.w;
    f.rowStep = d.strideH;
    f.columnStep = d.strideW;
    f.rowPhases = layout_.vertical.usedPhases();
    f.columnPhases = layout_.horizontal.usedPhases();
    f.m = d.k / d.groups;
    f.rows = d.oh;
    f.width = d.ow;
    f.halo = layout_.halo;
    f.pitch = layout_.pitch;
    f.outH = d.oh;
    f.outW = d.ow;
    f.activation = d.activation;
    f.choosePitch(k_);
    f.cutBands();
  }

  double cost() const { return flat_.cost(k_); }
  /// Of the product of an image, gaps between rows and beyond the last one included.
  int64_t columns() const { return ((int64_t)(flat_.rows - 1) * flat_.pitch + flat_.width + W - 1) / W * W; }
  BatchConv batch(const float* x, const float* weights, const float* bias, float* y) const {
    const ConvDesc& d = d_;
    return {x,       weights, bias, y,    d.n,  d.groups, flat_.channels, d.h,   d.w,
            flat_.m, d.oh,    d.ow, d.kh, d.kw, d.padTop, d.padLeft,      false, d.activation};
  }
  BatchConv shape() const { return batch(nullptr, nullptr, nullptr, nullptr); }
  size_t packedSize() const { return (size_t)d_.k * k_; }

  void pack(const float* weights, float* packed) const {
    const Split depth(k_, FlatConv::depthLimit), tiles(flat_.m, maxRows);
    parallel((int64_t)d_.groups * tiles.parts, [&](int64_t task, int) {
      const int group = (int)(task / tiles.parts), t = (int)(task % tiles.parts);
      const intptr_t base = (intptr_t)group * flat_.m * k_;
      for (int p = 0; p < depth.parts; p++)
        packA({weights + base, k_, false}, tiles.begin(t), tiles.size(t), depth.begin(p), depth.size(p),
              packed + base + (intptr_t)flat_.m * depth.begin(p) + (intptr_t)tiles.begin(t) * depth.size(p));
    });
  }

  void run(const float* x, const float* packed, const float* bias, float* y) {
    FlatConv& f = flat_;
    const Scratch<int32_t> table((size_t)k_ + f.rowPhases + f.columnPhases + 1);
    const Scratch<Place> places(f.placeCount());
    const Scratch<float> scratch(f.scratchSize() * (size_t)parallelSlots());
    if (!table.data || !places.data || !scratch.data) return;
    int32_t* rowShift = table.data + k_;
    int32_t* columnShift = rowShift + f.rowPhases;
    for (int i = 0; i < f.rowPhases; i++) rowShift[i] = layout_.vertical.phaseOf(i) - d_.padTop;
    for (int j = 0; j < f.columnPhases; j++) columnShift[j] = layout_.horizontal.phaseOf(j) - d_.padLeft;
    layout_.pitch = f.pitch;
    layout_.offsets(f.channels, f.planeSize(), table.data);
    const FlatPhase phase{k_, Split(k_, FlatConv::depthLimit), table.data, packed, {0, 1}, {0, 1}};
    f.source = x;
    f.result = y;
    f.bias = bias;
    f.rowShift = rowShift;
    f.columnShift = columnShift;
    f.places = places.data;
    f.phases = &phase;
    f.phaseCount = 1;
    f.run(scratch.data);
  }

 private:
  const ConvDesc& d_;
  SplitPlanes layout_;
  const int k_;
  FlatConv flat_;
};

/// The gradient of the input splits by the phase of the input position under the stride: the results of one
/// phase are a convolution of g, at stride 1, with those taps that meet them.
class FlatInputGrad {
 public:
  explicit FlatInputGrad(const ConvDesc& d)
      : d_(d), vertical_{d.kh, d.strideH, d.dilationH}, horizontal_{d.kw, d.strideW, d.dilationW} {
    FlatConv& f = flat_;
    f.images = d.n;
    f.groups = d.groups;
    f.channels = d.k / d.groups;
    f.h = d.oh;
    f.w = d.ow;
    f.rowStep = f.columnStep = 1;
    f.rowPhases = f.columnPhases = 1;
    f.m = d.c / d.groups;
    f.rows = floorDiv(d.padTop + d.h - 1, d.strideH) - firstRow() + 1;
    f.width = floorDiv(d.padLeft + d.w - 1, d.strideW) - firstColumn() + 1;
    f.halo = vertical_.halo();
    f.pitch = f.width + horizontal_.halo();
    f.pitch -= sharedCells({firstColumn() - horizontal_.halo(), 1}, f.w, f.pitch, horizontal_.halo());
    f.outH = d.h;
    f.outW = d.w;
    f.bias = nullptr;
    f.activation = activationNone;
    f.alternates = d.strideW == 2;
    if (d.strideH == 1 && d.strideW == 1) f.choosePitch(f.channels * d.kh * d.kw);
    f.cutBands();
  }

  double cost() const { return flat_.cost(flat_.channels * d_.kh * d_.kw); }
  int64_t columns() const { return 0; }  // it has no other way
  BatchConv batch(const float* g, const float* weights, float* y) const {
    const ConvDesc& d = d_;
    return {g,    weights,       nullptr, y,   d.n,  d.groups, flat_.channels,      d.oh,
            d.ow, flat_.m,       d.h,     d.w, d.kh, d.kw,     d.kh - 1 - d.padTop, d.kw - 1 - d.padLeft,
            true, activationNone};
  }
  BatchConv shape() const { return batch(nullptr, nullptr, nullptr); }
  size_t packedSize() const { return (size_t)d_.c * flat_.channels * d_.kh * d_.kw; }

  void pack(const float* weights, float* packed) const {
    const Split tiles(flat_.m, maxRows);
    const int taps = d_.kh * d_.kw;
    parallel((int64_t)phases() * d_.groups * tiles.parts, [&](int64_t task, int) {
      const int t = (int)(task % tiles.parts), group = (int)(task / tiles.parts % d_.groups);
      const int phase = (int)(task / tiles.parts / d_.groups), a = phase / d_.strideW, b = phase % d_.strideW;
      const Split depth(lengthOf(phase), FlatConv::depthLimit);
      const int row = tiles.begin(t), rows = tiles.size(t);
      float* const group0 = packed + startOf(phase) + (intptr_t)group * flat_.m * depth.n;
      int at = 0, part = 0;
      float* out = group0 + (intptr_t)row * depth.size(0);
      for (int ko = 0; ko < flat_.channels; ko++)
        for (int i = 0; i < d_.kh; i++)
          for (int j = 0; j < d_.kw; j++) {
            if (vertical_.phaseOf(i) != a || horizontal_.phaseOf(j) != b) continue;
            if (at++ == depth.begin(part + 1)) {
              part++;
              out = group0 + (intptr_t)flat_.m * depth.begin(part) + (intptr_t)row * depth.size(part);
            }
            const float* from =
                weights + ((intptr_t)(group * flat_.channels + ko) * flat_.m + row) * taps + i * d_.kw + j;
            for (int r = 0; r < rows; r++) *out++ = from[(intptr_t)r * taps];
          }
    });
  }

  void run(const float* g, const float* packed, float* y) {
    FlatConv& f = flat_;
    const Scratch<int32_t> table((size_t)f.channels * d_.kh * d_.kw + 2);
    const Scratch<FlatPhase> all(phases());
    const Scratch<Place> places(f.placeCount());
    const Scratch<float> scratch(f.scratchSize() * (size_t)parallelSlots());
    if (!table.data || !all.data || !places.data || !scratch.data) return;
    const int32_t shifts[] = {firstRow() - f.halo, firstColumn() - horizontal_.halo()};
    f.source = g;
    f.result = y;
    f.rowShift = shifts;
    f.columnShift = shifts + 1;
    f.places = places.data;
    f.phases = all.data;
    f.phaseCount = phases();
    int32_t* offset = table.data;
    for (int p = 0; p < phases(); p++) {
      const int a = p / d_.strideW, b = p % d_.strideW, k = lengthOf(p);
      all.data[p] = {k,
                     Split(k, FlatConv::depthLimit),
                     offset,
                     packed + startOf(p),
                     {firstRow() * d_.strideH + a - d_.padTop, d_.strideH},
                     {firstColumn() * d_.strideW + b - d_.padLeft, d_.strideW}};
      for (int ko = 0; ko < f.channels; ko++)
        for (int i = 0; i < d_.kh; i++)
          for (int j = 0; j < d_.kw; j++)
            if (vertical_.phaseOf(i) == a && horizontal_.phaseOf(j) == b)
              *offset++ = ko * f.planeSize() + (f.halo - vertical_.shiftOf(i)) * f.pitch +
                          horizontal_.halo() - horizontal_.shiftOf(j);
    }
    f.run(scratch.data);
  }

 private:
  int firstRow() const { return floorDiv(d_.padTop, d_.strideH); }
  int firstColumn() const { return floorDiv(d_.padLeft, d_.strideW); }
  int phases() const { return d_.strideH * d_.strideW; }
  /// Length of the sums of a phase, and where its weights stand among the packed ones.
  int lengthOf(int phase) const {
    return flat_.channels * vertical_.tapsIn(phase / d_.strideW) * horizontal_.tapsIn(phase % d_.strideW);
  }
  intptr_t startOf(int phase) const {
    intptr_t start = 0;
    for (int p = 0; p < phase; p++) start += (intptr_t)d_.c * lengthOf(p);
    return start;
  }

  const ConvDesc& d_;
  const TapAxis vertical_, horizontal_;
  FlatConv flat_;
};

}  // namespace GEMMULE_ISA
}  // namespace gemmule
