#!/usr/bin/env python3
"""Records cases from PyTorch in the form that test/golden/format.ts reads.

    python3 test/golden/record.py PREFIX [--seed N] [--per-op N] [--op NAME …]
    npm run test:golden -- PREFIX

Each op is called with the samples that PyTorch's own tests use (torch.testing's OpInfo) and with random configurations
of convolution and pooling. Needs PyTorch, numpy and nothing else.
"""
import argparse
import json
import random
import struct
import sys
import types
import unittest

import numpy as np
import torch

try:
    import expecttest  # noqa: F401
except ModuleNotFoundError:
    # PyTorch's sample lists import it for a base class that is not used here
    sys.modules["expecttest"] = types.SimpleNamespace(TestCase=unittest.TestCase, ACCEPT=True)
from torch.testing._internal import common_methods_invocations as samples

NAMES = """
abs add addcdiv addcmul addmm addmv addbmm baddbmm all any amax amin argmax argmin argsort acos acosh asin asinh atan atanh
atan2 bmm broadcast_to cat ceil chunk clamp cos cosh count_nonzero cumprod cumsum diag diagonal div dot eq erf erfc exp exp2
expand expand_as expm1 flatten flip fliplr flipud floor floor_divide fmax fmin fmod frac gather ge gt hypot index_add
index_select inner isclose isfinite isinf isnan le lerp log log10 log1p log2 log_softmax logical_and logical_not logical_or
logical_xor logit logsumexp lt masked_fill masked_select matmul max maximum mean min minimum mm movedim mul mv nan_to_num
nansum narrow ne neg norm outer permute positive pow prod ravel reciprocal remainder repeat repeat_interleave reshape
reshape_as roll rot90 round rsqrt rsub scatter scatter_add select sigmoid sign sin sinh softmax sort split
split_with_sizes sqrt square squeeze stack std std_mean sub sum t take_along_dim tan tanh tile topk transpose tril triu trunc
unbind unflatten unsqueeze var var_mean view view_as where __getitem__ __radd__ __rdiv__ __rmul__ __rpow__ __rsub__ __rmod__
""".split()
FUNCTIONAL = """
adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d
avg_pool1d avg_pool2d avg_pool3d batch_norm binary_cross_entropy binary_cross_entropy_with_logits celu conv1d conv2d
conv_transpose1d conv_transpose2d conv_transpose3d cosine_embedding_loss cosine_similarity cross_entropy elu fold
gaussian_nll_loss gelu glu group_norm hardshrink hardsigmoid hardswish hardtanh hinge_embedding_loss huber_loss instance_norm
interpolate kl_div l1_loss layer_norm leaky_relu linear local_response_norm logsigmoid margin_ranking_loss max_pool1d
max_pool2d max_pool3d max_unpool1d max_unpool2d max_unpool3d mish mse_loss nll_loss normalize one_hot pad pairwise_distance
pixel_shuffle pixel_unshuffle poisson_nll_loss prelu relu relu6 selu silu smooth_l1_loss soft_margin_loss softmin softplus
softshrink softsign tanhshrink threshold triplet_margin_loss unfold
""".split()

DTYPES = {torch.float32: "float32", torch.float64: "float64", torch.int64: "int32", torch.int32: "int32",
          torch.uint8: "uint8", torch.bool: "bool"}
CODES = {"float32": ("F32", "<f4"), "float64": ("F64", "<f8"), "int32": ("I32", "<i4"), "uint8": ("U8", "u1"),
         "bool": ("U8", "u1")}


class Skip(Exception):
    """A sample with a dtype or value that the format has no form for."""


