#include "function/release/attempt.h"

#include "absl/strings/str_cat.h"
#include "function/base/json.h"
#include "function/base/sha256.h"
#include "function/base/time.h"
#include "function/base/utf8.h"
#include "function/release/artifact.h"
#include "function/release/names.h"

namespace release {
namespace {

using base::Json;

// Details are ours, but a trail without a key can be anybody's: what does not parse is empty.
Json ParseDetail(const std::string& detail) {
  Json json = base::ParseJson(detail);
  if (!json.is_object()) return Json::object();
  return json;  // moved: a copy would recurse as deep as somebody nested it
}

std::string Text(const Json& detail, const char* key) {
  auto found = detail.find(key);
  return found != detail.end() && found->is_string() ? found->get<std::string>() : "";
}

// `max`: in characters, what a status has room for. What is longer is not ours.
std::string Text(const Json& detail, const char* key, size_t max) {
  std::string text = Text(detail, key);
  return base::Characters(text) > max ? "" : text;
}

std::optional<int> Number(const Json& detail, const char* key) {
  const auto found = detail.find(key);
  if (found == detail.end() || !found->is_number_integer()) return std::nullopt;
  const int64_t number = found->get<int64_t>();
  if (number < 1 || number > kMaxAttempt) return std::nullopt;
  return static_cast<int>(number);
}

std::optional<Attempt> ParseStart(const AuditEntry& entry) {
  const Json detail = ParseDetail(entry.detail);
  absl::StatusOr<absl::Time> start = base::ParseTime(Text(detail, "start"));
  const std::optional<int> number = Number(detail, "attempt");
  if (!start.ok() || !number || !ParseArtifact(Text(detail, "artifact_id")).ok()) return std::nullopt;
  Attempt attempt;
  attempt.subject = Text(detail, "subject");
  attempt.artifact_id = Text(detail, "artifact_id");
  attempt.history_hash = Text(detail, "history");
  attempt.requested_by = Text(detail, "requested_by");
  attempt.number = *number;
  attempt.start = *start;
  return attempt;
}

std::optional<Verdict> VerdictOf(absl::string_view entry_action) {
  for (Verdict verdict : {Verdict::kApproved, Verdict::kRejected, Verdict::kTimeout}) {
    if (entry_action == VerdictAction(verdict)) return verdict;
  }
  return std::nullopt;
}

}  // namespace

absl::string_view VerdictAction(Verdict verdict) {
  switch (verdict) {
    case Verdict::kApproved:
      return action::kGateApproved;
    case Verdict::kRejected:
      return action::kGateRejected;
    case Verdict::kTimeout:
      return action::kGateTimedOut;
    case Verdict::kPending:
      return "";
  }
  return "";
}

std::optional<Attempt> LastAttempt(const std::vector<AuditEntry>& trail) {
  std::optional<Attempt> attempt;
  for (const AuditEntry& entry : trail) {
    if (entry.action == action::kAttemptStarted) {
      attempt = ParseStart(entry);
    } else if (attempt && attempt->verdict == Verdict::kPending) {
      if (std::optional<Verdict> verdict = VerdictOf(entry.action)) {
        const Json detail = ParseDetail(entry.detail);
        attempt->verdict = *verdict;
        attempt->verdict_time = entry.time;
        attempt->approver = Text(detail, "approver", kMaxApprover);
        attempt->reason = Text(detail, "reason", kMaxName);
        attempt->shown_hash = Text(detail, "shown");
      } else {
        attempt->notes.push_back(entry);
      }
    }
  }
  return attempt;
}

std::optional<LastApproved> LastApproval(const std::vector<AuditEntry>& trail, Subject gate) {
  std::optional<LastApproved> last;
  for (auto entry = trail.rbegin(); entry != trail.rend(); ++entry) {
    if (entry->action != action::kGateApproved) continue;
    const Json detail = ParseDetail(entry->detail);
    const std::string artifact_id = Text(detail, "artifact_id");
    if (!ParseArtifact(artifact_id).ok()) continue;
    gate.artifact_id = artifact_id;
    gate.attempt = Number(detail, "attempt").value_or(0);
    if (Text(detail, "subject") != gate.Hash()) continue;
    if (last && last->artifact_id != artifact_id) break;
    last = LastApproved{artifact_id, entry->time};
  }
  return last;
}

std::string HistoryHash(const std::vector<PastAttempt>& history) {
  Json list = Json::array();
  for (const PastAttempt& past : history) {
    list.push_back({{"artifact_id", past.artifact_id},
                    {"attempt", past.attempt},
                    {"verdict", past.verdict},
                    {"time", base::FormatTime(past.time)}});
  }
  return base::Sha256Hex(base::CanonicalJson(list));
}

std::string AttemptStartedDetail(const Attempt& attempt, absl::string_view broken_hash) {
  Json detail = {{"subject", attempt.subject},
                 {"artifact_id", attempt.artifact_id},
                 {"attempt", attempt.number},
                 {"start", base::FormatTime(attempt.start)},
                 {"requested_by", attempt.requested_by},
                 {"history", attempt.history_hash}};
  if (!broken_hash.empty()) detail["broken"] = std::string(broken_hash);
  return base::CanonicalJson(detail);
}

std::string ShownHash(const GateStatus& status) {
  Json requirements = Json::array();
  for (const Requirement& requirement : status.requirements) {
    requirements.push_back(
        Json::array({requirement.name, requirement.satisfied, requirement.reason, requirement.message}));
  }
  Json counted = Json::array();
  for (const CountedApproval& approval : status.approvals.counted) {
    counted.push_back(Json::array({approval.approver, approval.rule, approval.is_signed}));
  }
  Json ignored = Json::array();
  for (const IgnoredApproval& approval : status.approvals.ignored) {
    ignored.push_back(Json::array({approval.approver, approval.reason}));
  }
  return base::Sha256Hex(base::CanonicalJson(
      Json::array({std::move(requirements), status.approvals.have, status.approvals.need, std::move(counted),
                   std::move(ignored), base::FormatTime(status.deadline)})));
}

std::string VerdictDetail(const Attempt& attempt) {
  return base::CanonicalJson({{"reason", attempt.reason},
                              {"approver", attempt.approver},
                              {"artifact_id", attempt.artifact_id},
                              {"attempt", attempt.number},
                              {"subject", attempt.subject},
                              {"shown", attempt.shown_hash}});
}

std::string ReasonOf(const AuditEntry& entry) { return Text(ParseDetail(entry.detail), "reason"); }

bool IsSigned(const AuditEntry& entry) {
  const Json detail = ParseDetail(entry.detail);
  const auto found = detail.find("signed");
  return found != detail.end() && *found == true;
}

std::string Describe(const AuditEntry& entry) {
  const Json detail = ParseDetail(entry.detail);
  const std::string artifact = Text(detail, "artifact_id");
  const std::string reason = Text(detail, "reason");
  if (entry.action == action::kAttemptStarted) return absl::StrCat("an attempt started for ", artifact);
  if (entry.action == action::kApprovedBy) {
    return absl::StrCat(entry.actor, " approved (", IsSigned(entry) ? "signed" : "not signed", ")");
  }
  if (entry.action == action::kRejectedBy) return absl::StrCat(entry.actor, " rejected");
  if (entry.action == action::kApprovalIgnored) {
    const bool is_override = Text(detail, "entry") == kOverrideEntry;
    return absl::StrCat("the ", is_override ? "override" : "entry", " of ", entry.actor,
                        " does not count: ", reason);
  }
  if (entry.action == action::kCheckReported)
    return absl::StrCat("check ", entry.actor, " is ", Text(detail, "state"));
  if (entry.action == action::kOverridden)
    return absl::StrCat(entry.actor, " overrode the gate: ", InOneLine(reason));
  if (entry.action == action::kGateApproved) return absl::StrCat(artifact, " is approved: ", reason);
  if (entry.action == action::kGateRejected) {
    return absl::StrCat(artifact, " was rejected by ", Text(detail, "approver"));
  }
  if (entry.action == action::kGateTimedOut) return absl::StrCat(artifact, " was not approved in time");
  if (entry.action == action::kSuperseded) {
    return absl::StrCat(artifact, " was superseded by ", Text(detail, "by_artifact_id"));
  }
  return absl::StrCat(entry.action, " ", entry.detail);
}

}  // namespace release
