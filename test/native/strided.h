// Descriptors for tests, and the plain walk over them.
#pragma once
#include "harness/kernels.h"

namespace test {

inline gemmule::StridedDesc strided(std::vector<int> sizes, std::vector<int> a, std::vector<int> b,
                                    std::vector<int> c = {}) {
  gemmule::StridedDesc d = {};
  d.n = 1;
  d.ndim = (int)sizes.size();
  for (size_t i = 0; i < sizes.size(); i++) {
    d.n *= sizes[i];
    d.size[i] = sizes[i];
    d.a[i] = a[i];
    d.b[i] = b[i];
    d.c[i] = c.empty() ? 0 : c[i];
  }
  return d;
}

/// Elements that an operand must have.
inline size_t extent(const gemmule::StridedDesc& d, int offset, const int32_t* strides) {
  if (d.n == 0) return 0;
  size_t last = (size_t)offset;
  for (int i = 0; i < d.ndim; i++) last += (size_t)(d.size[i] - 1) * (size_t)strides[i];
  return last + 1;
}

/// Position of element i in an operand.
inline size_t position(const gemmule::StridedDesc& d, int offset, const int32_t* strides, int64_t i) {
  size_t at = (size_t)offset;
  for (int axis = d.ndim - 1; axis >= 0; axis--) {
    at += (size_t)(i % d.size[axis]) * (size_t)strides[axis];
    i /= d.size[axis];
  }
  return at;
}

/// Layouts of two operands that a kernel may meet: all fast paths and others, small and cut for the pool.
inline std::vector<gemmule::StridedDesc> layouts() {
  std::vector<gemmule::StridedDesc> all;
  for (int n : {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 100, 1000})
    for (int a : {0, 1, 2})
      for (int b : {0, 1, 3}) all.push_back(strided({n}, {a}, {b}));
  all.push_back(strided({}, {}, {}));
  all.push_back(strided({5, 37}, {37, 1}, {0, 1}));    // a row for all rows
  all.push_back(strided({5, 37}, {37, 1}, {1, 0}));    // a number for each row
  all.push_back(strided({5, 37}, {0, 1}, {1, 0}));     // outer product
  all.push_back(strided({37, 21}, {1, 37}, {21, 1}));  // transposed
  all.push_back(strided({2, 3, 4, 5}, {60, 1, 15, 3}, {60, 20, 5, 1}));
  all.push_back(strided({2, 1, 2, 1, 2, 3, 1, 2}, {24, 9, 12, 9, 6, 2, 9, 1}, {1, 0, 2, 0, 4, 8, 0, 24}));
  all.push_back(strided({300, 700}, {700, 1}, {700, 1}));  // cut into groups of rows
  all.push_back(strided({3, 70000}, {70000, 1}, {0, 1}));  // cut into pieces of rows
  all.push_back(strided({700, 300}, {1, 700}, {300, 1}));
  for (size_t i = 0; i < all.size(); i += 2) {
    all[i].offsetA = 3;
    all[i].offsetB = 1;
  }
  return all;
}

}  // namespace test
