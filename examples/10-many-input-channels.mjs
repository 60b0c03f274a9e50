// Many input channels: each has its kernel, the results are summed.
import { corr2dMultiIn, tensor } from 'gemmule';

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
const K = tensor([
  [
    [0, 1],
    [2, 3],
  ],
  [
    [1, 2],
    [3, 4],
  ],
]);
console.log(corr2dMultiIn(X, K));
