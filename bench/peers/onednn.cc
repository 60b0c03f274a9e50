// oneDNN's side of the suites conv, gemm and pool. Usage: onednn THREADS. Variants of conv: reorder (its own
// layouts, the reorders from and to NCHW timed), nchw (the primitive made on NCHW), winograd (as reorder).
// Pooling: nchw.
#include <omp.h>

#include <dnnl.hpp>
#include <memory>
#include <unordered_map>

#include "protocol.h"

using dnnl::memory;
using Tag = memory::format_tag;
using bench::number;

static dnnl::engine engine(dnnl::engine::kind::cpu, 0);
static dnnl::stream stream(engine);
static const auto f32 = memory::data_type::f32;

static float* data(const memory& m) { return static_cast<float*>(m.get_data_handle()); }

static memory filled(const memory::desc& desc, uint32_t salt) {
  memory m(desc, engine);
  bench::fill(data(m), desc.get_size() / 4, salt);
  return m;
}

struct Conv {
  dnnl::primitive primitive;
  memory::desc src, weights, dst;
};

static Conv make(const std::string& dir, dnnl::algorithm algorithm, const memory::desc& x,
                 const memory::desc& w, const memory::desc& y, const memory::dims& stride,
                 const memory::dims& gap, const memory::dims& pad) {
  using dnnl::convolution_forward;
  convolution_forward::primitive_desc forward;
  try {
    forward = {convolution_forward::desc(dnnl::prop_kind::forward_training, algorithm, x, w, y, stride, gap,
                                         pad, pad),
               engine};
  } catch (const dnnl::error&) {
    if (dir == "fwd") throw;
    forward = {convolution_forward::desc(dnnl::prop_kind::forward_training,
                                         dnnl::algorithm::convolution_direct, x, w, y, stride, gap, pad, pad),
               engine};
  }
  if (dir == "fwd")
    return {convolution_forward(forward), forward.src_desc(), forward.weights_desc(), forward.dst_desc()};
  if (dir == "bwd_d") {
    dnnl::convolution_backward_data::primitive_desc p(
        dnnl::convolution_backward_data::desc(algorithm, x, w, y, stride, gap, pad, pad), engine, forward);
    return {dnnl::convolution_backward_data(p), p.diff_src_desc(), p.weights_desc(), p.diff_dst_desc()};
  }
  dnnl::convolution_backward_weights::primitive_desc p(
      dnnl::convolution_backward_weights::desc(algorithm, x, w, y, stride, gap, pad, pad), engine, forward);
  return {dnnl::convolution_backward_weights(p), p.src_desc(), p.diff_weights_desc(), p.diff_dst_desc()};
}

static bench::Job conv(const std::string& q) {
  const int n = number(q, "n"), c = number(q, "c"), h = number(q, "h"), w = number(q, "w"),
            k = number(q, "k"), g = number(q, "g");
  const int kh = number(q, "kh"), kw = number(q, "kw"), oh = number(q, "oh"), ow = number(q, "ow");
  const std::string dir = bench::text(q, "dir"), variant = bench::text(q, "variant");
  const memory::dims xs{n, c, h, w}, ys{n, k, oh, ow};
  const memory::dims ws = g > 1 ? memory::dims{g, k / g, c / g, kh, kw} : memory::dims{k, c, kh, kw};
  const memory::desc x(xs, f32, Tag::nchw), weights(ws, f32, g > 1 ? Tag::goihw : Tag::oihw),
      y(ys, f32, Tag::nchw);
  const bool plain = variant == "nchw";
  const auto any = [&](const memory::dims& d, const memory::desc& own) {
    return plain ? own : memory::desc(d, f32, Tag::any);
  };
  const Conv made = make(
      dir,
      variant == "winograd" ? dnnl::algorithm::convolution_winograd : dnnl::algorithm::convolution_direct,
      any(xs, x), any(ws, weights), any(ys, y), {number(q, "sh"), number(q, "sw")},
      {number(q, "dh"), number(q, "dw")}, {number(q, "ph"), number(q, "pw")});
  const memory user[3] = {filled(x, 1), filled(weights, 2), filled(y, 3)};
  const memory::desc wanted[3] = {made.src, made.weights, made.dst};
  const int result = dir == "fwd" ? 2 : dir == "bwd_d" ? 0 : 1;
  memory inner[3];
  std::vector<std::function<void()>> before, after;
  for (int i = 0; i < 3; i++) {
    if (wanted[i] == user[i].get_desc()) {
      inner[i] = user[i];
      continue;
    }
    inner[i] = memory(wanted[i], engine);
    memory from = i == result ? inner[i] : user[i], to = i == result ? user[i] : inner[i];
    dnnl::reorder reorder(from, to);
    (i == result ? after : before).push_back([=]() mutable { reorder.execute(stream, from, to); });
  }
  std::unordered_map<int, memory> args;
  args[dir == "bwd_d" ? DNNL_ARG_DIFF_SRC : DNNL_ARG_SRC] = inner[0];
  args[dir == "bwd_w" ? DNNL_ARG_DIFF_WEIGHTS : DNNL_ARG_WEIGHTS] = inner[1];
  args[dir == "fwd" ? DNNL_ARG_DST : DNNL_ARG_DIFF_DST] = inner[2];
  const dnnl::primitive primitive = made.primitive;
  const memory keep[3] = {user[0], user[1], user[2]};
  return {[=] {
            for (const auto& f : before) f();
            primitive.execute(stream, args);
            for (const auto& f : after) f();
            stream.wait();
          },
          data(keep[result]), user[result].get_desc().get_size() / 4, ""};
}

