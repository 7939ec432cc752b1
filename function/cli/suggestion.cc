#include "function/cli/suggestion.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/match.h"

namespace cli {
namespace {

// The only word that begins like this.
std::string OnlyLonger(absl::string_view typed, const std::vector<std::string>& words) {
  constexpr size_t kEnough = 3;
  const auto is_longer = [&](const std::string& word) {
    return typed.size() >= kEnough && absl::StartsWith(word, typed);
  };
  const auto found = std::find_if(words.begin(), words.end(), is_longer);
  return found != words.end() && std::none_of(found + 1, words.end(), is_longer) ? *found : "";
}

}  // namespace

int EditDistance(absl::string_view a, absl::string_view b) {
  // The rows of the table for the last two letters of `a`, and the one for this letter.
  std::vector<int> before;
  std::vector<int> above(b.size() + 1);
  std::iota(above.begin(), above.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    std::vector<int> row = {static_cast<int>(i)};
    for (size_t j = 1; j <= b.size(); ++j) {
      const int replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row.push_back(std::min({replaced, above[j] + 1, row[j - 1] + 1}));
      const bool is_swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (is_swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = std::move(above);
    above = std::move(row);
  }
  return above.back();
}

std::string Suggest(absl::string_view typed, const std::vector<std::string>& words) {
  constexpr int kMaxDistance = 3;
  int limit = std::min(kMaxDistance, static_cast<int>(typed.size() + 2) / 3);
  std::string nearest;
  for (const std::string& word : words) {
    const int distance = EditDistance(typed, word);
    if (distance > limit) continue;
    nearest = word;
    limit = distance - 1;  // only a nearer one replaces it
  }
  return nearest.empty() ? OnlyLonger(typed, words) : nearest;
}

}  // namespace cli
