// Kernels that are bound by memory or by short arithmetic: elementwise_bench [--threads N] [--isa SET]
// [--json] [problem…] A problem is <kernel>:n<elements of the largest operand>[inner<row length>], as
// relu:n65536 or softmax:n256000inner1000. The figure is the bandwidth of what the kernel must read and
// write.
#include "bench.h"

namespace {

struct Problem {
  std::string kernel;
  int n = 0, inner = 1;
  size_t rows() const { return (size_t)(n / inner); }
};

struct Arrays {
  bench::Values a, b, c, d, y;
  std::vector<uint8_t> bytes;
  std::vector<int32_t> index;
};

gemmule::StridedDesc strided(std::vector<int> sizes, std::vector<int> a, std::vector<int> b) {
  gemmule::StridedDesc d{};
  d.n = 1;
  d.ndim = (int)sizes.size();
  for (int i = 0; i < d.ndim; i++) {
    d.n *= sizes[i];
    d.size[i] = sizes[i];
    d.a[i] = a[i];
    d.b[i] = b[i];
  }
  return d;
}

/// One call of a kernel, what element i of y must be after it, and the arrays of n floats that it moves.
struct Row {
  const char* name;
  double moved;
  void (*call)(const gemmule::KernelTable&, const Problem&, Arrays&);
  double (*want)(const Problem&, const Arrays&, size_t i);
};

template <class F>
double overRow(const Problem& p, size_t i, F f) {
  double total = 0;
  for (size_t k = i / p.inner * p.inner; k < (i / p.inner + 1) * p.inner; k++) total += f(k);
  return total;
}
gemmule::ReduceDesc rowsOf(const Problem& p) { return {(int)p.rows(), p.inner, 1}; }
double sigmoid(double x) { return 1 / (1 + exp(-x)); }

#define UNARY(kernel, exact)                                                                                                 \
  {                                                                                                                          \
#kernel, 2, [](const gemmule::KernelTable& k, const Problem& p, Arrays& m) { k.kernel(p.n, {m.a.data()}, {m.y.data()}); }, \
   [](const Problem&, const Arrays& m, size_t i) -> double { const double x = m.a[i]; return exact; } \
  }

const Row rows[] = {
    UNARY(relu, x > 0 ? x : 0),
    UNARY(sqrt, sqrt(x)),
    UNARY(exp, exp(x)),
    UNARY(log, log(x)),
    UNARY(sigmoid, sigmoid(x)),
    UNARY(tanh, tanh(x)),
    UNARY(erf, erf(x)),
    UNARY(sin, sin(x)),
    {"add", 3,
     [](const gemmule::KernelTable& k, const Problem& p, Arrays& m) {
       k.add(strided({p.n}, {1}, {1}), {m.a.data()}, {m.b.data()}, {m.y.data()});
     },
     [](const Problem&, const Arrays& m, size_t i) -> double { return m.a[i] + m.b[i]; }},
    {"addRow", 2,
     [](const gemmule::KernelTable& k, const Problem& p, Arrays& m) {
       k.add(strided({(int)p.rows(), p.inner}, {p.inner, 1}, {0, 1}), {m.a.data()}, {m.b.data()},
             {m.y.data()});
     },
     [](const Problem& p, const Arrays& m, size_t i) -> double { return m.a[i] + m.b[i % p.inner]; }},
    {"transpose", 2,
     [](const gemmule::KernelTable& k, const Problem& p, Arrays& m) {
       const int r = (int)p.rows();
       k.copyStrided(strided({p.inner, r}, {1, p.inner}, {r, 1}), {m.a.data()}, {m.y.data()});
     },
     [](const Problem& p, const Arrays& m, size_t i) -> double {
       return m.a[i % p.rows() * p.inner + i / p.rows()];
     }},
    {"sum", 1,
     [](const gemmule::KernelTable& k, const Problem& p, Arrays& m) {
       k.sum(rowsOf(p), {m.a.data()}, {m.y.data()});
     },
     [](const Problem& p, const Arrays& m, size_t i) {
       return i < p.rows() ? overRow(p, i * p.inner, [&](size_t k) { return m.a[k]; }) : m.y[i];
     }},
    {"sumColumns", 1,
     [](const gemmule::KernelTable& k, const Problem& p, Arrays& m) {
       k.sum({1, (int)p.rows(), p.inner}, {m.a.data()}, {m.y.data()});
     },
     [](const Problem& p, const Arrays& m, size_t i) -> double {
       double total = 0;
       if (i >= (size_t)p.inner) return m.y[i];
       for (size_t r = 0; r < p.rows(); r++) total += m.a[r * p.inner + i];
       return total;
     }},
    {"max", 1,
     [](const gemmule::KernelTable& k, const Problem& p, Arrays& m) {
       k.max(rowsOf(p), {m.a.data()}, {m.y.data()}, {m.index.data()});
     },
     [](const Problem& p, const Arrays& m, size_t i) -> double {
       return i < p.rows() ? *std::max_element(m.a.begin() + i * p.inner, m.a.begin() + (i + 1) * p.inner)
                           : m.y[i];
     }},
    {"softmax", 2,
     [](const gemmule::KernelTable& k, const Problem& p, Arrays& m) {
       k.softmax(rowsOf(p), {m.a.data()}, {m.y.data()});
     },
     [](const Problem& p, const Arrays& m, size_t i) {
       return exp(m.a[i]) / overRow(p, i, [&](size_t k) { return exp(m.a[k]); });
     }},
    {"logSoftmax", 2,
     [](const gemmule::KernelTable& k, const Problem& p, Arrays& m) {
       k.logSoftmax(rowsOf(p), {m.a.data()}, {m.y.data()});
     },
     [](const Problem& p, const Arrays& m, size_t i) {
       return m.a[i] - log(overRow(p, i, [&](size_t k) { return exp(m.a[k]); }));
     }},
    {"softmaxBackward", 3,
     [](const gemmule::KernelTable& k, const Problem& p, Arrays& m) {
       k.softmaxBackward(rowsOf(p), {m.a.data()}, {m.b.data()}, {m.y.data()});
     },
     [](const Problem& p, const Arrays& m, size_t i) {
       return m.b[i] * (m.a[i] - overRow(p, i, [&](size_t k) { return m.a[k] * m.b[k]; }));
     }},
    {"logSoftmaxBackward", 3,
     [](const gemmule::KernelTable& k, const Problem& p, Arrays& m) {
       k.logSoftmaxBackward(rowsOf(p), {m.a.data()}, {m.b.data()}, {m.y.data()});
     },
     [](const Problem& p, const Arrays& m, size_t i) {
       return m.a[i] - exp(m.b[i]) * overRow(p, i, [&](size_t k) { return m.a[k]; });
     }},
    {"normForward", 2,  // 64 channels of `inner` pixels
     [](const gemmule::KernelTable& k, const Problem& p, Arrays& m) {
       const gemmule::NormDesc d = {(int)p.rows() / 64, 64, p.inner};
       k.normForward(d, {m.a.data()}, {m.b.data()}, {m.c.data()}, {m.c.data()}, {m.b.data()}, {m.y.data()});
     },
     [](const Problem& p, const Arrays& m, size_t i) -> double {
       const size_t c = i / p.inner % 64;
       return i < p.rows() / 64 * 64 * p.inner ? (m.a[i] - m.b[c]) * m.c[c] * m.c[c] + m.b[c] : m.y[i];
     }},
    {"normStats", 1,
     [](const gemmule::KernelTable& k, const Problem& p, Arrays& m) {
       const gemmule::NormDesc d = {(int)p.rows() / 64, 64, p.inner};
       k.normStats(d, 1e-5, {m.a.data()}, {m.y.data()}, {m.y.data() + 64});
     },
     [](const Problem& p, const Arrays& m, size_t i) -> double {
       if (i >= 64) return m.y[i];
       double total = 0;
       for (size_t r = i; r < p.rows() / 64 * 64; r += 64)
         total += overRow(p, r * p.inner, [&](size_t k) { return m.a[k]; });
       return total / (double)(p.rows() / 64 * p.inner);
     }},
    {"sgdStep", 3,
     [](const gemmule::KernelTable& k, const Problem& p, Arrays& m) {
       k.sgdStep(p.n, 0, 0, 0, 0, 0, 0, {m.a.data()}, {m.y.data()}, {m.y.data()});
     },
     [](const Problem&, const Arrays& m, size_t i) -> double { return m.y[i]; }},
    {"adamStep", 7,
     [](const gemmule::KernelTable& k, const Problem& p, Arrays& m) {
       k.adamStep(p.n, 0, 0.9, 0.999, 1e-8, 0, 0, 1, 0, 0, {m.a.data()}, {m.y.data()}, {m.c.data()},
                  {m.d.data()});
     },
     [](const Problem&, const Arrays& m, size_t i) -> double { return m.y[i]; }},
};

void run(const bench::Options& o, const char* text) {
  Problem p;
  const char* colon = strchr(text, ':');
  p.kernel = std::string(text, colon ? (size_t)(colon - text) : strlen(text));
  const bool parsed = colon && bench::parse(colon + 1, [&](const std::string& name, int value) {
                        if (name != "n" && name != "inner") return false;
                        (name == "n" ? p.n : p.inner) = value;
                        return value > 0;
                      });
  for (const Row& row : rows) {
    if (!parsed || p.kernel != row.name || p.n % p.inner) continue;
    Arrays m;
    m.a = bench::filled((size_t)p.n, 1);
    m.b = bench::filled((size_t)p.n, 2);
    m.c = bench::filled((size_t)p.n, 3);
    m.d = bench::filled((size_t)p.n, 4);
    m.y = bench::Values((size_t)p.n);
    m.index.resize((size_t)p.n);
    for (float& v : m.c) v = fabsf(v);
    for (float& v : m.d) v = fabsf(v);
    row.call(*o.kernels, p, m);
    double worst = 0;
    for (size_t s = 0; s < 500; s++) {
      const size_t i = s * 2654435761u % (size_t)p.n;
      const double want = row.want(p, m, i), off = fabs(m.y[i] - want) / (1e-3 + fabs(want));
      if (isnan(m.y[i]) && isnan(want)) continue;
      worst = off <= worst ? worst : off;
    }
    const bench::Times t = bench::measure(o.seconds, [&] { row.call(*o.kernels, p, m); });
    bench::report(o, "GB/s", text, row.moved * 4.0 * p.n, t, worst, 1e-4);
    return;
  }
  fprintf(stderr, "not an elementwise problem: %s\n", text);
  exit(2);
}

}  // namespace

