#include "conv_depthwise.h"
#include "conv_flat_passes.h"
#include "conv_pointwise.h"
#include "conv_winograd.h"
#include "kernel.h"
#include "table.h"

namespace gemmule {
namespace GEMMULE_ISA {
namespace {

/// Whether images in the lanes are the faster way; `flat` is the cost of an image on the other one.
bool isBatch(const BatchConv& b, const ConvDesc& d, double flat) {
  constexpr int64_t limit = 1 << 18;  // values of a block's source and result: they stay in L2
  if (d.strideH != 1 || d.strideW != 1 || d.dilationH != 1 || d.dilationW != 1 || !BatchConv::hasKernel(d.kw))
    return false;
  const int blocks = (d.n + W - 1) / W;
  return (b.sourceSize() + b.resultSize()) * W <= limit && b.cost() * blocks <= flat * d.n;
}

void runBatch(const BatchConv& b) {
  const Scratch<float> packed(b.packedSize());
  const Scratch<float> scratch(b.slotSize() * (size_t)parallelSlots());
  if (packed.data && scratch.data) b.run(packed.data, scratch.data);
}

/// Runs `body` with the weights as `pass` wants them: those that came, or packed here.
template <class Pass, class Body>
void withPacked(const ConvDesc& d, const Pass& pass, const float* weights, Body body) {
  if (d.packed) return body(weights);
  const Scratch<float> packed(pass.packedSize() + 1);
  if (!packed.data) return;
  pass.pack(weights, packed.data);
  body(packed.data);
}

void runDepthwise(const DepthwiseConv& c) {
  const Scratch<float> scratch(c.slotSize() * (size_t)parallelSlots());
  if (scratch.data) c.run(scratch.data);
}

/// Winograd's way through the groups: `planes` of the source give `m` of the result.
struct WinogradPass {
  WinogradConv group;  // the first one
  int groups;

  static WinogradPass forward(const ConvDesc& d) {
    return {
        {WinogradTiles::forward(d), {d.k / d.groups, 1}, d.k, d.oh, d.ow, 0, 0, d.kh, false, d.activation},
        d.groups};
  }
  static WinogradPass inputGrad(const ConvDesc& d) {
    const int stride = d.strideH, taps = winogradTaps(d), reach = (taps - 1) * d.dilationH;
    // Of each phase: from the first result's place on, to the last one's.
    const int top = d.padTop / stride, left = d.padLeft / stride;
    const WinogradTiles tiles{d.n,
                              {d.k / d.groups, 1},
                              d.k,
                              d.oh,
                              d.ow,
                              (d.h - 1 + d.padTop) / stride - top + 1,
                              (d.w - 1 + d.padLeft) / stride - left + 1,
                              reach - top,
                              reach - left,
                              d.dilationH,
                              taps};
    return {{tiles,
             {d.c / d.groups, stride},
             d.c,
             d.h,
             d.w,
             d.padTop % stride,
             d.padLeft % stride,
             d.kh,
             true,
             activationNone},
            d.groups};
  }

