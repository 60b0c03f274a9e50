// What a call needs of its arrays, computed from its first argument (a descriptor, or the count n).
#pragma once
#include <stdint.h>

#include "../kernels/table.h"

namespace gemmule {

constexpr int64_t kMost = INT32_MAX;  // elements of one array, so that kernels may count in int32

/// The product of sizes that are not negative; anything above kMost stays above it.
inline int64_t product(int64_t a, int64_t b) {
  // Both factors are at most about 2^32, so this does not overflow.
  const int64_t p = a * b;
  return p > kMost ? kMost + 1 : p;
}
template <class... More>
int64_t product(int64_t a, int64_t b, More... more) {
  return product(product(a, b), (int64_t)more...);
}

struct Needs {
  explicit Needs(const KernelTable& table) : table(table) {}
  const KernelTable& table;
  /// What is wrong with the first argument, or null.
  const char* problem = nullptr;
  /// Elements that the kernel touches of each array, in the order of the arguments: those in [from, size).
  int64_t size[8];
  int64_t from[8];
  int arrays = 0;
  /// Bit i: a result may be array i itself, element for element.
  uint32_t inPlace = 0;
  /// Bit i: array i must be there, though its role allows null.
  uint32_t required = 0;
  /// Results may overlap operands in any way (the caller answers for the order of elements).
  bool overlapAllowed = false;
  /// Every index must be in [0, indexBelow).
  int64_t indexBelow = 0;

  void refuse(const char* text) {
    if (!problem) problem = text;
  }
  void require(bool condition, const char* text) {
    if (!condition) refuse(text);
  }
  Needs& array(int64_t elements, int64_t start = 0) {
    if (arrays == 8) {
      refuse("more arrays than the binding knows");
      return *this;
    }
    if (elements > kMost) refuse("an array of more than 2147483647 elements");
    from[arrays] = start;
    size[arrays++] = elements;
    return *this;
  }
};

}  // namespace gemmule
