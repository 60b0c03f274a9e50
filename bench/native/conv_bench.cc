// Convolution kernels: conv_bench [--threads N] [--isa SET] [--dir fwd|data|weights|all] [--json] [problem…]
// A problem is written as in benchdnn: mb256ic1ih28oc6kh5ph2, with iw, kw, sh, sw, ph, pw, dh, dw (dilation -
// 1) and g where they differ from their defaults (the vertical ones, 1, 0).
#include "bench.h"

using gemmule::ConvDesc;

static bool parseConv(const char* text, ConvDesc& d) {
  d = ConvDesc{};
  d.n = d.strideH = d.groups = 1;
  int iw = -1, kw = -1, sw = -1, pw = -1, dw = -1, dh = 0;
  const auto set = [&](const std::string& name, int value) {
    int* const field = name == "mb"   ? &d.n
                       : name == "ic" ? &d.c
                       : name == "ih" ? &d.h
                       : name == "iw" ? &iw
                       : name == "oc" ? &d.k
                       : name == "kh" ? &d.kh
                       : name == "kw" ? &kw
                       : name == "sh" ? &d.strideH
                       : name == "sw" ? &sw
                       : name == "ph" ? &d.padTop
                       : name == "pw" ? &pw
                       : name == "dh" ? &dh
                       : name == "dw" ? &dw
                       : name == "g"  ? &d.groups
                                      : nullptr;
    if (field) *field = value;
    return field != nullptr;
  };
  if (!bench::parse(text, set)) return false;
  d.w = iw < 0 ? d.h : iw;
  d.kw = kw < 0 ? d.kh : kw;
  d.strideW = sw < 0 ? d.strideH : sw;
  d.padLeft = pw < 0 ? d.padTop : pw;
  d.dilationH = dh + 1;
  d.dilationW = (dw < 0 ? dh : dw) + 1;
  d.oh = (d.h + 2 * d.padTop - d.dilationH * (d.kh - 1) - 1) / d.strideH + 1;
  d.ow = (d.w + 2 * d.padLeft - d.dilationW * (d.kw - 1) - 1) / d.strideW + 1;
  return d.n > 0 && d.oh > 0 && d.ow > 0 && d.c > 0 && d.k > 0 && d.c % d.groups == 0 && d.k % d.groups == 0;
}

struct Data {
  bench::Values x, weights, y;
};

/// visit(position in x, in the weights, in y) for the products that add to one result.
template <class Visit>
static void productsOf(const ConvDesc& d, int direction, size_t at, Visit visit) {
  const int channels = d.c / d.groups, outputs = d.k / d.groups;
  const auto one = [&](int n, int k, int c, int i, int j, int p, int q) {
    const int h = p * d.strideH + i * d.dilationH - d.padTop, w = q * d.strideW + j * d.dilationW - d.padLeft;
    if (h < 0 || h >= d.h || w < 0 || w >= d.w) return;
    visit((((size_t)n * d.c + k / outputs * channels + c) * d.h + h) * d.w + w,
          (((size_t)k * channels + c) * d.kh + i) * d.kw + j, (((size_t)n * d.k + k) * d.oh + p) * d.ow + q);
  };
  if (direction == 0) {
    const int q = at % d.ow, p = at / d.ow % d.oh, k = at / d.ow / d.oh % d.k, n = at / d.ow / d.oh / d.k;
    for (int c = 0; c < channels; c++)
      for (int i = 0; i < d.kh; i++)
        for (int j = 0; j < d.kw; j++) one(n, k, c, i, j, p, q);
  } else if (direction == 1) {
    const int w = at % d.w, h = at / d.w % d.h, channel = at / d.w / d.h % d.c, n = at / d.w / d.h / d.c;
    for (int o = 0; o < outputs; o++)
      for (int i = 0; i < d.kh; i++)
        for (int j = 0; j < d.kw; j++) {
          const int p = h + d.padTop - i * d.dilationH, q = w + d.padLeft - j * d.dilationW;
          if (p < 0 || q < 0 || p % d.strideH || q % d.strideW || p / d.strideH >= d.oh ||
              q / d.strideW >= d.ow)
            continue;
          one(n, channel / channels * outputs + o, channel % channels, i, j, p / d.strideH, q / d.strideW);
        }
  } else {
    const int j = at % d.kw, i = at / d.kw % d.kh, c = at / d.kw / d.kh % channels,
              k = at / d.kw / d.kh / channels;
    for (int n = 0; n < d.n; n++)
      for (int p = 0; p < d.oh; p++)
        for (int q = 0; q < d.ow; q++) one(n, k, c, i, j, p, q);
  }
}

