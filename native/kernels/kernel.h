// What every kernel is made of: descriptors and argument types. A kernel is a free function
//   void maxPool2d(const PoolDesc&, In<float> x, Out<float> y, Out<int32_t> index)
// in namespace gemmule::GEMMULE_ISA, named and ordered as its row in src/backend/kernels.ts.
#pragma once
#include <stdint.h>

namespace gemmule {

#define DESCRIPTOR(name) struct name {
#define FIELD(name) int32_t name;
#define AXES(name) int32_t name[8];
#define END \
  }         \
  ;
#include "../descriptors.def"
#undef DESCRIPTOR
#undef FIELD
#undef AXES
#undef END

/// An array that a kernel reads (roles x, i, b).
template <class T>
struct In {
  const T* data;
  operator const T*() const { return data; }
};

/// An array that may be absent (role x?): null then.
template <class T>
struct Opt {
  const T* data;
  operator const T*() const { return data; }
};

/// An array that a kernel writes (roles y, j, c).
template <class T>
struct Out {
  T* data;
  operator T*() const { return data; }
};

/// What an operand packed ahead takes: `size` floats. Operands of one layout, and of kernels that agree in
/// their own shape, stride, dilation and groups, are packed alike; layout 0 means that nothing is packed.
struct Packing {
  int64_t size;
  int32_t layout;
};

}  // namespace gemmule
