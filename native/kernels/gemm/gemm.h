// C = A·B by blocks: A packed once, each thread packs its part of B, each task owns its part of C.
#pragma once
#include <stddef.h>

#include "../../runtime/cpu.h"
#include "../parallel.h"
#include "epilogue.h"
#include "microkernel.h"
#include "pack.h"

namespace gemmule {
namespace GEMMULE_ISA {

/// Several products with one A where batch > 1: B and C of the next lie strideB and strideC further.
struct Product {
  int batch;
  int m, n, k;
  MatrixView a, b;
  float* c;
  intptr_t ldc;
  Bias bias;
  int activation;
  intptr_t strideB, strideC;
  const float* packedB;  // allB() floats of packAll(), or null
  bool accumulate;       // on C
};

/// c[rows, columns] = a · b, whose rows follow each other.
inline Product plainProduct(int rows, int columns, int k, MatrixView a, MatrixView b, float* c) {
  Product p{};
  p.batch = 1;
  p.m = rows;
  p.n = columns;
  p.k = k;
  p.a = a;
  p.b = b;
  p.c = c;
  p.ldc = columns;
  return p;
}

/// How one shape is cut. Sums depend on the shape and the row stride of B; on the number of threads, only
/// what is one task.
///
/// NOTE [Lines of C] Where two threads write the two ends of one line, or of two that are fetched as a pair,
/// it moves between their cores at every row: of a small product that costs more than packing all of B
/// twice. So its tasks are rows over all columns. And they are even in number: a last one would be run by
/// whoever comes first, and find its lines in the other core.
struct GemmPlan {
  static constexpr int depthLimit = tileDepth;  // a panel of A and one of B fit in L1 together
  static constexpr int64_t blockB = 48 * 1024;  // values of B in L2 per task and part of the depth, at least
  static constexpr int64_t keptMost =
      1 << 18;  // of a B of up to 1 MiB, a thread keeps what it packed while its tasks share it
  static constexpr int64_t ownMost = 1 << 17;   // values of B, up to which every thread packs all
  static constexpr int ownPerRow = 768;         // where that many are packed per row of C, at most
  static constexpr int64_t smallA = 1 << 17;    // an A of up to 512 KiB comes from L2 for every panel of B
  static constexpr int64_t taskWork = 1 << 20;  // multiplications of a task, about

  static constexpr int directColumns = 512;            // of C, up to which A is read as it lies
  static constexpr int farRow = 512, farColumns = 96;  // unless it is transposed, with rows that far apart
  static constexpr int directVectors = 3, directDepth = 256;
  static constexpr bool isAvx2 = GEMMULE_SET == GEMMULE_ISA_avx2,
                        isAvx512 = GEMMULE_SET == GEMMULE_ISA_avx512;
  static constexpr int64_t directMost = isAvx2 || isAvx512 ? 1 << 17 : 0;  // values of B
  static constexpr int directTiles = isAvx2 ? 16 : 1 << 20;                // that meet a panel
  static constexpr int directRows = isAvx512 ? 512 : 1 << 30;              // for more, packing B costs little
  static constexpr int64_t nearMost = 1 << 18;  // values of B whose rows need no prefetcher to follow them

  static constexpr int wideLeast = isAvx512 ? 128 : 1 << 30;    // k
  static constexpr int wideStreamed = isAvx512 ? 32 : 1 << 30;  // k where C is streamed
  enum PackB { kDirect, kGiven, kKept, kOwn };
  Split tiles, panels, depth, rowBlocks, columnBlocks;
  bool packA;
  bool followsRows;  // of B, so that none are asked for ahead: see CpuInfo
  bool streams;      // C, where it begins with a line
  PackB packB;

