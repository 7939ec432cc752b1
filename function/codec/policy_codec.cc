#include "function/codec/policy_codec.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "function/release/artifact.h"
#include "function/release/environment.h"
#include "function/release/gate.h"
#include "function/release/schedule.h"
#include "function/release/signature.h"

namespace codec {
namespace {

using release::StepPolicy;

constexpr absl::string_view kDays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr int kMaxSoakHours = 168;

// The key of a list-map: an error where an element before this one has the same.
template <typename List, typename Name>
void RefuseDuplicate(ObjectReader& reader, absl::string_view key, const List& list, const Name& name) {
  if (std::any_of(list.begin(), list.end(), [&](const auto& element) { return element.name == name; })) {
    reader.Error(key, absl::StrCat("\"", name, "\" is there twice: names in a list are unique"));
  }
}

void ReadRules(ObjectReader& reader, StepPolicy& policy) {
  reader.ObjectList("approvals", [&](ObjectReader& item) {
    release::ApprovalRule rule;
    item.Require("name");
    rule.name = item.Line("name", kMaxName);
    rule.approvers = item.StringSet("approvers", kMaxItems, kMaxName);
    rule.required = item.Integer("required", 1, static_cast<int>(kMaxItems), 1);
    if (!rule.approvers.empty() && rule.required > static_cast<int>(rule.approvers.size())) {
      item.Error("required", absl::StrCat("is ", rule.required, ", but approvers has only ",
                                          rule.approvers.size(), ": name more or ask for fewer"));
    }
    RefuseDuplicate(item, "name", policy.approvals, rule.name);
    policy.approvals.push_back(std::move(rule));
  });
}

int ReadMinute(ObjectReader& reader, absl::string_view key) {
  reader.Require(key);
  const std::optional<std::string> text = reader.Text(key, 5);
  if (!text) return 0;
  absl::StatusOr<int> minute = release::ParseMinuteOfDay(*text);
  if (!minute.ok()) reader.Error(key, minute.status().message());
  return minute.value_or(0);
}

void ReadWindows(ObjectReader& reader, StepPolicy& policy) {
  std::vector<release::Window> windows;
  reader.ObjectList("windows", [&](ObjectReader& item) {
    release::Window window;
    item.Require("name");
    window.name = item.Line("name", kMaxName);
    const std::vector<std::string> days = item.StringSet("days", std::size(kDays), 3);
    for (const std::string& day : days) {
      const auto found = std::find(std::begin(kDays), std::end(kDays), day);
      if (found == std::end(kDays)) {
        item.Error("days",
                   absl::StrCat("must be of Mon, Tue, Wed, Thu, Fri, Sat, Sun, but has \"", day, "\""));
      } else {
        window.days.push_back(static_cast<int>(found - std::begin(kDays)) + 1);
      }
    }
    std::sort(window.days.begin(), window.days.end());
    window.start_minute = ReadMinute(item, "start");
    window.end_minute = ReadMinute(item, "end");
    window.time_zone = item.Text("time_zone", 64).value_or("UTC");
    if (absl::Status zone = release::ValidateTimeZone(window.time_zone); !zone.ok()) {
      item.Error("time_zone", zone.message());
    }
    RefuseDuplicate(item, "name", windows, window.name);
    windows.push_back(std::move(window));
  });
  if (!windows.empty()) policy.windows.push_back(std::move(windows));
}

void ReadStep(ObjectReader& reader, StepPolicy& policy, release::StepTrust& trust) {
  ReadRules(reader, policy);
  policy.forbid_self_approval = reader.Bool("forbid_self_approval", false);
  policy.require_signatures = reader.Bool("require_signatures", false);
  policy.require_digest = reader.Bool("require_digest", false);
  policy.soak_hours = reader.Integer("soak_hours", 0, kMaxSoakHours, 0);
  policy.required_checks = reader.StringSet("required_checks", kMaxItems, kMaxName);
  ReadWindows(reader, policy);
  if (reader.Has("timeout_hours")) {
    policy.timeout_hours = reader.Integer("timeout_hours", 1, release::kMaxTimeoutHours, 1);
  }
  if (reader.Has("override_approvers")) {
    trust.override_approvers = reader.StringSet("override_approvers", kMaxItems, kMaxName);
  }
}

std::vector<release::Freeze> ReadFreezes(ObjectReader& reader) {
  std::vector<release::Freeze> freezes;
  reader.ObjectList("freezes", [&](ObjectReader& item) {
    release::Freeze freeze;
    for (absl::string_view key : {"name", "from", "until"}) item.Require(key);
    freeze.name = item.Line("name", kMaxName);
    const std::optional<absl::Time> from = item.Time("from");
    const std::optional<absl::Time> until = item.Time("until");
    freeze.from = from.value_or(absl::UnixEpoch());
    freeze.until = until.value_or(absl::UnixEpoch());
    freeze.reason = item.String("reason", kMaxText);
    if (from && until && *from >= *until) item.Error("until", "must be after from");
    RefuseDuplicate(item, "name", freezes, freeze.name);
    freezes.push_back(std::move(freeze));
  });
  return freezes;
}

std::optional<std::string> ReadSigners(ObjectReader& reader, absl::string_view key) {
  if (!reader.Has(key)) return std::nullopt;
  std::optional<std::string> text = reader.Text(key, kMaxAllowedSigners);
  if (!text) return "";
  if (absl::Status valid = release::ValidateAllowedSigners(*text); !valid.ok())
    reader.Error(key, valid.message());
  return text;
}

}  // namespace

Policies ReadPolicies(ObjectReader& reader, absl::string_view policy_key, absl::string_view signers_key) {
  Policies result;
  reader.Object(policy_key, [&](ObjectReader& by_step) {
    for (const release::Step& step : release::AllSteps()) {
      by_step.Object(step.Key(), [&](ObjectReader& item) {
        result.declared.push_back(step.Key());
        ReadStep(item, result.policies[step.Key()], result.trust[step.Key()]);
      });
    }
  });
  const std::vector<release::Freeze> freezes = ReadFreezes(reader);
  const std::optional<std::string> signers = ReadSigners(reader, signers_key);
  for (const release::Step& step : release::AllSteps()) {
    result.policies[step.Key()].freezes = freezes;
    result.trust[step.Key()].allowed_signers = signers;
  }
  return result;
}

std::string ReadArtifact(ObjectReader& reader, absl::string_view key) {
  std::optional<std::string> reference = reader.Text(key, kMaxArtifact);
  if (!reference) return "";
  if (absl::Status valid = release::ParseArtifact(*reference).status(); !valid.ok()) {
    reader.Error(key, valid.message());
  }
  return *std::move(reference);
}

std::string ReadTenant(ObjectReader& reader) {
  reader.Require("tenant");
  return ReadDnsName(reader, "tenant", 63, "-", "");
}

std::string ReadDnsName(ObjectReader& reader, absl::string_view key, size_t max_size, absl::string_view marks,
                        absl::string_view default_value) {
  std::optional<std::string> text = reader.Text(key, max_size);
  if (!text) return std::string(default_value);
  const std::string& name = *text;
  const auto letter_or_digit = [](char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c); };
  const auto allowed = [&](char c) { return letter_or_digit(c) || absl::StrContains(marks, c); };
  if (name.empty() || !letter_or_digit(name.front()) || !letter_or_digit(name.back()) ||
      !std::all_of(name.begin(), name.end(), allowed)) {
    reader.Error(key, absl::StrCat("must be 1 to ", max_size, " lower-case letters, digits",
                                   marks == "-" ? " and '-'" : ", '-' and '.'",
                                   ", with a letter or digit at either end"));
  }
  return *std::move(text);
}

int ReadAttempt(ObjectReader& reader) { return reader.Integer("attempt", 1, release::kMaxAttempt, 1); }

}  // namespace codec
