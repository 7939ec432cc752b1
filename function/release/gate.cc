#include "function/release/gate.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "function/base/json.h"
#include "function/base/time.h"
#include "function/release/approval.h"
#include "function/release/attempt.h"
#include "function/release/pipeline_problem.h"
#include "function/release/recovery.h"
#include "function/release/requirement.h"

namespace release {
namespace {

using base::Json;

// As canonical JSON has it in the detail of an ignored override; a reason has no quotes.
constexpr absl::string_view kOverrideDetail = "\"entry\":\"override\"";

enum class EntryKind { kApproval, kOverride, kCheck };

EntryKind KindOf(absl::string_view what, absl::string_view detail) {
  if (what == action::kCheckReported) return EntryKind::kCheck;
  const bool is_override = what == action::kApprovalIgnored && absl::StrContains(detail, kOverrideDetail);
  return is_override ? EntryKind::kOverride : EntryKind::kApproval;
}

bool IsVerdict(absl::string_view what) {
  return what == action::kGateApproved || what == action::kGateRejected || what == action::kGateTimedOut ||
         what == action::kOverridden;
}

// One decision in the making.
class Deciding {
 public:
  Deciding(const GateInput& input, absl::Time now)
      : input_(input),
        now_(now),
        at_(now),
        subject_(SubjectOf(input).Hash()),
        recovered_(Recover(input, subject_)) {}

  GateDecision Run() {
    if (Held()) {
      Hold();
    } else {
      ContinueOrStart();
      attempt_.verdict == Verdict::kPending ? Evaluate() : ShowFinal();
      status_.audit = recovered_.trail;
      status_.history = recovered_.history;
      decision_.config_map_audit = status_.audit;
      decision_.config_map_history = status_.history;
      AnnounceNewEntries();
      decision_.new_entries = appended_;
    }
    FillStatus();
    AddConditions();
    decision_.status = std::move(status_);
    return std::move(decision_);
  }

 private:
  // A broken trail holds the gate until an attempt that nobody can have made before; that one begins a new
  // trail.
  bool Held() const { return !recovered_.problem.empty() && input_.spec.attempt <= HighestAttempt(input_); }

  void Hold() {
    attempt_ = LastAttempt(Copy(input_.previous, &GateStatus::audit))
                   .value_or(LastAttempt(Copy(input_.config_map, &GateStatus::audit)).value_or(Attempt()));
    if (attempt_.subject != subject_) attempt_.start = input_.creation_timestamp.value_or(now_);
    attempt_.verdict = Verdict::kPending;
    CheckRequirements();
    status_.requirements.push_back(
        {std::string(kAuditRequirement), false, "AuditBroken",
         absl::StrCat(recovered_.problem, ": this gate stays closed until spec.attempt is above ",
                      HighestAttempt(input_)),
         std::nullopt});
    status_.audit = Copy(input_.previous, &GateStatus::audit);
    status_.history = Copy(input_.previous, &GateStatus::history);
    decision_.config_map_audit = Copy(input_.config_map, &GateStatus::audit);
    decision_.config_map_history = Copy(input_.config_map, &GateStatus::history);
    AnnounceBrokenTrail();
  }

  // Once: while a gate is held, its status shows the requirement.
  void AnnounceBrokenTrail() {
    const bool already_said =
        input_.previous &&
        std::any_of(input_.previous->requirements.begin(), input_.previous->requirements.end(),
                    [](const Requirement& r) { return r.name == kAuditRequirement; });
    if (already_said) return;
    decision_.audit_broke = true;
    Announce(Event::Severity::kWarning, "AuditBroken", recovered_.problem);
  }

  void ContinueOrStart() {
    std::optional<Attempt> last = LastAttempt(recovered_.trail);
    if (recovered_.problem.empty() && last && last->subject == subject_) {
      attempt_ = *std::move(last);
      return;
    }
    // There is no trail, be it that there was none or that it was wiped: the clock can't be set back.
    const bool first = recovered_.trail.empty() && recovered_.problem.empty();
    const std::string broken_hash = recovered_.problem.empty() ? "" : ForgetBrokenTrail();
    if (last) Retire(*last);
    attempt_.subject = subject_;
    attempt_.artifact_id = input_.spec.artifact_id;
    attempt_.number = input_.spec.attempt;
    attempt_.start = first ? std::min(input_.creation_timestamp.value_or(now_), now_) : now_;
    if (recovered_.claimed_start) attempt_.start = std::min(attempt_.start, *recovered_.claimed_start);
    attempt_.requested_by = input_.spec.requested_by;
    attempt_.history_hash = HistoryHash(recovered_.history);
    at_ = recovered_.claimed_start ? attempt_.start : now_;
    Append(kGateActor, action::kAttemptStarted, AttemptStartedDetail(attempt_, broken_hash));
    at_ = now_;
  }