/// The largest error of sampled results over the largest sampled result, in double precision.
static double errorOf(const ConvDesc& d, int direction, const Data& in, const float* got, size_t size) {
  double worst = 0, largest = 1e-30;
  const int samples = direction == 2 ? 40 : 300;
  for (int s = 0; s < samples; s++) {
    const size_t at = (size_t)s * 2654435761u % size;
    double sum = 0;
    productsOf(d, direction, at, [&](size_t x, size_t w, size_t y) {
      sum += direction == 0   ? (double)in.x[x] * in.weights[w]
             : direction == 1 ? (double)in.y[y] * in.weights[w]
                              : (double)in.x[x] * in.y[y];
    });
    worst = std::max(worst, fabs(sum - got[at]));
    largest = std::max(largest, fabs(sum));
  }
  return worst / largest;
}

static void run(const bench::Options& o, const char* text) {
  ConvDesc d;
  if (!parseConv(text, d)) {
    fprintf(stderr, "not a convolution: %s\n", text);
    exit(2);
  }
  const size_t sizes[3] = {(size_t)d.n * d.k * d.oh * d.ow, (size_t)d.n * d.c * d.h * d.w,
                           (size_t)d.k * (d.c / d.groups) * d.kh * d.kw};
  const Data in{bench::filled(sizes[1], 3), bench::filled(sizes[2], 5), bench::filled(sizes[0], 7)};
  const double flops = 2.0 * sizes[0] * (d.c / d.groups) * d.kh * d.kw;
  const char* names[3] = {"fwd", "data", "weights"};
  for (int direction = 0; direction < 3; direction++) {
    if (o.direction != "all" && o.direction != names[direction]) continue;
    bench::Values out(sizes[direction]);
    const auto call = [&] {
      if (direction == 0) o.kernels->conv2d(d, {in.x.data()}, {in.weights.data()}, {nullptr}, {out.data()});
      if (direction == 1) o.kernels->conv2dInputGrad(d, {in.y.data()}, {in.weights.data()}, {out.data()});
      if (direction == 2) o.kernels->conv2dWeightGrad(d, {in.x.data()}, {in.y.data()}, {out.data()});
    };
    call();
    const double error = errorOf(d, direction, in, out.data(), out.size());
    bench::report(o, names[direction], text, flops, bench::measure(o.seconds, call), error, 2e-5);
  }
}

int main(int argc, char** argv) {
  const bench::Options o = bench::readOptions(argc, argv);
  const char* all[] = {
      "mb256ic1ih28oc6kh5ph2",      "mb256ic6ih14oc16kh5",          "mb16ic64ih56oc64kh3ph1",
      "mb16ic64ih56oc128kh3sh2ph1", "mb16ic128ih28oc128kh3ph1",     "mb16ic256ih14oc256kh3ph1",
      "mb16ic512ih7oc512kh3ph1",    "mb16ic64ih56oc256kh1",         "mb16ic256ih56oc64kh1",
      "mb16ic3ih224oc64kh7sh2ph3",  "mb16ic128ih28oc128kh3ph1g128", "mb16ic128ih28oc128kh3ph1g8",
      "mb16ic64ih28oc64kh3ph2dh1",  "mb8ic64ih112oc64kh3ph1"};
  if (o.problems.empty())
    for (const char* text : all) run(o, text);
  for (const char* text : o.problems) run(o, text);
}
