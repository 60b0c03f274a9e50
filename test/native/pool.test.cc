// Pooling against plain loops over windows, on guarded arrays.
#include <math.h>

#include "harness/kernels.h"

using gemmule::PoolDesc;
using test::Guarded;

namespace {

struct Window {
  int h, w, kernel[2], stride[2], pad[4], dilation[2];
  bool ceil;
};

int extentOf(int size, int kernel, int stride, int before, int after, int dilation, bool ceil) {
  const int span = size + before + after - dilation * (kernel - 1) - 1;
  if (span < 0) return 0;
  int out = (ceil ? span + stride - 1 : span) / stride + 1;
  if (ceil && (out - 1) * stride >= size + before) out--;
  return out;
}

PoolDesc describe(const Window& v, int planes, bool countPad, int divisor) {
  PoolDesc d = {};
  d.planes = planes;
  d.h = v.h;
  d.w = v.w;
  d.kh = v.kernel[0];
  d.kw = v.kernel[1];
  d.strideH = v.stride[0];
  d.strideW = v.stride[1];
  d.padTop = v.pad[0];
  d.padBottom = v.pad[1];
  d.padLeft = v.pad[2];
  d.padRight = v.pad[3];
  d.dilationH = v.dilation[0];
  d.dilationW = v.dilation[1];
  d.countIncludePad = countPad;
  d.divisor = divisor;
  d.oh = extentOf(v.h, d.kh, d.strideH, d.padTop, d.padBottom, d.dilationH, v.ceil);
  d.ow = extentOf(v.w, d.kw, d.strideW, d.padLeft, d.padRight, d.dilationW, v.ceil);
  return d;
}

std::vector<Window> windows() {
  std::vector<Window> all;
  const int sizes[][2] = {{28, 28}, {10, 10}, {5, 5},  {7, 9},  {2, 2},  {3, 70}, {33, 34},
                          {1, 1},   {8, 129}, {5, 98}, {9, 12}, {8, 16}, {6, 22}, {7, 60}};
  for (const auto& s : sizes)
    for (int kernel = 1; kernel <= 4; kernel++)
      for (int stride = 1; stride <= 3; stride++)
        for (int pad = 0; pad <= kernel / 2; pad++)
          for (bool ceil : {false, true})
            all.push_back(
                {s[0], s[1], {kernel, kernel}, {stride, stride}, {pad, pad, pad, pad}, {1, 1}, ceil});
  for (int dilation : {2, 3})
    for (int stride : {1, 2, 3})
      for (int pad : {0, 1})
        all.push_back({13, 17, {3, 2}, {stride, stride}, {pad, pad, pad, pad}, {dilation, dilation}, false});
  all.push_back({20, 40, {2, 5}, {1, 2}, {1, 0, 2, 1}, {1, 1}, false});
  all.push_back({12, 31, {5, 2}, {3, 1}, {0, 2, 1, 0}, {1, 1}, true});
  all.push_back({112, 112, {3, 3}, {2, 2}, {1, 1, 1, 1}, {1, 1}, false});
  return all;
}

/// Calls tap(position in the plane) for every element of window (r, c) inside the plane, row by row.
template <class Tap>
void eachTap(const PoolDesc& d, int r, int c, Tap tap) {
  for (int i = 0; i < d.kh; i++)
    for (int j = 0; j < d.kw; j++) {
      const int y = r * d.strideH - d.padTop + i * d.dilationH,
                x = c * d.strideW - d.padLeft + j * d.dilationW;
      if (y >= 0 && y < d.h && x >= 0 && x < d.w) tap(y * d.w + x);
    }
}

/// What the average of window (r, c) is divided by.
int divisorOf(const PoolDesc& d, int r, int c) {
  if (d.divisor) return d.divisor;
  int count = 0;
  if (!d.countIncludePad) {
    eachTap(d, r, c, [&](int) { count++; });
    return count;
  }
  for (int i = 0; i < d.kh; i++)
    for (int j = 0; j < d.kw; j++)
      count += r * d.strideH - d.padTop + i * d.dilationH < d.h + d.padBottom &&
               c * d.strideW - d.padLeft + j * d.dilationW < d.w + d.padRight;
  return count;
}

const char* text(const PoolDesc& d) {
  static char line[200];
  snprintf(line, sizeof line,
           "%d planes %dx%d to %dx%d, window %dx%d stride %dx%d pad %d %d %d %d dilation %dx%d", d.planes,
           d.h, d.w, d.oh, d.ow, d.kh, d.kw, d.strideH, d.strideW, d.padTop, d.padBottom, d.padLeft,
           d.padRight, d.dilationH, d.dilationW);
  return line;
}

void checkMax(const gemmule::KernelTable& k, const PoolDesc& d, int kind, test::Random& random) {
  const size_t size = (size_t)(d.h * d.w), out = (size_t)(d.oh * d.ow), planes = (size_t)d.planes;
  Guarded<float> x(planes * size), y(planes * out), g(planes * out), dx(planes * size), back(planes * out);
  Guarded<int32_t> index(planes * out);
  for (size_t i = 0; i < x.size(); i++) {
    x[i] = kind == 0 ? random.uniform() : (float)random.integer(-1, 1);
    if (kind == 2) x[i] = random.integer(0, 3) == 0 ? NAN : -INFINITY;
  }
  g.fill(random);
  k.maxPool2d(d, {x.data()}, {y.data()}, {index.data()});
  std::vector<float> want(planes * size, 0.0f);
  for (size_t p = 0, o = 0; p < planes; p++)
    for (int r = 0; r < d.oh; r++)
      for (int c = 0; c < d.ow; c++, o++) {
        float best = -INFINITY;
        int where = -1;
        eachTap(d, r, c, [&](int at) {
          const float v = x[p * size + (size_t)at];
          if (where < 0 || v > best || isnan(v)) {
            best = v;
            where = at;
          }
        });
        if (where < 0) where = 0;
        CHECK(index[o] == where && (y[o] == best || (isnan(y[o]) && isnan(best))),
              "%s: (%d, %d) is %g at %d, not %g at %d", text(d), r, c, y[o], index[o], best, where);
        want[p * size + (size_t)where] += g[o];
      }
  k.maxPool2dBackward(d, {g.data()}, {index.data()}, {dx.data()});
  for (size_t i = 0; i < dx.size(); i++)
    CHECK(dx[i] == want[i], "%s: gradient %zu is %g, not %g", text(d), i, dx[i], want[i]);
  k.maxPool2dGather(d, {dx.data()}, {index.data()}, {back.data()});
  for (size_t o = 0; o < back.size(); o++)
    CHECK(back[o] == dx[o / out * size + (size_t)index[o]], "%s: gather %zu", text(d), o);
  CHECK(y.intact() && index.intact() && dx.intact() && back.intact(), "%s: wrote outside", text(d));
}

void checkAverage(const gemmule::KernelTable& k, const PoolDesc& d, test::Random& random) {
  const size_t size = (size_t)(d.h * d.w), out = (size_t)(d.oh * d.ow), planes = (size_t)d.planes;
  Guarded<float> x(planes * size), y(planes * out), g(planes * out), dx(planes * size);
  x.fill(random);
  g.fill(random);
  k.avgPool2d(d, {x.data()}, {y.data()});
  k.avgPool2dBackward(d, {g.data()}, {dx.data()});
  std::vector<double> want(planes * size, 0.0);
  for (size_t p = 0, o = 0; p < planes; p++)
    for (int r = 0; r < d.oh; r++)
      for (int c = 0; c < d.ow; c++, o++) {
        double sum = 0;
        int count = 0;
        const int divisor = divisorOf(d, r, c);
        eachTap(d, r, c, [&](int at) {
          sum += x[p * size + (size_t)at];
          want[p * size + (size_t)at] += (double)g[o] / divisor;
          count++;
        });
        const double average = count ? sum / divisor : 0;
        CHECK(fabs(y[o] - average) <= 1e-6, "%s: (%d, %d) is %.9g, not %.9g", text(d), r, c, y[o], average);
      }
  for (size_t i = 0; i < dx.size(); i++)
    CHECK(fabs(dx[i] - want[i]) <= 2e-6, "%s: gradient %zu is %.9g, not %.9g", text(d), i, dx[i], want[i]);
  CHECK(y.intact() && dx.intact(), "%s: wrote outside", text(d));
}

}  // namespace

