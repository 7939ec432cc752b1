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

bool SayTheSame(const std::vector<AuditEntry>& a, const std::vector<AuditEntry>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const AuditEntry& x, const AuditEntry& y) {
    return x.seq == y.seq && x.actor == y.actor && x.action == y.action && x.detail == y.detail;
  });
}

// Where Crossplane fails to write a status, the same is decided once more, and its cache may not have the
// ConfigMap of the first time yet. So there can be two copies that say the same at other times. The later
// times count: nobody who changes one copy gains by that.
void AgreeOnTimes(std::vector<AuditEntry>& a, std::vector<AuditEntry>& b, const AuditKeys& keys) {
  if (a == b || !SayTheSame(a, b) || !VerifyAudit(a, keys).ok() || !VerifyAudit(b, keys).ok()) return;
  const auto [in_a, in_b] = std::mismatch(a.begin(), a.end(), b.begin());
  in_a->time < in_b->time ? a = b : b = a;
}

bool IsClosed(Verdict verdict) { return verdict == Verdict::kRejected || verdict == Verdict::kTimeout; }

// Whether one copy alone says that something was approved, be it an earlier attempt: others read that from
// the trail, once it is in both copies.
bool AddsApproval(const std::vector<AuditEntry>& shorter, const std::vector<AuditEntry>& longer) {
  const int64_t known = shorter.empty() ? 0 : shorter.back().seq;
  return std::any_of(longer.begin(), longer.end(), [&](const AuditEntry& entry) {
    return entry.seq > known && entry.action == action::kGateApproved;
  });
}

// Without a key anybody who can write one copy can make it longer. So what counts is what both have, and
// beside it, of the longer one, only what closes the gate or what is no more than a note.
std::vector<AuditEntry> WhatBothSay(const std::vector<AuditEntry>& a, const std::vector<AuditEntry>& b,
                                    absl::string_view subject, Recovered& recovered) {
  const std::vector<AuditEntry>& longer = IsPrefix(a, b) ? b : a;
  const std::vector<AuditEntry>& shorter = IsPrefix(a, b) ? a : b;
  const std::optional<Attempt> claim = LastAttempt(longer);
  const std::optional<Attempt> known = LastAttempt(shorter);
  if (!claim || claim->subject != subject) return shorter;
  const bool adds_approval = AddsApproval(shorter, longer);
  if (IsClosed(claim->verdict) && !adds_approval) return longer;
  const bool is_known = known && known->subject == subject;
  if (is_known && known->verdict != Verdict::kPending) return shorter;
  const bool same_start =
      is_known && known->start == claim->start && known->history_hash == claim->history_hash;
  if (same_start && claim->verdict == Verdict::kPending && !adds_approval) return longer;
  if (claim->verdict == Verdict::kApproved) recovered.claimed_approval = claim->verdict_time;
  if (!is_known) recovered.claimed_start = claim->start;
  return shorter;
}

}  // namespace

Recovered Recover(const GateInput& input, absl::string_view subject) {
  Recovered recovered;
  std::vector<AuditEntry> in_status = Copy(input.previous, &GateStatus::audit);
  std::vector<AuditEntry> in_config_map = Copy(input.config_map, &GateStatus::audit);
  AgreeOnTimes(in_status, in_config_map, input.audit_keys);
  absl::StatusOr<std::vector<AuditEntry>> trail = Reconcile(in_status, in_config_map, input.audit_keys);
  if (!trail.ok()) {
    recovered.problem = std::string(trail.status().message());
    recovered.history = BothHistories(input);
    return recovered;
  }
  const bool anybody = input.audit_keys.key.empty() && !in_status.empty() && !in_config_map.empty();
  recovered.trail = anybody ? WhatBothSay(in_status, in_config_map, subject, recovered) : *std::move(trail);
  std::optional<Attempt> attempt = LastAttempt(recovered.trail);
  if (!attempt) {
    if (!recovered.trail.empty())
      recovered.problem = "the audit trail has no AttemptStarted entry that can be read";
    recovered.history = BothHistories(input);
  } else if (!RecoverHistory(input, *attempt, recovered.history)) {
    recovered.problem = "status.history is not the one that the audit trail recorded";
  }
  return recovered;
}

std::vector<AuditEntry> ProvenTrail(std::vector<AuditEntry> in_status, std::vector<AuditEntry> in_config_map,
                                    const AuditKeys& keys) {
  AgreeOnTimes(in_status, in_config_map, keys);
  absl::StatusOr<std::vector<AuditEntry>> trail = Reconcile(in_status, in_config_map, keys);
  if (!trail.ok()) return {};
  if (!keys.key.empty()) return *std::move(trail);
  return std::move(IsPrefix(in_status, in_config_map) ? in_status : in_config_map);
}

void AddPast(std::vector<PastAttempt>& history, PastAttempt past) {
  const bool known = std::any_of(history.begin(), history.end(), [&](const PastAttempt& other) {
    return other.artifact_id == past.artifact_id && other.attempt == past.attempt;
  });
  if (known) return;
  history.push_back(std::move(past));
  if (history.size() <= kMaxHistory) return;
  const auto superseded = std::find_if(history.begin(), history.end(), [](const PastAttempt& other) {
    return other.verdict == Name(Verdict::kPending);
  });
  history.erase(superseded == history.end() ? history.begin() : superseded);
}

int HighestAttempt(const GateInput& input) {
  int highest = 1;
  for (const std::optional<GateStatus>* copy : {&input.previous, &input.config_map}) {
    for (const PastAttempt& past : Copy(*copy, &GateStatus::history))
      highest = std::max(highest, past.attempt);
    const std::optional<Attempt> attempt = LastAttempt(Copy(*copy, &GateStatus::audit));
    if (attempt) highest = std::max(highest, attempt->number);
  }
  return highest;
}

}  // namespace release