class Recorder:
    def __init__(self):
        self.tensors = {}
        self.cases = []

    def store(self, name, t):
        if t.dtype not in DTYPES:
            raise Skip(str(t.dtype))
        self.tensors[name] = (DTYPES[t.dtype], t.detach().cpu().contiguous().numpy().copy())
        return {"t": name, "dtype": DTYPES[t.dtype]}

    def value(self, v, name, leaves):
        if isinstance(v, torch.Tensor):
            leaf = v.detach().clone().requires_grad_(v.requires_grad)
            leaves.append((name, leaf))
            return self.store(name, v), leaf
        if isinstance(v, (list, tuple)):
            pairs = [self.value(x, f"{name}.{i}", leaves) for i, x in enumerate(v)]
            return [p[0] for p in pairs], type(v)(p[1] for p in pairs) if type(v) in (list, tuple) else [p[1] for p in pairs]
        if isinstance(v, slice):
            return {"slice": [v.start, v.stop, v.step]}, v
        if v is Ellipsis:
            return {"ellipsis": True}, v
        if isinstance(v, torch.dtype):
            if v not in DTYPES:
                raise Skip(str(v))
            return {"dtype": DTYPES[v]}, v
        if isinstance(v, float) and (v != v or v in (float("inf"), -float("inf"))):
            return {"float": "nan" if v != v else "inf" if v > 0 else "-inf"}, v
        if v is None or isinstance(v, (bool, int, float, str)):
            return v, v
        raise Skip(str(type(v)))

    def record(self, op, variant, fn, args, kwargs):
        key = f"{op}.{variant or '-'}.{len(self.cases)}"
        leaves = []
        pairs = [self.value(a, f"{key}.a{i}", leaves) for i, a in enumerate(args)]
        named = {k: self.value(v, f"{key}.k.{k}", leaves) for k, v in kwargs.items()}
        out = fn(*[p[1] for p in pairs], **{k: v[1] for k, v in named.items()})
        outs = [out] if isinstance(out, torch.Tensor) else list(out)
        case = {"id": key, "op": op, "variant": variant, "args": [p[0] for p in pairs],
                "kwargs": {k: v[0] for k, v in named.items()}, "out": [], "gradOut": [], "grads": {}}
        cotangents = []
        for i, o in enumerate(outs):
            case["out"].append(self.store(f"{key}.out{i}", o))
            g = torch.randn_like(o) if o.requires_grad else None
            case["gradOut"].append(None if g is None else self.store(f"{key}.gout{i}", g))
            if g is not None:
                cotangents.append((o, g))
        wanted = [(n, t) for n, t in leaves if t.requires_grad]
        if cotangents and wanted:
            grads = torch.autograd.grad([o for o, _ in cotangents], [t for _, t in wanted], [g for _, g in cotangents],
                                        allow_unused=True)
            for (n, _), g in zip(wanted, grads):
                if g is not None:
                    self.store(f"{n}.grad", g)
                    case["grads"][n] = f"{n}.grad"
        self.cases.append(case)

    def write(self, prefix):
        used = set(json.dumps(self.cases).split('"'))
        header, chunks, at = {}, [], 0
        for name, (dtype, array) in self.tensors.items():
            if name not in used:
                continue
            code, kind = CODES[dtype]
            data = array.astype(kind).tobytes()
            header[name] = {"dtype": code, "shape": list(array.shape), "data_offsets": [at, at + len(data)]}
            chunks.append(data)
            at += len(data)
        text = json.dumps(header).encode()
        with open(prefix + ".safetensors", "wb") as f:
            f.write(struct.pack("<Q", len(text)) + text + b"".join(chunks))
        with open(prefix + ".json", "w") as f:
            json.dump({"source": f"PyTorch {torch.__version__}", "cases": self.cases}, f)