TEST_KERNELS(maxPooling) {
  test::Random random;
  for (const Window& v : windows())
    for (int kind = 0; kind < 3; kind++) {
      const PoolDesc d = describe(v, v.h > 100 ? 9 : 3, false, 0);
      if (d.oh > 0 && d.ow > 0) checkMax(k, d, kind, random);
    }
}

TEST_KERNELS(averagePooling) {
  test::Random random;
  for (const Window& v : windows())
    for (int divisor : {0, 3})
      for (bool countPad : {false, true}) {
        const PoolDesc d = describe(v, v.h > 100 ? 9 : 3, countPad, divisor);
        if (d.oh > 0 && d.ow > 0) checkAverage(k, d, random);
      }
}

TEST_KERNELS(manyPlanes) {
  test::Random random;
  checkMax(k, describe({28, 28, {2, 2}, {2, 2}, {0, 0, 0, 0}, {1, 1}, false}, 500, false, 0), 0, random);
  checkMax(k, describe({28, 28, {3, 3}, {2, 2}, {1, 1, 1, 1}, {1, 1}, false}, 500, false, 0), 0, random);
  checkAverage(k, describe({10, 10, {2, 2}, {2, 2}, {0, 0, 0, 0}, {1, 1}, false}, 3000, false, 0), random);
  checkAverage(k, describe({28, 28, {3, 3}, {2, 2}, {1, 1, 1, 1}, {1, 1}, false}, 500, false, 0), random);
}

