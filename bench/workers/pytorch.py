"""PyTorch's side of the suites; the protocol is that of worker.mjs."""
import json, resource, sys, time

threads = int(sys.argv[1])
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from lenet import lenet as layers

torch.set_num_threads(threads)


def fill(n, salt):
    with np.errstate(over="ignore"):
        x = np.arange(n, dtype=np.uint32) * np.uint32(0x9E3779B1) + np.uint32(salt * 0x85EBCA77 & 0xFFFFFFFF)
        x = (x ^ (x >> np.uint32(15))) * np.uint32(0x2C1B3C6D)
        x = (x ^ (x >> np.uint32(12))) * np.uint32(0x297A2D39)
        x = x ^ (x >> np.uint32(15))
    return torch.from_numpy(((x >> np.uint32(8)).astype(np.float32) / np.float32(2**24)) - np.float32(0.5))


def make(shape, salt):
    return fill(int(np.prod(shape)), salt).reshape(shape)


def sample(t):
    t = t.detach().contiguous().reshape(-1)
    return [float(t[i * 2654435761 % t.numel()]) for i in range(64)]


def layout(t, last):
    return t.to(memory_format=torch.channels_last) if last else t


def no_grad(f):
    def run():
        with torch.no_grad():
            return f()

    return run


def conv(q):
    p, last = q["problem"], q.get("variant") == "channels_last"
    x = layout(make([p["n"], p["c"], p["h"], p["w"]], 1), last)
    w = layout(make([p["k"], p["c"] // p["g"], p["kh"], p["kw"]], 2), last)
    kw = dict(stride=(p["sh"], p["sw"]), padding=(p["ph"], p["pw"]), dilation=(p["dh"] + 1, p["dw"] + 1), groups=p["g"])
    if q["dir"] == "fwd":
        return no_grad(lambda: F.conv2d(x, w, **kw))
    g = layout(make([p["n"], p["k"], p["oh"], p["ow"]], 3), last)
    leaf = x if q["dir"] == "bwd_d" else w
    leaf.requires_grad_(True)
    y = F.conv2d(x, w, **kw)
    return lambda: torch.autograd.grad(y, leaf, g, retain_graph=True)[0]


def gemm(q):
    p = q["problem"]
    a = make([p["k"], p["m"]], 1).t() if p["ta"] else make([p["m"], p["k"]], 1)
    b = make([p["n"], p["k"]], 2).t() if p["tb"] else make([p["k"], p["n"]], 2)
    return no_grad(lambda: a @ b)


def pool(q):
    p, last = q["problem"], q.get("variant") == "channels_last"
    x = layout(make([p["n"], p["c"], p["h"], p["w"]], 1), last).requires_grad_(True)
    op = F.max_pool2d if q["kind"] == "max" else F.avg_pool2d
    f = lambda: op(x, (p["kh"], p["kw"]), stride=(p["sh"], p["sw"]), padding=(p["ph"], p["pw"]))
    if q["dir"] == "fwd":
        return f
    y, g = f(), layout(make([p["n"], p["c"], p["oh"], p["ow"]], 3), last)
    return lambda: torch.autograd.grad(y, x, g, retain_graph=True)[0]


def elementwise(q):
    op, n = q["problem"]["op"], q["problem"]["n"]
    x = make([n], 1)
    if op == "add":
        y = make([n], 2)
        return no_grad(lambda: x + y)
    if op == "softmax":
        rows = x.reshape(n // 64, 64)
        return no_grad(lambda: torch.softmax(rows, 1))
    if op == "batchNorm":
        image = x.reshape(n // 1024, 16, 64)
        mean, var, weight, bias = torch.zeros(16), torch.ones(16), torch.ones(16), torch.zeros(16)
        return no_grad(lambda: F.batch_norm(image, mean, var, weight, bias, training=True))
    if op == "adam":
        p = x.clone().requires_grad_(True)
        p.grad = make([n], 2)
        adam = torch.optim.Adam([p], lr=1e-6)

        def run():
            adam.step()
            return p

        return run
    return no_grad(lambda: getattr(torch, op)(x))


def net():
    m = layers()
    with torch.no_grad():
        for i, p in enumerate(m.parameters()):
            p.copy_(make(list(p.shape), 10 + i) * (0.3 if p.dim() > 1 else 0.1))
    return m


def lenet(q):
    last, batch = q.get("variant") == "channels_last", q.get("batch", 256)
    m = net()
    if last:
        m = m.to(memory_format=torch.channels_last)
    x = layout(make([batch, 1, 28, 28], 5) + 0.5, last)
    if q["mode"] == "infer":
        return no_grad(lambda: m(x))
    y = torch.tensor([(i * 7) % 10 for i in range(batch)])
    optimizer, loss = torch.optim.SGD(m.parameters(), lr=0.9), nn.CrossEntropyLoss()

    def run():
        optimizer.zero_grad(set_to_none=True)
        value = loss(m(x), y)
        value.backward()
        optimizer.step()
        return value

    return run


def measure(run, seconds):
    run()
    start = time.perf_counter()
    run()
    one = time.perf_counter() - start
    inner = int(20e-6 / max(one, 1e-8)) + 1 if one < 20e-6 else 1
    times, total = [], 0.0
    while total < seconds or len(times) < 3:
        before = time.perf_counter()
        for _ in range(inner):
            run()
        t = time.perf_counter() - before
        total += t
        times.append(t / inner)
    return times


suites = dict(conv=conv, gemm=gemm, pool=pool, elementwise=elementwise, lenet=lenet)
print(json.dumps(dict(ready="pytorch", version=torch.__version__)), flush=True)
current = None
for line in sys.stdin:
    request = json.loads(line)
    try:
        if request["cmd"] == "setup":
            current = suites[request["suite"]](request)
            if request["suite"] == "lenet" and request["mode"] != "infer":
                answer = dict(sample=[float(current()) for _ in range(5)] + [0.0] * 59)
            else:
                answer = dict(sample=sample(current()))
        else:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
            times = measure(current, request["seconds"])
            usage = resource.getrusage(resource.RUSAGE_SELF)
            answer = dict(times=times, faults=(usage.ru_minflt - before) / len(times), rss=usage.ru_maxrss * 1024)
    except Exception as error:
        answer = dict(error=repr(error))
    print(json.dumps(answer), flush=True)