  explicit GemmPlan(const Product& p)
      : tiles(p.m, maxRows),
        panels((p.n + W - 1) / W, maxVectors(tiles.largest())),
        depth(p.k, depthLimit),
        rowBlocks(1, 1),
        columnBlocks(1, 1),
        packA(p.n > directColumns || (p.a.transposed && ((int64_t)p.batch * p.n > directColumns ||
                                                         (p.n >= farColumns && p.a.ld >= farRow)))),
        followsRows(cpuInfo().followsRows) {
    if (!packA && !p.a.transposed) {  // tiles as wide as they can be, since A is read once per panel
      panels = Split(panels.n, directVectors);
      const int most = accumulators / panels.largest();
      tiles = Split(p.m, most < maxDirectRows ? most : maxDirectRows);
      depth = Split(p.k, directDepth);
    }
    const int64_t sizeB = (int64_t)p.k * p.n;
    const bool fewRows = (int64_t)p.m * p.k <= smallA && p.n >= 1024 && tiles.parts <= directTiles &&
                         (!followsRows || sizeB <= nearMost || p.batch * sizeB < farLeast);
    // Rows a multiple of some lengths apart meet in few sets of L1; long vectors that cross lines cost twice.
    const bool fits = isAvx512 ? p.b.ld % 512 != 0 && p.b.ld % (W / 2) == 0 : p.b.ld % 32 != 0;
    const bool direct =
        !p.b.transposed && (p.m <= 2 * maxRows || sizeB <= 1 << 14 || (fewRows && p.b.ld % 512 != 0) ||
                            (sizeB <= directMost && p.m <= directRows && fits));
    packB = p.packedB ? kGiven : direct ? kDirect : sizeB <= keptMost && p.batch == 1 ? kKept : kOwn;
    const bool passesOnce = packB == kDirect && packA && fewRows && depth.parts == 1;  // over B, in rows
    streams =
        hasStream && (passesOnce || (isAvx2 && packA && depth.parts == 1)) &&
        (int64_t)p.batch * p.m * p.n >= streamLeast && p.activation <= activationRelu &&
        p.ldc % lineValues == 0 && (p.batch == 1 || p.strideC % lineValues == 0) &&
        (lineVectors == 1 || (panels.largest() == lineVectors && p.n % lineValues == 0));  // whole lines
    if (passesOnce && p.m > 2 * maxRows && p.k >= (streams ? wideStreamed : wideLeast)) {
      panels = Split(panels.n, directVectors);  // longer pieces of many rows of B
      tiles = Split(p.m, accumulators / panels.largest());
    }
    const int64_t panelWork = (int64_t)panels.largest() * W * p.k * p.m + 1;
    int wide = depth.largest() ? (int)(inL2() / (panels.largest() * W * depth.largest())) : 1;
    if ((int64_t)p.m * p.k <= smallA && wide > taskWork / panelWork && (!followsRows || packB != kOwn))
      wide = (int)(taskWork / panelWork);
    const int slots = parallelSlots();
    const int64_t work = (int64_t)p.batch * p.m * p.n * p.k / taskWork,
                  enough = (followsRows ? 2 : 4) * slots, fewest = work < enough ? work : enough;
    if (packB != kOwn && sizeB <= ownMost && sizeB <= (int64_t)ownPerRow * p.m) wide = panels.parts;
    const int64_t allPanels = (int64_t)p.batch * panels.parts;
    if (packB == kOwn && fewest > 1 && wide > allPanels / fewest) wide = (int)(allPanels / fewest);
    columnBlocks = Split(panels.parts, wide > 1 ? wide : 1);
    if (packB == kOwn && p.batch == 1 && columnBlocks.parts > 1)  // in turns of all threads
      columnBlocks = Split::into(panels.parts, (columnBlocks.parts + slots - 1) / slots * slots);
    const int64_t blockWork = panelWork * columnBlocks.largest() / tiles.parts + 1;
    const int64_t high = packB != kOwn                                     ? taskWork / blockWork + 1
                         : (int64_t)columnBlocks.parts * p.batch >= enough ? (1024 + maxRows - 1) / maxRows
                                                                           : 512 / maxRows;
    rowBlocks = Split(tiles.parts, (int)(high < tiles.parts ? high : tiles.parts));
    if (columnBlocks.parts * p.batch == 1 && rowBlocks.parts > 1 && rowBlocks.parts % 2)
      rowBlocks = Split::into(tiles.parts, rowBlocks.parts + 1);
  }