// Planes that no cache holds together are asked for ahead, and their gradients are stored past the caches.
TEST_KERNELS(beyondTheCaches) {
  test::Random random;
  const Window v{51, 112, {2, 2}, {2, 2}, {0, 0, 0, 0}, {1, 1}, false};
  checkMax(k, describe(v, 1500, false, 0), 0, random);
  checkAverage(k, describe(v, 1500, false, 0), random);
  const Window narrow{50, 32, {2, 2}, {2, 2}, {0, 0, 0, 0}, {1, 1}, false};
  checkMax(k, describe(narrow, 2700, false, 0), 0, random);
  checkAverage(k, describe(narrow, 2700, false, 0), random);
  checkMax(k, describe({50, 112, {3, 3}, {2, 2}, {1, 1, 1, 1}, {1, 1}, false}, 1500, false, 0), 1, random);
}

TEST_KERNELS(indicesFromElsewhere) {
  // The gradient goes where the indices say, also outside of the window: the transpose of a gather.
  const PoolDesc d = describe({4, 4, {2, 2}, {2, 2}, {0, 0, 0, 0}, {1, 1}, false}, 1, false, 0);
  const float g[4] = {1, 2, 4, 8};
  const int32_t index[4] = {15, 0, 0, 15};
  float y[16];
  k.maxPool2dBackward(d, {g}, {index}, {y});
  for (int i = 0; i < 16; i++) CHECK(y[i] == (i == 0 ? 6 : i == 15 ? 9 : 0), "element %d is %g", i, y[i]);
  test::Random random;
  for (int wrong : {0, 1, 40, 99}) {
    const PoolDesc wide =
        describe({4, 100, {3, 3}, {2, 2}, {1, 1, 1, 1}, {1, 1}, false}, 1, false, 0);  // 100 windows
    std::vector<float> from(100), to(400), want(400, 0.0f);
    std::vector<int32_t> at(100);
    for (int i = 0; i < 100; i++) {
      from[(size_t)i] = random.uniform();
      at[(size_t)i] = i / 50 * 200 + i % 50 * 2;
    }
    at[(size_t)wrong] = wrong < 50 ? 399 : 0;
    for (size_t i = 0; i < 100; i++) want[(size_t)at[i]] += from[i];
    k.maxPool2dBackward(wide, {from.data()}, {at.data()}, {to.data()});
    for (size_t i = 0; i < 400; i++) CHECK(to[i] == want[i], "wrong %d: element %zu is %g", wrong, i, to[i]);
  }
}
