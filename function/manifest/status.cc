#include "function/manifest/status.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "function/base/time.h"
#include "function/base/utf8.h"
#include "function/release/artifact.h"

namespace manifest {
namespace {

using base::Json;
using release::EnvironmentStatus;
using release::GateStatus;
using release::kMaxApprover;
using release::kMaxArtifact;
using release::kMaxName;
using release::ReleaseRecord;

// The bounds of a status in the XRDs, lengths in characters. What is beyond them is not ours, and could never
// be written again.
constexpr size_t kMaxRule = 1024;
constexpr size_t kMaxEnvironment = 10;
constexpr size_t kMaxHash = 64;
constexpr size_t kMaxText = 32768;
constexpr size_t kMaxRequirements = 50;
constexpr size_t kMaxApprovals = 100;
constexpr size_t kMaxListed = 200;  // in any other list

bool IsLonger(absl::string_view text, size_t max) {
  return text.size() > max && base::Characters(text) > max;  // the first alone says no nearly always
}

// Lenient reading: the default where the field is missing or something else.
absl::string_view Raw(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_string()) return "";
  return found->get_ref<const std::string&>();
}

// The same where it is too long.
std::string Text(const Json& json, const char* name, size_t max = kMaxName) {
  const absl::string_view text = Raw(json, name);
  return IsLonger(text, max) ? "" : std::string(text);
}

int64_t Number(const Json& json, const char* name, int64_t default_value) {
  const auto found = json.find(name);
  return found != json.end() && found->is_number_integer() ? found->get<int64_t>() : default_value;
}

int Count(const Json& json, const char* name) {
  return static_cast<int>(std::clamp<int64_t>(Number(json, name, 0), 0, std::numeric_limits<int>::max()));
}

bool Flag(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_boolean() && found->get<bool>();
}

std::optional<absl::Time> Time(const Json& json, const char* name) {
  absl::StatusOr<absl::Time> time = base::ParseTime(Text(json, name));
  if (!time.ok()) return std::nullopt;
  return *time;
}

const Json& Part(const Json& json, const char* name) {
  static const Json& none = *new Json();
  const auto found = json.find(name);
  return found != json.end() ? *found : none;
}

// The first elements of a list that are objects.
template <typename T, typename Parse>
std::vector<T> List(const Json& json, size_t max, Parse parse) {
  std::vector<T> list;
  if (!json.is_array()) return list;
  for (const Json& element : json) {
    if (list.size() == max) break;
    if (element.is_object()) list.push_back(parse(element));
  }
  return list;
}

// Without those that name nothing, or whose name was too long to be read.
template <typename T>
std::vector<T> Named(std::vector<T> list, std::string T::*name) {
  list.erase(std::remove_if(list.begin(), list.end(), [&](const T& item) { return (item.*name).empty(); }),
             list.end());
  return list;
}

std::vector<release::Requirement> RequirementsFromJson(const Json& json) {
  return List<release::Requirement>(json, kMaxRequirements, [](const Json& item) {
    return release::Requirement{Text(item, "name"), Flag(item, "satisfied"), Text(item, "reason"),
                                Text(item, "message", kMaxText), Time(item, "next_change")};
  });
}

release::ApprovalTally TallyFromJson(const Json& json) {
  release::ApprovalTally tally;
  if (!json.is_object()) return tally;
  tally.have = Count(json, "have");
  tally.need = Count(json, "need");
  tally.counted = List<release::CountedApproval>(Part(json, "counted"), kMaxApprovals, [](const Json& item) {
    return release::CountedApproval{Text(item, "approver"), Text(item, "rule", kMaxRule),
                                    Flag(item, "signed")};
  });
  tally.ignored = List<release::IgnoredApproval>(Part(json, "ignored"), kMaxApprovals, [](const Json& item) {
    return release::IgnoredApproval{Text(item, "approver"), Text(item, "reason")};
  });
  return tally;
}

// Within the bounds of the XRD, or the status could not be returned.
std::vector<release::PastAttempt> HistoryFromJson(const Json& json) {
  std::vector<release::PastAttempt> history =
      List<release::PastAttempt>(json, kMaxListed, [](const Json& item) {
        const int64_t attempt = std::clamp<int64_t>(Number(item, "attempt", 1), 1, release::kMaxAttempt);
        return release::PastAttempt{
            Text(item, "artifact_id", kMaxArtifact), static_cast<int>(attempt),
            std::string(
                Name(release::ParseVerdict(Text(item, "verdict")).value_or(release::Verdict::kPending))),
            Time(item, "time").value_or(absl::UnixEpoch())};
      });
  if (history.size() > release::kMaxHistory)
    history.erase(history.begin(), history.end() - release::kMaxHistory);
  return history;
}

std::vector<EnvironmentStatus> EnvironmentsFromJson(const Json& json) {
  return List<EnvironmentStatus>(json, kMaxListed, [](const Json& item) {
    return EnvironmentStatus{Text(item, "name", kMaxEnvironment), Text(item, "artifact_id", kMaxArtifact),
                             Time(item, "since"), Text(item, "gate"), Text(item, "gate_status")};
  });
}

std::vector<ReleaseRecord> ReleasesFromJson(const Json& json) {
  return List<ReleaseRecord>(json, kMaxListed, [](const Json& item) {
    return ReleaseRecord{Text(item, "artifact_id", kMaxArtifact), Text(item, "environment", kMaxEnvironment),
                         Time(item, "since"), Time(item, "until"), Time(item, "expires")};
  });
}

// An element that can't be read is an entry that was altered: it stays in the chain and breaks it.
release::AuditEntry AuditEntryFrom(const Json& element) {
  static const Json& unreadable = *new Json(Json::object());
  const Json& item = element.is_object() ? element : unreadable;
  release::AuditEntry entry{Number(item, "seq", 0),           Time(item, "time").value_or(absl::UnixEpoch()),
                            std::string(Raw(item, "actor")),  std::string(Raw(item, "action")),
                            std::string(Raw(item, "detail")), std::string(Raw(item, "prev")),
                            std::string(Raw(item, "hash"))};
  EmptyWhatIsTooLong(entry);
  return entry;
}

Json AuditEntryToJson(const release::AuditEntry& entry) {
  return base::JsonObject({{"seq", entry.seq},
                           {"time", base::FormatTime(entry.time)},
                           {"actor", entry.actor},
                           {"action", entry.action},
                           {"detail", entry.detail},
                           {"prev", entry.prev},
                           {"hash", entry.hash}});
}

Json Document(const Json& data, const char* name) { return base::ParseJson(Raw(data, name)); }

GateStatus LeavesFromJson(const Json& json) {
  GateStatus status;
  status.verdict = release::ParseVerdict(Text(json, "gate_status")).value_or(release::Verdict::kPending);
  status.subject = Text(json, "subject");
  status.approver = Text(json, "approver", kMaxApprover);
  status.approval_timestamp = Time(json, "approval_timestamp");
  status.created_timestamp = Time(json, "created_timestamp").value_or(absl::UnixEpoch());
  status.deadline = Time(json, "deadline").value_or(absl::UnixEpoch());
  status.approved_artifact_id = Text(json, "approved_artifact_id", kMaxArtifact);
  return status;
}

std::optional<GateStatus> NoneIfEmpty(GateStatus status) {
  if (status.subject.empty() && status.audit.empty() && status.history.empty()) return std::nullopt;
  return status;
}

}  // namespace