  /// Values of B per task and part of the depth.
  int64_t inL2() const {
    const int64_t quarter = (int64_t)(cpuInfo().l2 / (4 * sizeof(float)));
    return followsRows && quarter > blockB ? quarter : blockB;
  }
  static size_t rounded(size_t n) { return (n + 15) / 16 * 16; }
  size_t packedA(const Product& p) const { return packA ? rounded((size_t)p.m * p.k) : 0; }
  size_t allB(const Product& p) const { return (size_t)panels.n * W * p.k; }
  /// Per slot: a block of B, which says first whose it is, or the last panel where the others are read as
  /// they lie.
  size_t ownB() const {
    const int vectors = panels.largest() * (packB == kDirect ? 1 : columnBlocks.largest());
    return packB == kGiven
               ? 0
               : header + rounded((size_t)vectors * W * (packB == kKept ? depth.n : depth.largest()));
  }
  static constexpr int header = 16;
  size_t scratch(const Product& p, int slots) const { return packedA(p) + ownB() * (size_t)slots; }
};

/// Runs `p` with plan.scratch() floats.
class Gemm {
 public:
  Gemm(const Product& p, const GemmPlan& plan, float* scratch)
      : p_(p),
        plan_(plan),
        packedA_(scratch),
        ownB_(scratch + plan.packedA(p)),
        streams_(plan.streams && canStream(p.c, p.ldc)) {}

  /// All of B as a later product takes it: plan.allB() floats.
  void packAll(float* to) const {
    each(plan_.panels.parts, (int64_t)plan_.panels.largest() * W * p_.k,
         [&](int begin, int end, int d) { packB(0, begin, end, d, to + panelAt(begin, d)); });
  }

  void run() const {
    if (p_.m == 0 || p_.n == 0 || p_.batch == 0) return;
    if (plan_.packA)
      each(plan_.tiles.parts, (int64_t)plan_.tiles.largest() * p_.k, [&](int begin, int end, int d) {
        for (int t = begin; t < end; t++)
          gemmule::GEMMULE_ISA::packA(p_.a, plan_.tiles.begin(t), plan_.tiles.size(t), plan_.depth.begin(d),
                                      plan_.depth.size(d), tileA(t, d));
      });
    const size_t own = plan_.ownB();
    if (plan_.packB == GemmPlan::kKept)
      for (int slot = 0; slot < slots_; slot++) *heldBy(ownB_ + slot * own) = -1;
    const int64_t blocks = (int64_t)plan_.rowBlocks.parts * plan_.columnBlocks.parts;
    parallel(blocks * p_.batch, [&](int64_t task, int slot) {
      block((int)(task / blocks), (int)(task % blocks), ownB_ + slot * own);
      if (streams_) endStream();
    });
  }

 private:
  /// body(first part, end, depth part) for all, in tasks of about 16 Ki values.
  template <class Body>
  void each(int parts, int64_t values, Body body) const {
    const Split tasks(parts, 1 + (int)(16384 / (values + 1)));
    parallel(tasks.parts, [&](int64_t task, int) {
      for (int d = 0; d < plan_.depth.parts; d++) body(tasks.begin((int)task), tasks.begin((int)task + 1), d);
    });
  }

  /// Which block of columns a slot's part of the scratch holds, -1 for none.
  static int32_t* heldBy(float* scratch) { return reinterpret_cast<int32_t*>(scratch); }
  float* tileA(int t, int d) const {
    return packedA_ + (intptr_t)p_.m * plan_.depth.begin(d) +
           (intptr_t)plan_.tiles.begin(t) * plan_.depth.size(d);
  }
  /// Where a panel stands in all of B.
  intptr_t panelAt(int q, int d) const {
    return ((intptr_t)plan_.panels.n * plan_.depth.begin(d) +
            (intptr_t)plan_.panels.begin(q) * plan_.depth.size(d)) *
           W;
  }

