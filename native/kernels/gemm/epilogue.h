// What happens to a tile of C after the last k: bias and relu in registers, sigmoid and tanh while the tile
// is in L1.
#pragma once
#include "../../simd/math.h"
#include "microkernel.h"

namespace gemmule {
namespace GEMMULE_ISA {

/// The values of GemmDesc.activation and ConvDesc.activation.
constexpr int activationNone = 0, activationRelu = 1, activationSigmoid = 2, activationTanh = 3;

/// One value per row of C, or one per column; both null for none.
struct Bias {
  const float* row;
  const float* column;
};

/// Fills in the epilogue of a tile at (row, column); `last` tells that k ends with this tile.
inline void finish(Tile& tile, bool last, const Bias& bias, int activation, int row, int column) {
  tile.rowBias = last && bias.row ? bias.row + row : nullptr;
  tile.columnBias = last && bias.column ? bias.column + column : nullptr;
  tile.relu = last && activation == activationRelu;
}

template <class F>
GEMMULE_INLINE void mapRows(float* c, intptr_t ldc, int rows, int columns, F f) {
  for (int i = 0; i < rows; i++, c += ldc) {
    int j = 0;
    for (; j + W <= columns; j += W) store(c + j, f(load(c + j)));
    if (j < columns) storeN(c + j, f(loadN(c + j, columns - j)), columns - j);
  }
}

/// The activations that do not fit in registers beside a tile, in place.
inline void activate(int activation, float* c, intptr_t ldc, int rows, int columns) {
  if (activation == activationSigmoid) mapRows(c, ldc, rows, columns, [](VF x) { return sigmoid(x); });
  if (activation == activationTanh) mapRows(c, ldc, rows, columns, [](VF x) { return tanh(x); });
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
