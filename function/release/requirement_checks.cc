#include <set>

#include "absl/strings/str_cat.h"
#include "function/release/names.h"
#include "function/release/requirement.h"

namespace release {
namespace {

enum class Standing { kSuccess, kFailed, kPending, kMissing };

// Should a check be there twice, the worse one holds.
Standing StandingOf(const std::string& name, const GateSpec& spec) {
  Standing standing = Standing::kMissing;
  for (const Check& check : spec.checks) {
    if (check.name != name || check.artifact_id != spec.artifact_id || check.attempt != spec.attempt)
      continue;
    if (check.state == CheckState::kFailure) return Standing::kFailed;
    if (check.state == CheckState::kPending) {
      standing = Standing::kPending;
    } else if (standing == Standing::kMissing) {
      standing = Standing::kSuccess;
    }
  }
  return standing;
}

void AppendNames(absl::string_view what, const std::vector<std::string>& names, std::string& message) {
  if (!names.empty()) absl::StrAppend(&message, "; ", what, ": ", QuotedNames(names));
}

}  // namespace

Requirement CheckChecks(const RequirementContext& context) {
  const std::vector<std::string>& demanded = context.gate.policy.required_checks;
  const std::set<std::string> names(demanded.begin(), demanded.end());
  if (names.empty()) return {"Checks", true, std::string(kNotRequired), "no check is required", std::nullopt};
  std::vector<std::string> failed, pending, missing;
  for (const std::string& name : names) {
    const Standing standing = StandingOf(name, context.gate.spec);
    if (standing == Standing::kFailed) failed.push_back(name);
    if (standing == Standing::kPending) pending.push_back(name);
    if (standing == Standing::kMissing) missing.push_back(name);
  }
  const size_t open = failed.size() + pending.size() + missing.size();
  std::string message = absl::StrCat(names.size() - open, " of ", names.size(),
                                     " required checks succeeded for this artifact and attempt");
  AppendNames("failed", failed, message);
  AppendNames("pending", pending, message);
  AppendNames("not reported", missing, message);
  const absl::string_view reason = open == 0 ? kMet : failed.empty() ? "AwaitingChecks" : "CheckFailed";
  return {"Checks", open == 0, std::string(reason), std::move(message), std::nullopt};
}

}  // namespace release
