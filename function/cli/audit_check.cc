#include "function/cli/audit_check.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "function/base/json.h"
#include "function/base/time.h"
#include "function/release/approval.h"
#include "function/release/attempt.h"
#include "function/release/signature.h"

namespace cli {
namespace {

using release::Attempt;
using release::AuditEntry;
using release::Verdict;

// Of a trail whose beginning is broken, no longer beginning is intact.
size_t IntactEntries(const std::vector<AuditEntry>& trail, const release::AuditKeys& keys) {
  size_t intact = 0;
  size_t broken = trail.size() + 1;
  while (broken - intact > 1) {
    const size_t middle = intact + (broken - intact) / 2;
    const std::vector<AuditEntry> beginning(trail.begin(),
                                            trail.begin() + static_cast<std::ptrdiff_t>(middle));
    (release::VerifyAudit(beginning, keys).ok() ? intact : broken) = middle;
  }
  return intact;
}

class Checking {
 public:
  explicit Checking(const AuditCase& given) : given_(given) {}

  AuditReport Run() {
    CheckChain();
    for (const AuditCopy& copy : given_.copies) CheckCopy(copy);
    if (IsChainIntact()) {
      NoteBrokenBefore();
      CheckSignatures();
    }
    NoteLimits();
    return std::move(report_);
  }

 private:
  using Kind = AuditFinding::Kind;

  void Add(Kind kind, std::string message) { report_.findings.push_back({kind, std::move(message)}); }
  // Nothing is proved by a broken trail.
  void Expect(bool holds, const AuditCopy& copy, absl::string_view proved, absl::string_view broken) {
    if (!holds) Add(Kind::kBroken, absl::StrCat(copy.name, ": ", broken));
    if (holds && IsChainIntact()) Add(Kind::kProved, absl::StrCat(copy.name, ": ", proved));
  }

  bool IsChainIntact() const { return !report_.last_hash.empty(); }

  std::vector<AuditEntry> TrailOf(absl::string_view name) const {
    for (const AuditCopy& copy : given_.copies) {
      if (copy.name == name) return copy.status.audit;
    }
    return {};
  }

  void CheckChain() {
    const absl::StatusOr<std::vector<AuditEntry>> trail =
        release::Reconcile(TrailOf("status"), TrailOf("ConfigMap"), given_.keys);
    if (!trail.ok()) {
      Add(Kind::kBroken, absl::StrCat("chain: ", trail.status().message(), KeyHint()));
      for (const AuditCopy& copy : given_.copies) AddTrail(copy.name, copy.status.audit);
      return;
    }
    if (trail->empty()) {
      Add(Kind::kBroken, "chain: there is no audit trail");
      return;
    }
    trail_ = *trail;
    report_.last_hash = trail_.back().hash;
    AddTrail(given_.copies.size() > 1 ? "both copies" : given_.copies[0].name, trail_);
    Add(Kind::kProved, absl::StrCat("chain: ", trail_.size(), trail_.size() == 1 ? " entry" : " entries",
                                    ", each linked to the one before it",
                                    given_.copies.size() > 1 ? ", and the copies agree" : ""));
    for (const AuditCopy& copy : given_.copies) {
      const int64_t last = copy.status.audit.empty() ? 0 : copy.status.audit.back().seq;
      if (last == trail_.back().seq) continue;
      Add(Kind::kNotProved, absl::StrCat(copy.name, ": ends at entry ", last, " of ", trail_.back().seq,
                                         ", which is normal only for a moment"));
    }
  }

  void AddTrail(const std::string& name, const std::vector<AuditEntry>& entries) {
    if (!entries.empty()) report_.trails.push_back({name, entries, IntactEntries(entries, given_.keys)});
  }

  // A trail whose first entry has all but the right hash was perhaps only read with the wrong key.
  std::string KeyHint() const {
    for (const AuditCopy& copy : given_.copies) {
      const std::vector<AuditEntry>& trail = copy.status.audit;
      if (trail.empty() || trail[0].prev != std::string(64, '0') || IntactEntries(trail, given_.keys) > 0)
        continue;
      const std::string& key = given_.keys.key;
      if (key.empty()) return "; if the function has an audit key, give it with --key-file";
      return absl::EndsWith(key, "\n")
                 ? "; is this the function's key? the file ends in a newline, which is part of it"
                 : "; is this the function's key?";
    }
    return "";
  }

