// The layer and its options. Input and output are (batch, channels, height, width).
import { nn, rand } from 'gemmule';

const X = rand([2, 4, 8, 8]);
const layers = {
  'kernel 3': new nn.Conv2d(4, 6, 3),
  'kernel 3x5': new nn.Conv2d(4, 6, [3, 5]),
  'padding 1': new nn.Conv2d(4, 6, 3, { padding: 1 }),
  'padding 1x2': new nn.Conv2d(4, 6, [3, 5], { padding: [1, 2] }),
  "padding 'same'": new nn.Conv2d(4, 6, 3, { padding: 'same' }),
  'stride 2': new nn.Conv2d(4, 6, 3, { padding: 1, stride: 2 }),
  'dilation 2': new nn.Conv2d(4, 6, 3, { dilation: 2 }),
  'groups 2': new nn.Conv2d(4, 6, 3, { groups: 2 }),
  'reflect padding': new nn.Conv2d(4, 6, 3, { padding: 1, paddingMode: 'reflect' }),
  'replicate padding': new nn.Conv2d(4, 6, 3, { padding: 1, paddingMode: 'replicate' }),
  'circular padding': new nn.Conv2d(4, 6, 3, { padding: 1, paddingMode: 'circular' }),
  'no bias': new nn.Conv2d(4, 6, 3, { bias: false }),
};
for (const [name, layer] of Object.entries(layers)) {
  const parameters = Array.from(layer.parameters(), (p) => `[${p.shape.join(', ')}]`);
  console.log(`${name}: output [${layer.forward(X).shape.join(', ')}], parameters ${parameters.join(' and ')}`);
}
