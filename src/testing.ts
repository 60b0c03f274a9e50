/** Helpers for tests of differentiable code. */
export { type GradcheckOptions, gradcheck, gradgradcheck } from './autograd/gradcheck.ts';