def random_windows(recorder, rng, count):
    """Convolutions and poolings of random shapes and options."""
    F = torch.nn.functional

    def pair(low, high):
        a = rng.randint(low, high)
        return a if rng.random() < 0.5 else (a, rng.randint(low, high))

    def image(c):
        return torch.randn(rng.randint(1, 2), c, rng.randint(7, 12), rng.randint(7, 12), requires_grad=True)

    for _ in range(count):
        groups = rng.choice([1, 1, 2, 3])
        cin, cout = groups * rng.randint(1, 3), groups * rng.randint(1, 3)
        kernel = (rng.randint(1, 3), rng.randint(1, 3))
        bias = torch.randn(cout, requires_grad=True) if rng.random() < 0.7 else None
        weight = torch.randn(cout, cin // groups, *kernel, requires_grad=True)
        options = {"stride": pair(1, 3), "padding": rng.choice(["valid", pair(0, 2)]), "dilation": pair(1, 2), "groups": groups}
        recorder.record("nn.functional.conv2d", "random", F.conv2d, [image(cin), weight, bias], options)
        back = torch.randn(cin, cout // groups, *kernel, requires_grad=True)
        options = {"stride": pair(2, 3), "padding": pair(0, 1), "output_padding": pair(0, 1), "dilation": pair(1, 2), "groups": groups}
        recorder.record("nn.functional.conv_transpose2d", "random", F.conv_transpose2d, [image(cin), back, bias], options)
        size = rng.randint(2, 3)
        options = {"kernel_size": size, "stride": rng.choice([None, pair(1, 3)]), "padding": rng.randint(0, 1),
                   "ceil_mode": rng.random() < 0.5}
        recorder.record("nn.functional.max_pool2d", "random", F.max_pool2d, [image(2)], {**options, "dilation": pair(1, 2)})
        recorder.record("nn.functional.avg_pool2d", "random", F.avg_pool2d, [image(2)],
                        {**options, "count_include_pad": rng.random() < 0.5, "divisor_override": rng.choice([None, 3])})
        mode = rng.choice(["zeros", "reflect", "replicate", "circular"])
        layer = {"kernel_size": size, "stride": pair(1, 2), "padding": rng.choice(["same", pair(0, 3)]), "padding_mode": mode,
                 "dilation": pair(1, 2), "groups": groups}
        if layer["padding"] == "same":
            layer["stride"] = 1
        weight = torch.randn(cout, cin // groups, size, size, requires_grad=True)

        def forward(x, w, b, **options):
            module = torch.nn.Conv2d(x.shape[1], w.shape[0], bias=b is not None, **options)
            del module.weight, module.bias
            module.weight, module.bias = w, b
            return module(x)

        recorder.record("nn.Conv2d", "padding_mode", forward, [image(cin), weight, bias], layer)
        x3 = torch.randn(1, cin, 4, 5, 4, requires_grad=True)
        w3 = torch.randn(cout, cin // groups, 2, *kernel, requires_grad=True)
        options = {"stride": rng.randint(1, 2), "padding": rng.randint(0, 1), "dilation": rng.randint(1, 2), "groups": groups}
        recorder.record("nn.functional.conv3d", "random", F.conv3d, [x3, w3, bias], {**options, "padding": 1})


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prefix")
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--per-op", type=int, default=40)
    parser.add_argument("--op", action="append")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    rng = random.Random(options.seed)
    np.random.seed(options.seed)
    random.seed(options.seed)
    wanted = set(options.op or NAMES + [f"nn.functional.{n}" for n in FUNCTIONAL])
    recorder = Recorder()
    for info in samples.op_db:
        if info.name not in wanted or torch.float32 not in info.dtypes:
            continue
        try:
            inputs = list(info.sample_inputs("cpu", torch.float32, requires_grad=info.supports_autograd))
        except (RuntimeError, ValueError, AssertionError):
            continue
        rng.shuffle(inputs)
        for sample in inputs[: options.per_op]:
            try:
                recorder.record(info.name, info.variant_test_name, info.op, [sample.input, *sample.args], sample.kwargs)
            except (Skip, RuntimeError, ValueError, TypeError):
                continue
    if not options.op:
        random_windows(recorder, rng, options.per_op)
    recorder.write(options.prefix)
    print(f"{len(recorder.cases)} cases of {len({c['op'] for c in recorder.cases})} ops")


if __name__ == "__main__":
    main()
