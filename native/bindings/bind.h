// Makes a JavaScript function of a kernel: the C++ signature says which arguments it takes, extents.h what
// they must hold.
#pragma once
#include <node_api.h>
#include <string.h>

#include <tuple>
#include <type_traits>
#include <utility>

#include "../kernels/table.h"
#include "../runtime/arena.h"
#include "../runtime/threads.h"
#include "descriptors.h"
#include "extents.h"

namespace gemmule {

constexpr int kMaxArgs = 16;

/// One call on its way from JavaScript to a kernel.
struct Call {
  struct Array {
    char* data;
    size_t length;  // elements
    uint8_t width;  // bytes of one
    uint8_t arg;
    bool written;
    bool index;
  };

  napi_env env;
  const char* kernel;
  const char* const* roles;
  napi_value args[kMaxArgs];
  double numbers[kMaxArgs];
  Array arrays[8];
  int count = 0;
};

// The failures of a call (bind.cc): each throws in JavaScript and returns false.
bool badCount(const Call& call, size_t got, size_t wanted);
bool badNumber(const Call& call, int arg);
bool badArray(const Call& call, int arg, napi_typedarray_type wanted, bool optional);
bool badDescriptor(const Call& call, int arg, const char* type, size_t fields);
bool badFirst(const Call& call, const char* problem, const char* type, const char* const* fields,
              const int32_t* values, size_t count);
bool badN(const Call& call, const char* problem, double n);
bool badLength(const Call& call, int array, int64_t wanted);
bool badOverlap(const Call& call, int result, int other);
bool badIndex(const Call& call, int array, int64_t below);
bool outOfScratch(const Call& call);

/// Arrays are long enough, do not overlap where they must not, and hold indices in range (bind.cc). `work` is
/// false where no result has an element.
bool checkArrays(const Call& call, const Needs& needs, bool& work);

inline bool readTyped(Call& call, int arg, napi_typedarray_type wanted, uint8_t width, bool written,
                      bool index, void*& data) {
  napi_typedarray_type type;
  size_t length;
  if (napi_get_typedarray_info(call.env, call.args[arg], &type, &length, &data, nullptr, nullptr) !=
          napi_ok ||
      type != wanted)
    return badArray(call, arg, wanted, false);
  call.arrays[call.count++] = {(char*)data, length, width, (uint8_t)arg, written, index};
  return true;
}

/// What an argument type is called in kernels.ts, and how it is read.
template <class T>
struct Argument {  // a descriptor
  using Value = T;
  static constexpr const char* role = Descriptor<T>::name;
  static_assert(Descriptor<T>::name != nullptr, "not an argument type of kernels");
  static bool read(Call& call, int arg, T& value) {
    napi_typedarray_type type;
    size_t length;
    void* data;
    if (napi_get_typedarray_info(call.env, call.args[arg], &type, &length, &data, nullptr, nullptr) !=
            napi_ok ||
        type != napi_int32_array || length < Descriptor<T>::count)
      return badDescriptor(call, arg, role, Descriptor<T>::count);
    memcpy(&value, data, sizeof value);
    return true;
  }
};

template <>
struct Argument<double> {
  static constexpr const char* role = "n";
  static bool read(Call& call, int arg, double& value) {
    if (napi_get_value_double(call.env, call.args[arg], &value) != napi_ok) return badNumber(call, arg);
    call.numbers[arg] = value;
    return true;
  }
};

template <class T>
struct Element;
template <>
struct Element<float> {
  static constexpr napi_typedarray_type type = napi_float32_array;
  static constexpr const char *read = "x", *written = "y";
};
template <>
struct Element<int32_t> {
  static constexpr napi_typedarray_type type = napi_int32_array;
  static constexpr const char *read = "i", *written = "j";
};
template <>
struct Element<uint8_t> {
  static constexpr napi_typedarray_type type = napi_uint8_array;
  static constexpr const char *read = "b", *written = "c";
};

template <class T>
struct Argument<In<T>> {
  static constexpr const char* role = Element<T>::read;
  static bool read(Call& call, int arg, In<T>& value) {
    void* data = nullptr;
    if (!readTyped(call, arg, Element<T>::type, sizeof(T), false, std::is_same<T, int32_t>::value, data))
      return false;
    value.data = (const T*)data;
    return true;
  }
};

template <class T>
struct Argument<Out<T>> {
  static constexpr const char* role = Element<T>::written;
  static bool read(Call& call, int arg, Out<T>& value) {
    void* data = nullptr;
    if (!readTyped(call, arg, Element<T>::type, sizeof(T), true, false, data)) return false;
    value.data = (T*)data;
    return true;
  }
};

template <>
struct Argument<Opt<float>> {
  static constexpr const char* role = "x?";
  static bool read(Call& call, int arg, Opt<float>& value) {
    napi_valuetype type;
    napi_typeof(call.env, call.args[arg], &type);
    value.data = nullptr;
    if (type == napi_null) {
      call.arrays[call.count++] = {nullptr, 0, 0, (uint8_t)arg, false, false};
      return true;
    }
    if (type != napi_object) return badArray(call, arg, napi_float32_array, true);
    void* data = nullptr;
    if (!readTyped(call, arg, napi_float32_array, sizeof(float), false, false, data)) return false;
    value.data = (const float*)data;
    return true;
  }
};

inline bool refuseFirst(const Call& call, const char* problem, double n) { return badN(call, problem, n); }
template <class D>
bool refuseFirst(const Call& call, const char* problem, const D& d) {
  int32_t values[Descriptor<D>::count];
  memcpy(values, &d, sizeof d);
  return badFirst(call, problem, Descriptor<D>::name, Descriptor<D>::fields, values, Descriptor<D>::count);
}

/// What extents.h computes from: the descriptor, or the numbers of a kernel that begins with them.
template <class D>
const D& basisOf(const Call&, const D& d) {
  return d;
}
inline const double* basisOf(const Call& call, double) { return call.numbers; }

template <class... Args>
struct Signature {
  static constexpr size_t count = sizeof...(Args);
  static_assert(count <= kMaxArgs, "more arguments than the binding takes");
  using Values = std::tuple<std::decay_t<Args>...>;
  static constexpr const char* roles[] = {Argument<std::decay_t<Args>>::role...};

