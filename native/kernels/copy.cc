// fill and copyStrided.
#include <string.h>

#include "elementwise_strided.h"
#include "table.h"

namespace gemmule {
namespace GEMMULE_ISA {

namespace {

/// Rows of W floats become columns: log2(W) rounds of perfect shuffles.
GEMMULE_INLINE void transposeSquare(const float* from, int64_t fromStride, float* to, int64_t toStride) {
  VF r[W], s[W];
  for (int i = 0; i < W; i++) r[i] = load(from + i * fromStride);
  for (int round = 1; round < W; round *= 2) {
    for (int i = 0; i < W / 2; i++) interleave(r[i], r[i + W / 2], s[2 * i], s[2 * i + 1]);
    for (int i = 0; i < W; i++) r[i] = s[i];
  }
  for (int i = 0; i < W; i++) store(to + i * toStride, r[i]);
}

/// to[c * toStride + r] = from[r * fromStride + c]
void transpose(const float* from, int64_t fromStride, float* to, int64_t toStride, int64_t rows,
               int64_t columns) {
  const int64_t wholeRows = rows - rows % W, wholeColumns = columns - columns % W;
  for (int64_t r = 0; r < wholeRows; r += W)
    for (int64_t c = 0; c < wholeColumns; c += W)
      transposeSquare(from + r * fromStride + c, fromStride, to + c * toStride + r, toStride);
  for (int64_t c = wholeColumns; c < columns; c++)
    for (int64_t r = 0; r < wholeRows; r++) to[c * toStride + r] = from[r * fromStride + c];
  for (int64_t c = 0; c < columns; c++)
    for (int64_t r = wholeRows; r < rows; r++) to[c * toStride + r] = from[r * fromStride + c];
}

/// An axis other than `except` with stride 1 and enough elements to be worth tiles, or -1.
int unitAxis(const StridedDesc& d, const int32_t* strides, int except) {
  for (int axis = d.ndim - 1; axis >= 0; axis--)
    if (axis != except && strides[axis] == 1 && d.size[axis] >= 4) return axis;
  return -1;
}

/// Axes `row` (contiguous in y) and `column` (contiguous in x) as a batch of transposes over the others.
void copyTransposed(const StridedDesc& d, int row, int column, const float* x, float* y) {
  StridedDesc rest = d;
  rest.ndim = 0;
  int64_t batch = 1;
  for (int axis = 0; axis < d.ndim; axis++) {
    if (axis == row || axis == column) continue;
    rest.size[rest.ndim] = d.size[axis];
    rest.a[rest.ndim] = d.a[axis];
    rest.b[rest.ndim] = d.b[axis];
    rest.c[rest.ndim] = 0;
    rest.ndim++;
    batch *= d.size[axis];
  }
  rest.ndim++;  // RowCursor leaves the innermost axis to its caller
  const int64_t rows = d.size[row], columns = d.size[column], band = 64;
  const int64_t bands = (rows + band - 1) / band;
  const auto tile = [&](int64_t index, int) {
    RowCursor at(rest, index / bands);
    const int64_t r = index % bands * band, left = rows - r;
    transpose(x + at.a + r * d.a[row], d.a[row], y + at.b + r, d.b[column], left < band ? left : band,
              columns);
  };
  if (d.n > lightGrain) return parallel(batch * bands, tile);
  for (int64_t i = 0; i < batch * bands; i++) tile(i, 0);
}

void copyRow(const float* x, float* y, int64_t n, const int32_t* strides) {
  const int64_t sx = strides[0], sy = strides[1];
  if (sx == 1 && sy == 1)
    memmove(y, x, (size_t)n * sizeof(float));  // the two may be one array
  else
    for (int64_t i = 0; i < n; i++) y[i * sy] = x[i * sx];
}

}  // namespace

void fill(double count, double value, Out<float> out) {
  float* const y = out;
  const VF v = set1((float)value);
  parallelRange((int64_t)count, lightGrain, [=](int64_t begin, int64_t end) {
    vectorLoop<4>(
        begin, end, [=](int64_t i) { store(y + i, v); }, [=](int64_t i, int n) { storeN(y + i, v, n); });
  });
}

void copyStrided(const StridedDesc& d, In<float> x, Out<float> y) {
  if (d.n <= 0) return;
  const int last = d.ndim - 1;
  if (d.n >= 64 && last > 0) {
    const int column = d.b[last] == 1 && d.a[last] > 1 ? unitAxis(d, d.a, last) : -1;
    if (column >= 0) return copyTransposed(d, last, column, x, y);
    const int row = d.a[last] == 1 && d.b[last] > 1 ? unitAxis(d, d.b, last) : -1;
    if (row >= 0) return copyTransposed(d, row, last, x, y);
  }
  // The result is operand b, so the walk must not move y itself.
  const int64_t length = last < 0 ? d.n : d.size[last], rows = d.n / length;
  const int32_t strides[2] = {last < 0 ? 1 : d.a[last], last < 0 ? 1 : d.b[last]};
  const int64_t group = length < tileElements ? tileElements / length : 1,
                pieces = (length + tileElements - 1) / tileElements;
  const auto tile = [&](int64_t index, int) {
    const int64_t first = index / pieces * group, skip = index % pieces * tileElements;
    const int64_t rowsLeft = rows - first, left = length - skip;
    RowCursor at(d, first);
    for (int64_t r = 0; r < group && r < rowsLeft; r++, at.next())
      copyRow(x + at.a + skip * strides[0], y + at.b + skip * strides[1],
              left < tileElements ? left : tileElements, strides);
  };
  const int64_t tiles = (rows + group - 1) / group * pieces;
  if (d.n > lightGrain) return parallel(tiles, tile);
  for (int64_t i = 0; i < tiles; i++) tile(i, 0);
}

}  // namespace GEMMULE_ISA
}  // namespace gemmule