  // A copy is held against its own trail, because one of them may be some entries behind.
  void CheckCopy(const AuditCopy& copy) {
    const std::optional<Attempt> attempt =
        LastAttempt(copy.status.audit.empty() ? trail_ : copy.status.audit);
    if (!attempt) {
      Add(Kind::kBroken,
          absl::StrCat(copy.name, ": no entry says when its attempt started, so nothing in it is proved"));
      return;
    }
    const release::Subject& subject = copy.subject;
    Expect(attempt->subject == subject.Hash() && copy.status.subject == subject.Hash(), copy,
           absl::StrCat("is about ", subject.artifact_id, ", attempt ", subject.attempt, " of ",
                        subject.namespace_name, "/", subject.gate),
           absl::StrCat("subject: what was decided is not about this spec (", subject.artifact_id,
                        ", attempt ", subject.attempt, " of ", subject.namespace_name, "/", subject.gate,
                        ") but about ", attempt->artifact_id, ", attempt ", attempt->number,
                        ": of another gate, or the spec was edited and not decided yet"));
    CheckVerdict(copy, *attempt);
    Expect(release::HistoryHash(copy.status.history) == attempt->history_hash, copy,
           absl::StrCat("history, earlier attempts: ", copy.status.history.size()),
           "history: is not the one that the trail recorded");
  }

  void CheckVerdict(const AuditCopy& copy, const Attempt& attempt) {
    const release::GateStatus& status = copy.status;
    const std::string verdict(Name(attempt.verdict));
    Expect(copy.gate_status == verdict, copy, absl::StrCat("gate_status ", verdict),
           absl::StrCat("gate_status: is \"", copy.gate_status, "\", but the trail says ", verdict));
    const bool approved = attempt.verdict == Verdict::kApproved;
    ExpectText(copy, "approved_artifact_id", status.approved_artifact_id,
               approved ? attempt.artifact_id : "");
    ExpectTime(copy, "approval_timestamp", status.approval_timestamp,
               approved ? std::optional<absl::Time>(attempt.verdict_time) : std::nullopt);
    ExpectTime(copy, "created_timestamp", status.created_timestamp, attempt.start);
    if (attempt.verdict != Verdict::kPending) ExpectText(copy, "approver", status.approver, attempt.approver);
  }

  // Only what is wrong is worth a line: the verdict stands for them.
  void ExpectText(const AuditCopy& copy, absl::string_view field, const std::string& found,
                  const std::string& expected) {
    if (found == expected) return;
    Add(Kind::kBroken,
        absl::StrCat(copy.name, ": ", field, ": is \"", found, "\", but the trail says \"", expected, "\""));
  }

  void ExpectTime(const AuditCopy& copy, absl::string_view field, const std::optional<absl::Time>& found,
                  const std::optional<absl::Time>& expected) {
    const auto text = [](const std::optional<absl::Time>& time) {
      return time ? base::FormatTime(*time) : "";
    };
    ExpectText(copy, field, text(found), text(expected));
  }

  // A trail that followed a broken one names its last hash.
  void NoteBrokenBefore() {
    for (const AuditEntry& entry : trail_) {
      if (entry.action != release::action::kAttemptStarted) continue;
      const base::Json detail = base::ParseJson(entry.detail);
      const auto broken = detail.is_object() ? detail.find("broken") : detail.end();
      if (!detail.is_object() || broken == detail.end() || !broken->is_string()) continue;
      Add(Kind::kNotProved,
          absl::StrCat("entry ", entry.seq, ": the trail before it was broken; its last hash was ",
                       broken->get<std::string>()));
    }
  }

  void CheckSignatures() {
    const std::optional<Attempt> attempt = LastAttempt(trail_);
    if (!attempt) return;
    if (!given_.allowed_signers || !given_.spec) {
      Add(Kind::kNotProved,
          given_.spec ? "signatures: not checked without --allowed-signers"
                      : "signatures: not checked, because they are in the gate's spec: give its manifest");
      return;
    }
    for (auto note = attempt->notes.begin(); note != attempt->notes.end(); ++note) {
      const bool is_last = std::none_of(note + 1, attempt->notes.end(),
                                        [&](const AuditEntry& later) { return later.actor == note->actor; });
      if (is_last && note->action == release::action::kApprovedBy) CheckApproval(*note, *attempt);
      if (is_last && note->action == release::action::kRejectedBy) CheckReject(*note);
      if (note->action == release::action::kOverridden) CheckOverride(*note);
    }
    NoteMissingApprovals(*attempt);
  }