int main(int argc, char** argv) {
  bench::Options o = bench::readOptions(argc, argv);
  if (o.problems.empty())
    o.problems = {"relu:n4096",
                  "add:n3072",
                  "relu:n65536",
                  "add:n43008",
                  "sqrt:n65536",
                  "exp:n65536",
                  "log:n65536",
                  "sigmoid:n65536",
                  "tanh:n65536",
                  "erf:n65536",
                  "sin:n65536",
                  "addRow:n61440inner120",
                  "addRow:n65536inner8",
                  "transpose:n65536inner256",
                  "sum:n131072inner131072",
                  "sum:n131712inner784",
                  "sum:n131072inner16",
                  "sumColumns:n122880inner120",
                  "max:n131072inner131072",
                  "max:n131000inner10",
                  "softmax:n64000inner1000",
                  "softmax:n64000inner10",
                  "logSoftmax:n64000inner10",
                  "normForward:n65536inner64",
                  "normForward:n50176inner784",
                  "normStats:n50176inner784",
                  "normStats:n65536inner64",
                  "sgdStep:n65536",
                  "adamStep:n32768",
                  "relu:n1500000",
                  "add:n1000000",
                  "sum:n3000000inner3000000",
                  "adamStep:n400000"};
  for (const char* problem : o.problems) run(o, problem);
}
