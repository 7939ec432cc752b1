#include "function/base/utf8.h"

#include <algorithm>
#include <cstdint>

namespace base {

bool IsUtf8(absl::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto byte = [&](size_t k) { return static_cast<unsigned char>(text[k]); };
    const unsigned char first = byte(i);
    const size_t size = first < 0x80       ? 1
                        : first >> 5 == 6  ? 2
                        : first >> 4 == 14 ? 3
                        : first >> 3 == 30 ? 4
                                           : 0;
    if (size == 0 || i + size > text.size()) return false;
    uint32_t rune = size == 1 ? first : first & (0x7f >> size);
    for (size_t k = 1; k < size; ++k) {
      if (byte(i + k) >> 6 != 2) return false;
      rune = rune << 6 | (byte(i + k) & 0x3f);
    }
    constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (rune < kSmallest[size] || rune > 0x10ffff || (rune >= 0xd800 && rune < 0xe000)) return false;
    i += size;
  }
  return true;
}

size_t Characters(absl::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(),
                                           [](char c) { return (static_cast<unsigned char>(c) >> 6) != 2; }));
}

}  // namespace base
