#include "function/release/recovery.h"

#include <algorithm>
#include <utility>

#include "function/release/attempt.h"

namespace release {
namespace {

// Where nobody knows which copy is right: what is in either. More of it only closes more.
std::vector<PastAttempt> BothHistories(const GateInput& input) {
  std::vector<PastAttempt> history;
  for (const std::optional<GateStatus>* copy : {&input.config_map, &input.previous}) {
    for (PastAttempt& past : Copy(*copy, &GateStatus::history)) AddPast(history, std::move(past));
  }
  return history;
}

// The history whose hash the current attempt recorded when it began.
bool RecoverHistory(const GateInput& input, const Attempt& attempt, std::vector<PastAttempt>& history) {
  for (const std::optional<GateStatus>* copy : {&input.previous, &input.config_map}) {
    history = Copy(*copy, &GateStatus::history);
    if (HistoryHash(history) == attempt.history_hash) return true;
  }
  history = BothHistories(input);
  return false;
}

}  // namespace

Recovered Recover(const GateInput& input) {
  Recovered recovered;
  absl::StatusOr<std::vector<AuditEntry>> trail =
      Reconcile(Copy(input.previous, &GateStatus::audit), Copy(input.config_map, &GateStatus::audit), input.audit_keys);
  if (!trail.ok()) {
    recovered.problem = std::string(trail.status().message());
    recovered.history = BothHistories(input);
    return recovered;
  }
  recovered.trail = *std::move(trail);
  std::optional<Attempt> attempt = LastAttempt(recovered.trail);
  if (!attempt) {
    if (!recovered.trail.empty()) recovered.problem = "the audit trail has no AttemptStarted entry that can be read";
    recovered.history = BothHistories(input);
  } else if (!RecoverHistory(input, *attempt, recovered.history)) {
    recovered.problem = "status.history is not the one that the audit trail recorded";
  }
  return recovered;
}

void AddPast(std::vector<PastAttempt>& history, PastAttempt past) {
  const bool known = std::any_of(history.begin(), history.end(), [&](const PastAttempt& other) {
    return other.artifact_id == past.artifact_id && other.attempt == past.attempt;
  });
  if (known) return;
  history.push_back(std::move(past));
  if (history.size() > kMaxHistory) history.erase(history.begin());
}

bool IsAbout(const std::optional<GateStatus>& copy, absl::string_view subject) {
  if (!copy) return false;
  const std::optional<Attempt> attempt = LastAttempt(copy->audit);
  return copy->subject == subject || (attempt && attempt->subject == subject);
}

}  // namespace release
