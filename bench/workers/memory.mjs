/**
 * 2,000 LeNet steps, and as many more in which the page faults of each hundred are counted: V8 compiles and grows its heap
 * for some thousand steps. Prints the peak, the growth after step 300, and the median of those counts. Argument: scope | plain.
 */
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
const run = (count) => {
  for (let i = 0; i < count; i++) {
    if (inScope) scope(step);
    else step();
  }
};
run(300);
const early = process.memoryUsage.rss();
run(1700);
const late = process.memoryUsage.rss();
const faults = Array.from({ length: 20 }, () => {
  const before = process.resourceUsage().minorPageFault;
  run(100);
  return process.resourceUsage().minorPageFault - before;
}).sort((a, b) => a - b);
process.stdout.write(
  JSON.stringify({
    peakMiB: mib(process.resourceUsage().maxRSS * 1024),
    growthMiB: mib(late - early),
    faultsPerHundredSteps: { median: (faults[9] + faults[10]) / 2, most: faults[19] },
  }),
);
