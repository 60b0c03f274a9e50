// Normalisation of x [n, c, inner] per c over n and inner: batch norm as it is, layer and group norm with n
// = 1. Where inner is 1 the channels are neighbours, and a vector holds W of them; elsewhere it holds W
// elements of one.
#include "../simd/math.h"
#include "reduce.h"
#include "table.h"

namespace gemmule {
namespace GEMMULE_ISA {

namespace {

/// Count, mean and sum of squared deviations, joined as Chan, Golub and LeVeque do ("Updating formulae and a
/// pairwise algorithm for computing sample variances", 1979).
struct Moments {
  double count = 0, mean = 0, squares = 0;
  void join(double n, double m, double s) {
    const double total = count + n, delta = m - mean;
    mean += delta * n / total;
    squares += s + delta * delta * count * n / total;
    count = total;
  }
};

Moments momentsOfChannel(const NormDesc& d, const float* x, int64_t c) {
  Moments all;
  const int64_t inner = d.inner;
  for (int64_t b = 0; b < d.n; b++) {
    const float* from = x + (b * d.c + c) * inner;
    for (int64_t i = 0; i < inner; i += reduceElements) {
      const int64_t end = i + reduceElements < inner ? i + reduceElements : inner;
      const float mean =
          reduceBlock<SumOp>(i, end, [=](int64_t k, int m) { return loadTerm<SumOp>(from + k, m); }) /
          (float)(end - i);
      const VF centre = set1(mean);
      const float squares = reduceBlock<SumOp>(i, end, [=](int64_t k, int m) {
        const VF v = sub(loadTerm<SumOp>(from + k, m), centre);
        return m == W ? mul(v, v) : select(firstN(m), mul(v, v), zero());
      });
      all.join((double)(end - i), mean, squares);
    }
  }
  return all;
}

constexpr int64_t columnRows = 64;

/// Per lane of one strip of neighbouring channels.
void momentsOfColumns(const NormDesc& d, const float* x, int lanes, Moments* all) {
  const int64_t step = d.c;
  for (int64_t row = 0; row < d.n; row += columnRows) {
    const int64_t end = row + columnRows < d.n ? row + columnRows : d.n;
    VF sum = zero(), squares = zero();
    for (int64_t r = row; r < end; r++) sum = add(sum, loadN(x + r * step, lanes));
    const VF mean = div(sum, set1((float)(end - row)));
    for (int64_t r = row; r < end; r++) {
      const VF v = sub(loadN(x + r * step, lanes), mean);
      squares = fma(v, v, squares);
    }
    float means[W], deviations[W];
    store(means, mean);
    store(deviations, squares);
    for (int i = 0; i < lanes; i++) all[i].join((double)(end - row), means[i], deviations[i]);
  }
}

/// One channel's numbers of the backward pass: gradX = scale * (g - shift - (x - mean) * slope).
struct Slope {
  float scale, shift, slope;
};

Slope slopeOf(double sum, double product, double rstd, double weight, double count, float* gradWeight,
              float* gradBias) {
  *gradBias = (float)sum;
  *gradWeight = (float)(product * rstd);
  return {(float)(rstd * weight), (float)(sum / count), (float)(product * rstd * rstd / count)};
}

GEMMULE_INLINE VF backwardTerm(VF g, VF x, VF mean, VF scale, VF shift, VF slope) {
  return mul(scale, fnma(sub(x, mean), slope, sub(g, shift)));
}

bool isLarge(const NormDesc& d) { return (int64_t)d.n * d.c * d.inner > heavyGrain; }

/// strip(first channel, lanes) for every W channels.
template <class Strip>
void eachStrip(const NormDesc& d, Strip strip) {
  const int64_t c = d.c;
  parallelGroups((c + W - 1) / W, 1, isLarge(d),
                 [=](int64_t s) { strip(s * W, c - s * W < W ? (int)(c - s * W) : W); });
}

}  // namespace

void normStats(const NormDesc& d, double eps, In<float> x, Out<float> mean, Out<float> rstd) {
  const auto finish = [=](const Moments& m, int64_t c) {
    mean[c] = (float)m.mean;
    rstd[c] = (float)(1 / ::sqrt(m.squares / m.count + eps));
  };
  if (d.inner == 1)
    return eachStrip(d, [=, &d](int64_t c, int lanes) {
      Moments all[W];
      momentsOfColumns(d, x + c, lanes, all);
      for (int i = 0; i < lanes; i++) finish(all[i], c + i);
    });
  parallelGroups(d.c, 1, isLarge(d), [=, &d](int64_t c) { finish(momentsOfChannel(d, x, c), c); });
}

void normForward(const NormDesc& d, In<float> x, In<float> mean, In<float> rstd, Opt<float> weight,
                 Opt<float> bias, Out<float> y) {
  const int64_t channels = d.c, inner = d.inner, segments = (int64_t)d.n * channels;
  const VF one = set1(1.0f);
  if (inner == 1) {
    const int64_t group = channels < tileElements ? tileElements / (channels > 0 ? channels : 1) : 1;
    return parallelGroups(d.n, group, segments > lightGrain, [=](int64_t b) {
      const float* from = x + b * channels;
      float* to = y + b * channels;
      for (int64_t c = 0; c < channels; c += W) {
        const int m = channels - c < W ? (int)(channels - c) : W;
        const VF scale = mul(loadN(rstd + c, m), weight.data ? loadN(weight + c, m) : one);
        const VF shift = bias.data ? loadN(bias + c, m) : zero();
        storeN(to + c, fma(sub(loadN(from + c, m), loadN(mean + c, m)), scale, shift), m);
      }
    });
  }
  const int64_t group = inner < tileElements ? tileElements / (inner > 0 ? inner : 1) : 1;
  parallelGroups(segments, group, segments * inner > lightGrain, [=](int64_t segment) {
    const int64_t c = segment % channels;
    const VF centre = set1(mean[c]), scale = set1(weight.data ? rstd[c] * weight[c] : rstd[c]);
    const VF shift = set1(bias.data ? bias[c] : 0.0f);
    const float* from = x + segment * inner;
    float* to = y + segment * inner;
    vectorLoop<4>(
        0, inner, [=](int64_t i) { store(to + i, fma(sub(load(from + i), centre), scale, shift)); },
        [=](int64_t i, int m) { storeN(to + i, fma(sub(loadN(from + i, m), centre), scale, shift), m); });
  });
}

void normBackward(const NormDesc& d, In<float> g, In<float> x, In<float> mean, In<float> rstd,
                  Opt<float> weight, Out<float> gradX, Out<float> gradWeight, Out<float> gradBias) {
  const int64_t n = d.n, channels = d.c, inner = d.inner;
  const double count = (double)n * (double)inner;
  if (inner == 1)
    return eachStrip(d, [=](int64_t c, int lanes) {
      const VF centre = loadN(mean + c, lanes);
      double sums[W] = {}, products[W] = {};
      for (int64_t row = 0; row < n; row += columnRows) {
        VF sum = zero(), product = zero();
        for (int64_t r = row; r < n && r < row + columnRows; r++) {
          const VF v = loadN(g + r * channels + c, lanes);
          sum = add(sum, v);
          product = fma(v, sub(loadN(x + r * channels + c, lanes), centre), product);
        }
        float s[W], p[W];
        store(s, sum);
        store(p, product);
        for (int i = 0; i < lanes; i++) {
          sums[i] += s[i];
          products[i] += p[i];
        }
      }
      float scale[W] = {}, shift[W] = {}, slope[W] = {};
      for (int i = 0; i < lanes; i++) {
        const Slope s = slopeOf(sums[i], products[i], rstd[c + i], weight.data ? weight[c + i] : 1.0f, count,
                                gradWeight + c + i, gradBias + c + i);
        scale[i] = s.scale;
        shift[i] = s.shift;
        slope[i] = s.slope;
      }
      for (int64_t r = 0; r < n; r++) {
        const int64_t at = r * channels + c;
        const VF v = backwardTerm(loadN(g + at, lanes), loadN(x + at, lanes), centre, load(scale),
                                  load(shift), load(slope));
        storeN(gradX + at, v, lanes);
      }
    });
  parallelGroups(channels, 1, isLarge(d), [=](int64_t c) {
    const VF centre = set1(mean[c]);
    double sum = 0, product = 0;
    for (int64_t b = 0; b < n; b++) {
      const float *gs = g + (b * channels + c) * inner, *xs = x + (b * channels + c) * inner;
      sum += reduceRun<SumOp>(0, inner, [=](int64_t i, int m) { return loadTerm<SumOp>(gs + i, m); });
      product += reduceRun<SumOp>(0, inner, [=](int64_t i, int m) {
        return mul(loadTerm<SumOp>(gs + i, m), sub(loadTerm<SumOp>(xs + i, m), centre));
      });
    }
    const Slope s =
        slopeOf(sum, product, rstd[c], weight.data ? weight[c] : 1.0f, count, gradWeight + c, gradBias + c);
    const VF scale = set1(s.scale), shift = set1(s.shift), slope = set1(s.slope);
    for (int64_t b = 0; b < n; b++) {
      const int64_t first = (b * channels + c) * inner;
      const float *gs = g + first, *xs = x + first;
      float* to = gradX + first;
      vectorLoop<2>(
          0, inner,
          [=](int64_t i) {
            store(to + i, backwardTerm(load(gs + i), load(xs + i), centre, scale, shift, slope));
          },
          [=](int64_t i, int m) {
            storeN(to + i, backwardTerm(loadN(gs + i, m), loadN(xs + i, m), centre, scale, shift, slope), m);
          });
    }
  });
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
