// The pooling layers. The stride is the window's size unless it is given.
import { arange, nn } from 'gemmule';

const X = arange(16).reshape([1, 1, 4, 4]);
console.log(new nn.MaxPool2d(3).forward(X));
console.log(new nn.MaxPool2d(3, { padding: 1, stride: 2 }).forward(X));
console.log(new nn.MaxPool2d([2, 3], { stride: [2, 3], padding: [0, 1] }).forward(X));
console.log(new nn.MaxPool2d(3, { stride: 2, ceilMode: true }).forward(X));
console.log(new nn.AvgPool2d(3, { padding: 1, stride: 2 }).forward(X));

const { values, indices } = nn.functional.maxPool2d(X, 2, { returnIndices: true });
console.log(values);
console.log(indices);
