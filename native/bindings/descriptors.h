// What the binding knows about descriptors: their names, and the names of their fields.
#pragma once
#include <stddef.h>

#include "../kernels/kernel.h"

namespace gemmule {

template <class D>
struct Descriptor {
  static constexpr const char* name = nullptr;  // not a descriptor
};

#define AXIS_NAMES(prefix) \
#prefix "0", #prefix "1", #prefix "2", #prefix "3", #prefix "4", #prefix "5", #prefix "6", #prefix "7",
#define DESCRIPTOR(type)                                            \
  template <>                                                       \
  struct Descriptor<type> {                                         \
    static constexpr const char* name = #type;                      \
    static constexpr size_t count = sizeof(type) / sizeof(int32_t); \
    static constexpr const char* fields[] = {
#define FIELD(field) #field,
#define AXES(prefix) AXIS_NAMES(prefix)
#define END \
  }         \
  ;         \
  }         \
  ;
#include "../descriptors.def"
#undef DESCRIPTOR
#undef FIELD
#undef AXES
#undef END
#undef AXIS_NAMES

}  // namespace gemmule
