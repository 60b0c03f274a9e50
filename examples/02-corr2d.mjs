// Cross-correlation by hand: the window slides from the top left, products are summed.
import { slice, tensor, zeros } from 'gemmule';

function corr2d(X, K) {
  const [h, w] = K.shape;
  const Y = zeros([X.shape[0] - h + 1, X.shape[1] - w + 1]);
  for (let i = 0; i < Y.shape[0]; i++) {
    for (let j = 0; j < Y.shape[1]; j++) {
      Y.set(
        [i, j],
        X.at(slice(i, i + h), slice(j, j + w))
          .mul(K)
          .sum(),
      );
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
console.log(corr2d(X, K));