  template <size_t... I>
  static bool readAll(Call& call, Values& values, std::index_sequence<I...>) {
    return (Argument<std::tuple_element_t<I, Values>>::read(call, (int)I, std::get<I>(values)) && ...);
  }

  /// The call's arguments are in call.args; throws or runs the kernel.
  template <class Extents>
  static void run(Call& call, size_t given, const KernelTable& table, void (*kernel)(Args...),
                  Extents extents) {
    call.roles = roles;
    Values values;
    if (given != count) {
      badCount(call, given, count);
      return;
    }
    if (!readAll(call, values, std::make_index_sequence<count>())) return;
    Needs needs{table};
    extents(needs, basisOf(call, std::get<0>(values)));
    if (!needs.problem) needs.require(needs.arrays == call.count, "the binding has no size for each array");
    if (needs.problem) {
      refuseFirst(call, needs.problem, std::get<0>(values));
      return;
    }
    const HeldThreadCount one;
    bool work;
    if (!checkArrays(call, needs, work) || !work) return;
    std::apply(kernel, values);
    if (scratchFailed()) outOfScratch(call);
  }
};

/// The body of a bound function; its data pointer is the table of an instruction set.
template <class... Args, class Extents>
napi_value invoke(napi_env env, napi_callback_info info, const char* name,
                  void (*KernelTable::*kernel)(Args...), Extents extents) {
  Call call;
  call.env = env;
  call.kernel = name;
  size_t given = kMaxArgs;
  void* data;
  if (napi_get_cb_info(env, info, &given, call.args, nullptr, &data) != napi_ok) return nullptr;
  const KernelTable& table = *static_cast<const KernelTable*>(data);
  Signature<Args...>::run(call, given, table, table.*kernel, extents);
  return nullptr;
}

/// The body of a function that says what packing takes: desc → [floats, layout].
template <class D, class Extents>
napi_value askPacking(napi_env env, napi_callback_info info, const char* name,
                      Packing (*KernelTable::*packing)(const D&), Extents extents) {
  static const char* const roles[] = {Argument<D>::role};
  Call call;
  call.env = env;
  call.kernel = name;
  call.roles = roles;
  size_t given = kMaxArgs;
  void* data;
  D desc;
  if (napi_get_cb_info(env, info, &given, call.args, nullptr, &data) != napi_ok) return nullptr;
  if (given != 1) {
    badCount(call, given, 1);
    return nullptr;
  }
  if (!Argument<D>::read(call, 0, desc)) return nullptr;
  desc.packed = 0;
  const KernelTable& table = *static_cast<const KernelTable*>(data);
  Needs needs{table};
  extents(needs, desc);
  const Packing answer = needs.problem ? Packing{0, 0} : (table.*packing)(desc);  // the kernel will refuse it
  const double numbers[] = {(double)answer.size, (double)answer.layout};
  napi_value result, number;
  if (napi_create_array_with_length(env, 2, &result) != napi_ok) return nullptr;
  for (uint32_t i = 0; i < 2; i++)
    if (napi_create_double(env, numbers[i], &number) != napi_ok ||
        napi_set_element(env, result, i, number) != napi_ok)
      return nullptr;
  return result;
}

/// The roles of a kernel, as kernels.ts lists them.
template <class... Args>
constexpr const char* const* rolesOf(void (*KernelTable::*)(Args...)) {
  return Signature<Args...>::roles;
}
template <class... Args>
constexpr size_t arityOf(void (*KernelTable::*)(Args...)) {
  return sizeof...(Args);
}

}  // namespace gemmule