  // The new trail names the last hash of the broken one, whose attempt can't be made again either.
  std::string ForgetBrokenTrail() {
    AnnounceBrokenTrail();
    constexpr size_t kHashSize = 64;
    std::string hash = "none";
    for (const std::optional<GateStatus>* copy : {&input_.config_map, &input_.previous}) {
      const std::vector<AuditEntry> trail = Copy(*copy, &GateStatus::audit);
      if (!trail.empty() && trail.back().hash.size() == kHashSize) hash = trail.back().hash;
      if (!recovered_.trail.empty()) continue;
      if (const std::optional<Attempt> held = LastAttempt(trail)) {
        AddPast(recovered_.history,
                {held->artifact_id, held->number, std::string(Name(Verdict::kPending)), now_});
      }
    }
    recovered_.trail.clear();
    return hash;
  }

  void Retire(const Attempt& last) {
    const bool superseded = last.verdict == Verdict::kPending;
    AddPast(recovered_.history, {last.artifact_id, last.number, std::string(Name(last.verdict)),
                                 superseded ? now_ : last.verdict_time});
    if (superseded && !recovered_.trail.empty()) {
      Append(kGateActor, action::kSuperseded,
             base::CanonicalJson({{"artifact_id", last.artifact_id},
                                  {"attempt", last.number},
                                  {"by_artifact_id", input_.spec.artifact_id},
                                  {"by_attempt", input_.spec.attempt}}));
    }
  }

  absl::Time Deadline() const {
    const int hours =
        std::min(input_.spec.timeout_hours, input_.policy.timeout_hours.value_or(input_.spec.timeout_hours));
    return attempt_.start + absl::Hours(hours);
  }

  // As of at_. Whoever asked for the promotion when the attempt began stays its requester.
  void CheckRequirements() {
    status_.requirements.clear();
    GateInput current = input_;
    current.previous = GateStatus();
    current.previous->history = recovered_.history;
    current.first_requested_by = attempt_.requested_by;
    count_ = CountApprovals(current, at_);
    const RequirementContext context{current, count_, attempt_.start, at_};
    for (const RequirementEntry& entry : Requirements()) {
      Requirement requirement = entry.check(context);
      if (!count_.overridden_by.empty() && entry.waived_by_override && !requirement.satisfied) {
        requirement.satisfied = true;
        requirement.message = absl::StrCat("waived by ", count_.overridden_by, ": ", requirement.message);
        requirement.reason = "Overridden";
        requirement.next_change.reset();
      }
      status_.requirements.push_back(std::move(requirement));
    }
    status_.approvals = count_.tally;
  }

  // A reject by somebody whom only another tenant's rules admit ends nothing.
  bool IsRejected() const { return !count_.rejected_by.empty() && !FindPipelineProblem(input_); }

  bool IsOpen() const {
    return !IsRejected() && std::all_of(status_.requirements.begin(), status_.requirements.end(),
                                        [](const Requirement& r) { return r.satisfied; });
  }

  void Evaluate() {
    if (ConfirmClaim()) return;
    CheckRequirements();
    if (now_ >= Deadline()) {
      End(Verdict::kTimeout, "TimedOut", "");
      return;
    }
    RecordNotes();
    if (IsRejected()) {
      End(Verdict::kRejected, "RejectedByApprover", absl::StrJoin(count_.rejected_by, ", "));
    } else if (IsOpen()) {
      Approve();
    } else {
      NoteNextChange();
    }
  }

  // An approval that only one copy has counts where it would have been given at that time.
  bool ConfirmClaim() {
    const std::optional<absl::Time> claim = recovered_.claimed_approval;
    if (!claim || *claim < attempt_.start || *claim > now_ || *claim >= Deadline()) return false;
    at_ = *claim;
    CheckRequirements();
    const bool confirmed = IsOpen();
    if (confirmed) {
      RecordNotes();
      Approve();
    }
    at_ = now_;
    return confirmed;
  }

  void Approve() {
    std::string reason = count_.needed ? "RequirementsMet" : "ApprovalNotRequired";
    std::string approver = CountedNames();
    if (!count_.overridden_by.empty()) {
      Append(count_.overridden_by, action::kOverridden,
             base::CanonicalJson(Json::object({{"reason", count_.override_reason}})));
      reason = "EmergencyOverride";
      approver = count_.overridden_by;
    }
    End(Verdict::kApproved, reason, approver);
  }

