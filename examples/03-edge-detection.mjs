// A kernel of 1 and -1 finds vertical edges.
import { corr2d, ones, tensor } from 'gemmule';

const X = ones([6, 8]);
X.set([':', '2:6'], 0);
console.log(X);

const K = tensor([[1, -1]]);
console.log(corr2d(X, K));

// it is blind to horizontal ones
console.log(corr2d(X.transpose(0, 1), K));
