// 2,000 training steps as a user writes them first: no scope, no dispose. Prints resident bytes after 300 and after all.
import { data, manualSeed, models, nn, optim } from 'gemmule';

manualSeed(0);
const model = models.lenet({ activation: 'relu', pool: 'max' });
const optimizer = new optim.Adam(model.parameters(), { lr: 0.001 });
const loader = new data.DataLoader(data.digits({ train: 1600, test: 1 }).train, { batchSize: 16, shuffle: true });
const resident = [];
let step = 0;
while (step < 2000) {
  for await (const [x, y] of loader) {
    const loss = nn.functional.crossEntropy(model.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    step++;
    if (step === 300 || step === 2000) resident.push(process.memoryUsage.rss());
  }
}
console.log(JSON.stringify(resident));
