// Packing: what the micro-kernel reads, in the order in which it reads it.
#pragma once
#include "../../simd/vec.h"

namespace gemmule {
namespace GEMMULE_ISA {

/// A matrix [rows, columns] with its row stride; transposed means that it lies as [columns, rows].
struct MatrixView {
  const float* data;
  intptr_t ld;
  bool transposed;
  const float* at(intptr_t row, intptr_t column) const {
    return data + (transposed ? column * ld + row : row * ld + column);
  }
};

/// W vectors as a W×W matrix, transposed in place: log2(W) perfect shuffles.
GEMMULE_INLINE void transposeVectors(VF (&r)[W]) {
  for (int stage = 1; stage < W; stage *= 2) {
    VF s[W];
    for (int i = 0; i < W / 2; i++) interleave(r[i], r[i + W / 2], s[2 * i], s[2 * i + 1]);
    for (int i = 0; i < W; i++) r[i] = s[i];
  }
}

/// dst[j * dstStep + i] = src[i * srcStep + j] for i < rows, j < columns. With `pad`, each of the columns
/// rows of dst is filled with zeros up to dstStep.
inline void transpose(const float* src, intptr_t srcStep, int rows, int columns, float* dst, intptr_t dstStep,
                      bool pad = false) {
  for (int i = 0; i < rows; i += W) {
    const int height = rows - i < W ? rows - i : W;
    const int written = pad && height < W ? (dstStep - i < W ? (int)dstStep - i : W) : height;
    // whole vectors, where what they spill is written over by the next row
    const bool spills = i == 0 && dstStep <= rows;
    for (int j = 0; j < columns; j += W) {
      const int width = columns - j < W ? columns - j : W;
      VF r[W];
      const float* p = src + i * srcStep + j;
      if (width == W) {
        for (int x = 0; x < W; x++) r[x] = x < height ? load(p + x * srcStep) : zero();
      } else {
        for (int x = 0; x < W; x++) r[x] = x < height ? loadN(p + x * srcStep, width) : zero();
      }
      transposeVectors(r);
      float* q = dst + j * dstStep + i;
      if (written == W && width == W) {
        for (int x = 0; x < W; x++) store(q + x * dstStep, r[x]);
      } else {
        for (int x = 0; x < W; x++) {
          if (x >= width) break;
          if (spills && (columns - j - x) * dstStep >= W)
            store(q + x * dstStep, r[x]);
          else
            storeN(q + x * dstStep, r[x], written);
        }
      }
    }
  }
}

/// rows × k of A from (row, k0) as k groups of `rows` values.
inline void packA(const MatrixView& a, int row, int rows, int k0, int k, float* dst) {
  if (!a.transposed) return transpose(a.at(row, k0), a.ld, rows, k, dst, rows);
  for (int i = 0; i < k; i++) {
    const float* src = a.at(row, k0 + i);
    float* out = dst + (intptr_t)i * rows;
    int j = 0;
    for (; j + W <= rows; j += W) store(out + j, load(src + j));
    if (j < rows) storeN(out + j, loadN(src + j, rows - j), rows - j);
  }
}

/// One row of B: `columns` values and zeros up to `width`, a multiple of W.
GEMMULE_INLINE void packRow(const float* src, int columns, float* dst, int width) {
  int j = 0;
  for (; j + W <= columns; j += W) store(dst + j, load(src + j));
  if (j < width) store(dst + j, loadN(src + j, columns - j));
}

template <int V>
inline void copyRows(const float* src, intptr_t step, int rows, float* dst) {
  for (int i = 0; i < rows; i++, src += step, dst += V * W)
    for (int j = 0; j < V; j++) store(dst + j * W, load(src + j * W));
}

/// Rows of B, one behind the other.
inline void packRows(const float* src, intptr_t step, int rows, int columns, float* dst, int width) {
  if (columns == width && width == 2 * W) return copyRows<2>(src, step, rows, dst);
  if (columns == width && width == 4 * W) return copyRows<4>(src, step, rows, dst);
  for (int i = 0; i < rows; i++) packRow(src + i * step, columns, dst + i * width, width);
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
