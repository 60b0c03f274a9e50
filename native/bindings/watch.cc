#include "watch.h"

#include <string.h>

namespace gemmule {

const char* Watch::track(napi_env env, napi_value object, double id) {
  if (!(id >= 0 && id < kMostIds && id == (double)(int32_t)id))
    return "track: id expected an integer in [0, 16777216)";
  const size_t at = (size_t)id;
  if (at < place_.size() && place_[at] >= 0) return "track: id is in use";
  napi_ref ref;
  if (napi_create_reference(env, object, 0, &ref) != napi_ok) return "track: object expected an object";
  if (at >= place_.size()) place_.resize(at + 1, -1);
  place_[at] = (int32_t)entries_.size();
  entries_.push_back({ref, (int32_t)at});
  return nullptr;
}

const char* Watch::untrack(napi_env env, double id) {
  if (!(id >= 0 && id < (double)place_.size() && id == (double)(int32_t)id) || place_[(size_t)id] < 0)
    return "untrack: id is not tracked";
  forget(env, (size_t)place_[(size_t)id]);
  return nullptr;
}

void Watch::forget(napi_env env, size_t at) {
  napi_delete_reference(env, entries_[at].ref);
  place_[(size_t)entries_[at].id] = -1;
  entries_[at] = entries_.back();
  entries_.pop_back();
  if (at < entries_.size()) place_[(size_t)entries_[at].id] = (int32_t)at;
}

napi_value Watch::collectDead(napi_env env) {
  constexpr size_t kAtOnce = 512;  // handles open at one time
  dead_.clear();
  for (size_t end = entries_.size(); end > 0;) {
    const size_t start = end > kAtOnce ? end - kAtOnce : 0;
    napi_handle_scope scope;
    if (napi_open_handle_scope(env, &scope) != napi_ok) return nullptr;
    // From the back: forget() moves the last entry, already looked at, into the gap.
    while (end > start) {
      napi_value object = nullptr;
      if (napi_get_reference_value(env, entries_[--end].ref, &object) == napi_ok && !object) {
        dead_.push_back(entries_[end].id);
        forget(env, end);
      }
    }
    napi_close_handle_scope(env, scope);
  }
  napi_value result, buffer;
  if (dead_.empty()) return napi_get_null(env, &result) == napi_ok ? result : nullptr;
  void* data;
  const size_t bytes = dead_.size() * sizeof(int32_t);
  if (napi_create_arraybuffer(env, bytes, &data, &buffer) != napi_ok) return nullptr;
  memcpy(data, dead_.data(), bytes);
  if (napi_create_typedarray(env, napi_int32_array, dead_.size(), buffer, 0, &result) != napi_ok)
    return nullptr;
  return result;
}

}  // namespace gemmule
