#include "test.h"

#ifdef _WIN32
#include <windows.h>
#else
#include <sys/mman.h>
#include <unistd.h>
#endif
#include <stdlib.h>

namespace test {

Case* cases = nullptr;
long failures = 0;

void fail(const char* file, int line, const char* condition, const char* format, ...) {
  const long shown = 20;
  if (failures++ < shown) {
    const char* slash = strrchr(file, '/');
    fprintf(stderr, "  %s:%d: %s", slash ? slash + 1 : file, line, condition);
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
  }
}

static size_t pageSize() {
#ifdef _WIN32
  SYSTEM_INFO info;
  GetSystemInfo(&info);
  return info.dwPageSize;
#else
  return (size_t)sysconf(_SC_PAGESIZE);
#endif
}

Pages::Pages(size_t bytes) {
  const size_t page = pageSize(), inner = (bytes + page - 1) / page * page + (bytes == 0 ? page : 0);
  mapped_ = inner + 2 * page;
#ifdef _WIN32
  map_ = (char*)VirtualAlloc(nullptr, mapped_, MEM_RESERVE, PAGE_NOACCESS);
  if (!map_ || !VirtualAlloc(map_ + page, inner, MEM_COMMIT, PAGE_READWRITE)) abort();
#else
  map_ = (char*)mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (map_ == MAP_FAILED || mprotect(map_ + page, inner, PROT_READ | PROT_WRITE) != 0) abort();
#endif
  begin_ = map_ + page;
  end_ = begin_ + inner;
}

Pages::~Pages() {
#ifdef _WIN32
  VirtualFree(map_, 0, MEM_RELEASE);
#else
  munmap(map_, mapped_);
#endif
}

}  // namespace test

/// Runs the tests whose name contains the first argument, all without one.
int main(int argc, char** argv) {
  const char* filter = argc > 1 ? argv[1] : "";
  test::Case* inOrder = nullptr;
  while (test::cases) {
    test::Case* entry = test::cases;
    test::cases = entry->next;
    entry->next = inOrder;
    inOrder = entry;
  }
  long passed = 0, failed = 0;
  for (test::Case* entry = inOrder; entry; entry = entry->next) {
    if (!strstr(entry->name, filter)) continue;
    test::failures = 0;
    entry->run();
    if (test::failures) {
      failed++;
      fprintf(stderr, "FAIL %s (%ld checks)\n", entry->name, test::failures);
    } else {
      passed++;
    }
  }
  printf("%ld passed, %ld failed\n", passed, failed);
  return failed ? 1 : 0;
}