std::string FormatOptionalTime(const std::optional<absl::Time>& time) {
  return time ? base::FormatTime(*time) : "";
}

Json RequirementsToJson(const std::vector<release::Requirement>& requirements) {
  Json list = Json::array();
  for (const release::Requirement& requirement : requirements) {
    list.push_back(base::JsonObject({{"name", requirement.name},
                                     {"satisfied", requirement.satisfied},
                                     {"reason", requirement.reason},
                                     {"message", requirement.message},
                                     {"next_change", FormatOptionalTime(requirement.next_change)}}));
  }
  return list;
}

Json TallyToJson(const release::ApprovalTally& tally) {
  Json counted = Json::array();
  for (const release::CountedApproval& approval : tally.counted) {
    counted.push_back(base::JsonObject(
        {{"approver", approval.approver}, {"rule", approval.rule}, {"signed", approval.is_signed}}));
  }
  Json ignored = Json::array();
  for (const release::IgnoredApproval& approval : tally.ignored) {
    ignored.push_back(base::JsonObject({{"approver", approval.approver}, {"reason", approval.reason}}));
  }
  return base::JsonObject({{"have", tally.have},
                           {"need", tally.need},
                           {"counted", std::move(counted)},
                           {"ignored", std::move(ignored)}});
}

Json HistoryToJson(const std::vector<release::PastAttempt>& history) {
  Json list = Json::array();
  for (const release::PastAttempt& past : history) {
    list.push_back(base::JsonObject({{"artifact_id", past.artifact_id},
                                     {"attempt", past.attempt},
                                     {"verdict", past.verdict},
                                     {"time", base::FormatTime(past.time)}}));
  }
  return list;
}

Json AuditToJson(const std::vector<release::AuditEntry>& audit) {
  Json list = Json::array();
  for (const release::AuditEntry& entry : audit) list.push_back(AuditEntryToJson(entry));
  return list;
}

std::vector<release::AuditEntry> AuditFromJson(const Json& json) {
  std::vector<release::AuditEntry> audit;
  if (!json.is_array()) return audit;
  for (const Json& element : json) {
    if (audit.size() == kMaxEntriesRead) break;
    audit.push_back(AuditEntryFrom(element));
  }
  return audit;
}

