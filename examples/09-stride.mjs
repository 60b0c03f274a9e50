// Stride: the window moves by more than one, and stops where it no longer fits.
import { nn, rand, tensor } from 'gemmule';

const X = tensor([
  [0, 1, 2],
  [3, 4, 5],
  [6, 7, 8],
]).reshape([1, 1, 3, 3]);
const K = tensor([
  [0, 1],
  [2, 3],
]).reshape([1, 1, 2, 2]);
console.log(nn.functional.conv2d(X, K, null, { padding: 1, stride: [3, 2] }).reshape([2, 2]));

const image = rand([1, 1, 8, 8]);
const shapeOf = (layer) => `[${layer.forward(image).shape.slice(2).join(', ')}]`;
console.log('kernel 3, padding 1, stride 2:', shapeOf(new nn.Conv2d(1, 1, 3, { padding: 1, stride: 2 })));
console.log(
  'kernel 3x5, padding 0x1, stride 3x4:',
  shapeOf(new nn.Conv2d(1, 1, [3, 5], { padding: [0, 1], stride: [3, 4] })),
);
