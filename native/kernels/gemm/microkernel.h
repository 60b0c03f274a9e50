// The micro-kernel: one tile of C in registers, k the only loop.
//
//   C[rows, columns] = A·B, or C += A·B where `accumulate` is set, then bias, then relu where asked for.
//   A   a[k * aStep + i], packed (pack.h) or a transposed matrix as it lies; a[i * aStep + k] in the form
//       kRows; a[offsets[k] + i] in kGatherA
//   B   b + k * bStep, or b + offsets[k] in the form kGather. Whole vectors are read: columns % W == 0 where
//       B is not packed
//   C   c[i * ldc + j]; written exactly, `tail` (1 … W) columns in the last vector; read only to accumulate.
//       In kGather vector j stands at c + i * ldc + places[j].offset and holds places[j].lanes columns
//
// rows <= maxRows and vectors <= maxVectors(rows) have an instance each, so that edges cost what they hold.
#pragma once
#include "../../simd/prefetch.h"

namespace gemmule {
namespace GEMMULE_ISA {

struct Place {
  int32_t offset, lanes;
};

struct Tile {
  const float* a;
  intptr_t aStep;
  const float* next;  // kPacked, kStrided, kRowsAhead: values that will be wanted soon are brought nearer,
                      // one per depthAtOnce of k
  intptr_t nextStep;
  const float* b;
  intptr_t bStep;
  const int32_t* offsets;
  const Place* places;
  float* c;
  intptr_t ldc;
  int k;
  int tail;
  bool accumulate;
  bool relu;
  bool streams;             // kPacked, kStrided: whole vectors of C go past the caches; see GemmPlan
  const float* rowBias;     // one per row of C, or null
  const float* columnBias;  // one per column of C, or null
};

// tileDepth: the largest k of a tile. tilesPerPanel: tiles of A that a panel of B meets while it is in L1;
// with 1, a tile of A stays there instead and the panels pass. What is smaller per multiplication passes.
#if GEMMULE_SET == GEMMULE_ISA_avx512
constexpr int maxRows = 14, maxDirectRows = 9, accumulators = 28, tileDepth = 384, tilesPerPanel = 1;
#elif GEMMULE_SET == GEMMULE_ISA_neon
constexpr int maxRows = 8, maxDirectRows = 8, accumulators = 24, tileDepth = 384, tilesPerPanel = 1;
#elif GEMMULE_SET == GEMMULE_ISA_avx2
constexpr int maxRows = 6, maxDirectRows = 6, accumulators = 12, tileDepth = 256, tilesPerPanel = 20;
#else
constexpr int maxRows = 4, maxDirectRows = 4, accumulators = 8, tileDepth = 384, tilesPerPanel = 1;
#endif
constexpr int vectorLimit = 8;
// Sums of a tile: fewer wait for each other.
constexpr int leastSums = 8;
// Values of k per pass of the loop. Two threads of a core share its dispatch: what a loop does beside its
// products costs most there.
constexpr int depthAtOnce = GEMMULE_SET == GEMMULE_ISA_avx2 ? 4 : 1;

/// How many vectors wide a tile of that many rows is.
constexpr int maxVectors(int rows) {
  return accumulators / rows < vectorLimit ? accumulators / rows : vectorLimit;
}
/// Most columns that any tile holds: what may be read behind the last column of a padded operand.
constexpr int maxColumns = vectorLimit * W;

/// `a` in a register: without this, GCC folds a load into every use of its value.
GEMMULE_INLINE VF loaded(VF a) {
#if defined(__GNUC__) && (GEMMULE_SET == GEMMULE_ISA_avx512 || GEMMULE_SET == GEMMULE_ISA_avx2) && \
    !defined(GEMMULE_LANES)
  __asm__("" : "+v"(a.v));
#endif
  return a;
}

/// `loaded`, and in its place in the code: GCC moves loads of a long straight stretch together and spills
/// them.
GEMMULE_INLINE VF loadedHere(VF a) {
#if defined(__GNUC__) && (GEMMULE_SET == GEMMULE_ISA_avx512 || GEMMULE_SET == GEMMULE_ISA_avx2) && \
    !defined(GEMMULE_LANES)
  __asm__ volatile("" : "+v"(a.v));
#endif
  return a;
}

/// Nothing is known of `p` from here on: GCC would hold its sums with many offsets in registers.
GEMMULE_INLINE void keep(const float*& p) {
#if defined(__GNUC__)
  __asm__("" : "+r"(p));
#else
  (void)p;
#endif
}

/// sum += a * b, in its own register: GCC also overwrites factors, and then runs out of registers.
GEMMULE_INLINE void addProduct(VF& sum, VF a, VF b) {
#if defined(__GNUC__) && GEMMULE_SET == GEMMULE_ISA_avx2 && !defined(GEMMULE_LANES)
  __asm__("vfmadd231ps %2, %1, %0" : "+v"(sum.v) : "v"(a.v), "v"(b.v));
#else
  sum = fma(a, b, sum);
#endif
}

/// kPacked: A and B are packed. kStrided: values of one k of either lie side by side, those of the next a
/// step on. kGather: A is packed, B lies at offsets. kGatherA: A lies at offsets, B is packed. kRows: A lies
/// by rows, B as in kStrided. kRowsAhead: the same, and brings `next` nearer.
enum Form { kPacked, kStrided, kGather, kGatherA, kRows, kRowsAhead };
constexpr bool isByRows(Form form) { return form == kRows || form == kRowsAhead; }
constexpr bool isGathered(Form form) { return form == kGather || form == kGatherA; }

/// Where a tile's operands stand at some k.
template <int R, Form form>
struct Operands {
  const float *a, *b, *next;
  intptr_t aStep, bStep, nextStep;
  const int32_t* offsets;
  const float* rows[R];
  intptr_t k = 0;

