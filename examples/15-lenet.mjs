// LeNet, complete: `node examples/15-lenet.mjs` trains on drawn digits, with MNIST's folder as an argument on MNIST.
import { data, manualSeed, models, nn, optim, summary, train } from 'gemmule';

const [mnistDir] = process.argv.slice(2);
manualSeed(0);
const net = new nn.Sequential(
  new nn.Conv2d(1, 6, 5, { padding: 2 }),
  new nn.Sigmoid(),
  new nn.AvgPool2d(2, { stride: 2 }),
  new nn.Conv2d(6, 16, 5),
  new nn.Sigmoid(),
  new nn.AvgPool2d(2, { stride: 2 }),
  new nn.Flatten(),
  new nn.Linear(400, 120),
  new nn.Sigmoid(),
  new nn.Linear(120, 84),
  new nn.Sigmoid(),
  new nn.Linear(84, 10),
);
net.apply((layer) => {
  if (layer instanceof nn.Conv2d || layer instanceof nn.Linear) nn.init.xavierUniform_(layer.weight);
});
console.log(summary(net, [1, 1, 28, 28]));

// the course's recipe on MNIST; on the digits, which are fewer, the same net with Adam
const digits = data.digits({ train: 4000, test: 500 });
const sets = mnistDir
  ? { train: data.mnist(mnistDir, { split: 'train' }), test: data.mnist(mnistDir, { split: 'test' }) }
  : digits;
const loader = new data.DataLoader(sets.train, { batchSize: mnistDir ? 256 : 32, shuffle: true, seed: 0 });
await train.fit(net, loader, {
  optimizer: mnistDir ? new optim.SGD(net.parameters(), { lr: 0.9 }) : new optim.Adam(net.parameters(), { lr: 0.005 }),
  epochs: mnistDir ? 10 : 6,
  test: new data.DataLoader(sets.test, { batchSize: 250 }),
  onEpoch: ({ epoch, trainLoss, testAccuracy }) => {
    console.log(`epoch ${epoch}, loss ${trainLoss.toFixed(3)}, test accuracy ${testAccuracy.toFixed(3)}`);
  },
});

const same = Object.keys(models.lenet().stateDict()).join() === Object.keys(net.stateDict()).join();
console.log('models.lenet() is this net:', same);
