/** The library as built in this checkout: bench/ is a package of its own, so that its name does not resolve here. */
export * from '../../dist/index.js';