  explicit Operands(const Tile& t)
      : a(t.a),
        b(t.b),
        next(t.next),
        aStep(t.aStep),
        bStep(t.bStep),
        nextStep(t.nextStep),
        offsets(t.offsets) {
    GEMMULE_UNROLL
    for (int i = 0; i < R; i++) rows[i] = t.a + i * t.aStep;
  }
};

/// The products of `Count` values of k. `dense`: what is packed follows itself without gaps.
template <int Count, bool dense, int R, int V, Form form>
GEMMULE_INLINE void addProducts(VF (&acc)[R][V], Operands<R, form>& from) {
  constexpr bool denseA = form != kGatherA && (dense || form == kGather);
  if (!isGathered(form) && form != kRows && Count == depthAtOnce) {
    prefetchSoon(from.next);
    from.next += from.nextStep;
  }
  GEMMULE_UNROLL
  for (int u = 0; u < Count; u++) {
    const int second = u % 2;  // pointers with unknown steps move at every second k
    const int moves = second ? 2 : Count == 1 ? 1 : 0;
    const float* const a = from.a + (form == kGatherA ? (intptr_t)from.offsets[from.k + u]
                                     : denseA         ? u * R
                                     : second         ? from.aStep
                                                      : 0);
    const float* const b = from.b + (form == kGather ? (intptr_t)from.offsets[from.k + u]
                                     : dense         ? u * V * W
                                     : second        ? from.bStep
                                                     : 0);
    const auto left = [&](int i) { return set1(isByRows(form) ? from.rows[i][from.k + u] : a[i]); };
    if (V > R) {  // the shorter side stays in registers
      VF column[R];
      GEMMULE_UNROLL
      for (int i = 0; i < R; i++) column[i] = left(i);
      GEMMULE_UNROLL
      for (int j = 0; j < V; j++) {
        const VF right = loaded(load(b + j * W));
        GEMMULE_UNROLL
        for (int i = 0; i < R; i++) addProduct(acc[i][j], column[i], right);
      }
    } else {
      VF right[V];
      GEMMULE_UNROLL
      for (int j = 0; j < V; j++) right[j] = load(b + j * W);
      GEMMULE_UNROLL
      for (int i = 0; i < R; i++) {
        const VF value = left(i);
        GEMMULE_UNROLL
        for (int j = 0; j < V; j++) addProduct(acc[i][j], value, right[j]);
      }
    }
    if (!denseA && form != kGatherA && !isByRows(form) && moves) keep(from.a += moves * from.aStep);
    if (!dense && form != kGather && moves) keep(from.b += moves * from.bStep);
  }
  if (denseA) from.a += Count * R;
  if (dense) from.b += Count * V * W;
  from.k += Count;
}

template <bool dense, Form form, int R, int V>
GEMMULE_INLINE void addAll(VF (&acc)[R][V], const Tile& t) {
  Operands<R, form> from(t);
  while (from.k + depthAtOnce <= t.k) addProducts<depthAtOnce, dense>(acc, from);
  while (from.k < t.k) addProducts<1, dense>(acc, from);
}

template <int R, int V, Form form>
void runTile(const Tile& t) {
  VF acc[R][V];
  GEMMULE_UNROLL
  for (int i = 0; i < R; i++) {
    GEMMULE_UNROLL
    for (int j = 0; j < V; j++) acc[i][j] = zero();
  }
  const bool streams = (form == kPacked || form == kStrided) && t.streams;
  if (!isGathered(form) && t.k >= 64 && !streams) {  // C comes while the sums run
    GEMMULE_UNROLL
    for (int i = 0; i < R; i++) {
      GEMMULE_UNROLL
      for (int j = 0; j < V; j++) prefetchToWrite(t.c + i * t.ldc + j * W);
    }
  }
  if (form == kPacked || form == kGatherA || (depthAtOnce > 1 && isByRows(form) && t.bStep == V * W))
    addAll<true, form>(acc, t);
  else
    addAll<false, form>(acc, t);
  const auto offset = [&](int j) { return form == kGather ? (intptr_t)t.places[j].offset : (intptr_t)j * W; };
  const auto lanes = [&](int j) { return form == kGather ? t.places[j].lanes : j + 1 < V ? W : t.tail; };
  if (t.accumulate) {
    GEMMULE_UNROLL
    for (int j = 0; j < V; j++) {
      const float* c = t.c + offset(j);
      const int n = lanes(j);
      GEMMULE_UNROLL
      for (int i = 0; i < R; i++)
        acc[i][j] = add(acc[i][j], n == W ? load(c + i * t.ldc) : loadN(c + i * t.ldc, n));
    }
  }
  if (t.rowBias) {
    GEMMULE_UNROLL
    for (int i = 0; i < R; i++) {
      const VF bias = set1(t.rowBias[i]);
      GEMMULE_UNROLL
      for (int j = 0; j < V; j++) acc[i][j] = add(acc[i][j], bias);
    }
  }
  if (form != kGather && t.columnBias) {
    GEMMULE_UNROLL
    for (int j = 0; j < V; j++) {
      const float* p = t.columnBias + j * W;
      const VF bias = lanes(j) == W ? load(p) : loadN(p, lanes(j));
      GEMMULE_UNROLL
      for (int i = 0; i < R; i++) acc[i][j] = add(acc[i][j], bias);
    }
  }
  if (t.relu) {
    GEMMULE_UNROLL
    for (int i = 0; i < R; i++) {
      GEMMULE_UNROLL
      for (int j = 0; j < V; j++) acc[i][j] = maxNaN(acc[i][j], zero());
    }
  }
  if (streams && lineVectors > 1 && V % lineVectors == 0 && t.tail == W) {  // the vectors of a line together
    GEMMULE_UNROLL
    for (int j = 0; j < V; j += lineVectors) {
      GEMMULE_UNROLL
      for (int i = 0; i < R; i++) {
        GEMMULE_UNROLL
        for (int u = j; u < j + lineVectors; u++) stream(t.c + i * t.ldc + u * W, acc[i][u]);
      }
    }
    return;
  }
  GEMMULE_UNROLL
  for (int j = 0; j < V; j++) {
    float* c = t.c + offset(j);
    const int n = lanes(j);
    if (n == W && streams) {
      GEMMULE_UNROLL
      for (int i = 0; i < R; i++) stream(c + i * t.ldc, acc[i][j]);
    } else if (n == W) {
      GEMMULE_UNROLL
      for (int i = 0; i < R; i++) store(c + i * t.ldc, acc[i][j]);
    } else {
      GEMMULE_UNROLL
      for (int i = 0; i < R; i++) storeN(c + i * t.ldc, acc[i][j], n);
    }
  }
}

using TileKernel = void (*)(const Tile&);

template <Form form>
struct TileKernels {
  static constexpr int rows = isByRows(form) ? maxDirectRows : maxRows;
  TileKernel kernel[rows][vectorLimit];
  constexpr TileKernels() : kernel() { fill<1, 1>(); }