  void block(int index, int task, float* scratch) const {
    const int rows = task % plan_.rowBlocks.parts, columns = task / plan_.rowBlocks.parts;
    const int tile0 = plan_.rowBlocks.begin(rows), tile1 = plan_.rowBlocks.begin(rows + 1);
    const int panel0 = plan_.columnBlocks.begin(columns), panel1 = plan_.columnBlocks.begin(columns + 1);
    float* const own = plan_.packB == GemmPlan::kGiven ? nullptr : scratch + GemmPlan::header;
    const intptr_t columnsOf = plan_.panels.begin(panel1) - plan_.panels.begin(panel0);
    const auto partAt = [&](int d) {
      return plan_.packB == GemmPlan::kKept ? columnsOf * W * plan_.depth.begin(d) : 0;
    };
    if (plan_.packB == GemmPlan::kKept && *heldBy(scratch) != columns) {
      for (int d = 0; d < plan_.depth.parts; d++) packB(0, panel0, panel1, d, own + partAt(d));
      *heldBy(scratch) = columns;
    }
    for (int d = 0; d < plan_.depth.parts; d++) {
      if (plan_.packB == GemmPlan::kOwn) packB(index, panel0, panel1, d, own);
      if (plan_.packB == GemmPlan::kDirect && panel1 == plan_.panels.parts && p_.n % W)
        packB(index, panel1 - 1, panel1, d, own);
      if (plan_.packB == GemmPlan::kDirect) {  // a panel is hot while all tiles use it
        for (int q = panel0; q < panel1; q++) {
          Ahead ahead{p_.b.at(plan_.depth.begin(d), plan_.panels.begin(q + 1) * W) + index * p_.strideB,
                      p_.b.ld, q + 1 < plan_.panels.parts ? passes(width(q + 1)) : 0};
          panelTiles(index, tile0, tile1, q, d, width(q) % W ? own : nullptr, ahead);
        }
        continue;
      }
      Ahead ahead = next(index, task, d);
      const Split groups(tile1 - tile0, tilesPerPanel);
      for (int g = 0; g < groups.parts; g++)
        for (int q = panel0; q < panel1; q++)
          panelTiles(index, tile0 + groups.begin(g), tile0 + groups.begin(g + 1), q, d,
                     plan_.packB == GemmPlan::kGiven ? p_.packedB + panelAt(q, d)
                                                     : own + partAt(d) + offset(panel0, q, d),
                     ahead);
    }
  }

  /// A column of lines of what this task, or the next one of this thread unless that is stolen, will pack
  /// next; tiles bring them nearer one by one.
  struct Ahead {
    const float* line;
    intptr_t step;
    int passes;  // every depthAtOnce-th of a line's neighbours below at a time
  };
  static int passes(int columns) { return (columns + lineValues - 1) / lineValues * depthAtOnce; }
  Ahead next(int index, int task, int d) const {
    const int64_t blocks = (int64_t)plan_.rowBlocks.parts * plan_.columnBlocks.parts;
    int64_t then = index * blocks + task;
    if (++d == plan_.depth.parts) {
      d = 0;
      then++;
    }
    if (plan_.followsRows || plan_.packB != GemmPlan::kOwn || p_.b.transposed || then >= blocks * p_.batch)
      return {nullptr, 0, 0};
    const int columns = (int)(then % blocks) / plan_.rowBlocks.parts;
    const int first = plan_.panels.begin(plan_.columnBlocks.begin(columns)) * W;
    const int end = plan_.panels.begin(plan_.columnBlocks.begin(columns + 1)) * W;
    return {p_.b.at(plan_.depth.begin(d), first) + then / blocks * p_.strideB, p_.b.ld, passes(end - first)};
  }

  intptr_t offset(int first, int panel, int d) const {
    return (intptr_t)(plan_.panels.begin(panel) - plan_.panels.begin(first)) * W * plan_.depth.size(d);
  }

