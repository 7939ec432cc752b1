// The status of both kinds as JSON, in both directions. Every field is always there, empty ones too: what is
// not returned, somebody else's forged field, would stay.
#ifndef FUNCTION_MANIFEST_STATUS_H_
#define FUNCTION_MANIFEST_STATUS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "function/base/json.h"
#include "function/release/gate.h"
#include "function/release/pipeline.h"

namespace manifest {

// The fields that status and ConfigMap spell alike.
base::Json LeavesToJson(const release::GateStatus& status);
base::Json GateStatusToJson(const release::GateStatus& status);
base::Json PipelineStatusToJson(const release::PipelineStatus& status);

// What was decided before. Anybody may have edited it, so that this reads what it can and drops the rest; the
// audit trail decides what of it counts. None where there is no decision in it.
std::optional<release::GateStatus> GateStatusFromJson(const base::Json& json);
release::PipelineStatus PipelineStatusFromJson(const base::Json& json);

// The same out of the data of the gate's ConfigMap.
std::optional<release::GateStatus> GateStatusFromConfigMap(const base::Json& data);

// Parts, as status and ConfigMap share them.
base::Json RequirementsToJson(const std::vector<release::Requirement>& requirements);
base::Json TallyToJson(const release::ApprovalTally& tally);
base::Json HistoryToJson(const std::vector<release::PastAttempt>& history);
base::Json AuditToJson(const std::vector<release::AuditEntry>& audit);
std::vector<release::AuditEntry> AuditFromJson(const base::Json& json);
// Empties the fields that are longer than the XRD allows: they are not ours, could never be written again,
// and break the chain without what they said.
void EmptyWhatIsTooLong(release::AuditEntry& entry);
// How many entries of a copy of the trail are read: as many as the XRD allows, which is more than an intact
// one has.
inline constexpr size_t kMaxEntriesRead = 200;
// One entry a line.
std::string AuditToJsonLines(const std::vector<release::AuditEntry>& audit);
std::vector<release::AuditEntry> AuditFromJsonLines(absl::string_view lines);

// "" for none.
std::string FormatOptionalTime(const std::optional<absl::Time>& time);

}  // namespace manifest

#endif  // FUNCTION_MANIFEST_STATUS_H_
