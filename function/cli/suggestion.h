// What somebody probably meant.
#ifndef FUNCTION_CLI_SUGGESTION_H_
#define FUNCTION_CLI_SUGGESTION_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace cli {

// How many letters have to be added, removed or replaced to make `a` of `b` (Levenshtein).
int EditDistance(absl::string_view a, absl::string_view b);

// The word nearest to `typed`, or "" where none is near: at most a third of the letters are wrong, and never
// over 3.
std::string Suggest(absl::string_view typed, const std::vector<std::string>& words);

}  // namespace cli

#endif  // FUNCTION_CLI_SUGGESTION_H_
