#include <math.h>

#include <vector>

#include "harness/kernels.h"

using gemmule::ConvDesc;
using test::At;
using test::Guarded;
using test::Random;

namespace {

struct Sizes {
  size_t x, weights, y;
};
Sizes sizesOf(const ConvDesc& d) {
  return {(size_t)d.n * d.c * d.h * d.w, (size_t)d.k * (d.c / d.groups) * d.kh * d.kw,
          (size_t)d.n * d.k * d.oh * d.ow};
}

/// visit(position in x, in the weights, in y) for every product of the convolution.
template <class Visit>
void eachProduct(const ConvDesc& d, Visit visit) {
  const int channels = d.c / d.groups, outputs = d.k / d.groups;
  for (int n = 0; n < d.n; n++)
    for (int k = 0; k < d.k; k++)
      for (int c = 0; c < channels; c++)
        for (int p = 0; p < d.oh; p++)
          for (int q = 0; q < d.ow; q++)
            for (int i = 0; i < d.kh; i++)
              for (int j = 0; j < d.kw; j++) {
                const int h = p * d.strideH + i * d.dilationH - d.padTop;
                const int w = q * d.strideW + j * d.dilationW - d.padLeft;
                if (h < 0 || h >= d.h || w < 0 || w >= d.w) continue;
                visit((((size_t)n * d.c + k / outputs * channels + c) * d.h + h) * d.w + w,
                      (((size_t)k * channels + c) * d.kh + i) * d.kw + j,
                      (((size_t)n * d.k + k) * d.oh + p) * d.ow + q);
              }
}

double activated(double x, int activation) {
  switch (activation) {
    case 1:
      return x > 0 ? x : 0;
    case 2:
      return 1 / (1 + exp(-x));
    case 3:
      return tanh(x);
    default:
      return x;
  }
}

/// Direct sums may err by the square root of their length, Winograd's way by 4e-6 of the largest sum.
double allowedError(const std::vector<double>& sums, double length, bool winograd) {
  double largest = 0;
  for (double sum : sums) largest = fmax(largest, fabs(sum));
  return winograd ? 4e-6 * largest : 1e-6 * (1 + sqrt(length));
}

void compare(const char* op, const ConvDesc& d, const Guarded<float>& got, const std::vector<double>& want,
             double allowed) {
  double worst = 0;
  size_t where = 0;
  for (size_t i = 0; i < want.size(); i++) {
    const double error = fabs(got[i] - want[i]);
    if (!(error <= worst)) {
      worst = error;
      where = i;
    }
  }
  CHECK(worst <= allowed && got.intact(),
        "%s n %d c %d h %d w %d k %d kernel %dx%d out %dx%d stride %d,%d pad %d,%d dilation %d,%d groups %d: "
        "error %g at %zu, "
        "%g allowed",
        op, d.n, d.c, d.h, d.w, d.k, d.kh, d.kw, d.oh, d.ow, d.strideH, d.strideW, d.padTop, d.padLeft,
        d.dilationH, d.dilationW, d.groups, worst, where, allowed);
}

void checkConv(const gemmule::KernelTable& kernels, const ConvDesc& d, At at) {
  const Sizes size = sizesOf(d);
  Random random(d.c * 131 + d.h * 17 + d.k);
  Guarded<float> x(size.x, at), weights(size.weights, at), y(size.y, at), bias(d.k, at), g(size.y, at);
  Guarded<float> inputGrad(size.x, at), weightGrad(size.weights, at);
  for (const Guarded<float>* p : {&x, &weights, &bias, &g}) p->fill(random);
  for (const Guarded<float>* p : {&y, &inputGrad, &weightGrad})
    for (size_t i = 0; i < p->size(); i++) (*p)[i] = NAN;

  const bool hasBias = (d.c + d.k) % 2 == 0;
  std::vector<double> wantY(size.y), wantX(size.x), wantW(size.weights);
  const size_t plane = (size_t)d.oh * d.ow;
  for (size_t i = 0; i < size.y; i++) wantY[i] = hasBias ? bias[i / plane % d.k] : 0;
  eachProduct(d, [&](size_t ix, size_t iw, size_t iy) {
    wantY[iy] += (double)x[ix] * weights[iw];
    wantX[ix] += (double)g[iy] * weights[iw];
    wantW[iw] += (double)x[ix] * g[iy];
  });

  const double taps = (double)d.kh * d.kw;
  const int least = d.groups * (d.groups == 1 ? 32 : 16), halved = (d.kh + d.strideH - 1) / d.strideH;
  const bool winograd = d.kh == d.kw && d.strideH == d.strideW && d.strideH <= 2 && halved >= 3 &&
                        halved <= (d.strideH == 2 ? 4 : 5) && d.k >= least &&
                        d.c >= (d.strideH == 2 && halved > 3 && d.groups == 1 ? 3 : least);
  const double allowedY = allowedError(wantY, taps * d.c / d.groups, winograd);
  for (double& v : wantY) v = activated(v, d.activation);
  kernels.conv2d(d, {x.data()}, {weights.data()}, {hasBias ? bias.data() : nullptr}, {y.data()});
  compare("conv2d", d, y, wantY, allowedY);
  ConvDesc plain = d;
  plain.activation = 0;
  kernels.conv2dInputGrad(plain, {g.data()}, {weights.data()}, {inputGrad.data()});
  compare("conv2dInputGrad", d, inputGrad, wantX, allowedError(wantX, taps * d.k / d.groups, winograd));
  kernels.conv2dWeightGrad(plain, {x.data()}, {g.data()}, {weightGrad.data()});
  compare("conv2dWeightGrad", d, weightGrad, wantW, allowedError(wantW, (double)plane * d.n, winograd));
}

/// Every activation and both ends of memory by turns.
template <size_t N>
void checkAll(const gemmule::KernelTable& kernels, const ConvDesc (&cases)[N]) {
  for (size_t i = 0; i < N; i++) {
    ConvDesc d = cases[i];
    d.activation = (int)(i % 4);
    checkConv(kernels, d, i % 2 ? At::kEnd : At::kBegin);
  }
}

int outSize(int size, int before, int after, int kernel, int stride, int dilation) {
  return (size + before + after - dilation * (kernel - 1) - 1) / stride + 1;
}

/// n, c, h, w, k, kernel, stride, padding, dilation, groups
ConvDesc square(int n, int c, int h, int w, int k, int kernel, int stride, int pad, int dilation,
                int groups) {
  ConvDesc d{};
  d.n = n;
  d.c = c;
  d.h = h;
  d.w = w;
  d.k = k;
  d.kh = d.kw = kernel;
  d.strideH = d.strideW = stride;
  d.padTop = d.padLeft = pad;
  d.dilationH = d.dilationW = dilation;
  d.groups = groups;
  d.oh = outSize(h, pad, pad, kernel, stride, dilation);
  d.ow = outSize(w, pad, pad, kernel, stride, dilation);
  return d;
}

ConvDesc randomConv(Random& random) {
  ConvDesc d{};
  d.groups = random.integer(0, 2) ? 1 : random.integer(2, 4);
  d.n = random.integer(1, 3);
  d.c = d.groups * random.integer(1, 5);
  d.k = d.groups * random.integer(1, 20);
  d.kh = random.integer(1, 5);
  d.kw = random.integer(1, 5);
  d.strideH = random.integer(1, 3);
  d.strideW = random.integer(1, 3);
  d.dilationH = random.integer(1, 3);
  d.dilationW = random.integer(1, 3);
  d.padTop = random.integer(0, 4);
  d.padLeft = random.integer(0, 4);
  d.activation = random.integer(0, 3);
  do {
    d.h = random.integer(1, 20);
    d.w = random.integer(1, 20);
    d.oh = outSize(d.h, d.padTop, random.integer(0, 4), d.kh, d.strideH, d.dilationH);
    d.ow = outSize(d.w, d.padLeft, random.integer(0, 4), d.kw, d.strideW, d.dilationW);
  } while (d.h + d.padTop < d.dilationH * (d.kh - 1) + 1 || d.w + d.padLeft < d.dilationW * (d.kw - 1) + 1 ||
           d.oh < 1 || d.ow < 1);
  return d;
}

}  // namespace

