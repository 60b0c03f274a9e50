// The pooling kernels: pool_bench [--threads N] [--isa SET] [--dir fwd|bwd] [--json] [problem…]
// A problem is max_ or avg_ and p<planes>h28w28k2s2p0. The figure is the bandwidth of x and y, 4 (|x| + |y|)
// bytes, as benchmarks of pooling count it: the indices of a maximum are not counted.
#include "bench.h"

using gemmule::PoolDesc;

namespace {

/// Calls tap(position) for every element of window (r, c) inside the plane.
template <class Tap>
void eachTap(const PoolDesc& d, int r, int c, Tap tap) {
  for (int i = r * d.strideH - d.padTop, y = 0; y < d.kh; y++, i++)
    for (int j = c * d.strideW - d.padLeft, x = 0; x < d.kw; x++, j++)
      if (i >= 0 && i < d.h && j >= 0 && j < d.w) tap((size_t)(i * d.w + j));
}

void run(const bench::Options& o, const char* text) {
  PoolDesc d{};
  int kernel = 0, stride = 0, pad = 0;
  const bool largest = !strncmp(text, "max_", 4);
  const bool parsed = (largest || !strncmp(text, "avg_", 4)) &&
                      bench::parse(text + 4, [&](const std::string& name, int value) {
                        int* const field = name == "p" && d.planes == 0 ? &d.planes
                                           : name == "h"                ? &d.h
                                           : name == "w"                ? &d.w
                                           : name == "k"                ? &kernel
                                           : name == "s"                ? &stride
                                           : name == "p"                ? &pad
                                                                        : nullptr;
                        if (field) *field = value;
                        return field != nullptr;
                      });
  if (!parsed || d.planes < 1 || d.h < 1 || d.w < 1 || kernel < 1 || stride < 1 || d.h + 2 * pad < kernel) {
    fprintf(stderr, "not a pooling: %s\n", text);
    exit(2);
  }
  d.kh = d.kw = kernel;
  d.strideH = d.strideW = stride;
  d.padTop = d.padLeft = d.padBottom = d.padRight = pad;
  d.dilationH = d.dilationW = 1;
  d.countIncludePad = 1;
  d.oh = (d.h + 2 * pad - kernel) / stride + 1;
  d.ow = (d.w + 2 * pad - kernel) / stride + 1;
  const size_t size = (size_t)d.h * d.w, out = (size_t)d.oh * d.ow, planes = (size_t)d.planes;
  const bench::Values x = bench::filled(planes * size, 3), g = bench::filled(planes * out, 4);
  bench::Values y(planes * out), dx(planes * size);
  std::vector<int32_t> index(planes * out);
  const auto forward = [&] {
    if (largest)
      o.kernels->maxPool2d(d, {x.data()}, {y.data()}, {index.data()});
    else
      o.kernels->avgPool2d(d, {x.data()}, {y.data()});
  };
  const auto backward = [&] {
    if (largest)
      o.kernels->maxPool2dBackward(d, {g.data()}, {index.data()}, {dx.data()});
    else
      o.kernels->avgPool2dBackward(d, {g.data()}, {dx.data()});
  };
  forward();
  backward();
  double worst = 0, worstBack = 0;
  std::vector<double> want(size);
  for (size_t p = 0; p < planes; p += planes / 3 + 1) {
    std::fill(want.begin(), want.end(), 0.0);
    for (int r = 0; r < d.oh; r++)
      for (int c = 0; c < d.ow; c++) {
        const size_t at = p * out + (size_t)(r * d.ow + c);
        double best = -1e30, sum = 0;
        eachTap(d, r, c, [&](size_t i) {
          best = std::max(best, (double)x[p * size + i]);
          sum += x[p * size + i];
          if (!largest) want[i] += g[at] / (double)(kernel * kernel);
        });
        if (largest) want[(size_t)index[at]] += g[at];
        worst = std::max(worst, fabs(y[at] - (largest ? best : sum / (kernel * kernel))));
      }
    for (size_t i = 0; i < size; i++) worstBack = std::max(worstBack, fabs(dx[p * size + i] - want[i]));
  }
  const double bytes = 4.0 * (double)planes * (double)(size + out);
  if (o.direction != "bwd")
    bench::report(o, "fwd", text, bytes, bench::measure(o.seconds, forward), worst, 1e-6);
  if (o.direction != "fwd")
    bench::report(o, "bwd", text, bytes, bench::measure(o.seconds, backward), worstBack, 1e-6);
}

}  // namespace

int main(int argc, char** argv) {
  bench::Options o = bench::readOptions(argc, argv);
  if (o.problems.empty())
    o.problems = {"avg_p1536h28w28k2s2p0",   "max_p1536h28w28k2s2p0",   "avg_p4096h10w10k2s2p0",
                  "max_p4096h10w10k2s2p0",   "avg_p1536h28w28k3s2p1",   "max_p1536h28w28k3s2p1",
                  "avg_p1024h112w112k2s2p0", "max_p1024h112w112k2s2p0", "avg_p1024h112w112k3s2p1",
                  "max_p1024h112w112k3s2p1", "avg_p256h28w28k3s1p1",    "max_p256h28w28k3s1p1"};
  for (const char* problem : o.problems) run(o, problem);
}
