// Padding keeps the size.
import { corr2d, nn, rand, tensor } from 'gemmule';

const X = tensor([
  [0, 1, 2],
  [3, 4, 5],
  [6, 7, 8],
]);
const K = tensor([
  [0, 1],
  [2, 3],
]);
console.log(corr2d(nn.functional.pad(X, [1, 1, 1, 1]), K));

const image = rand([1, 1, 8, 8]);
const shapeOf = (layer) => `[${layer.forward(image).shape.slice(2).join(', ')}]`;
console.log('kernel 3, no padding:', shapeOf(new nn.Conv2d(1, 1, 3)));
console.log('kernel 3, padding 1:', shapeOf(new nn.Conv2d(1, 1, 3, { padding: 1 })));
console.log('kernel 5x3, padding 2x1:', shapeOf(new nn.Conv2d(1, 1, [5, 3], { padding: [2, 1] })));

// an even kernel pads unevenly: 'same' puts the extra row below (as PyTorch), 'same_lower' above
const square = X.reshape([1, 1, 3, 3]);
for (const padding of ['same', 'same_lower']) {
  const layer = new nn.Conv2d(1, 1, 2, { padding, bias: false });
  layer.loadStateDict({ weight: K.reshape([1, 1, 2, 2]) });
  console.log(padding);
  console.log(layer.forward(square).detach().reshape([3, 3]));
}