  size_t packedSize() const { return group.weightsSize() * (size_t)groups; }
  void pack(const float* weights, float* packed) const {
    WinogradConv c = group;
    for (int i = 0; i < groups; i++) {
      c.weights = weights + (intptr_t)i * c.tiles.source.planes * c.made.planes * c.kernel * c.kernel;
      c.pack(packed + i * c.weightsSize());
    }
  }
  void run(const float* source, const float* packed, const float* bias, float* result) const {
    WinogradConv c = group;
    const Scratch<float> scratch(c.slotSize() * (size_t)parallelSlots());
    if (!scratch.data) return;
    for (int i = 0; i < groups; i++) {
      c.source = source + (intptr_t)i * c.tiles.source.planes * c.tiles.h * c.tiles.w;
      c.result = result + (intptr_t)i * c.made.planes * c.h * c.w;
      c.bias = bias ? bias + i * c.made.planes : nullptr;
      c.run(packed + i * c.weightsSize(), scratch.data);
    }
  }
};

enum Route { kPointwise, kWholeImage, kDepthwise, kWinograd, kBatch, kFlat };

template <class Flat>
Route routeOf(const ConvDesc& d, const Flat& flat) {
  if (isPointwise(d)) return kPointwise;
  if (isWholeImage(d)) return kWholeImage;
  if (DepthwiseConv::fits(d)) return kDepthwise;
  if (isWinograd(d)) return kWinograd;
  return isBatch(flat.shape(), d, flat.cost()) ? kBatch : kFlat;
}

template <class Flat>
Packing packingOf(const ConvDesc& d, const WinogradPass& winograd) {
  if (d.n == 0 || d.c == 0 || d.k == 0 || d.h == 0 || d.w == 0 || d.oh == 0 || d.ow == 0) return {0, 0};
  const Flat flat(d);
  switch (routeOf(d, flat)) {
    case kWinograd:
      return {(int64_t)winograd.packedSize(), 1};
    case kFlat:
      return {(int64_t)flat.packedSize(), 1 + flat.layout()};
    default:
      return {0, 0};
  }
}

}  // namespace

// Cross-correlation as a product of the weights with the input: as it lies, transformed or gathered band by
// band.
void conv2d(const ConvDesc& d, In<float> x, In<float> weights, Opt<float> bias, Out<float> y) {
  if (d.n == 0 || d.k == 0 || d.oh == 0 || d.ow == 0) return;
  FlatForward flat(d);
  switch (routeOf(d, flat)) {
    case kPointwise:
      return PointwiseConv{d.n, d.k, d.c, d.h * d.w, {weights, d.c, false}, x, bias, d.activation, y}.run();
    case kWholeImage:
      return WholeImageConv{d}.forward(x, weights, bias, y);
    case kDepthwise:
      return runDepthwise(
          {d.n, d.c, d.h, d.w, d.oh, d.ow, d.padTop, d.padLeft, x, weights, bias, y, false, d.activation});
    case kWinograd: {
      const WinogradPass pass = WinogradPass::forward(d);
      return withPacked(d, pass, weights, [&](const float* packed) { pass.run(x, packed, bias, y); });
    }
    case kBatch:
      return runBatch(flat.batch(x, weights, bias, y));
    case kFlat:
      return withPacked(d, flat, weights, [&](const float* packed) { flat.run(x, packed, bias, y); });
  }
}

void conv2dInputGrad(const ConvDesc& d, In<float> g, In<float> weights, Out<float> y) {
  if (d.n == 0 || d.c == 0 || d.h == 0 || d.w == 0) return;
  FlatInputGrad flat(d);
  switch (routeOf(d, flat)) {
    case kPointwise:
      return PointwiseConv{d.n, d.c, d.k, d.h * d.w, {weights, d.c, true}, g, nullptr, activationNone, y}
          .run();
    case kWholeImage:
      return WholeImageConv{d}.inputGrad(g, weights, y);
    case kDepthwise:
      return runDepthwise({d.n, d.c, d.oh, d.ow, d.h, d.w, 2 - d.padTop, 2 - d.padLeft, g, weights, nullptr,
                           y, true, activationNone});
    case kWinograd: {
      const WinogradPass pass = WinogradPass::inputGrad(d);
      return withPacked(d, pass, weights, [&](const float* packed) { pass.run(g, packed, nullptr, y); });
    }
    case kBatch:
      return runBatch(flat.batch(g, weights, y));
    case kFlat:
      return withPacked(d, flat, weights, [&](const float* packed) { flat.run(g, packed, y); });
  }
}

Packing conv2dPacking(const ConvDesc& d) { return packingOf<FlatForward>(d, WinogradPass::forward(d)); }
Packing conv2dInputGradPacking(const ConvDesc& d) {
  return packingOf<FlatInputGrad>(d, WinogradPass::inputGrad(d));
}
void packConv2d(const ConvDesc& d, In<float> weights, Out<float> y) {
  if (isWinograd(d)) return WinogradPass::forward(d).pack(weights, y);
  FlatForward(d).pack(weights, y);
}
void packConv2dInputGrad(const ConvDesc& d, In<float> weights, Out<float> y) {
  if (isWinograd(d)) return WinogradPass::inputGrad(d).pack(weights, y);
  FlatInputGrad(d).pack(weights, y);
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
