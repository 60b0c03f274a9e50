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
    return flat_.cost(k_, inLanes_ ? LaneProduct::vectors(flat_, weights_, 1) : FlatProduct::vectors(flat_));
  }
  /// Tells packed weights of one shape apart, as Packing::layout.
  int layout() const { return inLanes_ ? 1 + weights_.parts.parts : 1; }

 protected:
  /// For sums of k products, spread over some phases; with more than one, rows of up to `widest` results in
  /// each.
  void choose(int k, int phases, int widest) {
    k_ = k;
    FlatConv lanes = flat_;
    LaneProduct::cut(lanes);
    FlatProduct::cut(flat_, phases == 1 && FlatProduct::isShort(flat_, k));
    widest_ = phases == 1 ? LaneProduct::longestRun(lanes) : widest;
    weights_ = LaneProduct::weightsOf(flat_.m, widest_);
    inLanes_ =
        LaneProduct::fits(weights_, widest_) && LaneProduct::cost(lanes, weights_, k / phases, phases) <=
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

  /// body(channel, row, column) for the taps of a phase in each channel, in the order of its weights.
  template <class Body>
  void eachSum(int rows, int columns, Body body) const {
    const Split blocks = weights_.blocks(flat_.channels, rows * columns);
    for (int b = 0; b < blocks.parts; b++)
      for (int i = 0; i < rows; i++)
        for (int c = blocks.begin(b); c < blocks.begin(b + 1); c++)
          for (int j = 0; j < columns; j++) body(c, i, j);
  }

  /// The weights of a phase: where they lie packed, and their taps among all.
  struct PackedPhase {
    int rows, columns;
    intptr_t start;
    const int32_t* taps;  // [rows][columns]
  };
  /// Puts the taps [tap][lane] of a channel among the packed weights of a phase.
  void putTaps(const PackedPhase& phase, int group, int part, int channel, const float* taps,
               float* packed) const {
    const int each = phase.rows * phase.columns, k = flat_.channels * each, lanes = weights_.lanes(part);
    if (k == 0) return;
    const Split blocks = weights_.blocks(flat_.channels, each);
    const int block = blocks.of(channel), first = blocks.begin(block);
    float* const own = packed + phase.start + group * weights_.size(k) + weights_.at(part, k) +
                       (intptr_t)first * each * lanes;
    for (int i = 0, tap = 0; i < phase.rows; i++) {
      float* to = own + (intptr_t)(i * blocks.size(block) + channel - first) * phase.columns * lanes;
      for (int j = 0; j < phase.columns; j++, to += lanes)
        copyStepped(taps + phase.taps[tap++] * lanes, 1, to, lanes);
    }
  }

  FlatConv flat_{};
  FlatWeights weights_{0, 1, Split(0, 1)};
  int k_ = 0;

 private:
  bool inLanes_ = false;
  int widest_ = 0;
};

/// The forward pass.
class FlatForward : public FlatPass {
 public:
  explicit FlatForward(const ConvDesc& d) : d_(d), layout_(d) {
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
    choose(d.c / d.groups * d.kh * d.kw, 1, d.ow);
  }

  BatchConv batch(const float* x, const float* weights, const float* bias, float* y) const {
    const ConvDesc& d = d_;
    return {x,       weights, bias, y,    d.n,  d.groups, flat_.channels, d.h,   d.w,
            flat_.m, d.oh,    d.ow, d.kh, d.kw, d.padTop, d.padLeft,      false, d.activation};
  }
  BatchConv shape() const { return batch(nullptr, nullptr, nullptr, nullptr); }
  size_t packedSize() const { return d_.groups * weights_.size(k_); }

  void pack(const float* weights, float* packed) const {
    const int taps = d_.kh * d_.kw, parts = weights_.parts.parts, some = taps < W ? W / taps : 1;
    const Scratch<int32_t> order(taps);
    const size_t size = (size_t)some * taps * weights_.mostLanes();
    const Scratch<float> scratch(size * parallelSlots() + W);
    if (!order.data || !scratch.data) return;
    for (int t = 0; t < taps; t++) order.data[t] = t;
    const PackedPhase all{d_.kh, d_.kw, 0, order.data};
    const Split channels(flat_.channels, some);
    parallel((int64_t)d_.groups * parts, [&](int64_t task, int slot) {
      const int group = (int)(task / parts), part = (int)(task % parts), lanes = weights_.lanes(part);
      const float* const from = weights + ((intptr_t)group * flat_.m + weights_.first(part)) * k_;
      float* const turned = scratch.data + slot * size;  // [channel][tap][lane]
      for (int c = 0; c < channels.parts; c++) {
        const int first = channels.begin(c), count = channels.size(c);
        transpose(from + (intptr_t)first * taps, k_, weights_.rows(part), count * taps, turned, lanes, true);
        for (int i = 0; i < count; i++)
          putTaps(all, group, part, first + i, turned + (intptr_t)i * taps * lanes, packed);
      }
    });
  }

