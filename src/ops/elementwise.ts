/** The elementwise ops under one name, for the layers above. */
export * from './binary.ts';
export * from './compare.ts';
export * from './inplace.ts';
export { floatType, type Operand, operand } from './pointwise.ts';
export * from './unary.ts';
