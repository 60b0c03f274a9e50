// C = A·B by blocks: A packed once, each task packs its part of B and owns its part of C.
#pragma once
#include <stddef.h>

#include "../parallel.h"
#include "epilogue.h"
#include "microkernel.h"
#include "pack.h"

namespace gemmule {
namespace GEMMULE_ISA {

struct Product {
  int m, n, k;
  MatrixView a, b;
  float* c;
  intptr_t ldc;
  Bias bias;
  int activation;
};

/// How one shape is cut. Depends on the shape alone, never on the number of threads.
struct GemmPlan {
  static constexpr int depthLimit = 384;        // a panel of A and one of B fit in L1 together
  static constexpr int blockColumns = 128;      // with depthLimit: 192 KiB of B in L2 per task
  static constexpr int64_t taskWork = 1 << 20;  // multiplications below which a task is not cut further

  Split tiles, panels, depth, rowBlocks, columnBlocks;
  bool packA, packB;

  explicit GemmPlan(const Product& p)
      : tiles(p.m, maxRows),
        panels((p.n + W - 1) / W, maxVectors(tiles.largest())),
        depth(p.k, depthLimit),
        rowBlocks(tiles.parts, rowsPerBlock(p)),
        columnBlocks(panels.parts, panelsPerBlock()),
        packA(!p.a.transposed || p.n > 4 * blockColumns),
        packB(p.b.transposed || (p.m > 2 * maxRows && (int64_t)p.k * p.n > 16384)) {}

  size_t packedA(const Product& p) const { return packA ? ((size_t)p.m * p.k + 15) / 16 * 16 : 0; }
  size_t packedB() const {
    const int vectors = columnBlocks.largest() * panels.largest();
    return (size_t)(packB ? vectors : panels.largest()) * W * depth.largest();
  }

 private:
  int panelsPerBlock() const {
    const int n = blockColumns / (panels.largest() * W);
    return n ? n : 1;
  }
  int rowsPerBlock(const Product& p) const {
    const int64_t perTile = (int64_t)tiles.largest() * p.k * (p.n < blockColumns ? p.n : blockColumns);
    const int64_t few = perTile ? taskWork / perTile + 1 : tiles.parts;
    const int64_t least = p.n < 8 * blockColumns ? few : 1024 / maxRows;
    return (int)(least < tiles.parts ? least : tiles.parts);
  }
};

/// Runs `p` with scratch for packed A and, per slot, packed B.
class Gemm {
 public:
  Gemm(const Product& p, const GemmPlan& plan, float* packedA, float* packedB)
      : p_(p), plan_(plan), packedA_(packedA), packedB_(packedB), slotB_(plan.packedB()) {}

  void run() const {
    if (p_.m == 0 || p_.n == 0) return;
    if (plan_.packA) {
      const int perTask = 1 + (int)(65536 / ((int64_t)plan_.tiles.largest() * p_.k + 1));
      const Split tasks(plan_.tiles.parts, perTask);
      parallel(tasks.parts, [&](int64_t task, int) {
        for (int t = tasks.begin((int)task); t < tasks.begin((int)task + 1); t++)
          for (int d = 0; d < plan_.depth.parts; d++)
            gemmule::GEMMULE_ISA::packA(p_.a, plan_.tiles.begin(t), plan_.tiles.size(t), plan_.depth.begin(d),
                                        plan_.depth.size(d), tileA(t, d));
      });
    }
    parallel((int64_t)plan_.rowBlocks.parts * plan_.columnBlocks.parts,
             [&](int64_t task, int slot) { block((int)task, packedB_ + slot * slotB_); });
  }

 private:
  float* tileA(int t, int d) const {
    return packedA_ + (intptr_t)p_.m * plan_.depth.begin(d) +
           (intptr_t)plan_.tiles.begin(t) * plan_.depth.size(d);
  }

  void block(int task, float* scratch) const {
    const int rows = task % plan_.rowBlocks.parts, columns = task / plan_.rowBlocks.parts;
    const int tile0 = plan_.rowBlocks.begin(rows), tile1 = plan_.rowBlocks.begin(rows + 1);
    const int panel0 = plan_.columnBlocks.begin(columns), panel1 = plan_.columnBlocks.begin(columns + 1);
    for (int d = 0; d < plan_.depth.parts; d++) {
      if (plan_.packB) {
        for (int q = panel0; q < panel1; q++) pack(q, d, scratch + offset(panel0, q, d));
      } else if (panel1 == plan_.panels.parts && p_.n % W) {
        pack(panel1 - 1, d, scratch);
      }
      for (int t = tile0; t < tile1; t++)
        for (int q = panel0; q < panel1; q++) tile(t, q, d, scratch, offset(panel0, q, d));
    }
  }

  intptr_t offset(int first, int panel, int d) const {
    return (intptr_t)(plan_.panels.begin(panel) - plan_.panels.begin(first)) * W * plan_.depth.size(d);
  }

  int columns(int panel) const {
    const int begin = plan_.panels.begin(panel) * W, end = plan_.panels.begin(panel + 1) * W;
    return (end < p_.n ? end : p_.n) - begin;
  }

  void pack(int panel, int d, float* dst) const {
    gemmule::GEMMULE_ISA::packB(p_.b, plan_.depth.begin(d), plan_.depth.size(d),
                                plan_.panels.begin(panel) * W, columns(panel), dst,
                                plan_.panels.size(panel) * W);
  }

  void tile(int t, int panel, int d, const float* scratch, intptr_t panelOffset) const {
    const int row = plan_.tiles.begin(t), rows = plan_.tiles.size(t);
    const int column = plan_.panels.begin(panel) * W, vectors = plan_.panels.size(panel),
              width = columns(panel);
    const int k0 = plan_.depth.begin(d);
    Tile x;
    x.k = plan_.depth.size(d);
    x.a = plan_.packA ? tileA(t, d) : p_.a.at(row, k0);
    x.aStep = plan_.packA ? rows : p_.a.ld;
    const bool packed = plan_.packB || width % W;
    x.b = plan_.packB ? scratch + panelOffset : packed ? scratch : p_.b.at(k0, column);
    x.bStep = packed ? vectors * W : p_.b.ld;
    x.offsets = nullptr;
    x.c = p_.c + row * p_.ldc + column;
    x.ldc = p_.ldc;
    x.tail = width % W ? width % W : W;
    x.accumulate = d > 0;
    finish(x, d + 1 == plan_.depth.parts, p_.bias, p_.activation, row, column);
    tileKernel(rows, vectors)(x);
    if (d + 1 == plan_.depth.parts) activate(p_.activation, x.c, x.ldc, rows, width);
  }

  const Product& p_;
  const GemmPlan& plan_;
  float* const packedA_;
  float* const packedB_;
  const size_t slotB_;
};

}  // namespace GEMMULE_ISA
}  // namespace gemmule
