// Who fills which slot, where one person may fill one slot only.
#ifndef FUNCTION_RELEASE_SLOT_MATCHING_H_
#define FUNCTION_RELEASE_SLOT_MATCHING_H_

#include <cstddef>
#include <optional>
#include <vector>

namespace release {

// `candidates[p]`: the rules that person p can fill a slot of; `slots[r]`: how many slots rule r has. The
// answer is each person's rule. It fills as many slots as possible and is always the same for the same
// arguments; persons and rules that come first are preferred.
std::vector<std::optional<size_t>> MatchSlots(const std::vector<std::vector<size_t>>& candidates,
                                              const std::vector<int>& slots);

}  // namespace release

#endif  // FUNCTION_RELEASE_SLOT_MATCHING_H_
