// Translation invariance and locality, seen in one convolution.
import { manualSeed, nn, randn, zeros } from 'gemmule';

manualSeed(0);
const conv = new nn.Conv2d(1, 1, 3, { bias: false });

// a small pattern, and the same pattern two rows down and three columns to the right
const pattern = randn([4, 4]);
const X = zeros([1, 1, 16, 16]);
X.set([0, 0, '4:8', '4:8'], pattern);
const shifted = zeros([1, 1, 16, 16]);
shifted.set([0, 0, '6:10', '7:11'], pattern);

const Y = conv.forward(X).detach();
const Z = conv.forward(shifted).detach();
const difference = Z.at(0, 0, '2:', '3:').sub(Y.at(0, 0, ':12', ':11'));
console.log('output shifts with the input:', difference.abs().max().item() === 0);

// output (5, 5) sees input rows 5..7 and columns 5..7; nothing else changes it
const outside = X.clone();
outside.set([0, 0, '8:', ':'], 7);
outside.set([0, 0, ':', '8:'], 7);
console.log(
  'pixels outside the window change nothing:',
  conv.forward(outside).at(0, 0, 5, 5).item() === Y.at(0, 0, 5, 5).item(),
);
const inside = X.clone();
inside.set([0, 0, 7, 7], 7);
console.log('pixels inside it do:', conv.forward(inside).at(0, 0, 5, 5).item() !== Y.at(0, 0, 5, 5).item());
