// Many output channels: one kernel of all input channels for each.
import { corr2dMultiInOut, nn, stack, tensor } from 'gemmule';

const X = tensor([
  [
    [0, 1, 2],
    [3, 4, 5],
    [6, 7, 8],
  ],
  [
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ],
]);
let K = tensor([
  [
    [0, 1],
    [2, 3],
  ],
  [
    [1, 2],
    [3, 4],
  ],
]);
K = stack([K, K.add(1), K.add(2)]);
console.log(`[${K.shape.join(', ')}]`);
console.log(corr2dMultiInOut(X, K));

const layer = nn.functional.conv2d(X.unsqueeze(0), K).at(0);
console.log('conv2d says the same:', layer.sub(corr2dMultiInOut(X, K)).abs().max().item() === 0);
