// The two passes of a convolution that run as a flat one (conv_flat.h): how their planes, taps and weights
// are laid out.
#pragma once
#include "conv_batch.h"
#include "conv_flat_lanes.h"
#include "conv_flat_product.h"
#include "conv_taps.h"

namespace gemmule {
namespace GEMMULE_ISA {

/// What both passes share: the convolution, and the product that is the faster one for it.
class FlatPass {
 public:
  double cost() const {
    return flat_.cost(k_, inLanes_ ? LaneProduct::vectors(flat_, weights_) : FlatProduct::vectors(flat_));
  }
  /// Tells packed weights of one shape apart, as Packing::layout.
  int layout() const { return inLanes_ ? 1 + weights_.parts.parts : 1; }

 protected:
  /// For sums of k products, spread over some phases, and rows of up to `widest` results in one.
  void choose(int k, int phases, int widest) {
    k_ = k;
    FlatConv lanes = flat_;
    LaneProduct::cut(lanes);
    FlatProduct::cut(flat_, phases == 1 && FlatProduct::isShort(flat_, k));
    widest_ = phases == 1 ? LaneProduct::run(lanes) : widest;
    weights_ = LaneProduct::weightsOf(flat_.m, widest_);
    inLanes_ = LaneProduct::fits(weights_, widest_) && LaneProduct::cost(lanes, weights_, k / phases) <=
                                                           FlatProduct::cost(flat_, k / phases, phases == 1);
    if (inLanes_)
      flat_ = lanes;
    else
      weights_ = FlatProduct::weightsOf(flat_.m);
  }
  void run() const {
    if (inLanes_)
      LaneProduct{flat_, weights_, widest_}.run();
    else
      FlatProduct{flat_, weights_}.run();
  }

  FlatConv flat_{};
  FlatWeights weights_{0, 1, Split(0, 1), 1};

 private:
  bool inLanes_ = false;
  int k_ = 0, widest_ = 0;
};

/// The forward pass.
class FlatForward : public FlatPass {
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
    choose(k_, 1, d.ow);
  }

  BatchConv batch(const float* x, const float* weights, const float* bias, float* y) const {
    const ConvDesc& d = d_;
    return {x,       weights, bias, y,    d.n,  d.groups, flat_.channels, d.h,   d.w,
            flat_.m, d.oh,    d.ow, d.kh, d.kw, d.padTop, d.padLeft,      false, d.activation};
  }
  BatchConv shape() const { return batch(nullptr, nullptr, nullptr, nullptr); }
  size_t packedSize() const { return d_.groups * weights_.size(k_); }

  void pack(const float* weights, float* packed) const {
    const Split pieces = weights_.pieces(k_);
    parallel((int64_t)d_.groups * weights_.parts.parts, [&](int64_t task, int) {
      const int group = (int)(task / weights_.parts.parts), part = (int)(task % weights_.parts.parts);
      const float* const from = weights + ((intptr_t)group * flat_.m + weights_.first(part)) * k_;
      for (int p = 0; p < pieces.parts; p++)
        transpose(from + pieces.begin(p), k_, weights_.rows(part), pieces.size(p),
                  packed + group * weights_.size(k_) + weights_.at(part, pieces, p), weights_.lanes(part),
                  true);
    });
  }

  void run(const float* x, const float* packed, const float* bias, float* y) {
    FlatConv& f = flat_;
    const Scratch<int32_t> table((size_t)k_ + f.rowPhases + f.columnPhases + 1);
    if (!table.data) return;
    int32_t* rowShift = table.data + k_;
    int32_t* columnShift = rowShift + f.rowPhases;
    for (int i = 0; i < f.rowPhases; i++) rowShift[i] = layout_.vertical.phaseOf(i) - d_.padTop;
    for (int j = 0; j < f.columnPhases; j++) columnShift[j] = layout_.horizontal.phaseOf(j) - d_.padLeft;
    layout_.pitch = f.pitch;
    layout_.offsets(f.channels, f.planeSize(), table.data);
    const FlatPhase phase{k_, table.data, packed, {0, 1}, {0, 1}};
    f.source = x;
    f.result = y;
    f.bias = bias;
    f.rowShift = rowShift;
    f.columnShift = columnShift;
    f.phases = &phase;
    f.phaseCount = 1;
    FlatPass::run();
  }

 private:
  const ConvDesc& d_;
  SplitPlanes layout_;
  const int k_;
};

/// The gradient of the input splits by the phase of the input position under the stride: the results of one
/// phase are a convolution of g, at stride 1, with those taps that meet them.
class FlatInputGrad : public FlatPass {
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
    choose(f.channels * d.kh * d.kw, phases(), ceilDiv(d.w, d.strideW));
  }

  BatchConv batch(const float* g, const float* weights, float* y) const {
    const ConvDesc& d = d_;
    return {g,    weights,       nullptr, y,   d.n,  d.groups, flat_.channels,      d.oh,
            d.ow, flat_.m,       d.h,     d.w, d.kh, d.kw,     d.kh - 1 - d.padTop, d.kw - 1 - d.padLeft,
            true, activationNone};
  }
  BatchConv shape() const { return batch(nullptr, nullptr, nullptr); }
  size_t packedSize() const { return startOf(phases()); }

