/** Epochs of MNIST with the course's recipe through the public API. Usage: epoch.mjs MNIST_DIR EPOCHS */
import { data, models, nn, optim, train } from '../lib/gemmule.mjs';

const [dir, epochs] = process.argv.slice(2);
const loader = new data.DataLoader(data.mnist(dir, { split: 'train' }), { batchSize: 256, shuffle: true, seed: 0 });
const model = models.lenet();
const optimizer = new optim.SGD(model.parameters(), { lr: 0.9 });
const seconds = [];
let accuracy = 0;
await train.fit(model, loader, {
  optimizer,
  loss: nn.functional.crossEntropy,
  epochs: Number(epochs),
  onEpoch: (info) => {
    seconds.push(info.seconds);
    accuracy = info.trainAccuracy;
  },
});
const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
process.stdout.write(JSON.stringify({ seconds, accuracy, peakMiB }));
