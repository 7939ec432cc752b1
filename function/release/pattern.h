// Pattern lists of ssh_config(5), PATTERNS.
#ifndef FUNCTION_RELEASE_PATTERN_H_
#define FUNCTION_RELEASE_PATTERN_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace release {

// A longer pattern matches nothing, and ends the list that it is in.
inline constexpr size_t kMaxPattern = 1022;

// `*` is any text, `?` any one byte. A step for each byte of the text and each piece of 64 bytes between two
// `*`; no recursion.
bool MatchesPattern(absl::string_view text, absl::string_view pattern);

// Comma-separated patterns: one matches, and none that begins with `!` does.
bool MatchesPatternList(absl::string_view text, absl::string_view list);

}  // namespace release

#endif  // FUNCTION_RELEASE_PATTERN_H_
