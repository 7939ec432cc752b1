#include "function/runner/memory.h"

#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <cstdio>

namespace runner {

MemoryMeter::MemoryMeter()
    : statm_(open("/proc/self/statm", O_RDONLY | O_CLOEXEC)), page_(sysconf(_SC_PAGESIZE)) {}

MemoryMeter::~MemoryMeter() {
  if (statm_ >= 0) close(statm_);
}

std::int64_t MemoryMeter::Resident() const {
  // "size resident …", in pages (proc(5)).
  char text[128] = {};
  long long size = 0, resident = 0;
  if (pread(statm_, text, sizeof text - 1, 0) <= 0) return 0;
  return std::sscanf(text, "%lld %lld", &size, &resident) == 2 ? resident * page_ : 0;
}

std::int64_t MemoryMeter::Allocated() const {
  const struct mallinfo2 heap = mallinfo2();
  return static_cast<std::int64_t>(heap.uordblks + heap.hblkhd);
}

void SetUpHeap() {
  // Set, they stay: by themselves they would grow with the largest block that is freed (mallopt(3)).
  mallopt(M_MMAP_THRESHOLD, 1024 * 1024);
  // Between two calls memory is kept: to get it again costs more than a call. Listener gives it back.
  mallopt(M_TRIM_THRESHOLD, 32 * 1024 * 1024);
  mallopt(M_ARENA_MAX, 2);
}

void ReturnFreeMemory() { malloc_trim(0); }

}  // namespace runner