  void run(const float* x, const float* packed, const float* bias, float* y) {
    FlatConv& f = flat_;
    const int taps = d_.kh * d_.kw;
    const Scratch<int32_t> table((size_t)k_ + taps + d_.kh + f.rowPhases + f.columnPhases + 1);
    if (!table.data) return;
    int32_t* const oneChannel = table.data + k_;
    int32_t* const tapStarts = oneChannel + taps;
    int32_t* const rowShift = tapStarts + d_.kh;
    int32_t* const columnShift = rowShift + f.rowPhases;
    for (int i = 0; i < f.rowPhases; i++) rowShift[i] = layout_.vertical.phaseOf(i) - d_.padTop;
    for (int j = 0; j < f.columnPhases; j++) columnShift[j] = layout_.horizontal.phaseOf(j) - d_.padLeft;
    layout_.pitch = f.pitch;
    layout_.offsets(1, f.planeSize(), oneChannel);
    int32_t* offset = table.data;
    const int perChannel = layout_.perChannel() * f.planeSize();
    eachSum(d_.kh, d_.kw,
            [&](int c, int i, int j) { *offset++ = oneChannel[i * d_.kw + j] + c * perChannel; });
    for (int i = 0; i < d_.kh; i++) tapStarts[i] = i * d_.dilationH - d_.padTop;
    const FlatPhase phase{k_, table.data, d_.kh, tapStarts, packed, {0, 1}, {0, 1}};
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
  size_t packedSize() const {
    size_t size = 0;
    for (int p = 0; p < phases(); p++) size += d_.groups * weights_.size(lengthOf(p));
    return size;
  }

  void pack(const float* weights, float* packed) const {
    const int taps = d_.kh * d_.kw;
    const Scratch<PackedPhase> all(phases());
    const Scratch<int32_t> table(taps);
    if (!all.data || !table.data) return;
    int32_t* tap = table.data;
    intptr_t start = 0;
    for (int p = 0; p < phases(); p++) {
      const int a = p / d_.strideW, b = p % d_.strideW, rows = vertical_.tapsIn(a),
                columns = horizontal_.tapsIn(b);
      all.data[p] = {rows, columns, start, tap};
      start += d_.groups * weights_.size(lengthOf(p));
      for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++) *tap++ = vertical_.tapOf(a, i) * d_.kw + horizontal_.tapOf(b, j);
    }
    const int parts = weights_.parts.parts;
    const size_t size = (size_t)taps * weights_.mostLanes();
    const Scratch<float> scratch(size * parallelSlots() + W);
    if (!scratch.data) return;
    parallel((int64_t)d_.groups * parts, [&](int64_t task, int slot) {
      const int group = (int)(task / parts), part = (int)(task % parts);
      const int lanes = weights_.lanes(part), rows = weights_.rows(part);
      float* const turned = scratch.data + slot * size;  // [tap][lane]
      clear(turned, taps * lanes);
      for (int channel = 0; channel < flat_.channels; channel++) {
        const float* const from =
            weights + ((intptr_t)(group * flat_.channels + channel) * flat_.m + weights_.first(part)) * taps;
        if (taps == 1)
          copyStepped(from, 1, turned, rows);
        else
          transpose(from, taps, rows, taps, turned, lanes, true);
        for (int p = 0; p < phases(); p++) putTaps(all.data[p], group, part, channel, turned, packed);
      }
    });
  }

  void run(const float* g, const float* packed, float* y) {
    FlatConv& f = flat_;
    const size_t sums = (size_t)f.channels * d_.kh * d_.kw, starts = (size_t)d_.kh * d_.strideW;
    const Scratch<int32_t> table(sums + starts + d_.kw);
    const Scratch<FlatPhase> all(phases());
    if (!table.data || !all.data) return;
    const int32_t shifts[] = {firstRow() - f.halo, firstColumn() - horizontal_.halo()};
    f.source = g;
    f.result = y;
    f.rowShift = shifts;
    f.columnShift = shifts + 1;
    f.phases = all.data;
    f.phaseCount = phases();
    int32_t *offset = table.data, *tapStart = offset + sums, *const shifted = tapStart + starts;
    intptr_t start = 0;
    for (int p = 0; p < phases(); p++) {
      const int a = p / d_.strideW, b = p % d_.strideW, k = lengthOf(p);
      const int rows = k ? vertical_.tapsIn(a) : 0, columns = k ? horizontal_.tapsIn(b) : 0;
      all.data[p] = {k,
                     offset,
                     rows,
                     tapStart,
                     packed + start,
                     {firstRow() * d_.strideH + a - d_.padTop, d_.strideH},
                     {firstColumn() * d_.strideW + b - d_.padLeft, d_.strideW}};
      for (int i = 0; i < rows; i++) tapStart[i] = firstRow() - vertical_.shiftOf(vertical_.tapOf(a, i));
      for (int j = 0; j < columns; j++) shifted[j] = horizontal_.shiftOf(horizontal_.tapOf(b, j));
      eachSum(rows, columns, [&](int plane, int i, int j) {
        *offset++ = plane * f.planeSize() + (f.halo + tapStart[i] - firstRow()) * f.pitch +
                    horizontal_.halo() - shifted[j];
      });
      tapStart += rows;
      start += d_.groups * weights_.size(k);
    }
    FlatPass::run();
  }

 private:
  int firstRow() const { return floorDiv(d_.padTop, d_.strideH); }
  int firstColumn() const { return floorDiv(d_.padLeft, d_.strideW); }
  int phases() const { return d_.strideH * d_.strideW; }
  /// Of the sums of a phase.
  int lengthOf(int phase) const {
    return flat_.channels * vertical_.tapsIn(phase / d_.strideW) * horizontal_.tapsIn(phase % d_.strideW);
  }

  const ConvDesc& d_;
  const TapAxis vertical_, horizontal_;
};

}  // namespace GEMMULE_ISA
}  // namespace gemmule
