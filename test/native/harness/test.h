// A small test harness. TEST(name) { … } registers a test; CHECK(condition, format, …) counts a failure and
// goes on.
#pragma once
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <string>
#include <vector>

namespace test {

struct Case {
  const char* name;
  void (*run)();
  Case* next;
};
extern Case* cases;
extern long failures;

struct Register {
  Case entry;
  Register(const char* name, void (*run)()) : entry{name, run, cases} { cases = &entry; }
};

/// Prints the first failures of a test and counts them all.
#ifdef __GNUC__
__attribute__((format(printf, 4, 5)))
#endif
void fail(const char* file, int line, const char* condition, const char* format, ...);

#define TEST(name)                                             \
  static void test_##name();                                   \
  static ::test::Register register_##name(#name, test_##name); \
  static void test_##name()

#define CHECK(condition, ...)                                                        \
  do {                                                                               \
    if (!(condition)) ::test::fail(__FILE__, __LINE__, #condition, " " __VA_ARGS__); \
  } while (0)

/// xorshift64*: the same numbers everywhere.
struct Random {
  uint64_t state;
  explicit Random(uint64_t seed = 1) : state(seed * 0x9e3779b97f4a7c15ull + 1) {}
  uint64_t next() {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545f4914f6cdd1dull;
  }
  /// In [low, high).
  float uniform(float low = -1, float high = 1) {
    return low + (high - low) * (float)(next() >> 40) / (float)(1 << 24);
  }
  /// In [low, high], both included.
  int integer(int low, int high) { return low + (int)(next() >> 33) % (high - low + 1); }
};

inline uint32_t bitsOf(float x) {
  uint32_t u;
  memcpy(&u, &x, sizeof u);
  return u;
}

/// Representable floats between a and b; 0 for two NaNs, huge for one.
inline int64_t ulps(float a, float b) {
  if (isnan(a) || isnan(b)) return isnan(a) && isnan(b) ? 0 : INT64_MAX;
  const int32_t x = (int32_t)bitsOf(a), y = (int32_t)bitsOf(b);
  const int64_t ordered[2] = {x < 0 ? (int64_t)INT32_MIN - x : x, y < 0 ? (int64_t)INT32_MIN - y : y};
  return ordered[0] < ordered[1] ? ordered[1] - ordered[0] : ordered[0] - ordered[1];
}

/// Memory between two pages that no one may touch.
class Pages {
 public:
  explicit Pages(size_t bytes);
  ~Pages();
  Pages(const Pages&) = delete;
  char* begin() const { return begin_; }
  char* end() const { return end_; }

 private:
  char *map_, *begin_, *end_;
  size_t mapped_;
};

enum class At { kEnd, kBegin };

/// n elements that end where a forbidden page begins (kEnd) or begin where one ends (kBegin). Reading or
/// writing beyond that side is a crash; what lies on the other side is filled with a pattern, and intact()
/// tells whether it still is.
template <class T>
class Guarded {
 public:
  explicit Guarded(size_t n, At at = At::kEnd)
      : pages_(n * sizeof(T)), n_(n), data_(at == At::kEnd ? (T*)pages_.end() - n : (T*)pages_.begin()) {
    memset(pages_.begin(), 0xab, (size_t)(pages_.end() - pages_.begin()));
  }
  T* data() const { return data_; }
  size_t size() const { return n_; }
  T& operator[](size_t i) const { return data_[i]; }
  bool intact() const {
    for (const char* p = pages_.begin(); p < (char*)data_; p++)
      if (*p != (char)0xab) return false;
    for (const char* p = (char*)(data_ + n_); p < pages_.end(); p++)
      if (*p != (char)0xab) return false;
    return true;
  }
  void fill(Random& random, float low = -1, float high = 1) const {
    for (size_t i = 0; i < n_; i++) data_[i] = (T)random.uniform(low, high);
  }

 private:
  Pages pages_;
  size_t n_;
  T* data_;
};

}  // namespace test
