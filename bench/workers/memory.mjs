/** 2,000 LeNet steps; prints the peak, the growth after step 300, and page faults per warm step. Argument: scope | plain. */
import { manualSeed, models, nn, optim, rand, randint, scope } from '../lib/gemmule.mjs';

const inScope = process.argv[2] === 'scope';
manualSeed(1);
const model = models.lenet();
const optimizer = new optim.SGD(model.parameters(), { lr: 0.9 });
const loss = new nn.CrossEntropyLoss();
const x = rand(256, 1, 28, 28).keep();
const y = randint(10, [256]).keep();
const step = () => {
  optimizer.zeroGrad();
  loss.forward(model.forward(x), y).backward();
  optimizer.step();
};
const mib = (bytes) => Math.round(bytes / 2 ** 20);
let early = 0;
let faults = 0;
for (let i = 0; i < 2000; i++) {
  if (inScope) scope(step);
  else step();
  if (i === 299) {
    early = process.memoryUsage.rss();
    faults = process.resourceUsage().minorPageFault;
  }
}
const faultsPerStep = (process.resourceUsage().minorPageFault - faults) / 1700;
process.stdout.write(
  JSON.stringify({
    peakMiB: mib(process.resourceUsage().maxRSS * 1024),
    growthMiB: mib(process.memoryUsage.rss() - early),
    faultsPerStep,
  }),
);
