#include "options.h"

#include <stdlib.h>
#include <string.h>

namespace gemmule {

bool winogradAllowed() {
  static const bool allowed = [] {
    const char* value = getenv("GEMMULE_WINOGRAD");
    return !value || strcmp(value, "0") != 0;
  }();
  return allowed;
}

}  // namespace gemmule
