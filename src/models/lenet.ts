/** LeNet (LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998). */
import { ReLU, Sigmoid, Tanh } from '../nn/activation.ts';
import { Sequential } from '../nn/container.ts';
import { Conv2d } from '../nn/conv.ts';
import { Flatten } from '../nn/flatten.ts';
import { xavierUniform_ } from '../nn/init.ts';
import { Linear } from '../nn/linear.ts';
import { AvgPool2d, MaxPool2d } from '../nn/pool.ts';
import { integer, oneOf, options } from '../options.ts';

export interface LenetOptions {
  /** Default 'sigmoid'. */
  activation?: 'sigmoid' | 'relu' | 'tanh';
  /** 2×2 pooling with stride 2, default 'avg'. */
  pool?: 'avg' | 'max';
  /** Number of outputs, default 10. */
  classes?: number;
}

const activations = { sigmoid: Sigmoid, relu: ReLU, tanh: Tanh };
const pools = { avg: AvgPool2d, max: MaxPool2d };

/**
 * The LeNet of the course ("Dive into Deep Learning", 7.6) for images [batch, 1, 28, 28], with logits [batch, classes]: two
 * convolutions (6 and 16 channels, 5×5), each with activation and pooling, and three linear layers (120, 84, classes).
 *
 * Weights are Xavier-uniform for sigmoid and tanh, as in the course, and PyTorch's default for relu; biases are PyTorch's
 * default.
 */
export function lenet(given?: LenetOptions): Sequential {
  const {
    activation = 'sigmoid',
    pool = 'avg',
    classes = 10,
  } = options('lenet', given, ['activation', 'pool', 'classes']);
  const Activation = activations[oneOf('lenet', 'activation', activation, ['sigmoid', 'relu', 'tanh'])];
  const Pool = pools[oneOf('lenet', 'pool', pool, ['avg', 'max'])];
  integer('lenet', 'classes', classes, 1);
  const net = new Sequential(
    new Conv2d(1, 6, 5, { padding: 2 }),
    new Activation(),
    new Pool(2, { stride: 2 }),
    new Conv2d(6, 16, 5),
    new Activation(),
    new Pool(2, { stride: 2 }),
    new Flatten(),
    new Linear(16 * 5 * 5, 120),
    new Activation(),
    new Linear(120, 84),
    new Activation(),
    new Linear(84, classes),
  );
  if (activation !== 'relu') {
    net.apply((layer) => {
      if (layer instanceof Conv2d || layer instanceof Linear) xavierUniform_(layer.weight);
    });
  }
  return net;
}
