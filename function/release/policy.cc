#include "function/release/policy.h"

#include <algorithm>
#include <tuple>

namespace release {
namespace {

bool Earlier(const Freeze& a, const Freeze& b) {
  return std::tie(a.from, a.until, a.name, a.reason) < std::tie(b.from, b.until, b.name, b.reason);
}

template <typename T>
void MakeSet(std::vector<T>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

void MakeSet(std::vector<Freeze>& list) {
  std::sort(list.begin(), list.end(), Earlier);
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

template <typename T>
std::vector<T> Joined(const std::vector<T>& a, const std::vector<T>& b) {
  std::vector<T> joined = a;
  joined.insert(joined.end(), b.begin(), b.end());
  return joined;
}

template <typename T>
std::vector<T> Union(const std::vector<T>& a, const std::vector<T>& b) {
  std::vector<T> all = Joined(a, b);
  MakeSet(all);
  return all;
}

std::vector<ApprovalRule> UnionOfRules(const std::vector<ApprovalRule>& a,
                                       const std::vector<ApprovalRule>& b) {
  std::vector<ApprovalRule> rules = Joined(a, b);
  for (ApprovalRule& rule : rules) MakeSet(rule.approvers);
  MakeSet(rules);
  return rules;
}

using WindowSets = std::vector<std::vector<Window>>;

WindowSets UnionOfWindowSets(const WindowSets& a, const WindowSets& b) {
  WindowSets sets = Joined(a, b);
  sets.erase(std::remove_if(sets.begin(), sets.end(), [](const auto& set) { return set.empty(); }),
             sets.end());
  for (std::vector<Window>& set : sets) {
    for (Window& window : set) MakeSet(window.days);
    MakeSet(set);
  }
  MakeSet(sets);
  return sets;
}

std::optional<int> Least(std::optional<int> a, std::optional<int> b) {
  if (a && b) return std::min(*a, *b);
  return a ? a : b;
}

// Who is named on both sides; a side that says nothing does not count.
std::optional<std::vector<std::string>> Both(const std::optional<std::vector<std::string>>& a,
                                             const std::optional<std::vector<std::string>>& b) {
  if (!a || !b) return a ? a : b;
  std::vector<std::string> both;
  for (const std::string& name : *a) {
    if (std::find(b->begin(), b->end(), name) != b->end()) both.push_back(name);
  }
  return both;
}

}  // namespace

StepPolicy Merge(const StepPolicy& a, const StepPolicy& b) {
  StepPolicy merged;
  merged.approvals = UnionOfRules(a.approvals, b.approvals);
  merged.approval_required = a.approval_required || b.approval_required;
  merged.forbid_self_approval = a.forbid_self_approval || b.forbid_self_approval;
  merged.require_signatures = a.require_signatures || b.require_signatures;
  merged.require_digest = a.require_digest || b.require_digest;
  merged.soak_hours = std::max(a.soak_hours, b.soak_hours);
  merged.required_checks = Union(a.required_checks, b.required_checks);
  merged.windows = UnionOfWindowSets(a.windows, b.windows);
  merged.freezes = Union(a.freezes, b.freezes);
  merged.timeout_hours = Least(a.timeout_hours, b.timeout_hours);
  return merged;
}

StepFloor PlatformFloor(const std::map<std::string, StepPolicy>& policies,
                        const std::map<std::string, StepTrust>& trust, const Step& step) {
  StepFloor floor;
  for (const Step& other : AllSteps()) {
    if (other.target != step.target) continue;
    if (const auto found = policies.find(other.Key()); found != policies.end()) {
      floor.policy = Merge(floor.policy, found->second);
    }
    if (const auto found = trust.find(other.Key()); found != trust.end()) {
      floor.trust.override_approvers = Both(floor.trust.override_approvers, found->second.override_approvers);
      floor.trust.allowed_signers = found->second.allowed_signers;  // one text for the whole Input
    }
  }
  const bool demands = !(floor.policy == StepPolicy());
  if (demands && !floor.trust.override_approvers) floor.trust.override_approvers.emplace();
  return floor;
}

StepTrust Prefer(const StepTrust& platform, const StepTrust& pipeline) {
  return {platform.override_approvers ? platform.override_approvers : pipeline.override_approvers,
          platform.allowed_signers ? platform.allowed_signers : pipeline.allowed_signers};
}

}  // namespace release
