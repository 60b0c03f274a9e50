// Philox4x32-10 against its authors' known answers, and the stream made of it.
#include <math.h>

#include "harness/kernels.h"

using test::Guarded;

namespace {

float uniform(uint32_t word) { return (float)(word >> 8) / 16777216.0f; }

}  // namespace

TEST_KERNELS(knownAnswers) {
  // kat_vectors of Random123: counter 0 and key 0.
  const uint32_t zero[4] = {0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u};
  float y[4];
  k.randomUniform(4, 0, 0, 0, {y});
  for (int i = 0; i < 4; i++) CHECK(y[i] == uniform(zero[i]), "word %d is %.9g", i, y[i]);
}

TEST_KERNELS(streamIsOne) {
  const size_t n = 100003;
  Guarded<float> all(n);
  const double first = 4294967290.0;  // the counter's low word overflows
  k.randomUniform((double)n, 123456789, 4000000000.0, first, {all.data()});
  double sum = 0, squares = 0;
  for (size_t i = 0; i < n; i++) {
    CHECK(all[i] >= 0 && all[i] < 1, "%.9g", all[i]);
    sum += all[i];
    squares += (double)all[i] * all[i];
  }
  CHECK(all.intact(), "wrote outside");
  CHECK(fabs(sum / (double)n - 0.5) < 0.004 && fabs(squares / (double)n - 1.0 / 3) < 0.004, "mean %g",
        sum / (double)n);
  for (size_t from : {0, 4, 16, 20, 24, 64, 1000, 16384, 99996})
    for (size_t count : {1, 3, 5, 63, 64, 65, 200}) {
      if (from + count > n) continue;
      Guarded<float> part(count);
      k.randomUniform((double)count, 123456789, 4000000000.0, first + (double)(from / 4), {part.data()});
      CHECK(memcmp(part.data(), all.data() + from, count * sizeof(float)) == 0, "%zu elements from %zu",
            count, from);
      CHECK(part.intact(), "wrote outside");
    }
}

TEST(setsAgree) {
  const std::vector<const gemmule::KernelTable*> tables = test::tables();
  float a[1000], b[1000];
  tables[0]->randomUniform(1000, 1, 2, 3, {a});
  for (const gemmule::KernelTable* k : tables) {
    k->randomUniform(1000, 1, 2, 3, {b});
    CHECK(memcmp(a, b, sizeof a) == 0, "%s", k->isa);
  }
}