TEST_KERNELS(convNamedShapes) {
  const ConvDesc cases[] = {
      square(5, 1, 28, 28, 6, 5, 1, 2, 1, 1),   square(3, 6, 14, 14, 16, 5, 1, 0, 1, 1),
      square(2, 16, 9, 9, 16, 3, 1, 1, 1, 1),   square(2, 8, 12, 12, 20, 3, 2, 1, 1, 1),
      square(2, 20, 6, 6, 9, 1, 1, 0, 1, 1),    square(1, 4, 9, 9, 5, 1, 2, 0, 1, 1),
      square(1, 3, 40, 40, 10, 7, 2, 3, 1, 1),  square(2, 12, 10, 10, 12, 3, 1, 1, 1, 12),
      square(3, 5, 19, 33, 5, 3, 1, 0, 1, 5),   square(2, 12, 10, 10, 24, 3, 2, 1, 1, 12),
      square(2, 16, 11, 11, 32, 3, 1, 1, 1, 4), square(1, 6, 13, 13, 7, 3, 1, 2, 2, 1),
      square(2, 40, 7, 7, 50, 3, 1, 1, 1, 1),   square(1, 2, 5, 5, 3, 3, 4, 0, 1, 1),
      square(1, 1, 1, 300, 2, 1, 1, 0, 1, 1),   square(2, 70, 5, 5, 3, 3, 1, 1, 1, 1),
      square(1, 96, 7, 7, 90, 3, 1, 1, 1, 1),   square(21, 150, 7, 7, 440, 1, 1, 0, 1, 1),
      square(1, 40, 9, 9, 33, 1, 1, 0, 1, 1),   square(2, 260, 25, 41, 254, 1, 1, 0, 1, 1),
      square(3, 229, 7, 9, 257, 3, 2, 1, 1, 1), square(2, 230, 5, 9, 256, 3, 1, 2, 2, 1)};
  checkAll(k, cases);
}

