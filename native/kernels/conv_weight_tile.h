// The tile of a gradient of the weights whose channels are in the lanes (conv_weight_lanes.h): rows of x
// times a vector of g, the sums in registers over all positions.
#pragma once
#include "gemm/microkernel.h"

namespace gemmule {
namespace GEMMULE_ISA {

/// sums[r, v] (+)= sum over images and positions of x[offsets[r] + position] * g[position, v]
struct TapTile {
  const float* x;
  const intptr_t* offsets;            // one per row of the tile
  intptr_t step, rowStep, imageStep;  // in x, between positions of a row, rows and images
  intptr_t ahead;                     // from a value to one that is wanted soon, 0 for none
  const float* g;                     // [images][rows][columns][V * W]
  intptr_t rowGap, imageGap;          // values of g left out behind each row and each image
  int images, rows, columns;
  float* sums;
  intptr_t ld;
  bool accumulate;
};

constexpr int tapVectorLimit = 4;
// With AVX2 a value that is broadcast takes a register too.
constexpr int tapRegisters = GEMMULE_SET == GEMMULE_ISA_avx2 ? 15 : 32;
constexpr int tapVectors(int rows) {
  const int most =
      tapRegisters / (rows + 1) < accumulators / rows ? tapRegisters / (rows + 1) : accumulators / rows;
  return most < tapVectorLimit ? most : tapVectorLimit;
}

template <int R, int V>
GEMMULE_INLINE void addTaps(VF (&acc)[R][V], const float* const (&x)[R], intptr_t at, const float* g) {
  VF right[V];
  GEMMULE_UNROLL
  for (int v = 0; v < V; v++) right[v] = loaded(load(g + v * W));
  GEMMULE_UNROLL
  for (int r = 0; r < R; r++) {
    const VF left = set1(x[r][at]);
    GEMMULE_UNROLL
    for (int v = 0; v < V; v++) addProduct(acc[r][v], left, right[v]);
  }
}

template <int R, int V>
void runTaps(const TapTile& t) {
  VF acc[R][V];
  GEMMULE_UNROLL
  for (int r = 0; r < R; r++) {
    GEMMULE_UNROLL
    for (int v = 0; v < V; v++) acc[r][v] = zero();
  }
  GEMMULE_UNROLL
  for (int r = 0; r < R; r++) {  // the sums come while others run
    GEMMULE_UNROLL
    for (int v = 0; v < V; v++) prefetchToWrite(t.sums + r * t.ld + v * W);
  }
  const float* x[R];
  GEMMULE_UNROLL
  for (int r = 0; r < R; r++) x[r] = t.x + t.offsets[r];
  const float* g = t.g;
  const intptr_t step = t.step, columns = t.columns * step;
  for (int image = 0; image < t.images; image++, g += t.imageGap)
    for (int row = 0; row < t.rows; row++) {
      intptr_t at = image * t.imageStep + row * t.rowStep;
      const intptr_t end = at + columns;
      while (at + step < end) {
        intptr_t stop = end;
        if (t.ahead != 0) {
          const intptr_t line = step < lineValues / 2 ? lineValues : 2 * step;
          if (end - at > line) stop = at + line;
          GEMMULE_UNROLL
          for (int r = 0; r < R; r++) prefetchSoon(x[r] + at + t.ahead);
        }
        for (; at + step < stop; at += 2 * step, g += 2 * V * W) {
          addTaps(acc, x, at, g);
          addTaps(acc, x, at + step, g + V * W);
        }
      }
      if (at < end) {
        addTaps(acc, x, at, g);
        g += V * W;
      }
      g += t.rowGap;
    }
  GEMMULE_UNROLL
  for (int r = 0; r < R; r++) {
    GEMMULE_UNROLL
    for (int v = 0; v < V; v++) {
      float* p = t.sums + r * t.ld + v * W;
      store(p, t.accumulate ? add(acc[r][v], load(p)) : acc[r][v]);
    }
  }
}

using TapKernel = void (*)(const TapTile&);
struct TapKernels {
  TapKernel kernel[maxDirectRows][tapVectorLimit];
  constexpr TapKernels() : kernel() { fill<1, 1>(); }

 private:
  template <int R, int V>
  constexpr void fill() {
    kernel[R - 1][V - 1] = &runTaps<R, V>;
    if constexpr (V < tapVectors(R))
      fill<R, V + 1>();
    else if constexpr (R < maxDirectRows)
      fill<R + 1, 1>();
  }
};

}  // namespace GEMMULE_ISA
}  // namespace gemmule
