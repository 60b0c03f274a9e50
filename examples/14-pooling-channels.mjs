// Pooling keeps channels apart.
import { arange, cat, nn } from 'gemmule';

let X = arange(16).reshape([1, 1, 4, 4]);
X = cat([X, X.add(1)], 1);
console.log(new nn.MaxPool2d(3, { padding: 1, stride: 2 }).forward(X));