// Rows of padded planes share their zeros.
TEST_KERNELS(convWidePadding) {
  const ConvDesc cases[] = {square(1, 3, 6, 9, 4, 11, 1, 10, 1, 1),  square(2, 4, 5, 7, 6, 5, 1, 6, 1, 1),
                            square(1, 2, 7, 50, 3, 47, 1, 30, 1, 1), square(1, 5, 11, 13, 17, 3, 2, 4, 1, 1),
                            square(1, 6, 9, 9, 18, 3, 1, 9, 5, 1),   square(2, 9, 8, 17, 5, 4, 2, 3, 1, 1),
                            square(1, 3, 9, 20, 7, 6, 3, 5, 1, 1),   square(3, 20, 6, 6, 2, 3, 1, 2, 1, 1)};
  checkAll(k, cases);
}

TEST_KERNELS(convRandomShapes) {
  Random random(11);
  for (int i = 0; i < 120; i++) checkConv(k, randomConv(random), i % 2 ? At::kEnd : At::kBegin);
}

TEST_KERNELS(convWinogradShapes) {
  ConvDesc cases[] = {square(2, 32, 12, 12, 32, 3, 1, 1, 1, 1), square(1, 37, 9, 21, 50, 3, 1, 0, 1, 1),
                      square(3, 64, 7, 7, 40, 3, 1, 2, 1, 1),   square(1, 40, 30, 6, 33, 3, 1, 1, 1, 1),
                      square(2, 32, 10, 11, 48, 3, 1, 1, 1, 1), square(2, 300, 8, 8, 40, 3, 1, 1, 1, 1),
                      square(2, 33, 14, 15, 36, 3, 1, 2, 2, 1), square(1, 48, 9, 10, 54, 3, 1, 1, 1, 3),
                      square(1, 40, 24, 19, 32, 3, 1, 0, 3, 1), square(5, 32, 17, 121, 32, 3, 1, 1, 1, 1)};
  cases[4].padTop = 3;  // uneven padding
  cases[4].padLeft = 0;
  cases[4].oh += 2;
  for (const size_t l2 : {256u << 10, 2u << 20}) {
    const test::Planned planned(l2, false);
    checkAll(k, cases);
  }
}

// Kernels of 4 and 5 taps, and those of 5 to 8 at stride 2, whose phases have 3 or 4.
TEST_KERNELS(convWinogradTaps) {
  ConvDesc cases[] = {square(2, 32, 9, 13, 40, 4, 1, 0, 1, 1),  square(1, 35, 13, 10, 33, 5, 1, 2, 1, 1),
                      square(2, 3, 21, 23, 32, 7, 2, 3, 1, 1),  square(1, 5, 30, 26, 45, 8, 2, 0, 1, 1),
                      square(3, 4, 17, 40, 33, 7, 2, 4, 1, 1),  square(1, 3, 25, 22, 64, 8, 2, 2, 1, 1),
                      square(2, 37, 14, 17, 34, 5, 2, 1, 1, 1), square(1, 32, 13, 12, 50, 6, 2, 5, 1, 1),
                      square(1, 48, 14, 13, 54, 5, 2, 2, 1, 3), square(1, 32, 26, 17, 34, 4, 1, 3, 2, 2),
                      square(1, 20, 23, 33, 32, 7, 2, 9, 1, 1), square(5, 3, 24, 121, 32, 7, 2, 3, 1, 1)};
  cases[2].padTop = 1;  // uneven padding, more behind than a kernel reaches
  cases[2].oh += 4;
  cases[3].padLeft = 7;
  cases[3].ow += 3;
  for (const size_t l2 : {256u << 10, 2u << 20}) {
    const test::Planned planned(l2, false);
    checkAll(k, cases);
  }
}

