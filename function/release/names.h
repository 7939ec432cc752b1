// What others wrote, in messages, which are one line and stay short however long a list is.
#ifndef FUNCTION_RELEASE_NAMES_H_
#define FUNCTION_RELEASE_NAMES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace release {

// `"a", "b" and 3 more`: at most five names, in the order given.
std::string QuotedNames(const std::vector<std::string>& names);

// A text, which may have several lines (`reason: |`), in one: between its words is a blank.
std::string InOneLine(absl::string_view text);

}  // namespace release

#endif  // FUNCTION_RELEASE_NAMES_H_
