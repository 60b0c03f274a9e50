#include "conv_planes.h"
#include "kernel.h"
#include "parallel.h"
#include "table.h"

namespace gemmule {
namespace GEMMULE_ISA {

// [n, c, h, w] → [n, c·kh·kw, oh·ow]: row (c, i, j) is the plane as tap (i, j) sees it. A task is one
// channel.
void unfold(const ConvDesc& d, In<float> x, Out<float> y) {
  const intptr_t plane = (intptr_t)d.h * d.w, row = (intptr_t)d.oh * d.ow;
  parallel((int64_t)d.n * d.c, [&](int64_t task, int) {
    const float* from = x.data + task * plane;
    float* to = y.data + task * d.kh * d.kw * row;
    for (int i = 0; i < d.kh; i++)
      for (int j = 0; j < d.kw; j++, to += row)
        copyPlane(from, d.h, d.w, {i * d.dilationH - d.padTop, d.strideH},
                  {j * d.dilationW - d.padLeft, d.strideW}, to, d.oh, d.ow);
  });
}

// [n, c·kh·kw, oh·ow] → [n, c, h, w]: taps are added to the plane in order. A task is one channel.
void fold(const ConvDesc& d, In<float> x, Out<float> y) {
  const intptr_t plane = (intptr_t)d.h * d.w, row = (intptr_t)d.oh * d.ow;
  parallel((int64_t)d.n * d.c, [&](int64_t task, int) {
    float* to = y.data + task * plane;
    const float* from = x.data + task * d.kh * d.kw * row;
    clear(to, plane);
    for (int i = 0; i < d.kh; i++)
      for (int j = 0; j < d.kw; j++, from += row) {
        const Axis vertical{i * d.dilationH - d.padTop, d.strideH};
        const Axis horizontal{j * d.dilationW - d.padLeft, d.strideW};
        int top, bottom, left, right;
        vertical.inside(d.h, d.oh, top, bottom);
        horizontal.inside(d.w, d.ow, left, right);
        for (int r = top; r < bottom; r++) {
          float* out = to + (intptr_t)(vertical.start + r * vertical.step) * d.w + horizontal.start;
          const float* in = from + (intptr_t)r * d.ow;
          int q = left;
          if (horizontal.step == 1) {
            for (; q + W <= right; q += W) store(out + q, add(load(out + q), load(in + q)));
            if (q < right) {
              const int n = right - q;
              storeN(out + q, add(loadN(out + q, n), loadN(in + q, n)), n);
            }
          } else {
            for (; q < right; q++) out[(intptr_t)q * horizontal.step] += in[q];
          }
        }
      }
  });
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