static bench::Job gemm(const std::string& q) {
  const int m = number(q, "m"), n = number(q, "n"), k = number(q, "k");
  const bool ta = bench::flag(q, "ta"), tb = bench::flag(q, "tb");
  auto buffers = std::make_shared<std::vector<std::vector<float>>>();
  for (const size_t size : {size_t(m) * k, size_t(k) * n, size_t(m) * n}) buffers->emplace_back(size);
  float *a = (*buffers)[0].data(), *b = (*buffers)[1].data(), *c = (*buffers)[2].data();
  bench::fill(a, size_t(m) * k, 1);
  bench::fill(b, size_t(k) * n, 2);
  return {[=] {
            (void)buffers;
            dnnl_sgemm(ta ? 'T' : 'N', tb ? 'T' : 'N', m, n, k, 1.f, a, ta ? m : k, b, tb ? k : n, 0.f, c, n);
          },
          c, size_t(m) * n, ""};
}

static bench::Job pool(const std::string& q) {
  const int n = number(q, "n"), c = number(q, "c"), h = number(q, "h"), w = number(q, "w"),
            oh = number(q, "oh"), ow = number(q, "ow");
  const memory::dims kernel{number(q, "kh"), number(q, "kw")}, stride{number(q, "sh"), number(q, "sw")},
      pad{number(q, "ph"), number(q, "pw")};
  const memory::dims right{(oh - 1) * stride[0] + kernel[0] - h - pad[0],
                           (ow - 1) * stride[1] + kernel[1] - w - pad[1]};
  const memory::desc x({n, c, h, w}, f32, Tag::nchw), y({n, c, oh, ow}, f32, Tag::nchw);
  const auto algorithm = bench::text(q, "kind") == "max" ? dnnl::algorithm::pooling_max
                                                         : dnnl::algorithm::pooling_avg_include_padding;
  dnnl::pooling_forward::primitive_desc forward(
      dnnl::pooling_forward::desc(dnnl::prop_kind::forward_training, algorithm, x, y, stride, kernel, pad,
                                  right),
      engine);
  memory src = filled(x, 1), dst(y, engine), workspace;
  std::unordered_map<int, memory> args{{DNNL_ARG_SRC, src}, {DNNL_ARG_DST, dst}};
  if (forward.workspace_desc().get_size())
    args[DNNL_ARG_WORKSPACE] = workspace = memory(forward.workspace_desc(), engine);
  dnnl::pooling_forward run_forward(forward);
  if (bench::text(q, "dir") == "fwd") {
    return {[=] {
              run_forward.execute(stream, args);
              stream.wait();
            },
            data(dst), y.get_size() / 4, ""};
  }
  run_forward.execute(stream, args);
  dnnl::pooling_backward::primitive_desc backward(
      dnnl::pooling_backward::desc(algorithm, x, y, stride, kernel, pad, right), engine, forward);
  memory dx(x, engine), dy = filled(y, 3);
  std::unordered_map<int, memory> back{{DNNL_ARG_DIFF_SRC, dx}, {DNNL_ARG_DIFF_DST, dy}};
  if (workspace) back[DNNL_ARG_WORKSPACE] = workspace;
  dnnl::pooling_backward primitive(backward);
  return {[=] {
            primitive.execute(stream, back);
            stream.wait();
          },
          data(dx), x.get_size() / 4, ""};
}

int main(int argc, char** argv) {
  omp_set_num_threads(argc > 1 ? atoi(argv[1]) : 1);
  const dnnl_version_t* v = dnnl_version();
  const std::string version =
      std::to_string(v->major) + "." + std::to_string(v->minor) + "." + std::to_string(v->patch);
  bench::serve("onednn", version, [](const std::string& q) -> bench::Job {
    const std::string suite = bench::text(q, "suite");
    if (suite == "conv") return conv(q);
    if (suite == "gemm") return gemm(q);
    if (suite == "pool") return pool(q);
    return {nullptr, nullptr, 0, "no such suite"};
  });
}
