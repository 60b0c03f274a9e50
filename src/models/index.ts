/** `models`: ready-made networks. */
export { type LenetOptions, lenet } from './lenet.ts';
