/** Working memory of the kernels: one array per use, kept at its high-water mark. */

/** A Float64Array of at least n elements; the contents are arbitrary. */
export function scratchF64(): (n: number) => Float64Array {
  let array = new Float64Array(0);
  return (n) => {
    if (array.length < n) array = new Float64Array(n);
    return array;
  };
}

/** An Int32Array of at least n elements; the contents are arbitrary. */
export function scratchI32(): (n: number) => Int32Array {
  let array = new Int32Array(0);
  return (n) => {
    if (array.length < n) array = new Int32Array(n);
    return array;
  };
}
