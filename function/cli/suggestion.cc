#include "function/cli/suggestion.h"

#include <algorithm>
#include <numeric>

namespace cli {

int EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<int> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    int diagonal = row[0];
    row[0] = static_cast<int>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
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
  return nearest;
}

}  // namespace cli