  void End(Verdict verdict, absl::string_view reason, absl::string_view approver) {
    attempt_.verdict = verdict;
    attempt_.verdict_time = at_;
    attempt_.reason = std::string(reason);
    attempt_.approver = std::string(approver);
    for (Requirement& requirement : status_.requirements) requirement.next_change.reset();
    status_.deadline = Deadline();
    attempt_.shown_hash = ShownHash(status_);
    Append(kGateActor, VerdictAction(verdict), VerdictDetail(attempt_));
  }

  void NoteNextChange() {
    decision_.next_change = Deadline();
    for (const Requirement& requirement : status_.requirements) {
      if (requirement.next_change && *requirement.next_change > now_) {
        decision_.next_change = std::min(*decision_.next_change, *requirement.next_change);
      }
    }
  }

  bool IsPossible(absl::Time deadline) const {
    return deadline >= attempt_.start && deadline <= attempt_.start + absl::Hours(kMaxTimeoutHours);
  }

  // A verdict is final, and so is what led to it: later edits of the spec, the pipeline or the status do not
  // change what is shown, as long as one copy still has what the trail recorded.
  void ShowFinal() {
    for (const std::optional<GateStatus>* copy : {&input_.previous, &input_.config_map}) {
      if (!*copy || ShownHash(**copy) != attempt_.shown_hash || !IsPossible((*copy)->deadline)) continue;
      status_.requirements = (*copy)->requirements;
      status_.approvals = (*copy)->approvals;
      status_.deadline = (*copy)->deadline;
      for (Requirement& requirement : status_.requirements) requirement.next_change.reset();
      return;
    }
    CheckRequirements();
    for (Requirement& requirement : status_.requirements) requirement.next_change.reset();
    status_.deadline = Deadline();
  }

  void RecordNotes() {
    for (const CountedApproval& counted : count_.tally.counted) {
      Note(counted.approver, action::kApprovedBy,
           Json::object({{"rule", counted.rule}, {"signed", counted.is_signed}}));
    }
    const std::vector<IgnoredApproval>& ignored = count_.tally.ignored;
    for (size_t i = 0; i < ignored.size(); ++i) {
      // The same person may have an approval too: the override that is ignored is the last one.
      const bool is_override =
          input_.spec.override && count_.overridden_by.empty() && i + 1 == ignored.size();
      Json detail = Json::object({{"reason", ignored[i].reason}});
      if (is_override) detail["entry"] = std::string(kOverrideEntry);
      Note(ignored[i].approver, action::kApprovalIgnored, detail);
    }
    for (const std::string& approver : count_.rejected_by)
      Note(approver, action::kRejectedBy, Json::object());
    for (const Check& check : input_.spec.checks) {
      if (check.artifact_id != input_.spec.artifact_id || check.attempt != input_.spec.attempt) continue;
      Note(check.name, action::kCheckReported, Json::object({{"state", std::string(Name(check.state))}}));
    }
  }

  // Records what an actor's entry came to, where that is news in this attempt. One name may have an approval,
  // a check and an override, which are no news to each other. Checks leave room for approvals.
  void Note(absl::string_view actor, absl::string_view what, const Json& detail) {
    const std::string text = base::CanonicalJson(detail);
    const EntryKind kind = KindOf(what, text);
    for (auto note = attempt_.notes.rbegin(); note != attempt_.notes.rend(); ++note) {
      if (note->actor != actor || KindOf(note->action, note->detail) != kind) continue;
      if (note->action == what && note->detail == text) return;
      break;
    }
    const bool decides = what == action::kApprovedBy || what == action::kRejectedBy;
    if (attempt_.notes.size() >= (decides ? kMaxNotesPerAttempt : kMaxNotesPerAttempt / 2)) return;
    Append(actor, what, text);
    attempt_.notes.push_back(recovered_.trail.back());
  }

  void Append(absl::string_view actor, absl::string_view what, absl::string_view detail) {
    AppendAudit(recovered_.trail, input_.audit_keys, at_, actor, what, detail);
    ++appended_;
  }

  void Announce(Event::Severity severity, absl::string_view reason, std::string message) {
    decision_.events.push_back({severity, std::string(reason), std::move(message)});
  }

  // An entry that the status does not have yet is news: ours of this call, and a verdict that the ConfigMap
  // kept when the status was discarded. (A status that lost its whole trail is no reason to repeat all of
  // it.)
  void AnnounceNewEntries() {
    const std::vector<AuditEntry> known = Copy(input_.previous, &GateStatus::audit);
    const int64_t last_known = known.empty() ? 0 : known.back().seq;
    const std::vector<AuditEntry>& trail = recovered_.trail;
    for (size_t i = 0; i < trail.size(); ++i) {
      const bool ours = i + appended_ >= trail.size();
      const bool missed = !known.empty() && recovered_.problem.empty() && trail[i].seq > last_known;
      if (ours || (missed && IsVerdict(trail[i].action))) AnnounceEntry(trail[i]);
    }
  }

