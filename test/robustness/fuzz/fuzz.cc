#include "test/robustness/fuzz/fuzz.h"

#include <sanitizer/allocator_interface.h>

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace fuzz {
namespace {

// A field of three bytes becomes a node of a map with its key and value: some hundred bytes. Vectors have
// room for twice of what they hold.
constexpr size_t kBytesPerByte = 250;
constexpr size_t kBytesForAny = 1 << 20;

thread_local size_t allocated = 0;
thread_local size_t freed = 0;
thread_local size_t peak = 0;

void NoteMalloc(const volatile void*, size_t size) {
  allocated += size;
  if (allocated > freed) peak = std::max(peak, allocated - freed);
}

void NoteFree(const volatile void* memory) {
  freed += __sanitizer_get_allocated_size(const_cast<const void*>(memory));
}

}  // namespace

MemoryMeter::MemoryMeter() {
  static const int installed = __sanitizer_install_malloc_and_free_hooks(NoteMalloc, NoteFree);
  Check(installed > 0, "the sanitizer has room for another hook");
  allocated = freed = peak = 0;
}

size_t MemoryMeter::Peak() const { return peak; }

void CheckProportion(const MemoryMeter& meter, size_t bytes) {
  Check(meter.Peak() <= kBytesForAny + kBytesPerByte * bytes,
        absl::StrCat("memory in proportion: ", bytes, " bytes took ", meter.Peak()));
}

}  // namespace fuzz
