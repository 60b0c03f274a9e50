// The receptive field: all input pixels that an element of a feature map can see.
import { manualSeed, models, nn, randn, receptiveField } from 'gemmule';

const one = new nn.Sequential(new nn.Conv2d(1, 1, 3));
const two = new nn.Sequential(new nn.Conv2d(1, 1, 3), new nn.Conv2d(1, 1, 3));
for (const model of [one, two]) {
  const last = receptiveField(model, [1, 1, 5, 5]).at(-1);
  console.log(`layers: ${model.length}, the last one sees ${last.size.join('x')} of the 5x5 image`);
}

// the gradient of one output element is zero outside its receptive field
manualSeed(0);
const X = randn([1, 1, 9, 9]);
X.requiresGrad = true;
two.forward(X).at(0, 0, 2, 3).backward();
const seen = X.grad.at(0, 0).ne(0).to('int32');
console.log(seen);

for (const { name, type, size, stride, offset } of receptiveField(models.lenet(), [1, 1, 28, 28])) {
  console.log(`${name} ${type}: size ${size}, stride ${stride}, offset ${offset}`);
}
