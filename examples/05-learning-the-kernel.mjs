// Learning the edge detector from input and output alone.
import { corr2d, manualSeed, nn, noGrad, ones, tensor } from 'gemmule';

let X = ones([6, 8]);
X.set([':', '2:6'], 0);
let Y = corr2d(X, tensor([[1, -1]]));

manualSeed(0);
const conv = new nn.Conv2d(1, 1, [1, 2], { bias: false });
X = X.reshape([1, 1, 6, 8]);
Y = Y.reshape([1, 1, 6, 7]);
for (let i = 1; i <= 10; i++) {
  const loss = conv.forward(X).sub(Y).pow(2).sum();
  conv.zeroGrad();
  loss.backward();
  noGrad(() => conv.weight.sub_(conv.weight.grad.mul(3e-2)));
  if (i % 2 === 0) console.log(`round ${i}, loss ${loss.item().toFixed(3)}`);
}
console.log(conv.weight.detach().reshape([1, 2]));
