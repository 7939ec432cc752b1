// What somebody probably meant.
#ifndef FUNCTION_CLI_SUGGESTION_H_
#define FUNCTION_CLI_SUGGESTION_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace cli {

// How many letters have to be added, removed, replaced, or swapped with their neighbour to make `a` of `b`
// (Damerau and Levenshtein; no letter is moved twice).
int EditDistance(absl::string_view a, absl::string_view b);

// The word nearest to `typed`: at most a third of the letters are wrong, and never over 3. Else the only one
// that begins with it. "" where there is neither.
std::string Suggest(absl::string_view typed, const std::vector<std::string>& words);

}  // namespace cli

#endif  // FUNCTION_CLI_SUGGESTION_H_
