// What all fuzz targets share. A target is one file with LLVMFuzzerTestOneInput
// (llvm.org/docs/LibFuzzer.html); it checks properties, not only that nothing crashes.
#ifndef TEST_ROBUSTNESS_FUZZ_FUZZ_H_
#define TEST_ROBUSTNESS_FUZZ_FUZZ_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"

namespace fuzz {

// Ends the process, so that libFuzzer keeps the input, and says which property does not hold.
inline void Check(bool holds, const std::string& property) {
  if (holds) return;
  std::fprintf(stderr, "property violated: %s\n", property.c_str());
  std::abort();
}

inline absl::string_view View(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Cuts the first byte off, which chooses one of a few ways to use the rest.
inline uint8_t TakeByte(absl::string_view& input) {
  if (input.empty()) return 0;
  const uint8_t byte = static_cast<uint8_t>(input[0]);
  input.remove_prefix(1);
  return byte;
}

// What was allocated on top of what there was, at most, between the constructor and Peak(). One at a time.
class MemoryMeter {
 public:
  MemoryMeter();
  size_t Peak() const;
};

// Fails where reading `bytes` took memory out of all proportion to them.
void CheckProportion(const MemoryMeter& meter, size_t bytes);

}  // namespace fuzz

#endif  // TEST_ROBUSTNESS_FUZZ_FUZZ_H_
