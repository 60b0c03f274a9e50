#include "bind.h"

#include <stdarg.h>
#include <stdio.h>

namespace gemmule {
namespace {

enum class Kind { kError, kType, kRange };

/// Throws `kernel: message`; long enough for the largest descriptor with all its fields.
#ifdef __GNUC__
__attribute__((format(printf, 3, 4)))
#endif
bool refuse(const Call& call, Kind kind, const char* format, ...) {
  char message[1536];
  int used = snprintf(message, sizeof message, "%s: ", call.kernel);
  va_list args;
  va_start(args, format);
  vsnprintf(message + used, sizeof message - (size_t)used, format, args);
  va_end(args);
  if (kind == Kind::kType) {
    napi_throw_type_error(call.env, "ERR_INVALID_ARG_TYPE", message);
  } else if (kind == Kind::kRange) {
    napi_throw_range_error(call.env, "ERR_OUT_OF_RANGE", message);
  } else {
    napi_throw_error(call.env, nullptr, message);
  }
  return false;
}

const char* typeName(napi_typedarray_type type) {
  static const char* const names[] = {"Int8Array",    "Uint8Array",    "Uint8ClampedArray", "Int16Array",
                                      "Uint16Array",  "Int32Array",    "Uint32Array",       "Float32Array",
                                      "Float64Array", "BigInt64Array", "BigUint64Array"};
  return (size_t)type < sizeof names / sizeof *names ? names[type] : "another typed array";
}

/// What an argument is, in a word.
const char* kindOf(const Call& call, int arg) {
  napi_typedarray_type typed;
  size_t length;
  if (napi_get_typedarray_info(call.env, call.args[arg], &typed, &length, nullptr, nullptr, nullptr) ==
      napi_ok)
    return typeName(typed);
  static const char* const names[] = {"undefined", "null",      "a boolean",  "a number",    "a string",
                                      "a symbol",  "an object", "a function", "an external", "a bigint"};
  napi_valuetype type = napi_undefined;
  napi_typeof(call.env, call.args[arg], &type);
  return (size_t)type < sizeof names / sizeof *names ? names[type] : "something else";
}

struct Range {
  const char *begin, *end;
};
Range touched(const Call& call, const Needs& needs, int i) {
  const Call::Array& a = call.arrays[i];
  return {a.data + needs.from[i] * a.width, a.data + needs.size[i] * a.width};
}

bool checkOverlap(const Call& call, const Needs& needs, int result) {
  const Range y = touched(call, needs, result);
  if (y.begin == y.end) return true;
  for (int i = 0; i < call.count; i++) {
    // Of two results, the second is compared with the first only.
    if (i == result || (call.arrays[i].written && i > result)) continue;
    const Range x = touched(call, needs, i);
    if (x.begin == x.end || x.end <= y.begin || y.end <= x.begin) continue;
    const bool same = x.begin == y.begin && x.end == y.end;
    if (!(same && (needs.inPlace >> i & 1))) return badOverlap(call, result, i);
  }
  return true;
}

bool isShared(const Call& call, int arg) {
  napi_value buffer;
  bool plain = false;
  if (napi_get_typedarray_info(call.env, call.args[arg], nullptr, nullptr, nullptr, &buffer, nullptr) !=
          napi_ok ||
      napi_is_arraybuffer(call.env, buffer, &plain) != napi_ok)
    return true;
  return !plain;
}

bool checkIndices(const Call& call, const Needs& needs, int array) {
  const int32_t* index = (const int32_t*)call.arrays[array].data;
  // Another thread could change shared indices after this check.
  if (isShared(call, call.arrays[array].arg))
    return refuse(call, Kind::kType, "argument %d (i) expected indices that are not in shared memory",
                  call.arrays[array].arg + 1);
  return needs.table.indicesBelow(index, needs.size[array], (uint32_t)needs.indexBelow) ||
         badIndex(call, array, needs.indexBelow);
}

}  // namespace

bool badCount(const Call& call, size_t got, size_t wanted) {
  return refuse(call, Kind::kType, "expected %zu arguments, got %zu", wanted, got);
}

bool badNumber(const Call& call, int arg) {
  return refuse(call, Kind::kType, "argument %d (n) expected a number, got %s", arg + 1, kindOf(call, arg));
}

bool badArray(const Call& call, int arg, napi_typedarray_type wanted, bool optional) {
  return refuse(call, Kind::kType, "argument %d (%s) expected a %s%s, got %s", arg + 1, call.roles[arg],
                typeName(wanted), optional ? " or null" : "", kindOf(call, arg));
}

bool badDescriptor(const Call& call, int arg, const char* type, size_t fields) {
  return refuse(call, Kind::kType, "argument %d (%s) expected an Int32Array of %zu fields, got %s", arg + 1,
                type, fields, kindOf(call, arg));
}

bool badFirst(const Call& call, const char* problem, const char* type, const char* const* fields,
              const int32_t* values, size_t count) {
  char text[1024];
  size_t used = 0;
  for (size_t i = 0; i < count && used < sizeof text; i++)
    used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %d", i ? ", " : "", fields[i], values[i]);
  return refuse(call, Kind::kRange, "argument 1 (%s): %s; got %s", type, problem, text);
}

bool badN(const Call& call, const char* problem, double n) {
  return refuse(call, Kind::kRange, "argument 1 (n): %s; got %.17g", problem, n);
}

bool badLength(const Call& call, int array, int64_t wanted) {
  const Call::Array& a = call.arrays[array];
  if (a.width == 0)
    return refuse(call, Kind::kType, "argument %d (x?) expected an array, got null", a.arg + 1);
  return refuse(call, Kind::kRange, "argument %d (%s) expected at least %lld elements, got %zu", a.arg + 1,
                call.roles[a.arg], (long long)wanted, a.length);
}

bool badOverlap(const Call& call, int result, int other) {
  return refuse(call, Kind::kError, "argument %d (%s) must not overlap argument %d (%s)",
                call.arrays[result].arg + 1, call.roles[call.arrays[result].arg], call.arrays[other].arg + 1,
                call.roles[call.arrays[other].arg]);
}

bool badIndex(const Call& call, int array, int64_t below) {
  const int32_t* index = (const int32_t*)call.arrays[array].data;
  int64_t i = 0;
  while ((uint32_t)index[i] < (uint32_t)below) i++;
  return refuse(call, Kind::kRange, "argument %d (i) expected indices in [0, %lld), got %d at position %lld",
                call.arrays[array].arg + 1, (long long)below, index[i], (long long)i);
}

bool outOfScratch(const Call& call) {
  return refuse(call, Kind::kError, "out of memory for the kernel's scratch; nothing was changed");
}

bool checkArrays(const Call& call, const Needs& needs, bool& work) {
  work = false;
  for (int i = 0; i < call.count; i++) {
    const Call::Array& a = call.arrays[i];
    const bool absent = a.width == 0;  // null for a role x?
    if (absent ? needs.required >> i & 1 : (int64_t)a.length < needs.size[i])
      return badLength(call, i, needs.size[i]);
    if (a.written && needs.size[i] > 0) work = true;
  }
  for (int i = 0; i < call.count; i++) {
    if (call.arrays[i].written && !needs.overlapAllowed && !checkOverlap(call, needs, i)) return false;
    if (call.arrays[i].index && needs.size[i] > 0 && !checkIndices(call, needs, i)) return false;
  }
  return true;
}

}  // namespace gemmule
