// True convolution is cross-correlation with the kernel flipped both ways.
import { corr2d, tensor, zeros } from 'gemmule';

function convolve2d(X, K) {
  // y[i, j] = sum over a, b of x[i + kh - 1 - a, j + kw - 1 - b] * k[a, b]
  const [kh, kw] = K.shape;
  const Y = zeros([X.shape[0] - kh + 1, X.shape[1] - kw + 1]);
  for (let i = 0; i < Y.shape[0]; i++) {
    for (let j = 0; j < Y.shape[1]; j++) {
      let sum = 0;
      for (let a = 0; a < kh; a++) {
        for (let b = 0; b < kw; b++) sum += X.at(i + kh - 1 - a, j + kw - 1 - b).item() * K.at(a, b).item();
      }
      Y.set([i, j], sum);
    }
  }
  return Y;
}

const X = tensor([
  [0, 1, 2],
  [3, 4, 5],
  [6, 7, 8],
]);
const K = tensor([
  [0, 1],
  [2, 3],
]);
const flipped = tensor([
  [3, 2],
  [1, 0],
]);
console.log(convolve2d(X, K));
console.log(corr2d(X, flipped));
