#include "conv_batch.h"
#include "conv_depthwise.h"
#include "conv_flat.h"
#include "conv_taps.h"
#include "conv_winograd.h"
#include "gemm/gemm.h"
#include "kernel.h"
#include "table.h"

namespace gemmule {
namespace GEMMULE_ISA {
namespace {

/// Runs `b` where images in the lanes are the faster way; false where they are not.
bool tryBatch(const BatchConv& b, const ConvDesc& d, double flat) {
  constexpr int64_t limit = 1 << 18;  // values of a block's source and result: they stay in L2
  if (d.strideH != 1 || d.strideW != 1 || d.dilationH != 1 || d.dilationW != 1 || !BatchConv::hasKernel(d.kw))
    return false;
  const int blocks = (d.n + W - 1) / W;
  if ((b.sourceSize() + b.resultSize()) * W > limit || b.cost() * blocks > flat * d.n) return false;
  const Scratch<float> packed(b.packedSize());
  const Scratch<float> scratch(b.slotSize() * (size_t)parallelSlots());
  if (packed.data && scratch.data) b.run(packed.data, scratch.data);
  return true;
}

void conv2dFlat(const ConvDesc& d, const float* x, const float* weights, const float* bias, float* y) {
  SplitPlanes layout(d);
  const TapAxis &vertical = layout.vertical, &horizontal = layout.horizontal;
  FlatConv f;
  f.source = x;
  f.images = d.n;
  f.groups = d.groups;
  f.channels = d.c / d.groups;
  f.h = d.h;
  f.w = d.w;
  f.rowStep = d.strideH;
  f.columnStep = d.strideW;
  f.rowPhases = vertical.usedPhases();
  f.columnPhases = horizontal.usedPhases();
  f.m = d.k / d.groups;
  f.rows = d.oh;
  f.width = d.ow;
  f.halo = layout.halo;
  f.pitch = layout.pitch;
  f.result = y;
  f.outH = d.oh;
  f.outW = d.ow;
  f.bias = bias;
  f.activation = d.activation;
  const int k = f.channels * d.kh * d.kw;
  f.choosePitch(k);
  f.cutBands();
  const BatchConv batch{x,   weights, bias, y,    d.n,  d.groups, f.channels, d.h,   d.w,
                        f.m, d.oh,    d.ow, d.kh, d.kw, d.padTop, d.padLeft,  false, d.activation};
  if (tryBatch(batch, d, f.cost(k))) return;
  const Scratch<int32_t> table((size_t)k + f.rowPhases + f.columnPhases + 1);
  const Scratch<float> packed((size_t)d.k * k + 1);
  const Scratch<Place> places(f.placeCount());
  const Scratch<float> scratch(f.scratchSize() * (size_t)parallelSlots());
  if (!table.data || !packed.data || !places.data || !scratch.data) return;
  f.places = places.data;

  int32_t* rowShift = table.data + k;
  int32_t* columnShift = rowShift + f.rowPhases;
  for (int i = 0; i < f.rowPhases; i++) rowShift[i] = vertical.phaseOf(i) - d.padTop;
  for (int j = 0; j < f.columnPhases; j++) columnShift[j] = horizontal.phaseOf(j) - d.padLeft;
  f.rowShift = rowShift;
  f.columnShift = columnShift;
  layout.pitch = f.pitch;
  layout.offsets(f.channels, f.planeSize(), table.data);

  const Split depth(k, FlatConv::depthLimit), tiles(f.m, maxRows);
  parallel((int64_t)d.groups * tiles.parts, [&](int64_t task, int) {
    const int group = (int)(task / tiles.parts), t = (int)(task % tiles.parts);
    const intptr_t base = (intptr_t)group * f.m * k;
    for (int p = 0; p < depth.parts; p++)
      packA({weights + base, k, false}, tiles.begin(t), tiles.size(t), depth.begin(p), depth.size(p),
            packed.data + base + (intptr_t)f.m * depth.begin(p) + (intptr_t)tiles.begin(t) * depth.size(p));
  });
  const FlatPhase phase{k, depth, table.data, packed.data, {0, 1}, {0, 1}};
  f.phases = &phase;
  f.phaseCount = 1;
  f.run(scratch.data);
}

/// The gradient of the input splits by the phase of the input position under the stride: the results of one
/// phase are a convolution of g, at stride 1, with those taps that meet them.
void conv2dInputGradFlat(const ConvDesc& d, const float* g, const float* weights, float* y) {
  const TapAxis vertical{d.kh, d.strideH, d.dilationH}, horizontal{d.kw, d.strideW, d.dilationW};
  const int firstRow = floorDiv(d.padTop, d.strideH), firstColumn = floorDiv(d.padLeft, d.strideW);
  FlatConv f;
  f.source = g;
  f.images = d.n;
  f.groups = d.groups;
  f.channels = d.k / d.groups;
  f.h = d.oh;
  f.w = d.ow;
  f.rowStep = f.columnStep = 1;
  f.rowPhases = f.columnPhases = 1;
  f.m = d.c / d.groups;
  f.rows = floorDiv(d.padTop + d.h - 1, d.strideH) - firstRow + 1;
  f.width = floorDiv(d.padLeft + d.w - 1, d.strideW) - firstColumn + 1;
  f.halo = vertical.halo();
  f.pitch = f.width + horizontal.halo();
  f.result = y;
  f.outH = d.h;
  f.outW = d.w;
  f.bias = nullptr;
  f.activation = activationNone;
  if (d.strideH == 1 && d.strideW == 1) f.choosePitch(f.channels * d.kh * d.kw);
  f.cutBands();

  const int taps = d.kh * d.kw, phaseCount = d.strideH * d.strideW;
  const BatchConv batch{
      g,    weights,       nullptr, y,   d.n,  d.groups, f.channels,          d.oh,
      d.ow, f.m,           d.h,     d.w, d.kh, d.kw,     d.kh - 1 - d.padTop, d.kw - 1 - d.padLeft,
      true, activationNone};
  if (tryBatch(batch, d, f.cost(f.channels * taps))) return;
  const Scratch<int32_t> table((size_t)f.channels * taps + 2);
  const Scratch<float> packed((size_t)d.c * f.channels * taps + 1);
  const Scratch<FlatPhase> phases(phaseCount);
  const Scratch<Place> places(f.placeCount());
  const Scratch<float> scratch(f.scratchSize() * (size_t)parallelSlots());
  if (!table.data || !packed.data || !phases.data || !places.data || !scratch.data) return;
  f.places = places.data;

  int32_t* const shifts = table.data + (intptr_t)f.channels * taps;
  shifts[0] = firstRow - f.halo;
  shifts[1] = firstColumn - horizontal.halo();
  f.rowShift = shifts;
  f.columnShift = shifts + 1;

  int32_t* offset = table.data;
  float* weight = packed.data;
  const Split tiles(f.m, maxRows);
  FlatPhase* phase = phases.data;
  for (int a = 0; a < d.strideH; a++)
    for (int b = 0; b < d.strideW; b++, phase++) {
      const int k = f.channels * vertical.tapsIn(a) * horizontal.tapsIn(b);
      *phase = {k,
                Split(k, FlatConv::depthLimit),
                offset,
                weight,
                {firstRow * d.strideH + a - d.padTop, d.strideH},
                {firstColumn * d.strideW + b - d.padLeft, d.strideW}};
      for (int ko = 0; ko < f.channels; ko++)
        for (int i = 0; i < d.kh; i++)
          for (int j = 0; j < d.kw; j++)
            if (vertical.phaseOf(i) == a && horizontal.phaseOf(j) == b)
              *offset++ = ko * f.planeSize() + (f.halo - vertical.shiftOf(i)) * f.pitch + horizontal.halo() -
                          horizontal.shiftOf(j);
      weight += (intptr_t)d.c * k;
    }

  parallel((int64_t)phaseCount * d.groups * tiles.parts, [&](int64_t task, int) {
    const int t = (int)(task % tiles.parts), group = (int)(task / tiles.parts % d.groups);
    const int p = (int)(task / tiles.parts / d.groups), a = p / d.strideW, b = p % d.strideW;
    const FlatPhase& own = phases.data[p];
    const int row = tiles.begin(t), rows = tiles.size(t);
    float* const group0 = packed.data + (own.weights - packed.data) + (intptr_t)group * f.m * own.k;
    int at = 0, part = 0;
    float* out = group0 + (intptr_t)row * own.depth.size(0);
    for (int ko = 0; ko < f.channels; ko++)
      for (int i = 0; i < d.kh; i++)
        for (int j = 0; j < d.kw; j++) {
          if (vertical.phaseOf(i) != a || horizontal.phaseOf(j) != b) continue;
          if (at++ == own.depth.begin(part + 1)) {
            part++;
            out = group0 + (intptr_t)f.m * own.depth.begin(part) + (intptr_t)row * own.depth.size(part);
          }
          const float* from =
              weights + ((intptr_t)(group * f.channels + ko) * f.m + row) * taps + i * d.kw + j;
          for (int r = 0; r < rows; r++) *out++ = from[(intptr_t)r * taps];
        }
  });
  f.phases = phases.data;
  f.phaseCount = phaseCount;
  f.run(scratch.data);
}

/// Kernels of one tap, stride 1 and no padding are plain products over the pixels of each image.
bool isPointwise(const ConvDesc& d) {
  return d.kh * d.kw == 1 && d.strideH * d.strideW == 1 && d.padTop == 0 && d.padLeft == 0 && d.oh == d.h &&
         d.ow == d.w && d.groups == 1;
}

void multiplyImages(int m, int k, const MatrixView& weights, const ConvDesc& d, const float* from,
                    const float* bias, int activation, float* to) {
  const int pixels = d.h * d.w;
  const Product p{d.n,
                  m,
                  pixels,
                  k,
                  weights,
                  {from, pixels, false},
                  to,
                  pixels,
                  {bias, nullptr},
                  activation,
                  (intptr_t)k * pixels,
                  (intptr_t)m * pixels};
  const GemmPlan plan(p);
  const Scratch<float> scratch(plan.scratch(p, parallelSlots()) + 1);
  if (scratch.data) Gemm(p, plan, scratch.data).run();
}

void runDepthwise(const DepthwiseConv& c) {
  const Scratch<float> scratch(c.slotSize() * (size_t)parallelSlots());
  if (scratch.data) c.run(scratch.data);
}

/// One product per group: `planes` of the source give `m` of the result.
void runWinograd(const ConvDesc& d, WinogradConv c, int planes, int m) {
  c.tiles.planes = planes / d.groups;
  c.m = m / d.groups;
  const Scratch<float> points(c.weightsSize());
  const Scratch<float> scratch(c.slotSize() * (size_t)parallelSlots());
  if (!points.data || !scratch.data) return;
  for (int group = 0; group < d.groups; group++) {
    c.run(points.data, scratch.data);
    c.source += (intptr_t)c.tiles.planes * c.tiles.h * c.tiles.w;
    c.weights += (intptr_t)c.tiles.planes * c.m * 9;
    c.result += (intptr_t)c.m * c.tiles.outH * c.tiles.outW;
    if (c.bias) c.bias += c.m;
  }
}

}  // namespace

// Cross-correlation as a product of the weights with the gathered input, one task per band of rows of an
// image.
void conv2d(const ConvDesc& d, In<float> x, In<float> weights, Opt<float> bias, Out<float> y) {
  if (d.n == 0 || d.k == 0 || d.oh == 0 || d.ow == 0) return;
  if (isPointwise(d)) return multiplyImages(d.k, d.c, {weights, d.c, false}, d, x, bias, d.activation, y);
  if (DepthwiseConv::fits(d))
    return runDepthwise(
        {d.n, d.c, d.h, d.w, d.oh, d.ow, d.padTop, d.padLeft, x, weights, bias, y, false, d.activation});
  if (isWinograd(d)) {
    const WinogradTiles tiles{d.n, 0, d.c, d.h, d.w, d.oh, d.ow, d.padTop, d.padLeft, d.dilationH};
    return runWinograd(d, {tiles, 0, d.k, x, weights, bias, y, false, d.activation}, d.c, d.k);
  }
  conv2dFlat(d, x, weights, bias, y);
}

void conv2dInputGrad(const ConvDesc& d, In<float> g, In<float> weights, Out<float> y) {
  if (d.n == 0 || d.c == 0 || d.h == 0 || d.w == 0) return;
  if (isPointwise(d)) return multiplyImages(d.c, d.k, {weights, d.c, true}, d, g, nullptr, activationNone, y);
  if (DepthwiseConv::fits(d))
    return runDepthwise({d.n, d.c, d.oh, d.ow, d.h, d.w, 2 - d.padTop, 2 - d.padLeft, g, weights, nullptr, y,
                         true, activationNone});
  if (isWinograd(d)) {
    const int reach = 2 * d.dilationH;
    const WinogradTiles tiles{d.n,        0, d.k, d.oh, d.ow, d.h, d.w, reach - d.padTop, reach - d.padLeft,
                              d.dilationH};
    return runWinograd(d, {tiles, 0, d.c, g, weights, nullptr, y, true, activationNone}, d.k, d.c);
  }
  conv2dInputGradFlat(d, g, weights, y);
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