// Many channels of results without Winograd's way: rows of all lengths, that join or not, some images at a
// time, several bands, pieces of the sums and phases, some without taps; and kernels as large as the image.
TEST_KERNELS(convManyChannels) {
  ConvDesc cases[] = {square(2, 19, 29, 30, 40, 3, 2, 1, 1, 1), square(9, 20, 4, 4, 35, 3, 2, 1, 1, 1),
                      square(3, 33, 7, 7, 96, 2, 1, 0, 1, 1),   square(2, 7, 31, 16, 33, 6, 1, 3, 1, 1),
                      square(4, 21, 5, 6, 100, 1, 2, 0, 1, 1),  square(1, 5, 23, 45, 50, 9, 3, 4, 1, 1),
                      square(2, 34, 9, 11, 70, 2, 3, 0, 2, 2),  square(1, 40, 33, 9, 64, 3, 3, 2, 2, 1),
                      square(5, 48, 2, 3, 130, 2, 1, 1, 1, 1),  square(2, 3, 64, 64, 48, 8, 8, 0, 1, 1),
                      square(2, 33, 20, 20, 36, 2, 5, 0, 1, 1), square(1, 64, 15, 15, 34, 1, 3, 0, 1, 2),
                      square(6, 16, 5, 5, 120, 5, 1, 0, 1, 1),  square(3, 9, 2, 7, 17, 7, 3, 0, 1, 1),
                      square(2, 20, 17, 17, 40, 7, 1, 3, 1, 1), square(2, 20, 17, 17, 40, 7, 1, 3, 1, 1)};
  const size_t whole = 13, tall = 14, wide = 15;
  cases[whole].kh = cases[whole].h;
  cases[whole].oh = 1;
  cases[tall].kw = cases[wide].kh = 1;
  cases[tall].padLeft = cases[wide].padTop = 0;
  for (const size_t l2 : {64u << 10, 2u << 20}) {
    const test::Planned planned(l2, false);
    checkAll(k, cases);
  }
}

TEST_KERNELS(convEmpty) {
  checkConv(k, square(0, 2, 6, 6, 3, 3, 1, 1, 1, 1), At::kEnd);
  checkConv(k, square(2, 0, 6, 6, 4, 3, 1, 1, 1, 1), At::kEnd);
  checkConv(k, square(2, 2, 6, 6, 0, 3, 1, 1, 1, 1), At::kEnd);
  ConvDesc none = square(2, 2, 3, 3, 2, 3, 1, 0, 1, 1);
  none.oh = 0;
  checkConv(k, none, At::kEnd);
}

TEST_KERNELS(unfoldAndFold) {
  Random random(21);
  for (int i = 0; i < 60; i++) {
    const ConvDesc d = randomConv(random);
    const At at = i % 2 ? At::kEnd : At::kBegin;
    const size_t planes = (size_t)d.n * d.c, columns = (size_t)d.oh * d.ow, taps = (size_t)d.kh * d.kw;
    Guarded<float> x(planes * d.h * d.w, at), y(planes * taps * columns, at), back(x.size(), at);
    x.fill(random);
    k.unfold(d, {x.data()}, {y.data()});
    bool same = y.intact();
    std::vector<double> want(x.size());
    for (size_t p = 0; p < planes; p++)
      for (size_t t = 0; t < taps; t++)
        for (size_t q = 0; q < columns; q++) {
          const int h = (int)(q / d.ow) * d.strideH + (int)(t / d.kw) * d.dilationH - d.padTop;
          const int w = (int)(q % d.ow) * d.strideW + (int)(t % d.kw) * d.dilationW - d.padLeft;
          const bool inside = h >= 0 && h < d.h && w >= 0 && w < d.w;
          const float value = y[(p * taps + t) * columns + q];
          if (inside) want[(p * d.h + h) * d.w + w] += value;
          same = same && value == (inside ? x[(p * d.h + h) * d.w + w] : 0);
        }
    CHECK(same, "unfold h %d w %d kernel %dx%d stride %d,%d", d.h, d.w, d.kh, d.kw, d.strideH, d.strideW);
    k.fold(d, {y.data()}, {back.data()});
    compare("fold", d, back, want, allowedError(want, (double)taps, false));
  }
}

