// Module start and everything that is not a kernel. All state is per environment: the instance data.
#include <napi.h>
#include <stdint.h>

#include <atomic>
#include <string>

#include "../runtime/cpu.h"
#include "../runtime/dispatch.h"
#include "../runtime/threads.h"
#include "bind.h"
#include "watch.h"

#ifdef __linux__
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace gemmule {
namespace {

struct Bound {
  const char* name;
  const char* const* roles;
  size_t arity;
  napi_callback call;
};

const Bound bound[] = {
#define KERNEL(name, ...)                                                \
  {#name, rolesOf(&KernelTable::name), arityOf(&KernelTable::name),      \
   [](napi_env env, napi_callback_info info) -> napi_value {             \
     return invoke(env, info, #name, &KernelTable::name, extents::name); \
   }},
#include "../kernels.def"
#undef KERNEL
    {nullptr, nullptr, 0, nullptr},  // the end
};

struct BoundPacker {
  const char* kernel;
  napi_callback pack, ask;
};

const BoundPacker packers[] = {
#define PACKER(kernel, packer, packing, Desc)                                              \
  {#kernel,                                                                                \
   [](napi_env env, napi_callback_info info) -> napi_value {                               \
     return invoke(env, info, #packer, &KernelTable::packer, extents::packer);             \
   },                                                                                      \
   [](napi_env env, napi_callback_info info) -> napi_value {                               \
     return askPacking<Desc>(env, info, #packing, &KernelTable::packing, extents::kernel); \
   }},
#include "../packers.def"
#undef PACKER
};

/// Environments that have the addon loaded. With the last one the library may be unloaded, so its threads
/// must end.
std::atomic<int> environments{0};

class Addon {
 public:
  Addon(Napi::Env env, Napi::Object exports) {
    environments++;
    const napi_property_descriptor properties[] = {
        method("kernels", kernels),
        method("packers", packersOf),
        method("info", info),
        method(
            "getNumThreads",
            [](napi_env e, napi_callback_info) -> napi_value { return Napi::Number::New(e, threadCount()); }),
        method("setNumThreads", setNumThreads),
        method("alignOffset", alignOffset),
        method("adviseHuge", adviseHuge),
        method("track", track),
        method("untrack", untrack),
        method("collectDead",
               [](napi_env e, napi_callback_info) -> napi_value { return state(e).watch_.collectDead(e); }),
    };
    napi_define_properties(env, exports, sizeof properties / sizeof *properties, properties);
  }
  ~Addon() {
    if (--environments == 0) stopThreads();
  }

 private:
  static napi_property_descriptor method(const char* name, napi_callback callback) {
    return {name, nullptr, callback, nullptr, nullptr, nullptr, napi_default_method, nullptr};
  }
  static Addon& state(napi_env env) {
    void* data = nullptr;
    napi_get_instance_data(env, &data);
    return *static_cast<Addon*>(data);
  }
  static napi_value refuse(napi_env env, const std::string& message) {
    napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", message.c_str());
    return nullptr;
  }

  /// The table that the first argument names, or null with an error thrown.
  static const KernelTable* tableOf(napi_env env, napi_callback_info raw, const char* function) {
    const Napi::CallbackInfo args(env, raw);
    const std::string isa = args[0].IsString() ? args[0].As<Napi::String>().Utf8Value() : "";
    const KernelTable* table = findTable(isa.c_str());
    if (!table)
      refuse(env, std::string(function) + ": isa expected an instruction set of this machine, got \"" + isa +
                      "\"");
    return table;
  }
  static bool setFunction(napi_env env, napi_value object, const char* name, napi_callback call,
                          const KernelTable* table) {
    napi_value function;
    return napi_create_function(env, name, NAPI_AUTO_LENGTH, call, (void*)table, &function) == napi_ok &&
           napi_set_named_property(env, object, name, function) == napi_ok;
  }

  /// kernels(isa): an object of functions.
  static napi_value kernels(napi_env env, napi_callback_info raw) {
    const KernelTable* table = tableOf(env, raw, "kernels");
    if (!table) return nullptr;
    Napi::Object result = Napi::Object::New(env);
    for (const Bound* kernel = bound; kernel->name; kernel++)
      if (!setFunction(env, result, kernel->name, kernel->call, table)) return nullptr;
    return result;
  }

  /// packers(isa): for each kernel of packers.def an object of two functions.
  static napi_value packersOf(napi_env env, napi_callback_info raw) {
    const KernelTable* table = tableOf(env, raw, "packers");
    if (!table) return nullptr;
    Napi::Object result = Napi::Object::New(env);
    for (const BoundPacker& packer : packers) {
      Napi::Object both = Napi::Object::New(env);
      if (!setFunction(env, both, "pack", packer.pack, table) ||
          !setFunction(env, both, "ask", packer.ask, table))
        return nullptr;
      result.Set(packer.kernel, both);
    }
    return result;
  }

  static napi_value info(napi_env env, napi_callback_info) {
    Napi::Object result = Napi::Object::New(env), roles = Napi::Object::New(env),
                 fields = Napi::Object::New(env);
    Napi::Array isas = Napi::Array::New(env), caches = Napi::Array::New(env);
    for (const char* const* name = knownSets; *name; name++)
      if (findTable(*name)) isas.Set(isas.Length(), *name);
    const CpuInfo& cpu = cpuInfo();
    for (size_t bytes : {cpu.l1, cpu.l2, cpu.l3}) caches.Set(caches.Length(), (double)bytes);
    for (const Bound* kernel = bound; kernel->name; kernel++) {
      std::string text;
      for (size_t i = 0; i < kernel->arity; i++) text += (i ? " " : "") + std::string(kernel->roles[i]);
      roles.Set(kernel->name, text);
    }
#define DESCRIPTOR(type)                                                                 \
  {                                                                                      \
    Napi::Array names = Napi::Array::New(env);                                           \
    for (const char* field : Descriptor<type>::fields) names.Set(names.Length(), field); \
    fields.Set(#type, names);                                                            \
  }
#define FIELD(name)
#define AXES(name)
#define END
#include "../descriptors.def"
#undef DESCRIPTOR
#undef FIELD
#undef AXES
#undef END
    result.Set("isas", isas);
    result.Set("cpu", std::string(cpu.name));
    result.Set("caches", caches);
    result.Set("roles", roles);
    result.Set("fields", fields);
    return result;
  }

  static napi_value setNumThreads(napi_env env, napi_callback_info raw) {
    const Napi::CallbackInfo args(env, raw);
    const double n = args[0].IsNumber() ? args[0].As<Napi::Number>().DoubleValue() : 0;
    if (!(n >= 1 && n <= kMaxThreads && n == (double)(int)n))
      return refuse(env, "setNumThreads: n expected an integer in [1, " + std::to_string(kMaxThreads) + "]");
    setThreadCount((int)n);
    return nullptr;
  }

  /// The bytes of the ArrayBuffer that a function was given, or false with an error thrown.
  static bool buffer(napi_env env, napi_callback_info raw, const char* function, char*& data, size_t& bytes) {
    napi_value arg[1];
    size_t given = 1;
    void* start = nullptr;
    if (napi_get_cb_info(env, raw, &given, arg, nullptr, nullptr) != napi_ok || given < 1 ||
        napi_get_arraybuffer_info(env, arg[0], &start, &bytes) != napi_ok) {
      refuse(env, std::string(function) + ": buffer expected an ArrayBuffer");
      return false;
    }
    data = (char*)start;
    return true;
  }

  static napi_value alignOffset(napi_env env, napi_callback_info raw) {
    char* data;
    size_t bytes;
    if (!buffer(env, raw, "alignOffset", data, bytes)) return nullptr;
    napi_value result;
    napi_create_uint32(env, (uint32_t)(-(uintptr_t)data & 63), &result);
    return result;
  }

  static napi_value adviseHuge(napi_env env, napi_callback_info raw) {
    char* data;
    size_t bytes;
    if (!buffer(env, raw, "adviseHuge", data, bytes)) return nullptr;
#ifdef __linux__
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    const uintptr_t begin = ((uintptr_t)data + page - 1) / page * page,
                    end = ((uintptr_t)data + bytes) / page * page;
    if (data && begin < end)
      madvise((void*)begin, end - begin, MADV_HUGEPAGE);  // advice: a refusal does not matter
#endif
    return nullptr;
  }

  static napi_value track(napi_env env, napi_callback_info raw) {
    const Napi::CallbackInfo args(env, raw);
    const double id = args[1].IsNumber() ? args[1].As<Napi::Number>().DoubleValue() : -1;
    if (!args[0].IsObject()) return refuse(env, "track: object expected an object");
    const char* problem = state(env).watch_.track(env, args[0], id);
    return problem ? refuse(env, problem) : nullptr;
  }

  static napi_value untrack(napi_env env, napi_callback_info raw) {
    const Napi::CallbackInfo args(env, raw);
    const double id = args[0].IsNumber() ? args[0].As<Napi::Number>().DoubleValue() : -1;
    const char* problem = state(env).watch_.untrack(env, id);
    return problem ? refuse(env, problem) : nullptr;
  }

  Watch watch_;
};

}  // namespace

Napi::Object start(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new Addon(env, exports));
  return exports;
}

NODE_API_MODULE(gemmule, start)

}  // namespace gemmule