  int width(int panel) const {
    const int begin = plan_.panels.begin(panel) * W, end = plan_.panels.begin(panel + 1) * W;
    return (end < p_.n ? end : p_.n) - begin;
  }

  /// Panels [begin, end) of a part of the depth, one behind the other.
  void packB(int index, int begin, int end, int d, float* dst) const {
    const int k0 = plan_.depth.begin(d), k = plan_.depth.size(d);
    const Split slices(k, p_.b.transposed ? k : plan_.followsRows ? 2 * rowsPacked : rowsPacked);
    for (int slice = 0; slice < slices.parts; slice++)
      for (int q = begin; q < end; q++) {
        const int lanes = plan_.panels.size(q) * W, columns = width(q);
        const int first = slices.begin(slice), rows = slices.size(slice);
        const float* src = p_.b.at(k0 + first, plan_.panels.begin(q) * W) + index * p_.strideB;
        float* const out = dst + offset(begin, q, d) + first * lanes;
        if (p_.b.transposed)
          transpose(src, p_.b.ld, columns, k, out, lanes, true);
        else
          packRows(src, p_.b.ld, rows, columns, out, lanes);
      }
  }
  static constexpr int rowsPacked = 8;  // of B, whose lines are read along

  /// Tiles [begin, end) of one panel and one part of the depth.
  void panelTiles(int index, int begin, int end, int panel, int d, const float* packed, Ahead& ahead) const {
    const int column = plan_.panels.begin(panel) * W, vectors = plan_.panels.size(panel),
              columns = width(panel);
    const int k0 = plan_.depth.begin(d), row0 = plan_.tiles.begin(begin);
    const bool last = d + 1 == plan_.depth.parts, direct = !plan_.packA && !p_.a.transposed;
    const auto kernelOf = [&](int rows) {
      return direct                  ? tileKernel<kRows>(rows, vectors)
             : plan_.packA && packed ? tileKernel<kPacked>(rows, vectors)
                                     : tileKernel<kStrided>(rows, vectors);
    };
    const TileKernel high = kernelOf(plan_.tiles.largest()), low = kernelOf(plan_.tiles.least);
    Tile x;
    x.k = plan_.depth.size(d);
    x.a = plan_.packA ? tileA(begin, d) : p_.a.at(row0, k0);
    x.b = packed ? packed : p_.b.at(k0, column) + index * p_.strideB;
    x.bStep = packed ? vectors * W : p_.b.ld;
    x.offsets = nullptr;
    x.c = p_.c + index * p_.strideC + row0 * p_.ldc + column;
    x.ldc = p_.ldc;
    x.tail = columns % W ? columns % W : W;
    x.accumulate = d > 0 || p_.accumulate;
    x.streams = streams_;
    for (int t = begin, row = row0; t < end; t++) {
      const int rows = plan_.tiles.size(t);
      const intptr_t used = plan_.packA ? (intptr_t)rows * x.k : p_.a.transposed ? rows : rows * p_.a.ld;
      x.aStep = plan_.packA ? rows : p_.a.ld;
      if (ahead.passes > 0) {
        const int pass = ahead.passes-- % depthAtOnce;
        x.next = ahead.line + pass * ahead.step;
        x.nextStep = depthAtOnce * ahead.step;
        if (ahead.passes % depthAtOnce == 0) ahead.line += lineValues;
      } else {
        x.next = x.a + (plan_.packA && t + 1 < plan_.tiles.parts ? used : 0);
        x.nextStep = depthAtOnce * rows;
      }
      finish(x, last, p_.bias, p_.activation, row, column);
      (rows > plan_.tiles.least ? high : low)(x);
      if (last) activate(p_.activation, x.c, x.ldc, rows, columns);
      x.a += used;
      x.c += rows * p_.ldc;
      row += rows;
    }
  }

  const Product p_;
  const GemmPlan& plan_;
  float* const packedA_;
  float* const ownB_;
  const bool streams_;
  const int slots_ = parallelSlots();
};

}  // namespace GEMMULE_ISA
}  // namespace gemmule
