#include "function/release/pattern.h"

#include "absl/strings/strip.h"

namespace release {

bool MatchesPattern(absl::string_view text, absl::string_view pattern) {
  size_t t = 0;
  size_t p = 0;
  size_t star = absl::string_view::npos;  // the last `*` that was passed: where to go back to
  size_t star_end = 0;                    // the text that this `*` has taken so far ends here
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_end = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != absl::string_view::npos) {
      p = star + 1;
      t = ++star_end;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == absl::string_view::npos;
}

bool MatchesPatternList(absl::string_view text, absl::string_view list) {
  bool matches = false;
  while (!list.empty()) {
    const bool negated = absl::ConsumePrefix(&list, "!");
    const absl::string_view pattern = list.substr(0, list.find(','));
    if (pattern.size() > kMaxPattern) return false;
    list.remove_prefix(pattern.size());
    absl::ConsumePrefix(&list, ",");
    if (!MatchesPattern(text, pattern)) continue;
    if (negated) return false;
    matches = true;
  }
  return matches;
}

}  // namespace release