 private:
  template <int R, int V>
  constexpr void fill() {
    kernel[R - 1][V - 1] = &runTile<R, V, form>;
    if constexpr (V < maxVectors(R))
      fill<R, V + 1>();
    else if constexpr (R < rows)
      fill<R + 1, 1>();
  }
};

/// The instance for a tile of `rows` × `vectors`.
template <Form form>
GEMMULE_INLINE TileKernel tileKernel(int rows, int vectors) {
  static constexpr TileKernels<form> kernels;
  return kernels.kernel[rows - 1][vectors - 1];
}

/// n things in ⌈n / most⌉ parts of nearly equal size, at least one, the larger ones spread evenly so that
/// neighbouring parts together are as many as others are: part i is [begin(i), begin(i + 1)).
struct Split {
  int n, parts, least;
  Split(int n, int most) : Split(n, n > 0 ? (n + most - 1) / most : 1, Parts{}) {}
  /// In `parts` parts, n at most.
  static Split into(int n, int parts) { return Split(n, parts < n ? parts : n > 0 ? n : 1, Parts{}); }
  int begin(int i) const { return i * least + (int)(((uint64_t)i * step_ + (1u << 31)) >> 32); }
  int size(int i) const { return begin(i + 1) - begin(i); }
  /// The part that holds thing x.
  int of(int x) const {
    int i = (int)((int64_t)x * parts / n);
    while (begin(i) > x) i--;
    while (begin(i + 1) <= x) i++;
    return i;
  }
  int largest() const { return least + (step_ > 0); }

 private:
  struct Parts {};
  uint64_t step_;  // larger parts per part, in 2^-32
  Split(int n, int parts, Parts)
      : n(n),
        parts(parts),
        least(n / parts),
        step_(n % parts ? (((uint64_t)(n % parts) << 32) + parts - 1) / parts : 0) {}
};

}  // namespace GEMMULE_ISA
}  // namespace gemmule
