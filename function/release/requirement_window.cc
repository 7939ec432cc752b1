#include <algorithm>

#include "absl/strings/str_join.h"
#include "function/release/requirement.h"
#include "function/release/schedule.h"

namespace release {
namespace {

std::optional<absl::Time> Earlier(std::optional<absl::Time> a, std::optional<absl::Time> b) {
  if (a && b) return std::min(*a, *b);
  return a ? a : b;
}

}  // namespace

Requirement CheckWindow(const RequirementContext& context) {
  const StepPolicy& policy = context.gate.policy;
  Requirement requirement{"Window", true, std::string(kMet), "", std::nullopt};
  std::vector<std::string> open, closed;
  const auto add = [&](const ScheduleState& state, absl::string_view reason_if_closed) {
    (state.open ? open : closed).push_back(state.message);
    requirement.next_change = Earlier(requirement.next_change, state.next_change);
    if (!state.open) requirement.reason = std::string(reason_if_closed);
  };
  for (const std::vector<Window>& set : policy.windows) {
    if (!set.empty()) add(EvaluateWindows(set, context.now), "OutsideWindow");
  }
  if (!policy.freezes.empty()) add(EvaluateFreezes(policy.freezes, context.now), "Frozen");
  if (open.empty() && closed.empty()) {
    return {"Window", true, std::string(kNotRequired), "no window is set, and no freeze", std::nullopt};
  }
  requirement.satisfied = closed.empty();
  requirement.message = absl::StrJoin(closed.empty() ? open : closed, "; ");
  return requirement;
}

}  // namespace release