  void pack(const float* weights, float* packed) const {
    const int taps = d_.kh * d_.kw, most = weights_.mostLanes();
    const Scratch<float> scratch((size_t)taps * most * parallelSlots() + W);
    const Scratch<PackedPhase> all(phases());
    const Scratch<TapPlace> places(taps + 1);
    if (!scratch.data || !all.data || !places.data) return;
    for (int p = 0; p < phases(); p++) {
      const int k = lengthOf(p);
      all.data[p] = {k, tapsOf(p), startOf(p), weights_.pieces(k)};
    }
    for (int t = 0; t < taps; t++) places.data[t] = placeOf(t / d_.kw, t % d_.kw);
    parallel((int64_t)d_.groups * weights_.parts.parts, [&](int64_t task, int slot) {
      const int group = (int)(task / weights_.parts.parts), part = (int)(task % weights_.parts.parts);
      const int lanes = weights_.lanes(part);
      float* const turned = scratch.data + (intptr_t)slot * taps * most;  // [tap][lane]
      for (int ko = 0; ko < flat_.channels; ko++) {
        transpose(weights + ((intptr_t)(group * flat_.channels + ko) * flat_.m + weights_.first(part)) * taps,
                  taps, weights_.rows(part), taps, turned, lanes, true);
        for (int t = 0; t < taps; t++) {
          const PackedPhase& phase = all.data[places.data[t].phase];
          const int k = ko * phase.taps + places.data[t].index, piece = phase.pieces.of(k);
          copyStepped(turned + t * lanes, 1,
                      packed + phase.start + group * weights_.size(phase.k) +
                          weights_.at(part, phase.pieces, piece) +
                          (intptr_t)(k - phase.pieces.begin(piece)) * lanes,
                      lanes);
        }
      }
    });
  }

  void run(const float* g, const float* packed, float* y) {
    FlatConv& f = flat_;
    const Scratch<int32_t> table((size_t)f.channels * d_.kh * d_.kw + 2);
    const Scratch<FlatPhase> all(phases());
    if (!table.data || !all.data) return;
    const int32_t shifts[] = {firstRow() - f.halo, firstColumn() - horizontal_.halo()};
    f.source = g;
    f.result = y;
    f.rowShift = shifts;
    f.columnShift = shifts + 1;
    f.phases = all.data;
    f.phaseCount = phases();
    int32_t* offset = table.data;
    for (int p = 0; p < phases(); p++) {
      const int a = p / d_.strideW, b = p % d_.strideW, k = lengthOf(p);
      all.data[p] = {k,
                     offset,
                     packed + startOf(p),
                     {firstRow() * d_.strideH + a - d_.padTop, d_.strideH},
                     {firstColumn() * d_.strideW + b - d_.padLeft, d_.strideW}};
      if (k == 0) continue;
      const int32_t* const first = offset;  // of the first plane
      for (int i = 0; i < d_.kh; i++)
        for (int j = 0; j < d_.kw; j++)
          if (vertical_.phaseOf(i) == a && horizontal_.phaseOf(j) == b)
            *offset++ =
                (f.halo - vertical_.shiftOf(i)) * f.pitch + horizontal_.halo() - horizontal_.shiftOf(j);
      for (int plane = 1; plane < f.channels; plane++)
        for (int t = 0; t < tapsOf(p); t++) *offset++ = first[t] + plane * f.planeSize();
    }
    FlatPass::run();
  }

 private:
  /// Where the weights of a phase lie packed, and where a tap is among those of its phase.
  struct PackedPhase {
    int k, taps;
    intptr_t start;
    Split pieces;
  };
  struct TapPlace {
    int phase, index;
  };
  TapPlace placeOf(int i, int j) const {
    const int a = vertical_.phaseOf(i), b = horizontal_.phaseOf(j);
    int rows = 0, columns = 0;
    for (int n = 0; n < i; n++) rows += vertical_.phaseOf(n) == a;
    for (int n = 0; n < j; n++) columns += horizontal_.phaseOf(n) == b;
    return {a * d_.strideW + b, rows * horizontal_.tapsIn(b) + columns};
  }
  int firstRow() const { return floorDiv(d_.padTop, d_.strideH); }
  int firstColumn() const { return floorDiv(d_.padLeft, d_.strideW); }
  int phases() const { return d_.strideH * d_.strideW; }
  /// Length of the sums of a phase, and where its weights stand among the packed ones.
  int tapsOf(int phase) const {
    return vertical_.tapsIn(phase / d_.strideW) * horizontal_.tapsIn(phase % d_.strideW);
  }
  int lengthOf(int phase) const { return flat_.channels * tapsOf(phase); }
  intptr_t startOf(int phase) const {
    intptr_t start = 0;
    for (int p = 0; p < phase; p++) start += d_.groups * weights_.size(lengthOf(p));
    return start;
  }

  const ConvDesc& d_;
  const TapAxis vertical_, horizontal_;
};

}  // namespace GEMMULE_ISA
}  // namespace gemmule
