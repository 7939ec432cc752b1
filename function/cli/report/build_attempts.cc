#include "function/cli/report/build_attempts.h"

#include <algorithm>
#include <utility>

#include "function/base/json.h"
#include "function/cli/preview_object.h"
#include "function/cli/report/build_gate.h"
#include "function/release/attempt.h"

namespace cli::report {
namespace {

using release::AuditEntry;

// Each attempt that the trail has the beginning of, oldest first.
std::vector<release::Attempt> ToldBy(const std::vector<AuditEntry>& trail) {
  std::vector<release::Attempt> attempts;
  const auto is_start = [](const AuditEntry& entry) {
    return entry.action == release::action::kAttemptStarted;
  };
  for (auto start = std::find_if(trail.begin(), trail.end(), is_start); start != trail.end();) {
    const auto end = std::find_if(start + 1, trail.end(), is_start);
    if (std::optional<release::Attempt> attempt = release::LastAttempt({start, end})) {
      attempts.push_back(*std::move(attempt));
    }
    start = end;
  }
  return attempts;
}

// Takes the last one about this artifact and number out of those told.
std::optional<release::Attempt> Take(const std::string& artifact_id, int number,
                                     std::vector<release::Attempt>& told) {
  const auto found = std::find_if(told.rbegin(), told.rend(), [&](const release::Attempt& attempt) {
    return attempt.artifact_id == artifact_id && attempt.number == number;
  });
  if (found == told.rend()) return std::nullopt;
  release::Attempt attempt = std::move(*found);
  told.erase(std::next(found).base());
  return attempt;
}

void AddTold(const release::Attempt& told, AttemptView& view) {
  view.start = told.start;
  view.approver = told.approver;
  view.reason = told.reason;
  for (const AuditEntry& note : told.notes) {
    if (note.action != release::action::kOverridden) continue;
    const base::Json detail = base::ParseJson(note.detail);
    view.overridden_by = note.actor;
    view.override_reason = Text(detail, {"reason"});
  }
}

State PastStateOf(const release::PastAttempt& past) {
  const std::optional<release::Verdict> verdict = release::ParseVerdict(past.verdict);
  if (!verdict) return State::kUndecided;
  return *verdict == release::Verdict::kPending ? State::kSuperseded : StateOf(*verdict);
}

}  // namespace

State StateOf(release::Verdict verdict) {
  switch (verdict) {
    case release::Verdict::kPending:
      return State::kPending;
    case release::Verdict::kApproved:
      return State::kApproved;
    case release::Verdict::kRejected:
      return State::kRejected;
    case release::Verdict::kTimeout:
      return State::kTimeout;
  }
  return State::kUndecided;
}

std::vector<AttemptView> AttemptsOf(const release::GateStatus& status, const std::string& artifact_id,
                                    int number, State state) {
  std::vector<release::Attempt> told = ToldBy(status.audit);
  std::vector<AttemptView> views;
  if (state != State::kUndecided) {
    AttemptView view{artifact_id, number, state};
    view.is_current = true;
    view.start = MomentOf(status.created_timestamp);
    view.approver = status.approver;
    if (state == State::kPending) view.deadline = MomentOf(status.deadline);
    view.end = status.approval_timestamp;
    if (const auto attempt = Take(artifact_id, number, told)) {
      AddTold(*attempt, view);
      if (attempt->verdict != release::Verdict::kPending && state != State::kPending)
        view.end = attempt->verdict_time;
    }
    views.push_back(std::move(view));
  }
  for (auto past = status.history.rbegin(); past != status.history.rend(); ++past) {
    AttemptView view{past->artifact_id, past->attempt, PastStateOf(*past)};
    view.end = MomentOf(past->time);
    if (const auto attempt = Take(past->artifact_id, past->attempt, told)) AddTold(*attempt, view);
    views.push_back(std::move(view));
  }
  return views;
}

}  // namespace cli::report
