#include "function/cli/kubectl/read_back.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "function/cli/ignored.h"
#include "function/release/attempt.h"

namespace cli {
namespace {

using release::Verdict;

Outcome Moved(const LiveGate& now) {
  Outcome outcome{Outcome::Kind::kMoved};
  outcome.message = absl::StrCat("the gate is about ", now.spec().artifact_id, ", attempt ",
                                 now.spec().attempt, ", by now, and this entry is not");
  outcome.next = absl::StrCat("look at that first: kubectl release why ", AsArguments(now));
  return outcome;
}

Outcome Late(const LiveGate& now) {
  Outcome outcome{Outcome::Kind::kLate};
  const std::string& approver = now.status->approver;
  outcome.message = absl::StrCat("the gate was decided without it: ", Name(now.verdict()),
                                 approver.empty() ? "" : absl::StrCat(" by ", approver));
  if (now.verdict() != Verdict::kApproved) outcome.next = "raise spec.attempt to try again";
  return outcome;
}

Outcome IgnoredFor(const std::string& reason) {
  const Ignored ignored = FindIgnored(reason);
  return {Outcome::Kind::kIgnored,  "", false, reason, std::string(ignored.message),
          std::string(ignored.next)};
}

// The last thing that the trail of this attempt says of the approver.
const release::AuditEntry* LastNote(const release::Attempt& attempt, const std::string& approver) {
  const auto found = std::find_if(attempt.notes.rbegin(), attempt.notes.rend(),
                                  [&](const release::AuditEntry& note) { return note.actor == approver; });
  return found == attempt.notes.rend() ? nullptr : &*found;
}

bool IsRejectedBy(const LiveGate& now, const std::string& approver) {
  const std::optional<release::Attempt> attempt = release::LastAttempt(now.status->audit);
  const release::AuditEntry* note = attempt ? LastNote(*attempt, approver) : nullptr;
  return now.verdict() == Verdict::kRejected && note != nullptr &&
         note->action == release::action::kRejectedBy;
}

Outcome OfReject(const LiveGate& now, const std::string& approver) {
  if (!IsRejectedBy(now, approver)) return {};
  return {Outcome::Kind::kCounted, "", false, "", "closes the gate", ""};
}

Outcome OfApproval(const LiveGate& now, const std::string& approver) {
  for (const release::CountedApproval& one : now.status->approvals.counted) {
    if (one.approver == approver) return {Outcome::Kind::kCounted, one.rule, one.is_signed};
  }
  return {};
}

}  // namespace

Outcome OutcomeOf(const LiveGate& given, const LiveGate& now, const ApprovalEntry& entry) {
  if (SubjectOf(now.file.gate).Hash() != SubjectOf(given.file.gate).Hash()) return Moved(now);
  if (!now.is_decided) return {};
  for (const release::IgnoredApproval& one : now.status->approvals.ignored) {
    if (one.approver == entry.approver) return IgnoredFor(one.reason);
  }
  const Outcome outcome =
      entry.decision == "reject" ? OfReject(now, entry.approver) : OfApproval(now, entry.approver);
  if (outcome.kind == Outcome::Kind::kUndecided && now.verdict() != Verdict::kPending) return Late(now);
  return outcome;
}

}  // namespace cli
