"""Epochs of MNIST with the course's recipe in PyTorch. Usage: pytorch_epoch.py MNIST_DIR EPOCHS THREADS"""
import gzip, json, resource, sys, time

folder, epochs, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
import numpy as np
import torch
from torch import nn
from lenet import lenet

torch.set_num_threads(threads)
torch.manual_seed(0)


def idx(name, header):
    with gzip.open(f"{folder}/train-{name}-ubyte.gz") as f:
        return np.frombuffer(f.read(), dtype=np.uint8, offset=header)


images = torch.from_numpy(idx("images-idx3", 16).reshape(-1, 1, 28, 28).astype(np.float32) / 255)
labels = torch.from_numpy(idx("labels-idx1", 8).astype(np.int64))
model = lenet()
for layer in model:
    if isinstance(layer, (nn.Conv2d, nn.Linear)):
        nn.init.xavier_uniform_(layer.weight)
optimizer, loss = torch.optim.SGD(model.parameters(), lr=0.9), nn.CrossEntropyLoss()
seconds, accuracy = [], 0.0
for _ in range(epochs):
    began, correct, total = time.perf_counter(), 0, 0.0
    order = torch.randperm(len(images))
    for batch in order.split(256):
        x, y = images[batch], labels[batch]
        optimizer.zero_grad(set_to_none=True)
        logits = model(x)
        value = loss(logits, y)
        value.backward()
        optimizer.step()
        correct += int((logits.argmax(1) == y).sum())
        total += float(value) * len(batch)
    seconds.append(time.perf_counter() - began)
    accuracy = correct / len(images)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps(dict(seconds=seconds, accuracy=accuracy, peakMiB=peak)))
