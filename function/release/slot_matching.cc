#include "function/release/slot_matching.h"

namespace release {
namespace {

// Augmenting paths (Kuhn), with a rule's slots counted rather than told apart: at most one visit of each rule
// a person, however many slots it has.
class Matching {
 public:
  Matching(const std::vector<std::vector<size_t>>& candidates, const std::vector<int>& slots)
      : candidates_(candidates), slots_(slots), rule_of_(candidates.size()), people_in_(slots.size()) {}

  std::vector<std::optional<size_t>> Run() {
    for (size_t person = 0; person < candidates_.size(); ++person) {
      visited_.assign(slots_.size(), false);
      Place(person);
    }
    return std::move(rule_of_);
  }

 private:
  bool Place(size_t person) {
    for (size_t rule : candidates_[person]) {
      if (visited_[rule]) continue;
      visited_[rule] = true;
      if (static_cast<int>(people_in_[rule].size()) < slots_[rule]) {
        people_in_[rule].push_back(person);
        rule_of_[person] = rule;
        return true;
      }
      for (size_t& occupant : people_in_[rule]) {
        if (!Place(occupant)) continue;
        occupant = person;
        rule_of_[person] = rule;
        return true;
      }
    }
    return false;
  }

  const std::vector<std::vector<size_t>>& candidates_;
  const std::vector<int>& slots_;
  std::vector<std::optional<size_t>> rule_of_;
  std::vector<std::vector<size_t>> people_in_;
  std::vector<bool> visited_;
};

}  // namespace

std::vector<std::optional<size_t>> MatchSlots(const std::vector<std::vector<size_t>>& candidates,
                                              const std::vector<int>& slots) {
  return Matching(candidates, slots).Run();
}

}  // namespace release
