/** Joins the Tensor class with the layers built on it: ops as methods, backward, printing. */
import { backward } from '../autograd/backward.ts';
import { installMethods } from '../ops/methods.ts';
import { print } from './print.ts';
import { runtime } from './tensor.ts';

installMethods();
runtime.backward = backward;
runtime.print = print;