std::string AuditToJsonLines(const std::vector<release::AuditEntry>& audit) {
  std::string lines;
  for (const release::AuditEntry& entry : audit) absl::StrAppend(&lines, release::AuditLine(entry), "\n");
  return lines;
}

std::vector<release::AuditEntry> AuditFromJsonLines(absl::string_view lines) {
  std::vector<release::AuditEntry> audit;
  size_t bytes = 0;
  for (absl::string_view line : absl::StrSplit(lines, '\n', absl::SkipEmpty())) {
    if (audit.size() == kMaxEntriesRead || bytes > release::kMaxAuditBytes) break;
    audit.push_back(AuditEntryFrom(base::ParseJson(line)));
    bytes += line.size();
  }
  return audit;
}

void EmptyWhatIsTooLong(release::AuditEntry& entry) {
  const auto empty_over = [](size_t max, std::string& text) {
    if (IsLonger(text, max)) text.clear();
  };
  empty_over(kMaxApprover, entry.actor);
  empty_over(kMaxName, entry.action);
  empty_over(kMaxText, entry.detail);
  empty_over(kMaxHash, entry.prev);
  empty_over(kMaxHash, entry.hash);
}

Json LeavesToJson(const GateStatus& status) {
  return base::JsonObject({{"gate_status", std::string(Name(status.verdict))},
                           {"subject", status.subject},
                           {"approver", status.approver},
                           {"approval_timestamp", FormatOptionalTime(status.approval_timestamp)},
                           {"created_timestamp", base::FormatTime(status.created_timestamp)},
                           {"deadline", base::FormatTime(status.deadline)},
                           {"approved_artifact_id", status.approved_artifact_id}});
}

Json GateStatusToJson(const GateStatus& status) {
  Json json = LeavesToJson(status);
  json["requirements"] = RequirementsToJson(status.requirements);
  json["approvals"] = TallyToJson(status.approvals);
  json["audit"] = AuditToJson(status.audit);
  json["history"] = HistoryToJson(status.history);
  return json;
}

std::optional<GateStatus> GateStatusFromJson(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  GateStatus status = LeavesFromJson(json);
  status.requirements = RequirementsFromJson(Part(json, "requirements"));
  status.approvals = TallyFromJson(Part(json, "approvals"));
  status.audit = AuditFromJson(Part(json, "audit"));
  status.history = HistoryFromJson(Part(json, "history"));
  return NoneIfEmpty(std::move(status));
}

std::optional<GateStatus> GateStatusFromConfigMap(const Json& data) {
  if (!data.is_object()) return std::nullopt;
  GateStatus status = LeavesFromJson(data);
  status.requirements = RequirementsFromJson(Document(data, "requirements.json"));
  status.approvals = TallyFromJson(Document(data, "approvals.json"));
  status.history = HistoryFromJson(Document(data, "history.json"));
  status.audit = AuditFromJsonLines(Raw(data, "audit.jsonl"));
  return NoneIfEmpty(std::move(status));
}

Json PipelineStatusToJson(const release::PipelineStatus& status) {
  Json environments = Json::array();
  for (const release::EnvironmentStatus& environment : status.environments) {
    environments.push_back(base::JsonObject({{"name", environment.name},
                                             {"artifact_id", environment.artifact_id},
                                             {"since", FormatOptionalTime(environment.since)},
                                             {"gate", environment.gate},
                                             {"gate_status", environment.gate_status}}));
  }
  Json history = Json::array();
  for (const release::ReleaseRecord& record : status.history) {
    history.push_back(base::JsonObject({{"artifact_id", record.artifact_id},
                                        {"environment", record.environment},
                                        {"since", FormatOptionalTime(record.since)},
                                        {"until", FormatOptionalTime(record.until)},
                                        {"expires", FormatOptionalTime(record.expires)}}));
  }
  return base::JsonObject({{"pipeline_id", status.pipeline_id},
                           {"current_environment", status.current_environment},
                           {"artifact_id", status.artifact_id},
                           {"environments", std::move(environments)},
                           {"history", std::move(history)}});
}

release::PipelineStatus PipelineStatusFromJson(const Json& json) {
  release::PipelineStatus status;
  if (!json.is_object()) return status;
  status.pipeline_id = Text(json, "pipeline_id");
  status.current_environment = Text(json, "current_environment");
  status.artifact_id = Text(json, "artifact_id", kMaxArtifact);
  status.environments = Named(EnvironmentsFromJson(Part(json, "environments")), &EnvironmentStatus::name);
  status.history = Named(ReleasesFromJson(Part(json, "history")), &ReleaseRecord::artifact_id);
  return status;
}

}  // namespace manifest
