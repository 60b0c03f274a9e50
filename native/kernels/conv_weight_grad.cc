#include "conv_depthwise.h"
#include "conv_pointwise.h"
#include "conv_weight_lanes.h"
#include "conv_weight_pixels.h"
#include "conv_winograd_weights.h"
#include "table.h"

namespace gemmule {
namespace GEMMULE_ISA {

namespace {

/// Where positions are in the lanes, 0 * infinity between the rows may have made NaNs: then channels in the
/// lanes, which leave nothing between, give the result.
bool allFinite(const float* p, int64_t n) {
  for (int64_t i = 0; i < n; i++)
    if (!(p[i] - p[i] == 0)) return false;
  return true;
}

}  // namespace

// The gradient of [k, c/groups, kh, kw]: of kernels as large as an image, and of many of one tap, as a
// product; else with positions in the lanes where a group has few outputs, otherwise channels.
void conv2dWeightGrad(const ConvDesc& d, In<float> x, In<float> g, Out<float> y) {
  const int64_t size = d.groups ? (int64_t)d.k * (d.c / d.groups) * d.kh * d.kw : 0;
  if (size == 0) return;
  if (d.n == 0 || d.oh == 0 || d.ow == 0 || d.h == 0 || d.w == 0) return clear(y, size);
  if (isWholeImage(d)) return WholeImageConv{d}.weightGrad(x, g, y);
  if (DepthwiseWeightGrad::fits(d)) {
    const DepthwiseConv forward{d.n,       d.c, d.h,     d.w,     d.oh,    d.ow,  d.padTop,
                                d.padLeft, x,   nullptr, nullptr, nullptr, false, 0};
    const Scratch<float> scratch(forward.slotSize() * (size_t)parallelSlots());
    if (!scratch.data) return;
    DepthwiseWeightGrad{forward, x, g, y}.run(scratch.data);
    if (allFinite(y, size)) return;
  }
  if (isWinograd(d)) {
    const int slots = parallelSlots();
    const WinogradTiles tiles = WinogradTiles::forward(d);
    const WinogradWeightGrad w{tiles, d.k / d.groups, d.k, d.groups, d.kh, x, g, y, slots};
    const Scratch<float> shared(w.sharedSize());
    const Scratch<float> scratch(w.slotSize() * (size_t)slots);
    if (shared.data && scratch.data) w.run(shared.data, scratch.data);
    return;
  }
  if (PointwiseWeightGrad::fits(d)) return PointwiseWeightGrad{d.n, d.k, d.c, d.h * d.w, x, g, y}.run();
  PixelWeightGrad few(d, x, g, y);
  if (few.isBetter()) {
    const Scratch<int32_t> offsets(few.rows);
    const Scratch<float> partial(few.partialSize());
    const Scratch<float> scratch(few.slotSize() * (size_t)parallelSlots());
    if (!offsets.data || !partial.data || !scratch.data) return;
    few.offsets = offsets.data;
    few.partial = partial.data;
    few.run(scratch.data);
    if (allFinite(y, size)) return;
  }
  LaneWeightGrad grad(d, x, g);
  const Scratch<intptr_t> offsets(grad.offsetCount());
  const Scratch<Range> inside(grad.insideCount());
  const Scratch<float> partial(grad.partialSize());
  const Scratch<float> scratch(grad.slotSize() * (size_t)parallelSlots());
  if (!offsets.data || !inside.data || !partial.data || !scratch.data) return;
  grad.offsets = offsets.data;
  grad.inside = inside.data;
  grad.partial = partial.data;
  grad.run(scratch.data, y);
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