TEST_KERNELS(convSameBitsForAnyThreads) {
  const ConvDesc cases[] = {
      square(6, 5, 20, 20, 18, 3, 1, 1, 1, 1),   square(2, 64, 14, 14, 40, 3, 2, 1, 1, 1),
      square(8, 32, 9, 9, 32, 1, 1, 0, 1, 1),    square(3, 40, 11, 11, 36, 3, 1, 1, 1, 1),
      square(4, 24, 12, 12, 24, 3, 1, 1, 1, 24), square(5, 32, 17, 121, 32, 3, 1, 1, 1, 1),
      square(2, 32, 40, 40, 32, 3, 1, 1, 1, 2),  square(15, 33, 40, 56, 32, 3, 1, 1, 1, 1),
      square(7, 3, 60, 90, 64, 7, 2, 3, 1, 1),   square(4, 36, 12, 12, 40, 5, 1, 2, 1, 1),
      square(5, 260, 7, 7, 254, 1, 1, 0, 1, 1),  square(1, 40, 20, 20, 200, 3, 2, 1, 1, 1),
      square(2, 16, 5, 5, 120, 5, 1, 0, 1, 1)};
  const int before = gemmule::threadCount();
  for (const ConvDesc& d : cases) {
    const Sizes size = sizesOf(d);
    Random random(2);
    Guarded<float> x(size.x), weights(size.weights), g(size.y);
    for (const Guarded<float>* p : {&x, &weights, &g}) p->fill(random);
    std::vector<std::vector<float>> results;
    const test::Planned planned(d.n % 2 ? 256u << 10 : 2u << 20, d.n % 2);
    for (int threads = 1; threads <= 4; threads++) {
      gemmule::setThreadCount(threads);
      std::vector<float> all(size.y + size.x + size.weights);
      k.conv2d(d, {x.data()}, {weights.data()}, {nullptr}, {all.data()});
      k.conv2dInputGrad(d, {g.data()}, {weights.data()}, {all.data() + size.y});
      k.conv2dWeightGrad(d, {x.data()}, {g.data()}, {all.data() + size.y + size.x});
      results.push_back(all);
    }
    for (int i = 1; i < 4; i++)
      CHECK(memcmp(results[0].data(), results[i].data(), results[0].size() * sizeof(float)) == 0,
            "c %d k %d, %d threads", d.c, d.k, i + 1);
  }
  gemmule::setThreadCount(before);
}

// Results larger than the caches are stored in another way than each of their images alone.
TEST_KERNELS(largeResultsAreThoseOfTheirImages) {
  ConvDesc cases[] = {square(8, 33, 184, 184, 32, 1, 1, 0, 1, 1), square(8, 3, 184, 184, 32, 1, 1, 0, 1, 1),
                      square(8, 8, 367, 367, 32, 3, 2, 1, 1, 1), square(9, 1, 370, 370, 32, 3, 2, 0, 1, 1),
                      square(8, 3, 352, 352, 35, 7, 2, 3, 1, 1)};
  cases[1].activation = 1;
  for (const ConvDesc& d : cases) {
    const Sizes size = sizesOf(d);
    Random random(4);
    Guarded<float> x(size.x), weights(size.weights), bias(d.k);
    for (const Guarded<float>* p : {&x, &weights, &bias}) p->fill(random);
    ConvDesc one = d;
    one.n = 1;
    const size_t image = size.y / d.n;
    std::vector<float> want(image);
    for (size_t shift : {0, 1}) {  // the end of a page, so the beginning of a line, and elsewhere
      Guarded<float> y(size.y + shift);
      k.conv2d(d, {x.data()}, {weights.data()}, {bias.data()}, {y.data()});
      for (int n = 0; n < d.n; n++) {
        k.conv2d(one, {x.data() + n * (size.x / d.n)}, {weights.data()}, {bias.data()}, {want.data()});
        CHECK(memcmp(want.data(), y.data() + n * image, image * sizeof(float)) == 0,
              "image %d, kernel %d, stride %d, shifted by %zu", n, d.kh, d.strideH, shift);
      }
    }
  }
}