  // Rare where all is right: the trail takes a bounded number of entries an attempt.
  void NoteMissingApprovals(const Attempt& attempt) {
    if (attempt.verdict != Verdict::kApproved) return;
    for (const absl::string_view approver : absl::StrSplit(attempt.approver, ", ", absl::SkipEmpty())) {
      if (std::any_of(attempt.notes.begin(), attempt.notes.end(),
                      [&](const AuditEntry& note) { return note.actor == approver; })) {
        continue;
      }
      Add(Kind::kNotProved,
          absl::StrCat("approval of ", approver, ": the verdict names it, but the trail has no entry of it"));
    }
  }

  const release::Approval* EntryOf(const AuditEntry& note, release::Decision decision) const {
    for (const release::Approval& approval : given_.spec->approvals) {
      const bool is_it = approval.approver == note.actor && approval.decision == decision &&
                         approval.artifact_id == given_.spec->artifact_id &&
                         approval.attempt == given_.spec->attempt;
      if (is_it) return &approval;
    }
    return nullptr;
  }

  void CheckApproval(const AuditEntry& note, const Attempt& attempt) {
    const base::Json detail = base::ParseJson(note.detail);
    const bool is_signed = detail.is_object() && detail.value("signed", base::Json()) == true;
    const std::string what = absl::StrCat("approval of ", note.actor);
    if (!is_signed) {
      Add(Kind::kNotProved,
          absl::StrCat(what, ": not signed, so it is as good as the review of who wrote it"));
      return;
    }
    if (const release::Approval* approval = EntryOf(note, release::Decision::kApprove)) {
      CheckOne(what, note, "approve", approval->signature);
      return;
    }
    // Whoever withdraws before the verdict does no wrong.
    const std::vector<std::string> approvers = absl::StrSplit(attempt.approver, ", ");
    const bool decided = attempt.verdict == Verdict::kApproved &&
                         std::find(approvers.begin(), approvers.end(), note.actor) != approvers.end();
    Add(decided ? Kind::kBroken : Kind::kNotProved,
        absl::StrCat(what, ": the trail says that it was signed, but it is not in the spec (any more)"));
  }

  void CheckReject(const AuditEntry& note) {
    const release::Approval* approval = EntryOf(note, release::Decision::kReject);
    if (approval != nullptr && !approval->signature.empty()) {
      CheckOne(absl::StrCat("reject of ", note.actor), note, "reject", approval->signature);
    }
  }

  void CheckOverride(const AuditEntry& note) {
    const std::optional<release::Override>& override = given_.spec->override;
    if (override && override->by == note.actor && !override->signature.empty()) {
      CheckOne(absl::StrCat("override of ", note.actor), note, "override", override->signature);
    } else {
      Add(Kind::kNotProved, absl::StrCat("override of ", note.actor, ": there is no signature in the spec"));
    }
  }

  // As of when it was counted.
  void CheckOne(const std::string& what, const AuditEntry& note, absl::string_view decision,
                const std::string& signature) {
    const std::string text = release::ApprovalStatement(given_.copies[0].subject, decision, note.actor);
    const release::SignatureCheck check =
        release::CheckSignature(*given_.allowed_signers, note.actor, text, signature, note.time).check;
    if (check == release::SignatureCheck::kValid) {
      Add(Kind::kProved, absl::StrCat(what, ": signed with a key that the allowed signers list"));
    } else {
      Add(Kind::kBroken, absl::StrCat(what, ": the trail says that it was signed, but: ", Reason(check)));
    }
  }

  void NoteLimits() {
    if (given_.keys.key.empty()) {
      Add(Kind::kNotProved,
          "without --key-file: the chain shows edits, but whoever can write the trail can rewrite all of it");
    }
    if (given_.copies.size() == 1) {
      Add(Kind::kNotProved,
          absl::StrCat("only the ", given_.copies[0].name,
                       " was given: an end that was cut off in it shows only with the other copy"));
    }
    if (IsChainIntact()) {
      Add(Kind::kNotProved,
          absl::StrCat("an end that was cut off in every copy does not show: compare the last hash, ",
                       report_.last_hash, ", with one that you noted"));
    }
    Add(Kind::kNotProved, "deadline, requirements and the tally of approvals are not in the trail");
  }

  const AuditCase& given_;
  std::vector<AuditEntry> trail_;
  AuditReport report_;
};

}  // namespace

bool AuditReport::IsIntact() const {
  return std::none_of(findings.begin(), findings.end(), [](const AuditFinding& finding) {
    return finding.kind == AuditFinding::Kind::kBroken;
  });
}

AuditReport CheckAudit(const AuditCase& given) { return Checking(given).Run(); }

}  // namespace cli
