#include "function/release/slot_matching.h"

#include <algorithm>
#include <string>

#include "test/catch.h"
#include "test/unit/release/random_policy.h"

namespace release {
namespace {

using Candidates = std::vector<std::vector<size_t>>;
using Matched = std::vector<std::optional<size_t>>;

struct MatchCase {
  std::string reason;
  Candidates candidates;
  std::vector<int> slots;
  Matched want;
};

TEST_CASE("As many slots as possible are filled, one a person", "[slots]") {
  const std::vector<MatchCase> cases = {
      {"nobody", {}, {1}, {}},
      {"no rule", {{}}, {}, {std::nullopt}},
      {"one person fills one slot only", {{0, 1}}, {1, 1}, {0}},
      {"who can do both makes room for who can do one", {{0, 1}, {0}}, {1, 1}, {1, 0}},
      {"a chain of three moves", {{0, 1}, {1, 2}, {0}, {1}}, {1, 1, 1}, {1, 2, 0, std::nullopt}},
      {"a rule with two slots", {{0}, {0}, {0}}, {2}, {0, 0, std::nullopt}},
      {"the first person is preferred", {{0}, {0}}, {1}, {0, std::nullopt}},
  };
  for (const MatchCase& c : cases) {
    INFO(c.reason);
    CHECK(MatchSlots(c.candidates, c.slots) == c.want);
  }
}

int Filled(const Matched& matched) {
  int filled = 0;
  for (const std::optional<size_t>& rule : matched) filled += rule.has_value();
  return filled;
}

int Best(const Candidates& candidates, std::vector<int>& slots, size_t person) {
  if (person == candidates.size()) return 0;
  int best = Best(candidates, slots, person + 1);
  for (size_t rule : candidates[person]) {
    if (slots[rule] == 0) continue;
    --slots[rule];
    best = std::max(best, 1 + Best(candidates, slots, person + 1));
    ++slots[rule];
  }
  return best;
}

TEST_CASE("No other choice fills more slots", "[slots]") {
  constexpr unsigned kSeed = 3;
  Random random(kSeed);
  for (int i = 0; i < 3000; ++i) {
    INFO("seed " << kSeed << ", round " << i);
    const size_t rules = 1 + random.Below(4);
    std::vector<int> slots;
    for (size_t r = 0; r < rules; ++r) slots.push_back(1 + random.Below(2));
    Candidates candidates(random.Below(7));
    for (std::vector<size_t>& can : candidates) {
      for (size_t r = 0; r < rules; ++r) {
        if (random.OneIn(2)) can.push_back(r);
      }
    }
    const Matched matched = MatchSlots(candidates, slots);
    std::vector<int> left = slots;
    for (size_t p = 0; p < matched.size(); ++p) {
      if (!matched[p]) continue;
      REQUIRE(std::count(candidates[p].begin(), candidates[p].end(), *matched[p]) == 1);
      REQUIRE(--left[*matched[p]] >= 0);
    }
    REQUIRE(Filled(matched) == Best(candidates, slots, 0));
  }
}

TEST_CASE("Fifty people and a hundred rules of fifty slots are matched at once", "[slots]") {
  Candidates candidates(50);
  for (std::vector<size_t>& can : candidates) {
    for (size_t r = 0; r < 100; ++r) can.push_back(r);
  }
  CHECK(Filled(MatchSlots(candidates, std::vector<int>(100, 50))) == 50);
  CHECK(Filled(MatchSlots(candidates, std::vector<int>(100, 0))) == 0);
}

}  // namespace
}  // namespace release
