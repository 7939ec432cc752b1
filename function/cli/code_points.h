// Text of others, code point by code point: what can be seen of it and what cannot.
#ifndef FUNCTION_CLI_CODE_POINTS_H_
#define FUNCTION_CLI_CODE_POINTS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace cli {

inline constexpr char32_t kReplacementCharacter = 0xfffd;

// Takes one code point off the front of the text, which is not empty; a byte that starts none counts as one,
// and becomes U+FFFD.
char32_t TakeCodePoint(absl::string_view& text);

// C1 controls, marks and overrides of direction, joiners, line separators, and other code points that change
// how a text looks without being seen themselves. C0 controls are not among them.
bool IsInvisible(char32_t code);

// In UTF-8.
void AppendCodePoint(char32_t code, std::string& text);

// At most `length` code points; what is cut off is an ellipsis.
std::string Shorten(absl::string_view text, size_t length);

}  // namespace cli

#endif  // FUNCTION_CLI_CODE_POINTS_H_
