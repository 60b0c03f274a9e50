// Weak references that can be asked at any time which of their objects are gone, also inside a synchronous
// loop, where no finalizer of JavaScript runs.
#pragma once
#include <node_api.h>

#include <vector>

namespace gemmule {

/// One per environment. Ids are small integers of the caller's choice; each names one object at a time.
class Watch {
 public:
  static constexpr int32_t kMostIds = 1 << 24;

  /// The message of what is wrong, or null.
  const char* track(napi_env env, napi_value object, double id);
  const char* untrack(napi_env env, double id);
  /// An Int32Array of the ids whose objects are gone, no longer tracked then; null where there are none.
  napi_value collectDead(napi_env env);

 private:
  struct Entry {
    napi_ref ref;
    int32_t id;
  };
  void forget(napi_env env, size_t at);

  std::vector<Entry> entries_;
  std::vector<int32_t> place_;  // of an id in entries_, or -1
  std::vector<int32_t> dead_;
};

}  // namespace gemmule
