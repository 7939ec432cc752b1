#include "function/cli/report/demands.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "function/base/time.h"

namespace cli::report {
namespace {

std::string Rule(const release::ApprovalRule& rule) {
  const std::string who = rule.approvers.empty() ? "anyone" : absl::StrJoin(rule.approvers, ", ");
  return absl::StrCat(rule.required, rule.required == 1 ? " approval" : " approvals", " by rule \"",
                      rule.name, "\": ", who);
}

std::string Minute(int minute) { return absl::StrFormat("%02d:%02d", minute / 60, minute % 60); }

std::string Days(const std::vector<int>& days) {
  constexpr const char* kNames[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  if (days.empty()) return "every day";
  return absl::StrJoin(days, " ", [&](std::string* out, int day) { absl::StrAppend(out, kNames[day - 1]); });
}

std::string Windows(const std::vector<release::Window>& windows) {
  return absl::StrCat(
      "inside one of: ", absl::StrJoin(windows, "; ", [](std::string* out, const release::Window& window) {
        absl::StrAppend(out, window.name, " (", Days(window.days), ", ", Minute(window.start_minute), " to ",
                        Minute(window.end_minute), ", ", window.time_zone, ")");
      }));
}

std::string Freeze(const release::Freeze& freeze) {
  return absl::StrCat("frozen by ", freeze.name, " from ", base::FormatTime(freeze.from), " until ",
                      base::FormatTime(freeze.until), freeze.reason.empty() ? "" : ": ", freeze.reason);
}

std::vector<std::string> Lines(release::PromotionRule rule, const release::StepPolicy& policy,
                               const release::StepTrust& trust) {
  std::vector<std::string> lines;
  const bool is_manual = rule == release::PromotionRule::kManual || !policy.approvals.empty();
  lines.emplace_back(is_manual ? "manual: it takes approval" : "automatic: it takes no approval");
  if (is_manual && policy.approvals.empty()) lines.emplace_back("1 approval by anyone who is named");
  for (const release::ApprovalRule& approvals : policy.approvals) lines.push_back(Rule(approvals));
  if (policy.forbid_self_approval) lines.emplace_back("not by the one who asked for it");
  if (policy.require_signatures) lines.emplace_back("signed approvals only");
  if (policy.require_digest) lines.emplace_back("artifacts by digest only");
  if (policy.soak_hours > 0) {
    lines.push_back(absl::StrCat(policy.soak_hours, policy.soak_hours == 1 ? " hour" : " hours",
                                 " in the source environment before"));
  }
  if (!policy.required_checks.empty())
    lines.push_back(absl::StrCat("checks: ", absl::StrJoin(policy.required_checks, ", ")));
  for (const std::vector<release::Window>& windows : policy.windows) lines.push_back(Windows(windows));
  for (const release::Freeze& freeze : policy.freezes) lines.push_back(Freeze(freeze));
  if (policy.timeout_hours) lines.push_back(absl::StrCat("within ", *policy.timeout_hours, " hours"));
  if (trust.override_approvers && !trust.override_approvers->empty())
    lines.push_back(absl::StrCat("may override: ", absl::StrJoin(*trust.override_approvers, ", ")));
  return lines;
}

}  // namespace

std::vector<DemandView> DemandsOf(const release::PipelineSpec& spec) {
  std::vector<DemandView> demands;
  for (const release::Step& step : release::StepsOf(spec.environments)) {
    const auto rule = spec.rules.find(step.Key());
    const auto policy = spec.policies.find(step.Key());
    const auto trust = spec.trust.find(step.Key());
    demands.push_back({absl::StrCat(Name(step.source), " → ", Name(step.target)),
                       Lines(rule == spec.rules.end() ? release::PromotionRule::kManual : rule->second,
                             policy == spec.policies.end() ? release::StepPolicy() : policy->second,
                             trust == spec.trust.end() ? release::StepTrust() : trust->second)});
  }
  return demands;
}

}  // namespace cli::report