  void AnnounceEntry(const AuditEntry& entry) {
    const bool warn = entry.action == action::kGateRejected || entry.action == action::kGateTimedOut ||
                      entry.action == action::kOverridden;
    if (entry.action == kAuditCheckpoint || entry.action == action::kCheckReported) return;
    Announce(warn ? Event::Severity::kWarning : Event::Severity::kNormal, entry.action, Describe(entry));
  }

  std::string CountedNames() const {
    return absl::StrJoin(
        status_.approvals.counted, ", ",
        [](std::string* out, const CountedApproval& counted) { out->append(counted.approver); });
  }

  void FillStatus() {
    const bool approved = attempt_.verdict == Verdict::kApproved;
    status_.verdict = attempt_.verdict;
    status_.subject = subject_;
    status_.approver = attempt_.verdict == Verdict::kPending ? CountedNames() : attempt_.approver;
    if (approved) status_.approval_timestamp = attempt_.verdict_time;
    status_.created_timestamp = attempt_.start;
    if (attempt_.verdict == Verdict::kPending) status_.deadline = Deadline();
    if (approved) status_.approved_artifact_id = input_.spec.artifact_id;
  }

  std::string PendingReason() const {
    if (input_.pipeline.state == PipelineFacts::State::kNotFound) return "PipelineNotFound";
    const bool only_approvals =
        std::all_of(status_.requirements.begin(), status_.requirements.end(),
                    [](const Requirement& r) { return r.satisfied || r.name == "Approvals"; });
    return only_approvals ? "AwaitingApprovals" : "AwaitingRequirements";
  }

  std::string OpenRequirements() const {
    std::vector<std::string> open;
    for (const Requirement& requirement : status_.requirements) {
      if (!requirement.satisfied) open.push_back(absl::StrCat(requirement.name, ": ", requirement.message));
    }
    return absl::StrJoin(open, "; ");
  }

  void AddConditions() {
    Condition approved{"Approved", Condition::Status::kUnknown, attempt_.reason, ""};
    switch (attempt_.verdict) {
      case Verdict::kApproved:
        approved.status = Condition::Status::kTrue;
        approved.message =
            absl::StrCat(input_.spec.artifact_id, " may go to ", Name(input_.spec.step.target));
        break;
      case Verdict::kRejected:
        approved.status = Condition::Status::kFalse;
        approved.message = absl::StrCat("rejected by ", attempt_.approver);
        break;
      case Verdict::kTimeout:
        approved.status = Condition::Status::kFalse;
        approved.message = absl::StrCat("not approved by ", base::FormatTime(status_.deadline));
        break;
      case Verdict::kPending:
        approved.reason = PendingReason();
        approved.message = OpenRequirements();
        break;
    }
    decision_.conditions.push_back(std::move(approved));
    decision_.conditions.push_back(ArtifactVerified());
    const bool intact = !Held();
    decision_.conditions.push_back(
        {"AuditIntact", intact ? Condition::Status::kTrue : Condition::Status::kFalse,
         intact ? "ChainVerified" : "AuditBroken", intact ? "" : recovered_.problem});
  }

  Condition ArtifactVerified() const {
    for (const Requirement& requirement : status_.requirements) {
      if (requirement.name != "Artifact") continue;
      const bool unknown = input_.pipeline.state == PipelineFacts::State::kUnknown && !requirement.satisfied;
      return {"ArtifactVerified",
              requirement.satisfied ? Condition::Status::kTrue
              : unknown             ? Condition::Status::kUnknown
                                    : Condition::Status::kFalse,
              requirement.reason, requirement.message};
    }
    return {"ArtifactVerified", Condition::Status::kUnknown, "NotChecked", ""};
  }

  const GateInput& input_;
  const absl::Time now_;
  absl::Time at_;  // the time of what is being decided and written: now, but for a claim that is confirmed
  const std::string subject_;
  Recovered recovered_;
  Attempt attempt_;
  ApprovalCount count_;
  GateStatus status_;
  GateDecision decision_;
  size_t appended_ = 0;
};

}  // namespace

GateDecision Decide(const GateInput& input, absl::Time now) {
  return Deciding(input, absl::FromUnixSeconds(absl::ToUnixSeconds(now))).Run();
}

}  // namespace release
