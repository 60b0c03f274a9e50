// Pooling by hand: the maximum or the mean of each window.
import { slice, tensor, zeros } from 'gemmule';

function pool2d(X, [h, w], mode = 'max') {
  const Y = zeros([X.shape[0] - h + 1, X.shape[1] - w + 1]);
  for (let i = 0; i < Y.shape[0]; i++) {
    for (let j = 0; j < Y.shape[1]; j++) {
      const window = X.at(slice(i, i + h), slice(j, j + w));
      Y.set([i, j], mode === 'max' ? window.max() : window.mean());
    }
  }
  return Y;
}

const X = tensor([
  [0, 1, 2],
  [3, 4, 5],
  [6, 7, 8],
]);
console.log(pool2d(X, [2, 2]));
console.log(pool2d(X, [2, 2], 'avg'));
